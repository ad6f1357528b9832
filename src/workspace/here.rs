//! Work trees that lack what their commit has: never checked out, sparse, or deleted.

use crate::canon::{RepoPath, Who};
use crate::finding::{Code, Finding};
use crate::git::{LeftOut, Repo, WorkTree};
use crate::shell;
use crate::tree::Tree as _;

use super::assess::Assessment;
use super::{Error, find, pin};

/// What a work tree with a canon would have to hold.
const CANON: &str = "canon";

/// More branches than these are not looked at for a canon.
const MOST_BRANCHES: usize = 200;

impl LeftOut {
    /// Why files are not there.
    fn why(&self) -> String {
        match self {
            Self::NoCheckout => "nothing was checked out here".to_owned(),
            Self::Sparse(_) => "sparse checkout leaves it out".to_owned(),
            Self::Skipped(path) => format!("the index marks `{path}` with skip-worktree"),
        }
    }

    /// The command that brings them.
    pub fn command(&self) -> String {
        match self {
            Self::NoCheckout => "git checkout".to_owned(),
            Self::Sparse(tops) => format!("git sparse-checkout add {}", words(tops)),
            Self::Skipped(path) => {
                let path = words(std::slice::from_ref(path));
                format!("git update-index --no-skip-worktree {path}; git checkout -- {path}")
            }
        }
    }
}

fn words(words: &[String]) -> String {
    words.iter().map(|word| shell::quote(word)).collect::<Vec<_>>().join(" ")
}

/// Refuses to judge a work tree that was told to do without the canon: what would be judged are the objects of the index.
///
/// # Errors
/// Unknown, where any of `canon/` is left out.
pub fn must_have_canon(tree: &WorkTree) -> Result<(), Error> {
    let inside = |path: &[u8]| path == CANON.as_bytes() || path.starts_with(b"canon/");
    match tree.left_out(&inside, &|path| inside(path.as_bytes()))? {
        Some(left_out) => {
            Err(Error::unknown(format!("cannot judge the work tree: `canon/` is not in it, {}", left_out.why()), left_out.command()))
        }
        None => Ok(()),
    }
}

/// Says which governed files outside `canon/` a work tree does without.
///
/// # Errors
/// When the work tree cannot be read.
pub(crate) fn note(tree: &WorkTree, assessment: &Assessment) -> Result<Option<Finding>, Error> {
    let ledger = &assessment.judgement.ledger;
    let Some(law) = ledger.law() else { return Ok(None) };
    let ratified = |path: &str| path.parse::<RepoPath>().is_ok_and(|path| !path.is_canon() && ledger.content(&path).is_some());
    let enter = |folder: &[u8]| law.who.reaches_into(&String::from_utf8_lossy(folder));
    let Some(left_out) = tree.left_out(&enter, &ratified)? else { return Ok(None) };
    let path = match &left_out {
        LeftOut::NoCheckout => "AGENTS.md",
        LeftOut::Sparse(tops) => tops.first().map_or("", String::as_str),
        LeftOut::Skipped(path) => path,
    };
    let message = format!("governed files are not in the work tree, {}; the index was judged in their place", left_out.why());
    Ok(Some(Finding::note(Code::LeftOut, path, message).hint(left_out.command())))
}

/// The branch that has the canon which is not here, and the command that checks it out. Where a root is pinned all branches are
/// looked at, else only what can be the main one.
///
/// # Errors
/// When the references cannot be read.
pub fn elsewhere(repo: &Repo) -> Result<Option<(String, String)>, Error> {
    let mut shorts: Vec<String> = repo.remote_head()?.into_iter().chain(["main".to_owned(), "master".to_owned()]).collect();
    let is_pinned = pin::read(repo.common_dir()).map_or(true, |pin| pin.is_some());
    if is_pinned {
        let all = repo.branches("refs/heads/")?.into_iter().take(MOST_BRANCHES);
        shorts.extend(all.filter_map(|(name, _)| name.strip_prefix("refs/heads/").map(ToOwned::to_owned)));
    }
    for short in &shorts {
        let full = format!("refs/heads/{short}");
        for tip in repo.find_ref(&full)?.into_iter().chain(find::fetched(repo, &full)?) {
            if find::has_ruling(repo, tip, 0)? {
                return Ok(Some((short.clone(), go_to(repo, short))));
            }
        }
    }
    if is_pinned {
        for (name, tip) in repo.branches("refs/remotes/")?.into_iter().take(MOST_BRANCHES) {
            let short = name.trim_start_matches("refs/remotes/");
            // What was never fetched cannot be looked at.
            if !short.contains("/canon/") && find::has_ruling(repo, tip, 0).unwrap_or(false) {
                return Ok(Some((short.to_owned(), format!("git switch --track {}", shell::quote(short)))));
            }
        }
    }
    Ok(None)
}

/// The command that brings somebody to a branch, given by its short name: to the work tree that has it checked out, or onto it.
pub fn go_to(repo: &Repo, short: &str) -> String {
    match repo.checked_out_elsewhere(&format!("refs/heads/{short}")) {
        Some(path) => format!("cd {}", shell::quote_path(&path)),
        None => format!("git switch {}", shell::quote(short)),
    }
}

/// Why a work tree has no law: it has no canon, or lacks the one of its commit.
pub fn lawless(repo: &Repo, mut assessment: Assessment) -> Error {
    if is_gone(repo, &mut assessment) { Error::Violated(assessment.judgement.findings) } else { assessment.lawless() }
}

/// Whether the commit has a canon and the work tree none: it was deleted, and that is what the findings say then.
pub(crate) fn is_gone(repo: &Repo, assessment: &mut Assessment) -> bool {
    let committed = || repo.head().ok()?.commit.and_then(|commit| find::has_ruling(repo, commit, 0).ok());
    let is_gone = assessment.judgement.ledger.rulings.is_empty() && committed() == Some(true);
    if is_gone {
        for finding in assessment.judgement.findings.iter_mut().filter(|finding| finding.hint == "omega init") {
            "the canon of HEAD is missing here".clone_into(&mut finding.message);
            "git restore --source=HEAD --staged --worktree canon".clone_into(&mut finding.hint);
        }
    }
    is_gone
}

/// Refuses files that git stores as other bytes than those on disk: what people would read is not what would be ratified.
///
/// # Errors
/// Denied, if `who` names such a file.
pub(crate) fn must_be_plain(tree: &WorkTree, who: &[&Who]) -> Result<(), Error> {
    let listing = tree.list(&|folder| {
        let folder = String::from_utf8_lossy(folder);
        who.iter().any(|who| who.reaches_into(&folder))
    })?;
    let paths = listing.entries.iter().filter_map(|entry| std::str::from_utf8(&entry.path).ok());
    let paths: Vec<&str> = paths.filter(|path| who.iter().any(|who| who.matches(path))).collect();
    let rewritten = tree.rewritten(&paths)?;
    let Some((path, how)) = rewritten.first() else { return Ok(()) };
    let more = match rewritten.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(Error::denied(
        format!("git would store other bytes than those on disk for `{path}` ({how}){more}, and governed files are stored as they are"),
        "take these files out of the attribute in .gitattributes, or out of the globs that are governed",
    ))
}
