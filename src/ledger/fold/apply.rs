//! What a ruling that holds does to the ledger.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::canon::Place;
use crate::ledger::kinds::{FileMode, Proposal, Ruling};
use crate::ledger::record::Signed;
use crate::ledger::state::Bytes;
use crate::ledger::state::{Ledger, Ruled, Unsettled};
use crate::ledger::{law, signers};

use super::closing::Closing;
use super::{Effect, Next, effect_changes};

pub(super) fn apply(ledger: &mut Ledger, ruling: &Signed<Ruling>, proposal: &Proposal, closing: &Closing<'_>, next: Next, bytes: &Bytes) {
    let record = ruling.record();
    let sequence = record.sequence;
    let changes = effect_changes(ledger, proposal, &next.effect);
    for change in &proposal.changes {
        let effective = !matches!(next.effect, Effect::None);
        let purgeable = !change.path.is_canon() || matches!(Place::of(&change.path), Some(Place::Entry(..)));
        for digest in change.before.iter().chain(&change.after) {
            let named = ledger.named.entry(*digest).or_insert_with(|| Some(BTreeSet::new()));
            match named {
                // What was only proposed at such a path never was a document.
                Some(paths) if purgeable || !effective => drop(paths.insert(change.path.clone())),
                _ => *named = None,
            }
        }
    }
    match &next.effect {
        Effect::None => {}
        Effect::Change => {
            for change in &proposal.changes {
                ledger.undone.remove(&change.path);
            }
            ledger.purged.extend(proposal.purge.iter().flatten().map(|digest| (*digest, sequence)));
        }
        Effect::Provisional(expires) => {
            let before = changes.keys().map(|path| (path.clone(), ledger.content(path))).collect();
            ledger.unsettled.push(Unsettled {
                ruling: ruling.digest(),
                sequence,
                resolution: closing.id.clone(),
                at: record.at,
                expires: *expires,
                risk: proposal.risk,
                before,
            });
        }
        Effect::Confirm(settled) | Effect::Undo(settled) => {
            if let Some(index) = ledger.unsettled.iter().position(|u| u.ruling == *settled) {
                let unsettled = ledger.unsettled.remove(index);
                if matches!(next.effect, Effect::Undo(_)) {
                    ledger.undone.extend(unsettled.before.into_keys());
                } else {
                    for path in unsettled.before.keys() {
                        ledger.undone.remove(path);
                    }
                }
            }
        }
    }
    for (path, content) in changes {
        if let Some(height) = content.and_then(|content| law::height(&path, bytes.get(&content.digest)?))
            && ledger.highest(&path).is_none_or(|highest| height > highest)
        {
            ledger.heights.entry(path.clone()).or_default().push((sequence, height));
        }
        if content.is_some_and(|content| content.mode == FileMode::Link) {
            ledger.links.insert(path.clone());
        }
        ledger.timeline.entry(path).or_default().push((sequence, content));
    }
    for (key, owner) in next.law.keys() {
        ledger.keys.entry(key.raw()).or_insert_with(|| (sequence, owner.cloned()));
    }
    // Most rulings leave the law as it is: it is then the very same one, and so are its signers.
    let changed = ledger.law().is_none_or(|law| !Arc::ptr_eq(law, &next.law) && signers::render(law) != signers::render(&next.law));
    let rendered = changed.then(|| signers::render(&next.law));
    for id in closing.superseded.iter().chain([&closing.id]) {
        ledger.closed.insert(id.clone(), sequence);
    }
    ledger.rulings.push(Ruled {
        digest: ruling.digest(),
        resolution: closing.id.clone(),
        verdict: record.verdict,
        by: record.by.clone(),
        at: record.at,
        signers: rendered,
    });
    ledger.laws.push(next.law);
}
