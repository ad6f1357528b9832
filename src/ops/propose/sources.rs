//! What a proposal starts from: the commits that it builds on, and the edits that it takes up.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::policy::{self, IdentityCore};
use crate::canon::{RepoPath, ResolutionId, Who, layout};
use crate::git::Oid;
use crate::ledger::kinds::{Change, Content, FileMode, Proposal};
use crate::ledger::verdict::Standing;
use crate::tree::Tree;

use super::super::assess::Assessment;
use super::super::desk::Desk;
use super::super::edits::{File, collect};
use super::super::{Error, find};
use super::{Purpose, Request, Start};

/// Edited files, and the state that they are edits of.
type Draft = (BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

/// What a proposal starts from, and what it proposes.
type Sources = (Start, BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

pub(super) fn sources(desk: &Desk<'_>, request: &Request) -> Result<Sources, Error> {
    let head = desk.repo.head()?;
    let commit = head.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let on_canon_branch = head.branch.as_deref().is_some_and(|name| name.starts_with("refs/heads/canon/"));
    // A commit that brings edits differs from its own state, and need not hold.
    let origin = match request.from {
        Some(from) => desk.look_at(from)?,
        None => desk.assess(commit)?,
    };
    if request.purpose == Purpose::Emergency {
        // The draft of somebody's open proposal would go with it.
        refuse_foreign(&origin, request)?;
    }
    let law = origin.law()?;
    let main = desk.repo.find_ref(&law.protected_refs[0])?;
    let earlier = request.supersedes.as_ref().map(|id| Earlier::find(desk, id, main)).transpose()?;
    if let Some(earlier) = &earlier {
        earlier.may_be_superseded(desk)?;
    }
    let from_worktree = match (&request.from, &earlier) {
        (Some(_), _) => false,
        (None, Some(earlier)) => {
            (head.branch == Some(find::branch_of(earlier.id)) || !on_canon_branch) && worktree_is_edited(desk, &origin)?
        }
        (None, None) => true,
    };
    // The state that the proposal is judged by: that of the main branch, or of the branch at hand.
    // An emergency goes onto the main branch at once, and takes nothing along that is not there.
    let elsewhere = on_canon_branch || earlier.is_some() || !from_worktree || request.purpose == Purpose::Emergency;
    let mut tips = vec![if elsewhere { main.unwrap_or(commit) } else { commit }];
    tips.extend(earlier.iter().flat_map(|earlier| earlier.tips.iter().copied()));
    let drafted: BTreeSet<&RepoPath> = earlier.iter().flat_map(|earlier| earlier.changes()).map(|change| &change.path).collect();
    let basis = desk.basis_with(&tips, &|path| drafted.iter().any(|drafted| drafted.as_str().as_bytes() == path))?;
    let assessment = desk.assess(basis.tree)?;
    refuse_foreign(&assessment, request)?;
    let (edited, reference) = match &earlier {
        Some(earlier) if !from_worktree && request.from.is_none() => earlier.draft(desk, &assessment, basis.tree)?,
        _ => {
            let tree: Box<dyn Tree> =
                if from_worktree { Box::new(desk.repo.worktree()?) } else { Box::new(desk.repo.revision(request.from.unwrap_or(commit))?) };
            let first = collect(tree.as_ref(), &[&law.who])?;
            let who = proposed_who(&first, law.who.clone())?;
            let edited = if who == law.who { first } else { collect(tree.as_ref(), &[&law.who, &who])? };
            (edited, origin.judgement.ledger.paths().map(|(path, content)| (path.clone(), content)).collect())
        }
    };
    let inherited = earlier.as_ref().and_then(Earlier::proposal).map(|proposal| proposal.title.clone());
    Ok((Start { basis, assessment, from_worktree, edited_from: origin.evidence.bytes, inherited }, edited, reference))
}

/// No proposal takes the draft of another one along.
pub(super) fn refuse_foreign(assessment: &Assessment, request: &Request) -> Result<(), Error> {
    match assessment.judgement.drafts.iter().find(|draft| Some(&draft.resolution) != request.supersedes.as_ref()) {
        Some(draft) => Err(Error::denied(
            format!("this branch holds the open proposal {}", draft.resolution),
            format!(
                "propose from the main branch: git switch {}; or carry that one over: omega canon propose --supersedes {}",
                assessment.law()?.protected_refs[0].trim_start_matches("refs/heads/"),
                draft.resolution
            ),
        )),
        None => Ok(()),
    }
}

/// A proposal that is to be superseded, as the place knows it that knows most of it.
pub(super) struct Earlier<'a> {
    id: &'a ResolutionId,
    assessment: Assessment,
    /// The commits that hold it; none, if the main branch holds its ruling.
    pub(super) tips: Vec<Oid>,
}

impl<'a> Earlier<'a> {
    pub(super) fn find(desk: &Desk<'_>, id: &'a ResolutionId, main: Option<Oid>) -> Result<Self, Error> {
        if let Some(main) = main {
            let assessment = desk.assess(main)?;
            if assessment.judgement.ledger.closed.contains_key(id) {
                return Ok(Self { id, assessment, tips: Vec::new() });
            }
        }
        let tips = desk.locate(id)?.tips;
        let assessment = desk.assess(desk.basis(&tips)?.tree)?;
        Ok(Self { id, assessment, tips })
    }

    fn proposal(&self) -> Option<&Proposal> {
        self.assessment.evidence.folders.get(self.id)?.proposal.as_ref().map(|proposal| proposal.record())
    }

    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.proposal().into_iter().flat_map(|proposal| &proposal.changes)
    }

    pub(super) fn may_be_superseded(&self, desk: &Desk<'_>) -> Result<(), Error> {
        let id = self.id;
        let standing = self.assessment.standing(id);
        let newer = match standing {
            Some(Standing::Superseded(newer)) => Some(newer.clone()),
            // The newer one has a branch of its own, which this one knows nothing of.
            Some(_) => find::proposals(desk.repo)?
                .into_iter()
                .find(|newer| newer.supersedes.as_ref() == Some(id) && self.proposal().is_some_and(|p| p.by == newer.by))
                .map(|newer| newer.resolution),
            None => None,
        };
        if let Some(newer) = newer {
            return Err(Error::denied(
                format!("{newer} stands in the place of {id} already"),
                format!("omega canon propose --supersedes {newer}"),
            ));
        }
        if self.assessment.judgement.ledger.is_approved(id) {
            return Err(Error::denied(format!("{id} is ratified"), "propose the next change on its own: omega canon propose"));
        }
        match self.proposal().filter(|_| standing.is_some()) {
            Some(proposal) if proposal.by != desk.member(self.assessment.law()?)?.name => Err(Error::denied(
                format!("only `{}`, who proposed {id}, can supersede it before it is ruled", proposal.by),
                format!("omega canon show {id}"),
            )),
            _ => Ok(()),
        }
    }

    /// Its draft, with what was ratified when it was made. A ruling may have taken the draft out of the
    /// tree; the proposed bytes stay. Files that only now become governed are taken as they lie.
    fn draft(&self, desk: &Desk<'_>, start: &Assessment, tree: Oid) -> Result<Draft, Error> {
        let (mut edited, mut reference) = Draft::default();
        for change in self.changes().filter(|change| !change.is_release()) {
            let bytes = change.after.map(|after| {
                let bytes = self.assessment.evidence.bytes.get(&after).cloned();
                bytes.ok_or_else(|| {
                    Error::denied(format!("what {} proposed for `{}` was purged", self.id, change.path), "edit the file, and propose that")
                })
            });
            if let (Some(mode), Some(bytes)) = (change.mode, bytes.transpose()?) {
                edited.insert(change.path.clone(), File { mode, bytes });
            }
            if let Some(digest) = change.before {
                let mode = start.judgement.ledger.content(&change.path).map_or(FileMode::File, |content| content.mode);
                reference.insert(change.path.clone(), Content { mode, digest });
            }
        }
        let law = start.law()?;
        let who = proposed_who(&edited, law.who.clone())?;
        if who != law.who {
            let lying = collect(&desk.repo.revision(tree)?, &[&who])?;
            edited.extend(lying.into_iter().filter(|(path, _)| !path.is_canon() && !law.who.matches(path.as_str())));
        }
        Ok((edited, reference))
    }
}

pub(in super::super) fn worktree_is_edited(desk: &Desk<'_>, head: &Assessment) -> Result<bool, Error> {
    let files = collect(&desk.repo.worktree()?, &[&head.law()?.who])?;
    let ledger = &head.judgement.ledger;
    Ok(files.iter().any(|(path, file)| ledger.content(path) != Some(file.content()))
        || ledger.paths().any(|(path, _)| !files.contains_key(path)))
}

/// What `who` would be: that of the edited identity document.
pub(super) fn proposed_who(edited: &BTreeMap<RepoPath, File>, current: Who) -> Result<Who, Error> {
    let path = layout::document(&"OMEGA_IDENTITY".parse().expect("a document name"));
    match edited.get(&path) {
        Some(file) => policy::read::<IdentityCore>(&file.bytes)
            .map(|core| core.who)
            .map_err(|error| Error::usage(format!("`{path}` is not valid: {error}"), "mend it, and propose again")),
        None => Ok(current),
    }
}
