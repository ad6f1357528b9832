//! Proof of possession: the holder of an added key signs the proposal that adds it. A recovery key signs a recovery in
//! the same way.

use serde::Serialize;

use crate::canon::{ResolutionId, layout};
use crate::keys::Namespace;
use crate::ledger::evidence::read_one;
use crate::ledger::proposal::added_keys;

use super::Error;
use super::desk::{Desk, Edits, Publication, message, put};
use super::next::{NextStep, next_steps};
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
    /// Who acts next.
    pub next: Vec<NextStep>,
}

/// A signature over a proposal that is no record of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countersign {
    /// By a key that the proposal adds.
    Enrolment,
    /// By a recovery key.
    Recovery,
}

impl Countersign {
    /// The namespace of the signature.
    pub fn namespace(self) -> Namespace {
        match self {
            Self::Enrolment => Namespace::Enrol,
            Self::Recovery => Namespace::Recover,
        }
    }

    /// The folder that the signature lies in.
    fn folder(self) -> &'static str {
        match self {
            Self::Enrolment => "keys",
            Self::Recovery => "recover",
        }
    }
}

/// Signs the proposal with the signer's key, which it adds.
///
/// # Errors
/// Denied, if the proposal does not add this key.
pub fn enrol(desk: &Desk<'_>, id: &ResolutionId) -> Result<Enrolled, Error> {
    countersign(desk, id, Countersign::Enrolment)
}

/// Signs the proposal with the signer's key.
///
/// # Errors
/// Denied, if this key has nothing to say to it.
pub(super) fn countersign(desk: &Desk<'_>, id: &ResolutionId, what: Countersign) -> Result<Enrolled, Error> {
    let found = desk.locate(id)?;
    let basis = desk.basis(&found.tips)?;
    let assessment = desk.assess(basis.tree)?;
    must_be_open(desk, &assessment, id)?;
    let examined = assessment.examine(id)?;
    let key = desk.signer.public_key();
    let proposal = examined.proposal.record();
    let whose = match what {
        Countersign::Enrolment => {
            let added = added_keys(proposal, examined.law, &assessment.evidence.bytes);
            let Some((_, name)) = added.into_iter().find(|(other, _)| other == key) else {
                return Err(Error::denied(format!("{id} does not add the key {}", key.fingerprint()), "choose the new key with --key"));
            };
            name.map_or_else(|| "a recovery key".to_owned(), String::from)
        }
        Countersign::Recovery if proposal.recovery.is_none() => {
            return Err(Error::denied(format!("{id} is no recovery"), format!("omega canon show {id}")));
        }
        Countersign::Recovery if !examined.law.recovery_keys().contains(key) => {
            return Err(Error::denied(format!("{} is no recovery key", key.fingerprint()), "omega council list shows the recovery keys"));
        }
        Countersign::Recovery => "a recovery key".to_owned(),
    };
    let tree = desk.repo.revision(basis.tree)?;
    let path = examined.proposal.path();
    let bytes = read_one(&tree, path, crate::canon::text::MAX_TEXT)?
        .ok_or_else(|| Error::usage(format!("`{path}` is missing"), "omega canon verify"))?;
    let armor = desk.sign(what.namespace(), &bytes)?;
    let mut edits = Edits::new();
    put(&mut edits, &layout::in_folder(id, format_args!("{}/{}.sig", what.folder(), key.id())), armor.into_bytes());
    let (word, event) = match what {
        Countersign::Enrolment => ("enrolment", "enrol"),
        Countersign::Recovery => ("consent", "recover"),
    };
    let (commit, after) = desk.publish_assessed(&Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(id, word, whose, event),
    })?;
    Ok(Enrolled {
        resolution: id.clone(),
        key: key.fingerprint(),
        branch: found.branch,
        commit: commit.to_string(),
        next: next_steps(&after, &after.examine(id)?),
    })
}
