//! What a proposal starts from: the commits that it builds on, and the edits that it takes up.

use std::collections::BTreeMap;

use crate::canon::{RepoPath, ResolutionId, Who};
use crate::git::{Oid, Repo};
use crate::ledger::kinds::{Change, Content, FileMode, Proposal};
use crate::ledger::verdict::Standing;

use super::{Drafted, Purpose, Request, Source, Start};
use crate::workspace::assess::{Assessment, assess_beside};
use crate::workspace::desk::{Basis, Desk, Main, must_hold_but_for};
use crate::workspace::draft::{foreign, proposed_who, refuse_foreign};
use crate::workspace::files::{File, collect, collect_edits};
use crate::workspace::here::go_to;
use crate::workspace::{Error, find};

/// Edited files, and the state that they are edits of.
type Edited = (BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

/// What a proposal starts from, and what it proposes.
type Sources = (Start, BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

/// A proposal is made on the main branch, wherever its edits come from: what it brings besides them would come along with its
/// ruling.
pub(super) fn sources(desk: &Desk<'_>, request: &Request<'_>) -> Result<Sources, Error> {
    let head = desk.repo.head()?;
    let commit = head.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let from = match request.source {
        Source::Commit(from) => from,
        Source::WorkTree | Source::Drafted(_) => commit,
    };
    // What is edited there need not be ratified: the edits are what is proposed.
    let origin = desk.look_at(from)?;
    let law = origin.law()?;
    if request.purpose == Purpose::Emergency {
        // The draft of somebody's open proposal would go with it.
        refuse_foreign(desk.repo, &origin, request.supersedes.as_ref())?;
    }
    let main = desk.main(law)?;
    let earlier = request.supersedes.as_ref().map(|id| Earlier::find(desk, id, main.tip)).transpose()?;
    if let Some(earlier) = &earlier {
        earlier.may_be_superseded(desk)?;
    }
    let on_another = head.branch.as_deref().is_some_and(|name| {
        name.starts_with("refs/heads/canon/") && earlier.as_ref().is_none_or(|earlier| name != find::branch_of(earlier.id))
    });
    let from_worktree = match (&request.source, &earlier) {
        (Source::Commit(_) | Source::Drafted(_), _) => false,
        (Source::WorkTree, Some(_)) => !on_another && worktree_is_edited(desk, &origin)?,
        (Source::WorkTree, None) => true,
    };
    let Basis { tree, parents } = starting(desk, &main, earlier.as_ref())?;
    let assessment = assess_beside(Some(&origin), &desk.repo.revision(tree)?, desk.threads)?;
    desk.hold_to_pin(&assessment.judgement.ledger)?;
    must_be_whole(&assessment)?;
    if matches!(request.source, Source::WorkTree | Source::Commit(_)) {
        must_not_be_ahead(desk.repo, &origin, &assessment, &main)?;
    }
    let (edited, reference) = match (&request.source, &earlier) {
        (Source::Drafted(draft), _) => drafted_files(&assessment, draft(&assessment)?),
        (Source::WorkTree, Some(earlier)) if !from_worktree => earlier.draft(desk, &assessment, tree)?,
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
    let repeats = from_worktree || matches!(request.source, Source::Drafted(_));
    let at_hand = foreign(&origin, request.supersedes.as_ref()).filter(|_| from_worktree).cloned();
    let basis = Basis { tree, parents };
    let start = Start { basis, assessment, repeats, from_worktree, at_hand, edited_from: origin.evidence.bytes, inherited };
    Ok((start, edited, reference))
}

/// The main branch, with the records of what is superseded.
pub(super) fn starting(desk: &Desk<'_>, main: &Main, earlier: Option<&Earlier<'_>>) -> Result<Basis, Error> {
    let Some(earlier) = earlier.filter(|earlier| !earlier.tips.is_empty()) else {
        return Ok(Basis { tree: main.tip, parents: vec![main.tip] });
    };
    let records = desk.records(&earlier.tips, earlier.id, &desk.look_at(main.tip)?.judgement.ledger)?;
    Ok(Basis { tree: desk.repo.write_tree(Some(main.tip), &records)?, parents: vec![main.tip] })
}

/// What is built upon has rulings that all hold; which governed files differ from them is another matter.
fn must_be_whole(assessment: &Assessment) -> Result<(), Error> {
    must_hold_but_for(assessment, &|_| true)
}

/// The edits were made to a state that the main branch has.
fn must_not_be_ahead(repo: &Repo, origin: &Assessment, start: &Assessment, main: &Main) -> Result<(), Error> {
    let (here, there) = (&origin.judgement.ledger, &start.judgement.ledger);
    match here.head() {
        Some(head) if there.sequence_of(&head.digest).is_none() => {
            let short = main.name.trim_start_matches("refs/heads/");
            let sequence = here.last().unwrap_or_default();
            Err(Error::denied(
                format!("the edits are made to ruling {sequence}, and `{short}` does not have it"),
                format!("bring `{short}` up to date first: {}; git pull", go_to(repo, short)),
            ))
        }
        _ => Ok(()),
    }
}

/// A draft as if somebody had edited just these files.
fn drafted_files(start: &Assessment, files: Drafted) -> Edited {
    let (mut edited, mut reference) = Edited::default();
    for (path, bytes) in files {
        let content = start.judgement.ledger.content(&path);
        if let Some(content) = content {
            reference.insert(path.clone(), content);
        }
        if let Some(bytes) = bytes {
            edited.insert(path, File { mode: content.map_or(FileMode::File, |content| content.mode), bytes });
        }
    }
    (edited, reference)
}

/// A proposal that is to be superseded, as the place knows it that knows most of it.
pub(super) struct Earlier<'a> {
    id: &'a ResolutionId,
    assessment: Assessment,
    /// The commits that hold it; none, if the main branch holds its ruling.
    pub(super) tips: Vec<Oid>,
}

impl<'a> Earlier<'a> {
    pub(super) fn find(desk: &Desk<'_>, id: &'a ResolutionId, main: Oid) -> Result<Self, Error> {
        let assessment = desk.look_at(main)?;
        if assessment.judgement.ledger.closed.contains_key(id) {
            return Ok(Self { id, assessment, tips: Vec::new() });
        }
        let tips = desk.locate(id)?.tips;
        let assessment = desk.look_at(tips[0])?;
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
                format!("omega propose --supersedes {newer}"),
            ));
        }
        if self.assessment.judgement.ledger.is_approved(id) {
            return Err(Error::denied(format!("{id} is ratified"), "propose the next change on its own: omega propose"));
        }
        match self.proposal().filter(|_| standing.is_some()) {
            Some(proposal) if proposal.by != desk.member(self.assessment.law()?)?.name => Err(Error::denied(
                format!("only `{}`, who proposed {id}, can supersede it before it is ruled", proposal.by),
                format!("omega show {id}"),
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
