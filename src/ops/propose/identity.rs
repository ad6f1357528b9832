//! Which id a proposal gets, and whether its member may have one more.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::{MemberName, Place, RepoPath, ResolutionId, front, layout, text};
use crate::digest::Digest;
use crate::ledger::evidence::read_one;
use crate::ledger::kinds::Proposal;
use crate::ops::desk::Desk;
use crate::ops::stamp::same_but_for_stamps;
use crate::ops::{Error, assess, find};

use super::Request;
use super::sources::{Start, Wanted};

pub(super) fn check_limit(desk: &Desk<'_>, request: &Request, start: &Start, limit: u32, by: &MemberName) -> Result<(), Error> {
    let closed = &start.assessment.judgement.ledger.closed;
    let is_over = |id: &ResolutionId| closed.contains_key(id) || request.supersedes.as_ref() == Some(id);
    let open = on_branches(desk)?.iter().filter(|proposal| proposal.by == *by && !is_over(&proposal.resolution)).count();
    if open >= limit as usize {
        return Err(Error::denied(
            format!("`{by}` has {open} open proposals, and the protocol allows {limit}"),
            "withdraw one: omega canon withdraw ID",
        ));
    }
    Ok(())
}

/// The proposals that have a branch and were not taken back there.
pub(super) fn on_branches(desk: &Desk<'_>) -> Result<Vec<Proposal>, Error> {
    let mut proposals = Vec::new();
    for (id, tips) in find::branches(desk.repo)? {
        let tree = desk.repo.revision(tips[0])?;
        let read = |name: &str| read_one(&tree, &layout::in_folder(&id, name), text::MAX_TEXT);
        if read("withdrawal.md")?.is_none() {
            proposals.extend(read("proposal.md")?.and_then(|bytes| front::parse::<Proposal>(&bytes).ok().map(|(proposal, _)| proposal)));
        }
    }
    Ok(proposals)
}

/// An id that nothing has yet; or that of the very proposal which a killed run left on its branch.
pub(super) fn choose_id(
    desk: &Desk<'_>,
    request: &Request,
    start: &Start,
    wanted: &BTreeMap<RepoPath, Wanted>,
    by: &MemberName,
) -> Result<(ResolutionId, bool), Error> {
    let invalid = || Error::usage("the title gives no id", "choose another --title");
    let first = ResolutionId::from_title(&desk.now().date(), &request.title).ok_or_else(invalid)?;
    let mut taken: BTreeSet<ResolutionId> = find::branches(desk.repo)?.into_keys().collect();
    taken.extend(start.assessment.evidence.folders.keys().cloned());
    let mut id = first.clone();
    for number in 2..1000 {
        if !taken.contains(&id) {
            return Ok((id, false));
        }
        if is_same(desk, &id, start, wanted, request, by)? {
            return Ok((id, true));
        }
        id = first.numbered(number).ok_or_else(invalid)?;
    }
    Err(invalid())
}

fn is_same(
    desk: &Desk<'_>,
    id: &ResolutionId,
    start: &Start,
    wanted: &BTreeMap<RepoPath, Wanted>,
    request: &Request,
    by: &MemberName,
) -> Result<bool, Error> {
    let Some(tip) = desk.repo.find_ref(&find::branch_of(id))? else { return Ok(false) };
    if !start.from_worktree || desk.repo.parents(tip)? != start.basis.parents {
        return Ok(false);
    }
    let tree = desk.repo.revision(tip)?;
    let there = assess::assess(&tree, desk.threads)?;
    let Some(proposal) = there.evidence.folders.get(id).and_then(|folder| folder.proposal.as_ref()).map(|p| p.record()) else {
        return Ok(false);
    };
    let ours = |path: &RepoPath| !matches!(Place::of(path), Some(Place::Entry(..)));
    let theirs: BTreeMap<&RepoPath, Option<Digest>> =
        proposal.changes.iter().filter(|c| ours(&c.path)).map(|c| (&c.path, c.after)).collect();
    let same = wanted.iter().filter(|(path, _)| ours(path)).all(|(path, wanted)| match (theirs.get(path), wanted) {
        (Some(Some(digest)), Wanted::File(file)) => {
            there.evidence.bytes.get(digest).is_some_and(|bytes| same_but_for_stamps(bytes, &file.bytes))
        }
        (Some(None), Wanted::Nothing | Wanted::Released) => true,
        _ => false,
    });
    Ok(same
        && proposal.title == request.title.trim()
        && proposal.by == *by
        && wanted.keys().filter(|path| ours(path)).count() == theirs.len())
}
