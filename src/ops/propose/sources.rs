//! What a proposal starts from: the commits that it builds on, and the edits that it takes up.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::policy::{self, IdentityCore};
use crate::canon::{Place, RepoPath, ResolutionId, Who, layout};
use crate::git::Oid;
use crate::ledger::kinds::{Change, Content, FileMode, Proposal};
use crate::ledger::state::Law;
use crate::ledger::verdict::Standing;

use super::super::assess::Assessment;
use super::super::desk::Desk;
use super::super::edits::{File, collect, collect_edits};
use super::super::stamp::same_but_for_stamps;
use super::super::{Error, find};
use super::{Drafted, Purpose, Request, Source, Start};

/// Edited files, and the state that they are edits of.
type Edited = (BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

/// What a proposal starts from, and what it proposes.
type Sources = (Start, BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

pub(super) fn sources(desk: &Desk<'_>, request: &Request<'_>) -> Result<Sources, Error> {
    let head = desk.repo.head()?;
    let commit = head.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let on_canon_branch = head.branch.as_deref().is_some_and(|name| name.starts_with("refs/heads/canon/"));
    // A commit that brings edits differs from its own state, and need not hold.
    let origin = match request.source {
        Source::Commit(from) => desk.look_at(from)?,
        Source::WorkTree | Source::Drafted(_) => desk.assess(commit)?,
    };
    if request.purpose == Purpose::Emergency {
        // The draft of somebody's open proposal would go with it.
        refuse_foreign(&origin, request.supersedes.as_ref())?;
    }
    let law = origin.law()?;
    let main = desk.repo.find_ref(&law.protected_refs[0])?;
    let earlier = request.supersedes.as_ref().map(|id| Earlier::find(desk, id, main)).transpose()?;
    if let Some(earlier) = &earlier {
        earlier.may_be_superseded(desk)?;
    }
    let from_worktree = match (&request.source, &earlier) {
        (Source::Commit(_) | Source::Drafted(_), _) => false,
        (Source::WorkTree, Some(earlier)) => {
            (head.branch == Some(find::branch_of(earlier.id)) || !on_canon_branch) && worktree_is_edited(desk, &origin)?
        }
        (Source::WorkTree, None) => true,
    };
    let is_draft = matches!(request.source, Source::Drafted(_));
    // What is drafted takes the work tree along like an edit; a recovery leaves everything where it is.
    let switches = from_worktree || (is_draft && request.purpose != Purpose::Recovery);
    // The state that the proposal is judged by: that of the main branch, or of the branch at hand.
    // An emergency goes onto the main branch at once, and takes nothing along that is not there.
    let elsewhere = on_canon_branch || earlier.is_some() || !switches || request.purpose == Purpose::Emergency;
    let mut tips = vec![if elsewhere { main.unwrap_or(commit) } else { commit }];
    tips.extend(earlier.iter().flat_map(|earlier| earlier.tips.iter().copied()));
    let drafted: BTreeSet<&RepoPath> = earlier.iter().flat_map(|earlier| earlier.changes()).map(|change| &change.path).collect();
    let basis = desk.basis_with(&tips, &|path| drafted.iter().any(|drafted| drafted.as_str().as_bytes() == path))?;
    let assessment = desk.assess(basis.tree)?;
    refuse_foreign(&assessment, request.supersedes.as_ref())?;
    let (edited, reference) = match (&request.source, &earlier) {
        (Source::Drafted(draft), _) => {
            let files = draft(&assessment)?;
            if switches && !desk.repo.is_bare() {
                must_hold_nothing_else(desk, &origin, &files)?;
            }
            drafted_files(&assessment, files)
        }
        (Source::WorkTree, Some(earlier)) if !from_worktree => earlier.draft(desk, &assessment, basis.tree)?,
        (source, _) => {
            let gather = |who: &[&Who]| match source {
                Source::Commit(from) => collect(&desk.repo.revision(*from)?, who),
                _ => collect_edits(&desk.repo.worktree()?, who),
            };
            let first = gather(&[&law.who])?;
            let who = proposed_who(&first, law.who.clone())?;
            let edited = if who == law.who { first } else { gather(&[&law.who, &who])? };
            (edited, origin.judgement.ledger.paths().map(|(path, content)| (path.clone(), content)).collect())
        }
    };
    let inherited = earlier.as_ref().and_then(Earlier::proposal).map(|proposal| proposal.title.clone());
    let repeats = from_worktree || is_draft;
    let at_hand = foreign(&origin, request.supersedes.as_ref()).filter(|_| from_worktree).cloned();
    let start = Start { basis, assessment, switches, repeats, at_hand, edited_from: origin.evidence.bytes, inherited };
    Ok((start, edited, reference))
}

/// No proposal takes the draft of another one along.
pub(in super::super) fn refuse_foreign(assessment: &Assessment, own: Option<&ResolutionId>) -> Result<(), Error> {
    match foreign(assessment, own) {
        Some(id) => Err(holds_open(id, assessment.law()?)),
        None => Ok(()),
    }
}

/// An open proposal whose draft lies there, other than the one that is superseded.
fn foreign<'a>(assessment: &'a Assessment, own: Option<&ResolutionId>) -> Option<&'a ResolutionId> {
    assessment.judgement.drafts.iter().map(|draft| &draft.resolution).find(|id| Some(*id) != own)
}

