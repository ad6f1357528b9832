//! The id of a proposal, and how many a member may have open.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::{MemberName, Place, RepoPath, ResolutionId};
use crate::digest::Digest;

use super::{Purpose, Request, Start, Wanted};
use crate::workspace::desk::Desk;
use crate::workspace::stamp::same_but_for_stamps;
use crate::workspace::{Error, assess, find};

/// Holds a member to the number of proposals that the protocol allows to be open at once.
pub(super) fn check_limit(desk: &Desk<'_>, request: &Request<'_>, start: &Start, limit: u32, by: &MemberName) -> Result<(), Error> {
    let closed = &start.assessment.judgement.ledger.closed;
    let is_over = |id: &ResolutionId| closed.contains_key(id) || request.supersedes.as_ref() == Some(id);
    let open = find::proposals(desk.repo)?.iter().filter(|proposal| proposal.by == *by && !is_over(&proposal.resolution)).count();
    // Who has lost the key cannot withdraw what is open either.
    if open >= limit as usize && request.purpose != Purpose::Recovery {
        return Err(Error::denied(
            format!("`{by}` has {open} open proposals, and the protocol allows {limit}"),
            "withdraw one: omega withdraw ID",
        ));
    }
    Ok(())
}

/// The proposal for which an id is sought.
pub(super) struct Sought<'a> {
    pub(super) title: &'a str,
    pub(super) by: &'a MemberName,
    /// What it changes; nothing, if it settles an emergency.
    pub(super) wanted: &'a BTreeMap<RepoPath, Wanted>,
    pub(super) settles: Option<Digest>,
    /// The bytes that it purges.
    pub(super) purge: &'a [Digest],
    /// Whether the Chief rules on it in the same breath.
    pub(super) at_once: bool,
    /// Whether it replaces a lost key of the Chief.
    pub(super) recovery: bool,
}

/// An id that nothing has yet; or that of the very proposal which a killed run left on its branch.
pub(super) fn choose_id(desk: &Desk<'_>, start: &Start, sought: &Sought<'_>) -> Result<(ResolutionId, bool), Error> {
    let invalid = || Error::usage("the title gives no id", "choose another --title");
    let first = ResolutionId::from_title(&desk.now().date(), sought.title).ok_or_else(invalid)?;
    let mut taken: BTreeSet<ResolutionId> = find::branches(desk.repo)?.into_keys().collect();
    taken.extend(start.assessment.evidence.folders.keys().cloned());
    let mut id = first.clone();
    for number in 2..1000 {
        if !taken.contains(&id) {
            return Ok((id, false));
        }
        if is_same(desk, &id, start, sought)? {
            return Ok((id, true));
        }
        id = first.numbered(number).ok_or_else(invalid)?;
    }
    Err(invalid())
}

fn is_same(desk: &Desk<'_>, id: &ResolutionId, start: &Start, sought: &Sought<'_>) -> Result<bool, Error> {
    let wanted = sought.wanted;
    let Some(tip) = desk.repo.find_ref(&find::branch_of(id))? else { return Ok(false) };
    if !start.repeats || desk.repo.parents(tip)? != start.basis.parents {
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
        && proposal.title == sought.title
        && proposal.settles == sought.settles
        && proposal.recovery.is_some() == sought.recovery
        && proposal.purge.as_deref().unwrap_or_default() == sought.purge
        && there.judgement.ledger.closed.contains_key(id) == sought.at_once
        && proposal.by == *sought.by
        && wanted.keys().filter(|path| ours(path)).count() == theirs.len())
}
