//! The signed proposal, as it is written into its branch.

use crate::canon::{MemberName, ResolutionId, layout};
use crate::git::Edit;
use crate::keyring::Signer;
use crate::keys::Namespace;
use crate::ledger::kinds::{FileMode, Proposal};
use crate::ledger::law;
use crate::ledger::proposal::added_keys;
use crate::tree::Mode;

use super::super::enrol::Countersign;
use super::{Plan, Purpose, Request};
use crate::workspace::assess::Assessment;
use crate::workspace::desk::Desk;
use crate::workspace::edits::{Edits, put, remove};
use crate::workspace::{Error, attributes};

/// Nobody shall vote on what no ruling could ever ratify: the state that it leads to is held to be valid.
pub(in super::super) fn must_be_ratifiable(assessment: &Assessment, id: &ResolutionId) -> Result<(), Error> {
    let examined = assessment.examine(id)?;
    let proposal = examined.proposal.record();
    let changes = proposal.changes.iter().map(|change| (change.path.clone(), change.content())).collect();
    law::after(&assessment.judgement.ledger, &changes, proposal, &assessment.evidence.bytes).map(drop).map_err(|finding| {
        Error::usage(format!("no ruling could ratify this: {}: {}", finding.path, finding.message), "fix it, and propose again")
    })
}

/// The signed proposal with the bytes and drafts that it brings.
pub(in super::super) fn write_edits(desk: &Desk<'_>, request: &Request<'_>, plan: &Plan, by: &MemberName) -> Result<Edits, Error> {
    let start = &plan.start;
    let ledger = &start.assessment.judgement.ledger;
    let recovery = request.purpose == Purpose::Recovery;
    let mut edits = Edits::new();
    let proposed = plan.changes.iter().filter(|planned| planned.after.is_some()).map(|planned| &planned.change.path);
    attributes::cover(desk.repo, start.basis.tree, &attributes::lines_for(&plan.entering), proposed, &mut edits)?;
    let record = Proposal {
        omega: 1,
        kind: "proposal".into(),
        canon: ledger.root(),
        resolution: plan.id.clone(),
        by: by.clone(),
        at: desk.now(),
        title: plan.title.clone(),
        risk: plan.risk,
        base: ledger.head().map(|head| head.digest),
        changes: plan.changes.iter().map(|planned| planned.change.clone()).collect(),
        supersedes: request.supersedes.clone(),
        settles: plan.settles,
        purge: (!plan.purge.is_empty()).then(|| plan.purge.clone()),
        recovery: recovery.then_some(true),
    };
    let bytes = plan.changes.iter().filter_map(|planned| Some((planned.change.after?, planned.after.clone()?))).collect();
    let added = added_keys(&record, start.assessment.law()?, &bytes);
    if let Some(key) = request.enrol.iter().map(Signer::public_key).find(|key| !added.iter().any(|(other, _)| other == *key)) {
        return Err(Error::denied(
            format!("this does not add the key {}", key.fingerprint()),
            "name the private half of the new key, or let its holder enrol later: omega enrol ID --key FILE",
        ));
    }
    let text = desk.record(&mut edits, &record, &request.reason)?;
    for signer in request.enrol {
        let armor = signer.sign(Namespace::Enrol, text.as_bytes())?;
        put(&mut edits, &Countersign::Enrolment.path(&plan.id, signer.public_key()), armor.into_bytes());
    }
    for planned in &plan.changes {
        let path = &planned.change.path;
        match (&planned.after, planned.change.after) {
            // Until it is ruled, a recovery is nobody's who is in force: what it asks for stands nowhere.
            (Some(bytes), Some(digest)) if recovery => put(&mut edits, &layout::bytes(&digest), bytes.clone()),
            (Some(bytes), Some(digest)) => {
                put(&mut edits, &layout::bytes(&digest), bytes.clone());
                let mode = match planned.change.mode {
                    Some(FileMode::Exec) => Mode::Exec,
                    Some(FileMode::Link) => Mode::Link,
                    _ => Mode::File,
                };
                edits.insert(path.as_str().as_bytes().to_vec(), Edit::Put { mode, bytes: bytes.clone() });
            }
            _ if planned.change.is_release() => {}
            _ => remove(&mut edits, path),
        }
    }
    Ok(edits)
}
