//! Bringing a ruling onto the main branch, and finishing what a killed run left of that.

use std::collections::BTreeSet;

use crate::canon::{MemberName, RepoPath, ResolutionId, Risk, layout};
use crate::council::tally;
use crate::git::{Edit, Oid};
use crate::ledger::kinds::Verdict;
use crate::ledger::state::Ruled;
use crate::tree::Tree as _;

use super::write::{Written, attributes_of};
use super::{Request, RuledReport};
use crate::workspace::assess::Assessment;
use crate::workspace::desk::{Basis, Desk, Docket, Main, Publication, message};
use crate::workspace::edits::Edits;
use crate::workspace::provisional::{self, MARK};
use crate::workspace::report::{CountReport, Made};
use crate::workspace::{Error, find};

/// Where a ruling goes.
pub(in super::super) struct Onto<'a> {
    /// The resolution.
    pub id: &'a ResolutionId,
    /// Its branch.
    pub found: &'a find::Found,
    /// The main branch.
    pub main: &'a Main,
    /// What is on its branch and does not belong to it.
    pub left: &'a BTreeSet<String>,
    /// Whether the main branch takes it up at once.
    pub merge: bool,
}

/// Writes the commit of a ruling, and moves the main branch to it, or the branch of its resolution where the main branch waits
/// for a pull request. Gives the full name of the main branch, if that took it up.
fn land(
    desk: &Desk<'_>,
    onto: &Onto<'_>,
    (tree, edits): (Oid, &Edits),
    before: &Assessment,
    message: &str,
) -> Result<(Oid, Option<String>), Error> {
    let Onto { found, main, .. } = onto;
    let merge = onto.merge && main.here.is_some();
    let write = |parents: Vec<Oid>, edits: &Edits| {
        let basis = Basis { tree, parents };
        desk.commit(&Publication { branch: &main.name, tip: main.here, basis: &basis, edits, message: message.to_owned() })
    };
    // A ruling is an ordinary commit, with one parent: a rebase would drop a merge together with what it brings itself.
    let parent = match merge {
        true => main.tip,
        false => match find::newest(desk.repo, &found.tips)?.as_slice() {
            [] => main.tip,
            [tip] if desk.repo.is_ancestor(main.tip, *tip)? => *tip,
            tips => write([&[main.tip], tips].concat(), &Edits::new())?,
        },
    };
    let commit = write(vec![parent], edits)?;
    let after = desk.assess_but_for(Some(before), commit, &|_| false)?;
    if merge {
        take_up(desk, onto, commit, (before, &after), message)?;
        return Ok((commit, Some(main.name.clone())));
    }
    desk.advance(&found.branch, found.tip, commit, message, &[])?;
    Ok((commit, None))
}

/// Lands a ruling that was written now, and tells what it did.
pub(in super::super) fn conclude(
    desk: &Desk<'_>,
    onto: &Onto<'_>,
    tree: Oid,
    before: &Assessment,
    written: Written,
) -> Result<RuledReport, Error> {
    let Written { edits, record, head, changed, count, emergency } = written;
    let message = ruling_message(onto.id, record.sequence, record.verdict, &record.by);
    let (commit, merged) = land(desk, onto, (tree, &edits), before, &message)?;
    let branch = merged.clone().unwrap_or_else(|| onto.found.branch.clone());
    Ok(RuledReport {
        made: Made { resolution: onto.id.clone(), by: record.by, branch, commit: commit.to_string() },
        verdict: record.verdict,
        sequence: record.sequence,
        head,
        root: record.canon.unwrap_or(head),
        bypass: record.bypass,
        changed,
        count,
        emergency,
        merged,
        left_behind: onto.left.iter().cloned().collect(),
    })
}

/// Moves the main branch to the commit of a ruling, and leaves the branch of its resolution. What a killed run did of that is
/// not done again.
fn take_up(desk: &Desk<'_>, onto: &Onto<'_>, commit: Oid, (before, after): (&Assessment, &Assessment), message: &str) -> Result<(), Error> {
    let Onto { id, found, main, left, .. } = onto;
    if main.tip != commit {
        let ledger = &after.judgement.ledger;
        let paths: Vec<RepoPath> = ledger.last().into_iter().flat_map(|last| ledger.changed_by(last)).cloned().collect();
        desk.advance(&main.name, main.here, commit, message, &desk.taken_up(before, after, &paths)?)?;
    }
    // All of it is on the main branch now: the branch that it was worked on has done its duty.
    let Some(at) = desk.repo.find_ref(&found.branch)?.filter(|_| found.branch == find::branch_of(id)) else { return Ok(()) };
    if !desk.is_spent(at, id, left, commit)? {
        return Ok(());
    }
    if desk.repo.head()?.branch.as_deref() == Some(&found.branch) {
        desk.switch(&main.name, &[])?;
    }
    if desk.repo.checked_out_elsewhere(&found.branch).is_none() {
        desk.retire(&found.branch, at)?;
    }
    Ok(())
}

