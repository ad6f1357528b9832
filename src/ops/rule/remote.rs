//! What the remotes had when they were last fetched: a ruling there that is not here would be ruled a second time.

use crate::canon::{Place, RepoPath};
use crate::git::Repo;
use crate::ledger::state::Ledger;
use crate::tree::Tree as _;

use crate::workspace::Error;
use crate::workspace::assess::assess;
use crate::workspace::here::go_to;

/// Holds the ledger on which a ruling is built to the main branches of all remotes, as far as they are fetched. A remote whose
/// ledger does not hold, or is another canon's, has no say.
///
/// # Errors
/// Denied, if a remote is ahead by a ruling, or has another one of a number that is here.
pub fn must_not_fork(repo: &Repo, ledger: &Ledger, main: &str, threads: usize) -> Result<(), Error> {
    let (Some(root), Some(last)) = (ledger.root(), ledger.last()) else { return Ok(()) };
    let short = main.trim_start_matches("refs/heads/");
    for (name, tip) in repo.fetched(main)? {
        let shown = name.trim_start_matches("refs/remotes/");
        let tree = repo.revision(tip)?;
        // A listing is cheap, and mostly says that nothing is new.
        let listing = tree.list(&|folder| folder == b"canon" || folder == b"canon/ledger")?;
        let number = |entry: &crate::tree::Entry| {
            let path: RepoPath = std::str::from_utf8(&entry.path).ok()?.parse().ok()?;
            if let Some(Place::Ruling(number)) = Place::of(&path) { Some(number) } else { None }
        };
        if listing.entries.iter().filter_map(number).max().is_none_or(|there| there < last) {
            continue;
        }
        let Ok(there) = assess(&tree, threads) else { continue };
        let there = &there.judgement.ledger;
        if there.root() != Some(root) {
            continue;
        }
        let here = ledger.rulings.iter().map(|ruled| ruled.digest);
        let shared = here.zip(&there.rulings).take_while(|(digest, ruled)| *digest == ruled.digest).count();
        if shared < ledger.rulings.len() && shared < there.rulings.len() {
            return Err(Error::denied(
                format!("ruling {shared} on `{shown}` is another one than here: the ledgers are forked"),
                "compare checkpoints with another member: omega checkpoint",
            ));
        }
        if there.rulings.len() > ledger.rulings.len() {
            return Err(Error::denied(
                format!("ruling {shared} is on `{shown}` already, and not here"),
                format!("{}; git pull", go_to(repo, short)),
            ));
        }
    }
    Ok(())
}