pub(super) fn holds_open(id: &ResolutionId, law: &Law) -> Error {
    Error::denied(
        format!("this branch holds the open proposal {id}"),
        format!(
            "propose from the main branch: git switch {}; or carry that one over: omega canon propose --supersedes {id}",
            law.protected_refs[0].trim_start_matches("refs/heads/"),
        ),
    )
}

/// A draft as if somebody had edited just these files.
fn drafted_files(start: &Assessment, files: Drafted) -> Edited {
    let (mut edited, mut reference) = Edited::default();
    for (path, bytes) in files {
        if let Some(content) = start.judgement.ledger.content(&path) {
            reference.insert(path.clone(), content);
        }
        if let Some(bytes) = bytes {
            edited.insert(path, File { mode: FileMode::File, bytes });
        }
    }
    (edited, reference)
}

/// Refuses where the work tree has governed edits besides the draft: they would look proposed, and are not.
fn must_hold_nothing_else(desk: &Desk<'_>, origin: &Assessment, drafted: &Drafted) -> Result<(), Error> {
    let law = origin.law()?;
    let ledger = &origin.judgement.ledger;
    let files = collect_edits(&desk.repo.worktree()?, &[&law.who])?;
    // A run that was killed after its checkout left the very draft there.
    let is_drafted = |path: &RepoPath, file: Option<&File>| match (drafted.get(path), file) {
        (Some(Some(bytes)), Some(file)) => same_but_for_stamps(bytes, &file.bytes),
        (Some(None), None) => true,
        _ => drafted.keys().any(|path_of| matches!(Place::of(path_of), Some(Place::Document(name)) if layout::fact_of(&name) == *path)),
    };
    let paths: BTreeSet<&RepoPath> = files.keys().chain(ledger.paths().map(|(path, _)| path)).collect();
    let others: Vec<String> = paths
        .into_iter()
        .filter(|path| files.get(*path).map(File::content) != ledger.content(path) && !is_drafted(path, files.get(*path)))
        .map(|path| format!("`{path}`"))
        .collect();
    let Some(first) = others.first() else { return Ok(()) };
    if let Some(draft) = origin.judgement.drafts.iter().find(|draft| format!("`{}`", draft.path) == *first) {
        return Err(holds_open(&draft.resolution, law));
    }
    Err(Error::denied(
        format!("other governed edits lie in the work tree: {}", others.join(", ")),
        "propose them first: omega canon propose; or put them away: git stash -u",
    ))
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
    fn draft(&self, desk: &Desk<'_>, start: &Assessment, tree: Oid) -> Result<Edited, Error> {
        let (mut edited, mut reference) = Edited::default();
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
    let files = collect_edits(&desk.repo.worktree()?, &[&head.law()?.who])?;
    let ledger = &head.judgement.ledger;
    Ok(files.iter().any(|(path, file)| ledger.content(path) != Some(file.content()))
        || ledger.paths().any(|(path, _)| !files.contains_key(path)))
}

/// What `who` would be: that of the edited identity document.
pub(in crate::ops) fn proposed_who(edited: &BTreeMap<RepoPath, File>, current: Who) -> Result<Who, Error> {
    let path = layout::document(&"OMEGA_IDENTITY".parse().expect("a document name"));
    match edited.get(&path) {
        Some(file) => policy::read::<IdentityCore>(&file.bytes)
            .map(|core| core.who)
            .map_err(|error| Error::usage(format!("`{path}` is not valid: {error}"), "mend it, and propose again")),
        None => Ok(current),
    }
}