/// A ruling that is on the main branch already: what is left is to leave the branch of its resolution.
pub(super) fn finish(
    desk: &Desk<'_>,
    docket: &Docket,
    request: &Request<'_>,
    found: &find::Found,
    sequence: u32,
) -> Result<RuledReport, Error> {
    let (id, main, assessment) = (request.id, &docket.main, &docket.assessment);
    let ruled = ruling(assessment, id, sequence)?;
    // What a killed run can leave behind is its branch, all of which the main branch contains.
    let tip = found.tip.filter(|_| found.branch == find::branch_of(id) && main.here.is_some());
    let is_left = match tip {
        Some(tip) => desk.is_spent(tip, id, &docket.left, main.tip)?,
        None => false,
    };
    // Or this run has just brought its commit into the work tree.
    let is_finished = desk.resumed == Some(main.tip);
    if !(is_left || is_finished) || !is_asked_for(request, ruled) {
        return Err(closed_already(id, sequence, ruled));
    }
    let onto = Onto { id, found, main, left: &docket.left, merge: true };
    take_up(desk, &onto, main.tip, (assessment, assessment), "")?;
    Ok(RuledReport { merged: Some(main.name.clone()), ..report(desk, assessment, id, ruled, sequence, found, main.tip) })
}

/// A ruling that is on the branch of its resolution alone: the main branch takes up what it says.
pub(super) fn bring(
    desk: &Desk<'_>,
    docket: &Docket,
    request: &Request<'_>,
    found: &find::Found,
    sequence: u32,
) -> Result<RuledReport, Error> {
    let (id, main, branch) = (request.id, &docket.main, &docket.branch);
    let ruled = ruling(branch, id, sequence)?;
    if !is_asked_for(request, ruled) {
        return Err(closed_already(id, sequence, ruled));
    }
    if docket.assessment.judgement.ledger.last().map_or(0, |last| last + 1) != sequence {
        return Err(Error::denied(
            format!("the main branch has other rulings since ruling {sequence} was made on `{}`", short(&found.branch)),
            format!("propose it again on the newest state: omega propose --supersedes {id}"),
        ));
    }
    let mut edits = ruled_files(desk, branch, found.tips[0], id, sequence)?;
    let written: Vec<&RepoPath> =
        branch.judgement.ledger.changed_by(sequence).filter(|path| branch.judgement.ledger.content(path).is_some()).collect();
    attributes_of(desk, docket.tree, (docket.assessment.law()?, branch.law()?), written.into_iter(), &mut edits)?;
    let text = ruling_message(id, sequence, ruled.verdict, &ruled.by);
    let onto = Onto { id, found, main, left: &docket.left, merge: true };
    let (commit, merged) = land(desk, &onto, (docket.tree, &edits), &docket.assessment, &text)?;
    let left_behind = docket.left.iter().cloned().collect();
    Ok(RuledReport { merged, left_behind, ..report(desk, branch, id, ruled, sequence, found, commit) })
}

/// All files that a ruling writes, as a commit holds them.
fn ruled_files(desk: &Desk<'_>, branch: &Assessment, from: Oid, id: &ResolutionId, sequence: u32) -> Result<Edits, Error> {
    let changed: Vec<RepoPath> = branch.judgement.ledger.changed_by(sequence).cloned().collect();
    let proposal = branch.evidence.folders.get(id).and_then(|folder| folder.proposal.as_ref()).map(|proposal| proposal.record());
    let mut paths: BTreeSet<RepoPath> =
        branch.evidence.rulings.get(&sequence).into_iter().flat_map(|r| r.record().records.keys()).cloned().collect();
    paths.extend([layout::ruling(sequence), layout::ruling(sequence).signature(), layout::signers(sequence), layout::allowed_signers()]);
    paths.extend(changed.iter().filter(|path| path.is_canon()).map(RepoPath::signature));
    // A released file stays as it is on the main branch.
    let released = |path: &RepoPath| proposal.is_some_and(|p| p.changes.iter().any(|change| change.path == *path && change.is_release()));
    paths.extend(changed.into_iter().filter(|path| !released(path)));
    paths.extend(proposal.into_iter().flat_map(|p| p.purge.iter().flatten()).map(layout::bytes));
    let on_the_way = |folder: &[u8]| paths.iter().any(|path| path.as_str().as_bytes().starts_with(&[folder, b"/"].concat()));
    let listing = desk.repo.revision(from)?.list(&on_the_way)?;
    let held = |path: &RepoPath| listing.entries.iter().find(|entry| entry.path == path.as_str().as_bytes());
    let edit = |path: &RepoPath| held(path).and_then(|entry| Some(Edit::Keep { mode: entry.mode, id: entry.id? })).unwrap_or(Edit::Remove);
    Ok(paths.iter().map(|path| (path.as_str().as_bytes().to_vec(), edit(path))).collect())
}

fn ruling<'a>(assessment: &'a Assessment, id: &ResolutionId, sequence: u32) -> Result<&'a Ruled, Error> {
    let ruled = assessment.judgement.ledger.rulings.get(sequence as usize).filter(|ruled| ruled.resolution == *id);
    ruled.ok_or_else(|| Error::denied(format!("{id} is closed"), format!("omega show {id}")))
}

fn is_asked_for(request: &Request<'_>, ruled: &Ruled) -> bool {
    request.merge && ruled.verdict == request.verdict
}

fn closed_already(id: &ResolutionId, sequence: u32, ruled: &Ruled) -> Error {
    Error::denied(format!("ruling {sequence} closed {id} already: {}", ruled.verdict.as_str()), format!("omega show {id}"))
}

fn short(branch: &str) -> &str {
    branch.trim_start_matches("refs/heads/")
}

/// The message of the commit that brings a ruling.
fn ruling_message(id: &ResolutionId, sequence: u32, verdict: Verdict, by: &MemberName) -> String {
    let mark = if verdict == Verdict::Emergency { format!("{MARK} ") } else { String::new() };
    message(id, &format!("{mark}ruling {sequence} {}", verdict.as_str()), by, "ruling")
}

/// What a ruling that is there already did.
fn report(
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
        left_behind: Vec::new(),
    }
}
