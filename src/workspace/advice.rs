//! The right next command for a finding: it depends on where the edit is.
//!
//! An edit in the work tree is taken back from the index, a staged one from what is ratified, and a committed one takes another
//! commit.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::canon::RepoPath;
use crate::canon::text::{MAX_BYTES, visible};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::git::{Known, Oid, Repo};
use crate::ledger::kinds::FileMode;
use crate::ledger::state::Ledger;
use crate::shell;
use crate::tree::{Entry, Tree as _};

use super::seen::RollbackMemory;
use super::{Error, find, here};

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

/// Holds the ledger of a protected ref to what was seen before. Where a remote's main branch has the ruling that is missing here,
/// this clone is only behind, and the hint says how to catch up.
///
/// # Errors
/// As for [`RollbackMemory::recall`], and when the repository cannot be read.
pub fn rolled_back(repo: &Repo, seen: &RollbackMemory, ledger: &Ledger) -> Result<Vec<Finding>, Error> {
    let mut findings = seen.check(ledger)?;
    let (Some(law), Some(root)) = (ledger.law(), ledger.root()) else { return Ok(findings) };
    let Some(highest) = seen.highest(&root)?.filter(|seen| ledger.rulings.len() <= seen.sequence as usize) else { return Ok(findings) };
    let main = &law.protected_refs[0];
    let Some(fetched) = find::fetched(repo, main)? else { return Ok(findings) };
    if find::has_ruling(repo, fetched, highest.sequence)? {
        let short = main.trim_start_matches("refs/heads/");
        for finding in &mut findings {
            finding.message =
                format!("{}; `{short}` of a remote has a ruling {}, so this clone may only be behind", finding.message, highest.sequence);
            finding.hint = format!("{} && git pull --ff-only", here::go_to(repo, short));
        }
    }
    Ok(findings)
}

/// Gives findings the hints that fit what was judged.
///
/// # Errors
/// When the repository cannot be read.
pub fn fit(repo: &Repo, judged: Judged, ledger: &Ledger, findings: &mut [Finding]) -> Result<(), Error> {
    for finding in findings.iter_mut().filter(|finding| finding.hint == "omega init") {
        let committed = repo.head()?.commit.map_or(Ok(false), |commit| find::has_ruling(repo, commit, 0))?;
        if committed && judged == Judged::Index {
            "git restore --source=HEAD --staged --worktree canon".clone_into(&mut finding.hint);
        } else if let Some((branch, hint)) = here::elsewhere(repo)?.filter(|_| !committed) {
            finding.message = format!("there is no canon here; it is on `{}`", visible(&branch));
            finding.hint = hint;
        }
    }
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
                    Code::Unratified => format!("{place}omega propose keeps it; {back} takes it back."),
                    Code::Missing => format!("{place}{back} brings it back; omega propose proposes to remove it."),
                    Code::Ungoverned => format!("{place}omega propose keeps it; {back} deletes it."),
                    _ => format!("{place}{}", finding.hint.replacen(&restore, &back, 1)),
                };
            }
        }
    }
    Ok(())
}

/// The command that sets files aside which a checkout would overwrite, whatever git thinks of them.
///
/// # Errors
/// When the index cannot be read.
pub fn set_aside(repo: &Repo, paths: &[Vec<u8>]) -> Result<String, Error> {
    let (mut commands, mut words, mut all) = (Vec::new(), Vec::new(), false);
    let committed = repo.head()?.commit.map(|commit| repo.revision(commit)).transpose()?;
    let is_committed = |path: &[u8]| -> Result<bool, Error> {
        let Some(tree) = &committed else { return Ok(false) };
        let listing = tree.list(&|folder| path.starts_with(folder))?;
        Ok(listing.entries.iter().any(|entry| entry.path == path))
    };
    for path in paths {
        if let Some(kept) = not_stashed(repo, path) {
            let command = move_outside(repo, &kept);
            if !commands.contains(&command) {
                commands.push(command);
            }
            continue;
        }
        let word = shell::pathspec(&String::from_utf8_lossy(path));
        match repo.known_to_index(path)? {
            // Its removal is staged.
            Known::No if is_committed(path)? => {
                commands.push(format!("git restore --staged -- {word}"));
                continue;
            }
            Known::No => all = true,
            Known::Intended => {
                commands.push(format!("git rm --cached -- {word}"));
                all = true;
            }
            Known::Yes => {}
            Known::AssumedUnchanged => commands.push(format!("git update-index --no-assume-unchanged -- {word}")),
            Known::Skipped => commands.push(format!("git update-index --no-skip-worktree -- {word}")),
        }
        words.push(word);
    }
    // Also what git ignores, or does not know.
    if !words.is_empty() {
        commands.push(format!("git stash push{} -- {}", if all { " --all" } else { "" }, words.join(" ")));
    }
    Ok(commands.join(" && "))
}

/// The command that moves what git does not keep out of the work tree, from whatever folder it is run.
pub fn move_outside(repo: &Repo, path: &Path) -> String {
    let outside = repo.workdir().and_then(Path::parent).unwrap_or(Path::new("/"));
    format!("mv -i {} {}", shell::quote_path(path), shell::quote_path(outside))
}

/// What is at a path, or above it, and git stashes nothing of: a repository of its own, a pipe, a socket, a device.
fn not_stashed(repo: &Repo, path: &[u8]) -> Option<PathBuf> {
    let mut at = repo.workdir()?.to_owned();
    for name in path.split(|byte| *byte == b'/') {
        at.push(OsStr::from_bytes(name));
        let kind = at.symlink_metadata().ok()?.file_type();
        if kind.is_dir() && at.join(".git").symlink_metadata().is_err() {
            continue;
        }
        return (!kind.is_file() && !kind.is_symlink()).then_some(at);
    }
    None
}

/// The command in the hint of an error that restores a file, unless it is fitted already.
fn command(finding: &Finding) -> Option<String> {
    let templates = ["omega restore canon PATH", "omega restore PATH"];
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
        let paths = words_of.strip_prefix("omega restore ").unwrap_or_default().to_owned();
        if !words.contains(&paths) {
            words.push(paths);
        }
    }
    (words.len() <= READABLE).then(|| format!("omega restore {}", words.join(" ")))
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
        let mode = FileMode::of(entry.mode)?;
        let bytes = reader.read(entry, MAX_BYTES).ok()?;
        (mode == ratified.mode && Digest::of(&bytes) == ratified.digest).then_some(())
    };
    Ok(findings.iter().filter(|finding| is_ratified(&finding.path).is_some()).map(|finding| finding.path.clone()).collect())
}
