//! Bringing a ruling onto the main branch, and finishing what a killed run left of that.

use crate::canon::{MemberName, ResolutionId, Risk};
use crate::council::tally;
use crate::git::Oid;
use crate::ledger::kinds::Verdict;
use crate::ledger::state::Ruled;

use super::super::assess::Assessment;
use super::super::desk::{Desk, message};
use super::super::provisional::{self, MARK};
use super::super::report::{CountReport, Made};
use super::super::{Error, find};
use super::{Request, RuledReport};

/// Brings a ruling onto the main branch, which it contains, and leaves its own branch. What a killed run
/// did of that is not done again.
pub(in super::super) fn take_up(
    desk: &Desk<'_>,
    found: &find::Found,
    main: (&str, Option<Oid>),
    commit: Oid,
    message: &str,
) -> Result<Option<String>, Error> {
    let (name, Some(tip)) = main else { return Ok(None) };
    if found.branch == name {
        return Ok(Some(name.to_owned()));
    }
    if !desk.repo.is_ancestor(commit, tip)? {
        desk.advance(name, Some(tip), commit, message, &[])?;
    }
    if desk.repo.head()?.branch.as_deref() == Some(&found.branch) {
        desk.switch(name, &[])?;
    }
    // All of it is on the main branch now: the branch that it was worked on has done its duty.
    if found.branch.starts_with("refs/heads/canon/")
        && let Some(at) = desk.repo.find_ref(&found.branch)?
    {
        desk.retire(&found.branch, at)?;
    }
    Ok(Some(name.to_owned()))
}

/// A ruling that is there already: what is left is to bring it onto the main branch, or to leave its own.
pub(in super::super) fn finish(
    desk: &Desk<'_>,
    assessment: &Assessment,
    request: &Request<'_>,
    found: &find::Found,
    main: (&str, Option<Oid>),
    sequence: u32,
) -> Result<RuledReport, Error> {
    let id = request.id;
    let ledger = &assessment.judgement.ledger;
    let Some(ruled) = ledger.rulings.get(sequence as usize) else {
        return Err(Error::denied(format!("{id} is closed"), format!("omega canon show {id}")));
    };
    let tip = found.tip.unwrap_or(found.tips[0]);
    let contained = match main.1 {
        Some(main) => desk.repo.is_ancestor(tip, main)?,
        None => true,
    };
    // A squash brings the ruling without its commits.
    let done = match main.1 {
        Some(main) => contained || desk.assess(main)?.judgement.ledger.closed.contains_key(id),
        None => true,
    };
    // What a killed run can leave behind is its branch, all of which the main branch contains.
    let left = contained && found.branch == find::branch_of(id) && found.tip.is_some();
    if ruled.verdict != request.verdict || ruled.resolution != *id || (done && !left) || !request.merge {
        return Err(Error::denied(
            format!("ruling {sequence} closed {id} already: {}", ruled.verdict.as_str()),
            format!("omega canon show {id}"),
        ));
    }
    let main_tip = main.1.unwrap_or(tip);
    if !done && !desk.repo.is_ancestor(main_tip, tip)? {
        return Err(Error::denied(
            "the main branch has moved on since the ruling",
            format!("merge it with git: git merge {}", crate::shell::quote(found.branch.trim_start_matches("refs/heads/"))),
        ));
    }
    let merged = take_up(desk, found, main, tip, &ruling_message(id, sequence, ruled.verdict, &ruled.by))?;
    Ok(RuledReport { merged, ..report(desk, assessment, id, ruled, sequence, found, tip) })
}

/// The message of the commit that brings a ruling.
pub(in super::super) fn ruling_message(id: &ResolutionId, sequence: u32, verdict: Verdict, by: &MemberName) -> String {
    let mark = if verdict == Verdict::Emergency { format!("{MARK} ") } else { String::new() };
    message(id, &format!("{mark}ruling {sequence} {}", verdict.as_str()), by, "ruling")
}

/// What a ruling that lies there already did.
pub(in super::super) fn report(
    desk: &Desk<'_>,
    assessment: &Assessment,
    id: &ResolutionId,
    ruled: &Ruled,
    sequence: u32,
    found: &find::Found,
    tip: Oid,
) -> RuledReport {
    let ledger = &assessment.judgement.ledger;
    let law = &ledger.laws[sequence.saturating_sub(1) as usize];
    let folder = assessment.evidence.folders.get(id);
    let proposal = folder.and_then(|folder| folder.proposal.as_ref()).map(|signed| signed.record());
    let risk = proposal.map_or(Risk::Low, |proposal| proposal.risk);
    let ballots = folder.map(|folder| folder.ballots()).unwrap_or_default();
    RuledReport {
        made: Made { resolution: id.clone(), by: ruled.by.clone(), branch: found.branch.clone(), commit: tip.to_string() },
        verdict: ruled.verdict,
        sequence,
        head: ruled.digest,
        root: ledger.root().unwrap_or(ruled.digest),
        bypass: assessment.evidence.rulings.get(&sequence).and_then(|ruling| ruling.record().bypass),
        changed: ledger.changed_by(sequence).cloned().collect(),
        count: CountReport::of(&tally::count(&law.roster, law.consensus.classes.of(risk), &ballots), law, risk),
        emergency: proposal.and_then(|proposal| provisional::about(assessment, proposal, desk.now())),
        merged: None,
    }
}
