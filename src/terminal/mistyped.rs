//! What to type instead of a command that does not exist.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::failure::Failure;
use crate::shell;

/// What was meant by a command that does not exist: the same name elsewhere, as in `omega convene` and `omega canon inbox`, else
/// the name that is most like it. Nothing, if something else is wrong with the command line.
pub fn instead(command: &Command, args: &[String], error: &Error) -> Option<Failure> {
    let verb = unknown(error)?;
    let at = args.iter().skip(1).position(|arg| *arg == verb)? + 1;
    let mut command = command.clone();
    command.build();
    let mut group = &command;
    // Options before the verb stay; the names of the groups that it was looked for in do not.
    let (mut names, mut options) = (Vec::new(), Vec::new());
    for arg in &args[1..at] {
        match group.find_subcommand(arg) {
            Some(inner) => {
                group = inner;
                names.push(group.get_name());
            }
            None => options.push(arg.clone()),
        }
    }
    let typed = [&["omega"][..], &names, &[verb.as_str()]].concat().join(" ");
    let fact = format!("there is no command `{typed}`");
    let Some(path) = path(&command, group, &names, &verb) else {
        let help = [&["omega"][..], &names, &["--help"]].concat().join(" ");
        return Some(Failure::usage(fact, help));
    };
    let words = options.into_iter().chain(path).chain(args[at + 1..].iter().cloned());
    let words: Vec<String> = words.map(|word| shell::quote(&word)).collect();
    Some(Failure::usage(fact, format!("omega {}", words.join(" "))))
}

/// The command that was not found.
fn unknown(error: &Error) -> Option<String> {
    match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(verb))) => Some(verb.clone()),
        _ => None,
    }
}

/// Where the command is that was meant, as it is typed.
fn path(command: &Command, group: &Command, names: &[&str], verb: &str) -> Option<Vec<String>> {
    let has = |group: &Command, verb: &str| group.find_subcommand(verb).is_some_and(|found| !found.is_hide_set());
    if has(command, verb) {
        return Some(vec![verb.to_owned()]);
    }
    let within = |name: &str, verb: String| [name.to_owned(), verb];
    if let Some(other) = command.get_subcommands().find(|other| !other.is_hide_set() && has(other, verb)) {
        return Some(within(other.get_name(), verb.to_owned()).to_vec());
    }
    match similar(group, verb) {
        // What the group `canon` has, is there without it.
        Some(found) if matches!(names, [] | ["canon"]) => Some(vec![found]),
        Some(found) => Some(names.iter().map(|name| (*name).to_owned()).chain([found]).collect()),
        None => similar(command, verb).map(|found| vec![found]),
    }
}

/// The command of a group whose name is most like this one, by clap's own measure.
fn similar(group: &Command, verb: &str) -> Option<String> {
    let error = group.clone().try_get_matches_from([group.get_name(), verb]).err()?;
    match error.get(ContextKind::SuggestedSubcommand)? {
        ContextValue::String(name) => Some(name.clone()),
        // The best one is last.
        ContextValue::Strings(names) => names.last().cloned(),
        _ => None,
    }
}

/// What clap says of a command line, without its layout.
pub fn misunderstood(error: &Error) -> Failure {
    let text = error.render().to_string();
    let words = text.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    Failure::usage(words.trim_start_matches("error: "), "omega --help")
}
