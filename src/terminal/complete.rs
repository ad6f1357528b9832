//! Completions that know the repository: ids of proposals and rulings, and names of members.
//!
//! They are asked for at each press of a key. So nothing is verified, nothing is fetched, nothing is said on any error, and no more
//! than the names of files and branches is read, with the titles of what has a branch.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use clap::{Arg, Command};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;

use super::environment;
use crate::canon::layout::Place;
use crate::canon::text::visible;
use crate::canon::{MemberName, ResolutionId};
use crate::git::Repo;
use crate::tree::Tree as _;
use crate::workspace::find;

/// The variable by which the script of a shell asks for completions.
const ASKED: &str = "OMEGA_COMPLETE";
/// The titles of more proposals are not read.
const MOST_TITLES: usize = 50;

/// Answers the script of a shell, if this run is one of its questions; then there is an exit code.
pub fn answer(command: impl Fn() -> Command) -> Option<u8> {
    environment::variable("OMEGA_COMPLETE")?;
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let asked = || {
        let dir = environment::current_dir();
        CompleteEnv::with_factory(|| knowing(command())).var(ASKED).try_complete(std::env::args_os(), Some(&dir))
    };
    let answered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(asked));
    std::panic::set_hook(report);
    Some(if matches!(answered, Ok(Ok(_))) { 0 } else { 1 })
}

/// The script that a shell runs to ask for completions; nothing for a shell that has none.
pub fn script(shell: &str) -> Option<String> {
    let mut out = Vec::new();
    Shells::builtins().completer(shell)?.write_registration(ASKED, "omega", "omega", "omega", &mut out).ok()?;
    String::from_utf8(out).ok()
}

/// The command with what its arguments may be in this repository. What an argument is, its type or its name says.
fn knowing(command: Command) -> Command {
    // Newcomers have other names.
    let brings = matches!(command.get_name(), "init" | "add");
    command.mut_args(|argument| with_values(argument, brings)).mut_subcommands(knowing)
}

fn with_values(argument: Arg, brings: bool) -> Arg {
    let is_member = argument.get_value_parser().type_id() == std::any::TypeId::of::<MemberName>();
    let named = argument.get_value_names().and_then(<[_]>::first).map(ToString::to_string).unwrap_or_default();
    let id = argument.get_id().as_str().to_owned();
    match (id.as_str(), named.as_str()) {
        _ if is_member && !(brings && id == "name") => argument.add(ArgValueCompleter::new(|current: &OsStr| matching(current, members))),
        ("id", _) | (_, "ID" | "EMERGENCY") => argument.add(ArgValueCompleter::new(|current: &OsStr| matching(current, resolutions))),
        (_, "RULING") => argument.add(ArgValueCompleter::new(|current: &OsStr| matching(current, rulings))),
        _ => argument,
    }
}

/// A word that can be typed, and what it stands for.
type Known = (String, Option<String>);

/// What a repository has that begins with what was typed, in its order.
fn matching(current: &OsStr, all: fn(&Repo) -> Vec<Known>) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let args: Vec<_> = std::env::args_os().collect();
    // The folder of -C, where it was typed before.
    let typed = args.windows(2).rfind(|pair| pair[0] == "-C" || pair[0] == "--directory").map(|pair| Path::new(&pair[1]).to_owned());
    let dir = environment::current_dir();
    let dir = typed.map_or(dir.clone(), |typed| dir.join(typed));
    let Ok(repo) = Repo::discover(&dir, None) else { return Vec::new() };
    let found = all(&repo).into_iter().filter(|(value, _)| value.starts_with(current));
    found
        .enumerate()
        .map(|(at, (value, help))| CompletionCandidate::new(value).help(help.map(Into::into)).display_order(Some(at)))
        .collect()
}

/// Ids of resolutions: those that have a branch with their titles, newest first, then the others.
fn resolutions(repo: &Repo) -> Vec<Known> {
    let open = find::branches(repo).unwrap_or_default();
    let mut all: Vec<Known> = Vec::new();
    for (id, tips) in open.iter().rev() {
        let tip = tips.first().filter(|_| all.len() < MOST_TITLES);
        let proposal = tip.and_then(|tip| find::proposal(&repo.revision(*tip).ok()?, id).ok()?);
        all.push((id.to_string(), proposal.map(|proposal| visible(&proposal.title))));
    }
    let closed: BTreeSet<ResolutionId> = places(repo).iter().filter_map(|place| place.resolution().cloned()).collect();
    all.extend(closed.iter().rev().filter(|id| !open.contains_key(id)).map(|id| (id.to_string(), None)));
    all
}

fn members(repo: &Repo) -> Vec<Known> {
    let name = |place| if let Place::Member(name) = place { Some((name.to_string(), None)) } else { None };
    places(repo).into_iter().filter_map(name).collect()
}

/// Numbers of rulings, newest first.
fn rulings(repo: &Repo) -> Vec<Known> {
    let number = |place| if let Place::Ruling(number) = place { Some((number.to_string(), None)) } else { None };
    places(repo).into_iter().rev().filter_map(number).collect()
}

/// The places of the commit that is checked out that tell names: the council, the ledger and the proposals.
fn places(repo: &Repo) -> Vec<Place> {
    let enter = |folder: &[u8]| {
        let folder = String::from_utf8_lossy(folder);
        let parts: Vec<&str> = folder.split('/').collect();
        matches!(parts[..], ["canon"] | ["canon", "council" | "ledger" | "resolutions"] | ["canon", "resolutions", _])
    };
    let listed = || repo.revision(repo.head().ok()?.commit?).ok()?.list(&enter).ok();
    let entries = listed().map(|listing| listing.entries).unwrap_or_default();
    entries.iter().filter_map(|entry| Place::of(&std::str::from_utf8(&entry.path).ok()?.parse().ok()?)).collect()
}
