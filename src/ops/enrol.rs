//! Proof of possession: the holder of an added key signs the proposal that adds it. A recovery key signs a recovery in
//! the same way.

use serde::Serialize;

use crate::canon::{RepoPath, ResolutionId, layout};
use crate::keys::{Namespace, PublicKey};
use crate::ledger::evidence::read_one;
use crate::ledger::examine::Examined;
use crate::ledger::proposal::added_keys;

use crate::workspace::assess::Assessment;
use crate::workspace::desk::{Basis, Desk, Publication, message};
use crate::workspace::edits::{Edits, put};
use crate::workspace::next::{NextStep, next_steps};
use crate::workspace::open::{Opened, open};
use crate::workspace::{Error, find};

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

    /// Where the signature of a key lies.
    pub fn path(self, id: &ResolutionId, key: &PublicKey) -> RepoPath {
        let folder = match self {
            Self::Enrolment => "keys",
            Self::Recovery => "recover",
        };
        layout::in_folder(id, format_args!("{folder}/{}.sig", key.id()))
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
    let Opened { found, basis, assessment } = open(desk, id)?;
    let examined = assessment.examine(id)?;
    if let Some(key) = desk.public_key() {
        admit(&assessment, &examined, what, key)?;
    }
    let tree = desk.repo.revision(basis.tree)?;
    let path = examined.proposal.path();
    let bytes =
        read_one(&tree, path, crate::canon::text::MAX_TEXT)?.ok_or_else(|| Error::usage(format!("`{path}` is missing"), "omega verify"))?;
    let armor = desk.sign(what.namespace(), &bytes)?;
    let key = desk.public_key().ok_or_else(|| Error::usage("it is not known which key signs", "--key FILE"))?;
    write(desk, &Case { id, found: &found, basis: &basis, assessment: &assessment, examined: &examined }, what, (key, armor))
}

/// An open resolution that a signature is added to.
pub(super) struct Case<'a> {
    pub(super) id: &'a ResolutionId,
    pub(super) found: &'a find::Found,
    pub(super) basis: &'a Basis,
    pub(super) assessment: &'a Assessment,
    pub(super) examined: &'a Examined<'a>,
}

/// Puts a signature over the proposal at its place.
pub(super) fn write(desk: &Desk<'_>, case: &Case<'_>, what: Countersign, (key, armor): (&PublicKey, String)) -> Result<Enrolled, Error> {
    let id = case.id;
    let whose = admit(case.assessment, case.examined, what, key)?;
    let mut edits = Edits::new();
    put(&mut edits, &what.path(id, key), armor.into_bytes());
    let (word, event) = match what {
        Countersign::Enrolment => ("enrolment", "enrol"),
        Countersign::Recovery => ("consent", "recover"),
    };
    let (commit, after) = desk.publish_assessed(&Publication {
        branch: &case.found.branch,
        tip: case.found.tip,
        basis: case.basis,
        edits: &edits,
        message: message(id, word, whose, event),
    })?;
    Ok(Enrolled {
        resolution: id.clone(),
        key: key.fingerprint(),
        branch: case.found.branch.clone(),
        commit: commit.to_string(),
        next: next_steps(&after, &after.examine(id)?),
    })
}

/// Holds a key to having something to say to a proposal; gives whose it is.
fn admit(assessment: &Assessment, examined: &Examined<'_>, what: Countersign, key: &PublicKey) -> Result<String, Error> {
    let (id, proposal) = (examined.id, examined.proposal.record());
    match what {
        Countersign::Enrolment => {
            let added = added_keys(proposal, examined.law, &assessment.evidence.bytes);
            match added.into_iter().find(|(other, _)| other == key) {
                Some((_, name)) => Ok(name.map_or_else(|| "a recovery key".to_owned(), String::from)),
                None => Err(Error::denied(format!("{id} does not add the key {}", key.fingerprint()), "choose the new key with --key")),
            }
        }
        Countersign::Recovery if proposal.recovery.is_none() => {
            Err(Error::denied(format!("{id} is not a recovery"), format!("omega show {id}")))
        }
        Countersign::Recovery if !examined.law.recovery_keys().contains(key) => {
            Err(Error::denied(format!("{} is not a recovery key", key.fingerprint()), "omega council list shows the recovery keys"))
        }
        Countersign::Recovery => Ok("a recovery key".to_owned()),
    }
}
