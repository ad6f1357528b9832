//! Long answers in a pager, chosen and started as git does it: GIT_PAGER, core.pager, PAGER, less.

use std::io::{IsTerminal as _, Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::context::Context;
use super::environment::{self, variable};
use crate::process;

/// What less and lv are told, unless the user tells them something: to end by themselves where all fits on the screen, and to show
/// colours.
const SETTINGS: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];
/// Signs by which a shell does more than to start one program.
const OF_A_SHELL: [char; 11] = ['|', '&', ';', '<', '>', '(', ')', '$', '`', '*', '\n'];

/// How many columns the terminal has that answers are written to; nothing, where they go elsewhere.
pub fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let said = variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    said.or_else(process::columns)
}

/// Becomes the pager, which shows a text and ends with success. Comes back where there is none: then nothing was shown. As a process of
/// its own, the pager would be left without its terminal when somebody types Ctrl-C in it.
pub fn become_it(context: &Context, text: &str) {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return;
    }
    let Some((set, argv)) = chosen(context).as_deref().and_then(words) else { return };
    let text = match anstream::AutoStream::choice(&stdout) {
        anstream::ColorChoice::Never => anstream::adapter::strip_str(text).to_string(),
        _ => text.to_owned(),
    };
    // It has no name, so nobody has to delete it.
    let file = tempfile::tempfile().and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.rewind()).map(|()| file));
    let Ok(file) = file else { return };
    #[allow(clippy::disallowed_methods, reason = "the user's pager is a program")]
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).stdin(file).env("GIT_PAGER_IN_USE", "1");
    command.envs(SETTINGS.iter().filter(|(name, _)| environment::raw_variable(name).is_none()).copied()).envs(set);
    // One that is not installed is no reason to show nothing.
    drop(command.exec());
}

/// The pager that the user has chosen; nothing, where that is none.
fn chosen(context: &Context) -> Option<String> {
    let configured = || {
        let repo = context.repo().ok()?;
        if repo.config_string("core.pager").is_some_and(|value| value.is_empty()) {
            Some(String::new())
        } else {
            repo.config_program("core.pager")
        }
    };
    let setting = environment::raw_variable("GIT_PAGER").or_else(configured).or_else(|| environment::raw_variable("PAGER"));
    Some(setting.unwrap_or_else(|| "less".to_owned())).filter(|setting| !matches!(setting.trim(), "" | "cat"))
}

/// The variables that are set for a program, and its words.
type Started = (Vec<(String, String)>, Vec<String>);

/// The variables and words of a setting. Git hands it to a shell. No shell runs here, so what needs one is no pager.
fn words(setting: &str) -> Option<Started> {
    if setting.contains(OF_A_SHELL) {
        return None;
    }
    let mut words = shlex::split(setting)?;
    let is_set = |word: &String| word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    let sets = words.iter().take_while(|word| is_set(word)).count();
    let set =
        words.drain(..sets).filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))).collect();
    Some((set, environment::argv(words)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_one_program() {
        let (set, argv) = words("LESS=R LC_ALL='en US' less -S \"a b\"").unwrap();
        let expected = [("LESS", "R"), ("LC_ALL", "en US")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!((set.as_slice(), argv), (&expected[..], ["less", "-S", "a b"].map(str::to_owned).to_vec()));
        for none in ["delta | less", "less; rm x", "$PAGER", "'unclosed", "''", "", "LESS=R"] {
            assert!(words(none).is_none(), "{none}");
        }
    }
}
