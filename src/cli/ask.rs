//! Questions on the terminal. Where there is none, the flags must have said it.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::failure::Failure;

/// Whether somebody can be asked.
pub fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether somebody watches while a command works.
pub fn is_shown() -> bool {
    std::io::stderr().is_terminal()
}

/// Asks for yes or no; the answer is no unless it is yes.
pub fn confirm(question: &str) -> Result<bool, Failure> {
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Asks for one line.
pub fn line(question: &str) -> Result<String, Failure> {
    let mut err = anstream::stderr();
    let asked = write!(err, "{question}").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    match (asked, read) {
        (Ok(()), Ok(_)) => Ok(answer.trim().to_owned()),
        _ => Err(Failure::usage("there is nobody to ask", "say it with flags; see --help")),
    }
}

/// Shows text before a question, where somebody is asked.
pub fn show(text: &str) {
    // What cannot be shown on a broken terminal cannot be confirmed there either.
    let _ = write!(anstream::stderr(), "{text}");
}

/// Asks for the passphrase of a key file; nothing, where there is nobody to ask.
pub fn passphrase(path: &Path) -> Option<Zeroizing<String>> {
    if !is_interactive() {
        return None;
    }
    rpassword::prompt_password(format!("passphrase for {}: ", path.display())).ok().map(Zeroizing::new)
}

/// Asks for a new passphrase, twice; empty for none.
pub fn new_passphrase() -> Result<Zeroizing<String>, Failure> {
    let ask = |question: &str| {
        rpassword::prompt_password(question)
            .map(Zeroizing::new)
            .map_err(|_| Failure::usage("there is nobody to ask for a passphrase", "say --no-passphrase"))
    };
    let first = ask("passphrase (empty for none): ")?;
    if first.is_empty() || first == ask("the same again: ")? {
        Ok(first)
    } else {
        Err(Failure::usage("the passphrases differ", "omega key new"))
    }
}

/// Asks for something that must not be shown; where there is no terminal it is the first line of standard input.
pub fn secret(what: &str) -> Result<Zeroizing<String>, Failure> {
    let nothing = || Failure::usage(format!("{what} was not given"), "type it on a terminal, or redirect a file to standard input");
    let mut text = Zeroizing::new(String::new());
    if is_interactive() {
        text = rpassword::prompt_password(format!("{what}: ")).map(Zeroizing::new).map_err(|_| nothing())?;
    } else {
        std::io::stdin().read_line(&mut text).map_err(|_| nothing())?;
    }
    let ends = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(ends);
    if text.is_empty() { Err(nothing()) } else { Ok(text) }
}

/// The text of a file below `dir`, or of standard input for `-`.
pub fn text_of(dir: &Path, file: &Path) -> Result<String, Failure> {
    let text = if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(dir.join(file)) };
    text.map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", file.display()), "choose another --file"))
}

/// A text that the user writes in an editor, beginning with `template`; lines that start with `#` are
/// left out. The editor is started by its argument vector, never by a shell.
pub fn edit(template: &str) -> Result<String, Failure> {
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(super::environment::variable).unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let failed = |what: &str| Failure::usage(format!("the editor `{editor}` {what}"), "say it with --reason, or set EDITOR");
    let mut file = tempfile::Builder::new().prefix("omega-").suffix(".md").tempfile().map_err(|_| failed("has no file to edit"))?;
    file.write_all(template.as_bytes()).map_err(|_| failed("has no file to edit"))?;
    #[allow(clippy::disallowed_methods, reason = "the user's editor is a program")]
    let status = std::process::Command::new(program).args(words).arg(file.path()).status();
    match status {
        Ok(status) if status.success() => {}
        _ => return Err(failed("did not end well")),
    }
    let text = std::fs::read_to_string(file.path()).map_err(|_| failed("left no text"))?;
    Ok(text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n").trim().to_owned())
}
