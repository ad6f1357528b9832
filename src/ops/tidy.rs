//! Removing what came too late.

use serde::Serialize;

use crate::canon::RepoPath;
use crate::finding::Code;

use crate::workspace::Error;
use crate::workspace::assess::assess;
use crate::workspace::desk::{Desk, Publication};
use crate::workspace::edits::{Edits, remove};

/// What was removed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Tidied {
    /// The files.
    pub removed: Vec<RepoPath>,
    /// The commit, if there was something to remove.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// Removes, on the branch that is checked out, the records that no ruling lists although their
/// resolution is closed. Whoever made one keeps the signed copy in git's history.
///
/// # Errors
/// When anything else is wrong with the tree.
pub fn tidy(desk: &Desk<'_>) -> Result<Tidied, Error> {
    let head = desk.repo.head()?;
    let (Some(branch), Some(tip)) = (head.branch, head.commit) else {
        return Err(Error::usage("no branch is checked out", "git switch to the branch to be tidied"));
    };
    let assessment = assess(&desk.repo.revision(tip)?, desk.threads)?;
    let findings = assessment.judgement.findings.iter().filter(|finding| finding.code == Code::Late);
    let removed: Vec<RepoPath> = findings.filter_map(|finding| finding.path.parse().ok()).collect();
    if removed.is_empty() {
        return Ok(Tidied { removed, commit: None });
    }
    let mut edits = Edits::new();
    for path in &removed {
        remove(&mut edits, path);
    }
    let basis = desk.basis(&[tip])?;
    let message = "canon: remove records that came too late\n\nCouncil-Event: tidy\n".to_owned();
    let commit = desk.publish(&Publication { branch: &branch, tip: Some(tip), basis: &basis, edits: &edits, message })?;
    Ok(Tidied { removed, commit: Some(commit.to_string()) })
}
