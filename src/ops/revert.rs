//! The way back from a ruling: its paths as they were before.

use crate::canon::RepoPath;
use crate::ledger::state::Ledger;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;
use crate::workspace::stamp::is_document_fact;

use super::propose::Drafted;

/// More paths are not named in a refusal.
const NAMED: usize = 5;

/// The ruling that is meant: by its number, or by a part of its resolution's id.
///
/// # Errors
/// Usage, if there is none, or more than one.
pub fn ruling(ledger: &Ledger, name: &str) -> Result<u32, Error> {
    if let Ok(sequence) = name.parse::<u32>() {
        return match ledger.rulings.get(sequence as usize) {
            Some(_) => Ok(sequence),
            None => Err(Error::usage(format!("there is no ruling {sequence}"), "omega log")),
        };
    }
    let named = (0..).zip(&ledger.rulings).filter(|(_, ruled)| ruled.resolution.as_str().contains(name));
    let found: Vec<u32> = named.map(|(sequence, _)| sequence).collect();
    match found.as_slice() {
        [sequence] => Ok(*sequence),
        [] => Err(Error::usage("no ruling closed a resolution of that name", "omega log")),
        _ => Err(Error::usage("several rulings closed a resolution of that name", "give the number of the ruling: omega log")),
    }
}

/// The files that take back what a ruling changed.
///
/// # Errors
/// Denied, if it changed nothing, if later rulings changed the same files, or if a file was no plain one.
pub fn revert(assessment: &Assessment, sequence: u32) -> Result<Drafted, Error> {
    let ledger = &assessment.judgement.ledger;
    let Some(before) = sequence.checked_sub(1) else {
        return Err(Error::denied("ruling 0 set up the canon, and there is nothing before it", "omega log"));
    };
    let changed: Vec<&RepoPath> = ledger.changed_by(sequence).filter(|path| !is_document_fact(path)).collect();
    if changed.is_empty() {
        return Err(Error::denied(format!("ruling {sequence} changed no file"), "omega log"));
    }
    let later: Vec<&&RepoPath> = changed.iter().filter(|path| ledger.since(path) != Some(sequence)).collect();
    if let Some(last) = later.iter().filter_map(|path| ledger.since(path)).max() {
        let named: Vec<String> = later.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
        return Err(Error::denied(
            format!("later rulings changed {}", named.join(", ")),
            format!("take the latest one back first: omega revert {last}; or edit the files, and propose that: omega propose"),
        ));
    }
    let mut drafted = Drafted::new();
    for path in changed {
        let (was, is) = (ledger.content_at(path, before), ledger.content(path));
        let Some(content) = was else {
            drafted.insert(path.clone(), None);
            continue;
        };
        let bytes = assessment.evidence.bytes.get(&content.digest);
        let plain = is.map_or(crate::ledger::kinds::FileMode::File, |is| is.mode) == content.mode;
        match bytes.filter(|_| plain) {
            Some(bytes) => drop(drafted.insert(path.clone(), Some(bytes.clone()))),
            None => {
                let why = if plain { "the bytes of before were purged" } else { "its mode changed" };
                return Err(Error::denied(
                    format!("`{path}` cannot be brought back: {why}"),
                    "edit the files by hand, and propose that: omega propose",
                ));
            }
        }
    }
    Ok(drafted)
}
