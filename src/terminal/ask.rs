//! Questions on the terminal. Where there is none, the flags must have said it.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::environment::variable;
use super::failure::Failure;
use crate::canon::text::guarded;

/// Whether somebody can be asked.
pub fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Where a ruling can be confirmed: on a terminal, unless it was confirmed with --yes.
///
/// # Errors
/// Usage, where nobody can be asked.
pub fn can_confirm(yes: bool) -> Result<(), Failure> {
    if yes || is_interactive() {
        return Ok(());
    }
    Err(Failure::usage("a ruling is confirmed on the terminal", "say --yes where there is none"))
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

/// Asks for one line. The end of the input is not an answer.
pub fn line(question: &str) -> Result<String, Failure> {
    show(question)?;
    let mut answer = String::new();
    match std::io::stdin().read_line(&mut answer) {
        Ok(read) if read > 0 => Ok(answer.trim().to_owned()),
        _ => Err(unasked()),
    }
}

/// Shows text that a question is about. What cannot be shown cannot be confirmed.
pub fn show(text: &str) -> Result<(), Failure> {
    let mut err = anstream::stderr();
    write!(err, "{}", guarded(text)).and_then(|()| err.flush()).map_err(|_| unasked())
}

fn unasked() -> Failure {
    Failure::usage("the terminal gives no answer", "say it with flags; see --help")
}

/// Tells something that no question depends on; a terminal that is gone does not matter.
pub fn tell(text: &str) {
    let _ = write!(anstream::stderr(), "{}", guarded(text));
}

/// Asks for the passphrase of a key file, on the terminal or as `ssh` does by the program in SSH_ASKPASS; nothing, where
/// there is neither.
pub fn passphrase(path: &Path) -> Option<Zeroizing<String>> {
    let question = format!("passphrase for {}: ", path.display());
    let required = variable("SSH_ASKPASS_REQUIRE").map(|word| word.to_ascii_lowercase());
    let by_program = match required.as_deref() {
        Some("force" | "prefer") => true,
        Some("never") => false,
        _ => !is_interactive(),
    };
    if let Some(program) = variable("SSH_ASKPASS").filter(|_| by_program) {
        return answer_of(&program, &question);
    }
    is_interactive().then(|| rpassword::prompt_password(question).ok().map(Zeroizing::new)).flatten()
}

/// The first line that a program says, which asks the user in its own way.
fn answer_of(program: &str, question: &str) -> Option<Zeroizing<String>> {
    #[allow(clippy::disallowed_methods, reason = "the user's askpass is a program")]
    let ran = std::process::Command::new(program)
        .arg(question)
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::inherit())
        .output()
        .ok()?;
    let said = Zeroizing::new(ran.stdout);
    let line = said.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line = std::str::from_utf8(line).ok()?;
    ran.status.success().then(|| Zeroizing::new(line.to_owned()))
}

/// Asks for a new passphrase, twice; empty for none.
pub fn new_passphrase() -> Result<Zeroizing<String>, Failure> {
    let ask = |question: &str| {
        rpassword::prompt_password(question)
            .map(Zeroizing::new)
            .map_err(|_| Failure::usage("there is no terminal to ask for a passphrase", "say --no-passphrase"))
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
