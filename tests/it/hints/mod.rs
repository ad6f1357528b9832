//! Commands that omega prints can be pasted: each is run in the situation that printed it.
//!
//! `findings` has a row for each code, `edits` drives every kind of edit through every gate, `errors` holds the hints of
//! refused commands, and `restore` holds what the command that most hints name does.

mod edits;
mod errors;
mod findings;
mod restore;
mod syntax;

use std::path::Path;

use crate::world::{Ran, World};

/// Types a command into a shell in the repository, as somebody who has omega in the path. What a person would be asked for on a
/// terminal is said by flags.
pub fn paste(world: &World, command: &str) -> Ran {
    let asked = |command: &str| match command.trim_end_matches('.') {
        "omega propose" => "omega propose --title 'Keep it' --reason 'It is good.' --yes".to_owned(),
        ruling if ruling.starts_with("omega ratify ") || ruling.starts_with("omega rule ") => {
            format!("{ruling} --reason 'It is my ruling.' --yes")
        }
        _ => command.to_owned(),
    };
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(omega.to_owned()).chain(std::env::split_paths(&path))).unwrap();
    let mut shell = world.command("bash", &["-c", &asked(command)], &world.repo());
    Ran::of(shell.env("PATH", path).output().unwrap())
}

/// The commands in a hint: from a program's name to the words around it.
pub fn commands(hint: &str) -> Vec<String> {
    let ends = [
        " restores it",
        " takes it back",
        " brings it back",
        " takes the record back",
        " deletes it",
        " names it",
        " names the commits",
        " makes it",
        " keeps it",
        " proposes to",
        " says who",
        " shows",
        "; ",
        ". ",
    ];
    let starts = ["omega ", "git ", "chmod ", "ssh-add "];
    let mut found = Vec::new();
    let mut rest = hint;
    while let Some(at) = starts.iter().filter_map(|start| rest.find(start)).min() {
        rest = &rest[at..];
        // What is within quotes ends nothing.
        let quoted = |at: usize| {
            let within = |open: Option<char>, c: char| match (open, c) {
                (None, '\'' | '"') => Some(c),
                (Some(open), c) if open == c => None,
                (open, _) => open,
            };
            rest[..at].chars().fold(None, within).is_some()
        };
        let first = |end: &&str| rest.match_indices(*end).map(|(at, _)| at).find(|at| !quoted(*at));
        let end = ends.iter().filter_map(first).min().unwrap_or(rest.len());
        found.push(rest[..end].trim_end_matches('.').to_owned());
        rest = &rest[end..];
    }
    found
}

#[test]
fn commands_are_found_in_the_words_around_them() {
    assert_eq!(
        commands("git checkout -- 'a b' restores it; omega propose makes it a proposal."),
        ["git checkout -- 'a b'", "omega propose"]
    );
    assert_eq!(
        commands("on this branch: omega restore x && git commit -m 'Restore what was ratified' deletes it."),
        ["omega restore x && git commit -m 'Restore what was ratified'"]
    );
}
