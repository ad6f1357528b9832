//! Proof of possession: the holder of an added key signs the proposal that adds it.

use serde::Serialize;

use crate::canon::{ResolutionId, layout};
use crate::keys::Namespace;
use crate::ledger::evidence::read_one;
use crate::ledger::proposal::added_keys;

use super::Error;
use super::desk::{Desk, Edits, Publication, message, put};
use super::vote::must_be_open;

/// What an enrolment did.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Enrolled {
    /// The resolution.
    pub resolution: ResolutionId,
    /// The key, as ssh shows it.
    pub key: String,
    /// The full name of the branch.
    pub branch: String,
    /// The commit.
    pub commit: String,
}

/// Signs the proposal with the signer's key, which it adds.
///
/// # Errors
/// Denied, if the proposal does not add this key.
pub fn enrol(desk: &Desk<'_>, id: &ResolutionId) -> Result<Enrolled, Error> {
    let found = desk.locate(id)?;
    let basis = desk.basis(&found.tips)?;
    let assessment = desk.assess(basis.tree)?;
    must_be_open(desk, &assessment, id)?;
    let examined = assessment.examine(id)?;
    let key = desk.signer.public_key();
    let keys = added_keys(examined.proposal.record(), examined.law, &assessment.evidence.bytes);
    let Some((_, name)) = keys.iter().find(|(other, _)| other == key) else {
        return Err(Error::denied(format!("{id} does not add the key {}", key.fingerprint()), "choose the new key with --key"));
    };
    let tree = desk.repo.revision(basis.tree)?;
    let path = examined.proposal.path();
    let bytes = read_one(&tree, path, crate::canon::text::MAX_TEXT)?
        .ok_or_else(|| Error::usage(format!("`{path}` is missing"), "omega canon verify"))?;
    let armor = desk.sign(Namespace::Enrol, &bytes)?;
    let mut edits = Edits::new();
    put(&mut edits, &layout::in_folder(id, format_args!("keys/{}.sig", key.id())), armor.into_bytes());
    let commit = desk.publish(&Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(id, "enrolment", name.as_ref().map_or("recovery", |name| name.as_str()), "enrol"),
    })?;
    Ok(Enrolled { resolution: id.clone(), key: key.fingerprint(), branch: found.branch, commit: commit.to_string() })
}
