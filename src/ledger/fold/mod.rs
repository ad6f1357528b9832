//! The fold: ledger × ruling → ledger, or the one finding that stops it. It reads only what rulings
//! bind; nothing open, no clock and no disk can make it fail.

mod apply;
mod case;
mod closing;
mod rare;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::canon::{RepoPath, layout};
use crate::digest::Digest;
use crate::finding::{Code, Finding};

use super::evidence::Evidence;
use super::kinds::{Content, Proposal, Ruling};
use super::law;
use super::record::Signed;
use super::state::{Law, Ledger};
use crate::ledger::state::Bytes;

pub use rare::{is_constitutional, unpurgeable};

use apply::apply;
use case::Case;
use closing::closing;

/// Folds all rulings in order. Gives the ledger as far as it holds, and the finding that stopped it.
pub fn fold(evidence: &Evidence) -> (Ledger, Option<Finding>) {
    fold_on(Ledger::default(), evidence)
}

/// Goes on from a ledger that was folded from the beginning of this very evidence.
pub fn fold_on(mut ledger: Ledger, evidence: &Evidence) -> (Ledger, Option<Finding>) {
    let next = u32::try_from(ledger.rulings.len()).unwrap_or(u32::MAX);
    for (expected, (sequence, ruling)) in (next..).zip(evidence.rulings.range(next..)) {
        if *sequence != expected {
            let message = format!("ruling {expected} is missing");
            return (ledger, Some(Finding::error(Code::Chain, layout::ruling(expected), message)));
        }
        if let Err(finding) = step(&mut ledger, evidence, ruling) {
            return (ledger, Some(finding.of_ruling(ruling)));
        }
    }
    (ledger, None)
}

impl Finding {
    fn of_ruling(mut self, ruling: &Signed<Ruling>) -> Self {
        self.record.get_or_insert_with(|| ruling.record().resolution.to_string());
        self
    }
}

/// Takes one more ruling. A ledger for which this fails must not be used any further.
pub fn step(ledger: &mut Ledger, evidence: &Evidence, ruling: &Signed<Ruling>) -> Result<(), Finding> {
    let record = ruling.record();
    let refuse = |code, message: String| Err(Finding::error(code, ruling.path(), message).of_member(&record.by));
    let genesis = ledger.rulings.is_empty();
    if record.sequence as usize != ledger.rulings.len() || record.previous != ledger.head().map(|head| head.digest) {
        return refuse(Code::Chain, "the ruling does not follow the one before it".to_owned());
    }
    if record.canon != ledger.root() {
        return refuse(Code::Binding, "the ruling belongs to another canon".to_owned());
    }
    let closing = closing(ledger, evidence, ruling)?;
    let Some(proposal) = closing.folder.proposal.as_ref() else {
        return refuse(Code::RecordList, "the ruling does not list the proposal".to_owned());
    };
    if record.proposal != proposal.digest() {
        return refuse(Code::Binding, "the ruling is about another proposal".to_owned());
    }
    let case = Case { ledger, evidence, ruling, proposal, closing: &closing };
    let next = if genesis { case.genesis()? } else { case.judge()? };
    apply(ledger, ruling, proposal.record(), &closing, next, &evidence.bytes);
    Ok(())
}

/// The ruling by whose state a proposal is judged, and the law of that state.
pub fn judging<'a>(ledger: &'a Ledger, proposal: &Signed<Proposal>) -> Result<(u32, &'a Law), Finding> {
    let base = proposal.record().base.as_ref().and_then(|base| ledger.sequence_of(base));
    base.and_then(|base| Some((base, ledger.laws.get(base as usize)?.as_ref()))).ok_or_else(|| {
        let message = "the proposal is judged by a ruling that is not in this ledger";
        Finding::error(Code::Chain, proposal.path(), message).of_record(&proposal.record().resolution)
    })
}

/// What a ruling does to the state.
enum Effect {
    /// Nothing.
    None,
    /// The changes hold.
    Change,
    /// The changes hold until settled.
    Provisional(crate::clock::Timestamp),
    /// An emergency holds for good.
    Confirm(Digest),
    /// An emergency is undone.
    Undo(Digest),
}

struct Next {
    law: Arc<Law>,
    effect: Effect,
}

/// What each path holds after the effect.
fn effect_changes(ledger: &Ledger, proposal: &Proposal, effect: &Effect) -> BTreeMap<RepoPath, Option<Content>> {
    match effect {
        Effect::None | Effect::Confirm(_) => BTreeMap::new(),
        Effect::Change | Effect::Provisional(_) => proposal.changes.iter().map(|change| (change.path.clone(), change.content())).collect(),
        Effect::Undo(ruling) => ledger.unsettled.iter().find(|u| u.ruling == *ruling).map(|u| u.before.clone()).unwrap_or_default(),
    }
}

/// The law that a first proposal leads to, if the state that it plants is valid.
pub fn genesis_law(proposal: &Proposal, bytes: &Bytes) -> Result<Arc<Law>, Finding> {
    let changes = proposal.changes.iter().map(|change| (change.path.clone(), change.content())).collect();
    law::after(&Ledger::default(), &changes, proposal, bytes)
}
