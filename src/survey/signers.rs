//! The keys of a canon as git's `allowed_signers`, kept outside the tree.

use std::path::PathBuf;

use serde::Serialize;

use crate::git::{Oid, Repo};
use crate::ledger::signers;

use super::verify;
use crate::workspace::Error;
use crate::workspace::assess::assess;
use crate::workspace::pin::{self, Pin};

/// Every key that was ever in force.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct SignersReport {
    /// The file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its lines.
    pub signers: String,
}

/// The keys of the ledger of a commit, for git.
///
/// # Errors
/// When the commit does not hold, or nothing or another canon is pinned.
pub fn signers(repo: &Repo, commit: Oid, pin: Option<Pin>, threads: usize) -> Result<String, Error> {
    let assessment = assess(&repo.revision(commit)?, threads)?.sound()?;
    let ledger = &assessment.judgement.ledger;
    verify::must_be_pinned(ledger, pin)?;
    let brought = |ruling: u32| {
        let id = &ledger.rulings.get(ruling as usize)?.resolution;
        Some(assessment.evidence.folders.get(id)?.proposal.as_ref()?.record().at)
    };
    Ok(signers::history(ledger, &brought))
}

/// Writes the lines beside the pin of a clone, and gives the place.
///
/// # Errors
/// When the file cannot be written.
pub fn keep(repo: &Repo, lines: &str) -> Result<PathBuf, Error> {
    let path = repo.common_dir().join("omega").join("allowed_signers");
    pin::write_whole(&path, lines.as_bytes(), repo.sharing())?;
    Ok(path)
}
