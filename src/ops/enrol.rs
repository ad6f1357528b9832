//! Proof of possession: the holder of an added key signs the proposal that adds it.

use serde::Serialize;

use crate::canon::{Member, Place, ResolutionId, layout};
use crate::keys::{Namespace, PublicKey};
use crate::ledger::evidence::read_one;
use crate::ledger::kinds::Proposal;
use crate::ledger::proposal::Bytes;
use crate::ledger::state::Law;

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

/// The keys that a proposal adds to the members of a law, with the member's name.
pub fn added(proposal: &Proposal, law: &Law, bytes: &Bytes) -> Vec<(PublicKey, String)> {
    let known: Vec<[u8; 32]> = law.keys().map(|(key, _)| key.raw()).collect();
    let mut added = Vec::new();
    for change in &proposal.changes {
        let content = change.after.and_then(|after| bytes.get(&after));
        match (Place::of(&change.path), content) {
            (Some(Place::Member(_)), Some(content)) => {
                if let Ok(member) = Member::parse(content) {
                    added.extend(member.keys.into_iter().map(|key| (key, member.name.to_string())));
                }
            }
            (Some(Place::Document(name)), Some(content)) if name.as_str() == "CONSENSUS_ENGINE" => {
                if let Ok(rules) = crate::canon::policy::read::<crate::canon::policy::Consensus>(content) {
                    let keys = rules.recovery.map(|recovery| recovery.keys).unwrap_or_default();
                    added.extend(keys.into_iter().map(|key| (key, "recovery".to_owned())));
                }
            }
            _ => {}
        }
    }
    added.retain(|(key, _)| !known.contains(&key.raw()));
    added
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
    let keys = added(examined.proposal.record(), examined.law, &assessment.evidence.bytes);
    let Some((_, name)) = keys.iter().find(|(other, _)| other == key) else {
        return Err(Error::denied(format!("{id} does not add the key {}", key.fingerprint()), "choose the new key with --key"));
    };
    let tree = desk.repo.revision(basis.tree)?;
    let path = examined.proposal.path();
    let bytes = read_one(&tree, path, crate::canon::text::MAX_TEXT)?.ok_or_else(|| Error::usage(format!("`{path}` is missing"), "omega canon verify"))?;
    let armor = desk.sign(Namespace::Enrol, &bytes)?;
    let mut edits = Edits::new();
    put(&mut edits, &layout::in_folder(id, format_args!("keys/{}.sig", key.id())), armor.into_bytes());
    let commit = desk.publish(&Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(id, "enrolment", name, "enrol"),
    })?;
    Ok(Enrolled { resolution: id.clone(), key: key.fingerprint(), branch: found.branch, commit: commit.to_string() })
}
