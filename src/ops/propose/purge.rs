//! Proposals to forget bytes of an entry for good. The digests stay; they are what the ledger is made of.

use std::collections::BTreeMap;

use crate::council::floor;
use crate::ledger::fold::unpurgeable;
use crate::ledger::kinds::Change;
use crate::ledger::proposal::purge_risk;
use crate::phylactery::EntryId;

use super::super::phylactery::{Extent, Purge, purge};
use super::id::{Sought, check_limit, choose_id};
use super::sources::starting;
use super::{Plan, Request, Start, check_title, risk_above};
use crate::workspace::Error;
use crate::workspace::desk::Desk;
use crate::workspace::draft::Planned;
use crate::workspace::draft::refuse_foreign;

/// Says what would be proposed. Writes nothing.
pub(super) fn plan(desk: &Desk<'_>, request: &Request, id: &EntryId, extent: Extent) -> Result<Plan, Error> {
    let head = desk.repo.head()?.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let main = desk.main(desk.look_at(head)?.law()?)?;
    let basis = starting(desk, &main, None)?;
    let assessment = desk.assess(basis.tree)?;
    refuse_foreign(desk.repo, &assessment, None)?;
    let (ledger, law) = (&assessment.judgement.ledger, assessment.law()?);
    let by = desk.member(law)?.name.clone();
    let Purge { digests, remove, title } = purge(&assessment, id, extent)?;
    let changes: Vec<Planned> = remove
        .into_iter()
        .filter_map(|path| {
            let before = ledger.content(&path)?.digest;
            let change = Change { path, mode: None, before: Some(before), after: None, released: None };
            Some(Planned { change, before: assessment.evidence.bytes.get(&before).cloned(), after: None })
        })
        .collect();
    let bare: Vec<Change> = changes.iter().map(|planned| planned.change.clone()).collect();
    if let Some(why) = digests.iter().find_map(|digest| unpurgeable(ledger, digest, &bare)) {
        return Err(Error::denied(why, format!("omega phylactery history {id}; omega status shows what is not settled")));
    }
    let title = match request.title.trim() {
        "" => title,
        own => own.to_owned(),
    };
    check_title(&title)?;
    let changed = floor::of_paths(&law.protocol.risk, bare.iter().map(|change| (&change.path, false)));
    let floor = changed.max(purge_risk(&law.protocol.risk, ledger, digests.iter()).unwrap_or(changed));
    let risk = risk_above(floor, request.risk)?;
    let limit = law.protocol.limits.open_per_member;
    let start =
        Start { basis, assessment, from_worktree: false, repeats: true, at_hand: None, edited_from: BTreeMap::new(), inherited: None };
    let sought =
        Sought { title: &title, by: &by, wanted: &BTreeMap::new(), settles: None, purge: &digests, at_once: false, recovery: false };
    let (id, existing) = choose_id(desk, &start, &sought)?;
    if !existing {
        check_limit(desk, request, &start, limit, &by)?;
    }
    Ok(Plan {
        id,
        title,
        risk,
        floor,
        changes,
        carried: Vec::new(),
        left_out: Vec::new(),
        entering: Vec::new(),
        settles: None,
        purge: digests,
        findings: Vec::new(),
        returning: Vec::new(),
        shifts: Vec::new(),
        start,
        existing,
    })
}
