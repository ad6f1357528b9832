//! The right next command for a finding: it depends on where the edit is.
//!
//! An edit in the work tree is taken back from the index, a staged one from what is ratified, and a committed one takes another
//! commit.

use std::collections::BTreeMap;

use crate::canon::RepoPath;
use crate::canon::text::MAX_BYTES;
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::git::{Oid, Repo};
use crate::ledger::kinds::FileMode;
use crate::ledger::state::Ledger;
use crate::shell;
use crate::tree::{Entry, Mode, Tree as _};

use super::Error;

/// What was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The files of the work tree.
    WorkTree,
    /// What is staged.
    Index,
    /// A commit.
    Commit(Oid),
    /// A commit that somebody pushed, or wants to merge: it is corrected in another clone.
    Sent,
}

/// The command that commits what was restored.
const COMMIT: &str = "git commit -m 'Restore what was ratified'";

/// Gives findings the hints that fit what was judged.
///
/// # Errors
/// When the repository cannot be read.
pub fn fit(repo: &Repo, judged: Judged, ledger: &Ledger, findings: &mut [Finding]) -> Result<(), Error> {
    if findings.iter().all(|finding| command(finding).is_none()) {
        return Ok(());
    }
    let place = match judged {
        Judged::Commit(commit) if repo.head()?.commit != Some(commit) => "on a branch with this commit: ",
        Judged::Sent => "in your clone, on this branch: ",
        _ => "",
    };
    let staged = if judged == Judged::WorkTree { ratified_in_index(repo, ledger, findings)? } else { Vec::new() };
    let all = all_at_once(findings);
    for finding in findings.iter_mut() {
        let Some(restore) = command(finding) else { continue };
        match judged {
            Judged::WorkTree if staged.contains(&finding.path) => {
                finding.hint = finding.hint.replacen(&restore, &format!("git checkout -- {}", shell::pathspec(&finding.path)), 1);
            }
            Judged::WorkTree | Judged::Index => {}
            Judged::Commit(_) | Judged::Sent => {
                let back = format!("{} && {COMMIT}", all.as_ref().unwrap_or(&restore));
                finding.hint = match finding.code {
                    Code::Unratified => format!("{place}omega canon propose keeps it; {back} takes it back."),
                    Code::Missing => format!("{place}{back} brings it back; omega canon propose proposes to remove it."),
                    Code::Ungoverned => format!("{place}omega canon propose keeps it; {back} deletes it."),
                    _ => format!("{place}{}", finding.hint.replacen(&restore, &back, 1)),
                };
            }
        }
    }
    Ok(())
}

/// The command in the hint of an error that restores a file, unless it is fitted already.
fn command(finding: &Finding) -> Option<String> {
    let templates = ["omega canon restore canon PATH", "omega canon restore PATH"];
    let template = templates.into_iter().find(|template| finding.code.remedy().contains(template))?;
    // Where a name is not UTF-8 it cannot be typed as it is shown.
    if finding.path.contains('\u{fffd}') {
        return None;
    }
    let command = shell::fill(template, &finding.path);
    (finding.is_error() && finding.hint.contains(&command) && !finding.hint.contains(COMMIT)).then_some(command)
}

/// One command for all that is to be restored: a gate takes no commit that leaves a part of it. Nothing, where it would be too
/// long to read.
fn all_at_once(findings: &[Finding]) -> Option<String> {
    const READABLE: usize = 20;
    let mut words: Vec<String> = Vec::new();
    for words_of in findings.iter().filter_map(command) {
        let paths = words_of.strip_prefix("omega canon restore ").unwrap_or_default().to_owned();
        if !words.contains(&paths) {
            words.push(paths);
        }
    }
    (words.len() <= READABLE).then(|| format!("omega canon restore {}", words.join(" ")))
}

/// The paths of findings at which the index holds what is ratified.
fn ratified_in_index(repo: &Repo, ledger: &Ledger, findings: &[Finding]) -> Result<Vec<String>, Error> {
    let index = repo.index()?;
    let listing = index.list(&|_| true)?;
    let entries: BTreeMap<&[u8], &Entry> = listing.entries.iter().map(|entry| (entry.path.as_slice(), entry)).collect();
    let mut reader = index.reader();
    let mut is_ratified = |path: &str| {
        let entry = entries.get(path.as_bytes())?;
        let ratified = ledger.content(&path.parse::<RepoPath>().ok()?)?;
        let mode = match entry.mode {
            Mode::File => FileMode::File,
            Mode::Exec => FileMode::Exec,
            Mode::Link => FileMode::Link,
            Mode::Submodule | Mode::Other => return None,
        };
        let bytes = reader.read(entry, MAX_BYTES).ok()?;
        (mode == ratified.mode && Digest::of(&bytes) == ratified.digest).then_some(())
    };
    Ok(findings.iter().filter(|finding| is_ratified(&finding.path).is_some()).map(|finding| finding.path.clone()).collect())
}
