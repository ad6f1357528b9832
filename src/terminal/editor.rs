//! Texts that people write in an editor, found as git finds it.

use std::io::Write as _;

use crate::git::Repo;

use super::environment::{self, variable};
use super::failure::Failure;

/// The line of git's own templates: the text ends above it.
const SCISSORS: &str = "# ------------------------ >8 ------------------------";

/// What is asked of the user in an editor.
pub struct Question<'a> {
    /// The text that the user begins with.
    pub template: &'a str,
    /// What is asked, in one line.
    pub asked: &'a str,
    /// What is decided: shown below the scissors, without colours.
    pub about: &'a str,
}

/// A text that the user writes. Lines that begin with `#` are kept, because Markdown has headings.
///
/// # Errors
/// Where the editor fails, and where the text is empty or is the template unchanged: then nothing is signed.
pub fn write(repo: &Repo, question: &Question<'_>) -> Result<String, Failure> {
    let editor = program(repo)?;
    let failed = |what: String| {
        Failure::usage(format!("{what}; nothing was signed"), "give the text with a flag such as --reason, or set GIT_EDITOR")
    };
    let no_file = |error: std::io::Error| failed(format!("cannot make a file for the editor: {error}"));
    let about = anstream::adapter::strip_str(question.about);
    let below: String =
        format!("{}\n\n{about}", question.asked).lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect();
    let template = said(question.template);
    let whole = format!(
        "{template}\n\n{SCISSORS}\n# Write above the line with >8. It and everything below it are left out.\n# An empty text signs nothing.\n#\n{below}"
    );
    let mut file = tempfile::Builder::new().prefix("omega-").suffix(".md").tempfile().map_err(no_file)?;
    file.write_all(whole.as_bytes()).map_err(no_file)?;
    if let Some((program, args)) = editor.split_first() {
        #[allow(clippy::disallowed_methods, reason = "the user's editor is a program")]
        let status = std::process::Command::new(program).args(args).arg(file.path()).status();
        match status {
            Ok(status) if status.success() => {}
            Ok(_) => return Err(failed(format!("the editor `{program}` failed"))),
            Err(error) => return Err(failed(format!("the editor `{program}` cannot be run: {error}"))),
        }
    }
    let text = std::fs::read_to_string(file.path()).map_err(|error| failed(format!("the text cannot be read: {error}")))?;
    match said(&text) {
        text if text.is_empty() => Err(aborted("the text is empty")),
        text if text == template => Err(aborted("the text was not changed")),
        text => Ok(text),
    }
}

fn aborted(why: &str) -> Failure {
    Failure::usage(format!("{why}; nothing was signed"), "repeat the command and write a text, or give it with a flag such as --reason")
}

/// What stands above the scissors, without white space around it and at the ends of lines.
fn said(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.trim_end() != SCISSORS);
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The editor as an argument vector: GIT_EDITOR, core.editor, VISUAL unless the terminal is dumb, EDITOR, vi. Git hands the
/// setting to a shell. Here it is split into words as a shell would split it, and no shell runs.
fn program(repo: &Repo) -> Result<Vec<String>, Failure> {
    let is_dumb = variable("TERM").is_none_or(|term| term == "dumb");
    let named = variable("GIT_EDITOR")
        .or_else(|| repo.config_program("core.editor"))
        .or_else(|| variable("VISUAL").filter(|_| !is_dumb))
        .or_else(|| variable("EDITOR"));
    let setting = match named {
        Some(setting) => setting,
        None if is_dumb => {
            let hint = "give the text with a flag such as --reason, or set GIT_EDITOR";
            return Err(Failure::usage("the terminal is dumb, and no editor is set; nothing was signed", hint));
        }
        None => "vi".to_owned(),
    };
    words(&setting).ok_or_else(|| {
        Failure::usage(
            format!("the editor `{setting}` is not a program with arguments; nothing was signed"),
            "set GIT_EDITOR to a program and its arguments, quoted as for a shell",
        )
    })
}

/// The words of a setting; none for `:`, by which people say that git must not start an editor.
fn words(setting: &str) -> Option<Vec<String>> {
    if setting.trim() == ":" {
        return Some(Vec::new());
    }
    environment::argv(shlex::split(setting)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_stay_and_what_is_below_the_scissors_goes() {
        let text = format!("\n# Why \n\n#hash\r\nbecause \n\n{SCISSORS}\r\n# help\nnot this\n{SCISSORS}\n");
        assert_eq!(said(&text), "# Why\n\n#hash\nbecause");
        assert_eq!(said(&format!("{SCISSORS}\nx")), "");
        assert_eq!(said("no scissors\n"), "no scissors");
    }

    #[test]
    fn a_setting_is_split_as_a_shell_splits_it() {
        let split = |setting| words(setting).expect("words");
        assert_eq!(split("code --wait"), ["code", "--wait"]);
        assert_eq!(split("'/opt/my editor/ed' -n \"a b\""), ["/opt/my editor/ed", "-n", "a b"]);
        assert_eq!(split("vi; touch x"), ["vi;", "touch", "x"]);
        assert!(split(" : ").is_empty());
        assert!(words("'unclosed").is_none() && words("").is_none() && words("''").is_none());
    }
}
