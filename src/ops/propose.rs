//! From edits to a signed proposal on a branch of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::canon::policy::{self, IdentityCore};
use crate::canon::{Place, RepoPath, ResolutionId, Risk, Who, front, layout, text};
use crate::council::floor;
use crate::digest::Digest;
use crate::git::{Edit, Oid};
use crate::ledger::evidence::read_one;
use crate::ledger::kinds::{Change, Content, FileMode, Proposal};
use crate::ledger::law;
use crate::ledger::verdict::Standing;
use crate::tree::{Mode, Tree};

use super::assess::Assessment;
use super::carry::carry;
use super::desk::{Basis, Desk, Edits, Publication, message, put, remove};
use super::edits::{File, collect};
use super::next::{NextStep, next_steps};
use super::report::Made;
use super::stamp::{Stamps, is_document_fact, same_but_for_stamps};
use super::{Error, attributes, find};

/// What is to be proposed.
pub struct Request {
    /// One line that says what it does.
    pub title: String,
    /// The case for it, in Markdown.
    pub reason: String,
    /// The risk; nothing for the least that is allowed.
    pub risk: Option<Risk>,
    /// A commit whose governed edits are proposed; nothing for those of the work tree.
    pub from: Option<Oid>,
    /// The proposal that this one stands in the place of.
    pub supersedes: Option<ResolutionId>,
}

/// A change with its bytes, for showing before anything is signed.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What changes.
    pub change: Change,
    /// The ratified bytes.
    pub before: Option<Vec<u8>>,
    /// The proposed bytes, stamped.
    pub after: Option<Vec<u8>>,
}

/// A proposal that can be signed.
pub struct Plan {
    /// Its id.
    pub id: ResolutionId,
    /// Its risk.
    pub risk: Risk,
    /// The least risk that what it touches allows.
    pub floor: Risk,
    /// What it changes, sorted by path.
    pub changes: Vec<Planned>,
    /// The files that were ratified anew since they were edited: both changes are in the draft.
    pub carried: Vec<RepoPath>,
    /// The globs that become governed.
    entering: Vec<String>,
    start: Start,
    /// A branch that a killed run left, with the very same proposal.
    existing: bool,
}

/// What the proposal's branch starts from.
struct Start {
    basis: Basis,
    assessment: Assessment,
    from_worktree: bool,
    /// The bytes of the state that the edits were made to, as far as it is another one.
    edited_from: BTreeMap<Digest, Vec<u8>>,
}

/// What was proposed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Proposed {
    /// The record that was made.
    #[serde(flatten)]
    pub made: Made,
    /// The title.
    pub title: String,
    /// Its risk.
    pub risk: Risk,
    /// What it changes.
    pub changes: Vec<Change>,
    /// The files that were ratified anew since they were edited: both changes are in the draft.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<RepoPath>,
    /// Who acts next.
    pub next: Vec<NextStep>,
}

/// Finds the governed edits, stamps them, and says what would be proposed. Writes nothing.
///
/// # Errors
/// Denied, if there is nothing to propose or the canon does not allow it.
pub fn plan(desk: &Desk<'_>, request: &Request) -> Result<Plan, Error> {
    check_title(&request.title)?;
    let (start, edited, reference) = sources(desk, request)?;
    let ledger = &start.assessment.judgement.ledger;
    let law = start.assessment.law()?;
    let member = desk.member(law)?;
    let who = proposed_who(&edited, law.who.clone())?;
    let mut wanted = wanted_changes(&start.assessment, &reference, &edited, &who);
    let carried = carry_over(request, &start, &reference, &mut wanted)?;
    if wanted.is_empty() {
        let hint = if request.from.is_some() {
            "choose a commit that changes governed files"
        } else {
            "edit a document under canon/ or another governed file first"
        };
        return Err(Error::denied("there is nothing to propose: every governed file is as ratified", hint));
    }
    check_limit(desk, request, &start, law.protocol.limits.open_per_member, &member.name)?;
    let (id, existing) = choose_id(desk, request, &start, &wanted, &member.name)?;
    let stamps = Stamps { ledger, resolution: &id, chief: &law.roster.chief().name, now: desk.now() };
    let mut changes: Vec<Planned> = Vec::new();
    for (path, after) in wanted {
        let mut planned = |path: RepoPath, file: Option<File>, released: bool| {
            let before = ledger.content(&path);
            changes.push(Planned {
                change: Change {
                    mode: file.as_ref().map(|file| file.mode),
                    before: before.map(|content| content.digest),
                    after: file.as_ref().map(|file| file.content().digest),
                    released: released.then_some(true),
                    path,
                },
                before: before.and_then(|content| start.assessment.evidence.bytes.get(&content.digest).cloned()),
                after: file.map(|file| file.bytes),
            });
        };
        let place = Place::of(&path);
        match (place, after) {
            (Some(Place::Document(name)), Wanted::File(file)) => {
                let bytes = stamps.document(&name, &path, &file.bytes)?;
                let (fact, entry) = stamps.fact(&name, &bytes)?;
                planned(path, Some(File { mode: FileMode::File, bytes }), false);
                planned(fact, Some(File { mode: FileMode::File, bytes: entry }), false);
            }
            (Some(Place::Document(name)), Wanted::Nothing) => {
                planned(path, None, false);
                planned(layout::fact_of(&name), None, false);
            }
            (Some(Place::Entry(domain, key)), Wanted::File(file)) => {
                // The facts of documents are written with their document, and only then.
                if is_document_fact(&path) {
                    continue;
                }
                let bytes = stamps.entry(domain, &key, &path, &file.bytes)?;
                planned(path, Some(File { mode: FileMode::File, bytes }), false);
            }
            (_, Wanted::File(file)) => planned(path, Some(file), false),
            (_, Wanted::Nothing) => planned(path, None, false),
            (_, Wanted::Released) => planned(path, None, true),
        }
    }
    changes.sort_by(|a, b| a.change.path.cmp(&b.change.path));
    changes.dedup_by(|a, b| a.change.path == b.change.path);
    if changes.is_empty() {
        return Err(Error::denied(
            "there is nothing to propose: the entries of documents change with their documents",
            "edit the document instead",
        ));
    }
    let floor = floor::of_paths(&law.protocol.risk, changes.iter().map(|c| (&c.change.path, c.change.before.is_none())));
    let risk = request.risk.unwrap_or(floor);
    if risk < floor {
        return Err(Error::denied(
            format!("{risk} risk is too low: what this touches demands {floor}"),
            format!("leave --risk out, or say --risk {floor}"),
        ));
    }
    let entering = who.0.iter().filter(|glob| !law.who.0.contains(glob)).map(|glob| glob.as_str().to_owned()).collect();
    Ok(Plan { id, risk, floor, changes, carried, entering, start, existing })
}

/// The title is shown in one line everywhere, and gives the id.
fn check_title(title: &str) -> Result<(), Error> {
    let refuse = |why: &str| Err(Error::usage(format!("the title {why}"), "--title \"One line that says what it does\""));
    match title.trim() {
        "" => refuse("is empty"),
        title if title.chars().any(text::is_hidden) => refuse("has characters that do not show"),
        title if title.chars().count() > 200 => refuse("is longer than 200 characters"),
        _ => Ok(()),
    }
}

/// Signs a plan and writes it: one commit on its own branch, which becomes the one that is checked out
/// where the edits came from the work tree.
pub fn propose(desk: &Desk<'_>, request: &Request, plan: &Plan) -> Result<Proposed, Error> {
    let start = &plan.start;
    let law = start.assessment.law()?;
    let by = desk.member(law)?.name.clone();
    let branch = find::branch_of(&plan.id);
    let overwrites: Vec<RepoPath> = plan.changes.iter().map(|c| c.change.path.clone()).collect();
    let (commit, assessment) = if plan.existing {
        let commit = desk.repo.find_ref(&branch)?.ok_or_else(|| Error::usage(format!("the branch `{branch}` is gone"), "propose again"))?;
        (commit, desk.assess(commit)?)
    } else {
        let edits = write_edits(desk, request, plan)?;
        let publication = Publication {
            branch: &branch,
            tip: None,
            basis: &start.basis,
            edits: &edits,
            message: message(&plan.id, "proposal", &by, "proposal"),
        };
        let commit = desk.commit(&publication)?;
        let assessment = desk.assess(commit)?;
        must_be_ratifiable(&assessment, &plan.id)?;
        desk.advance(&branch, None, commit, &publication.message, &[])?;
        (commit, assessment)
    };
    if start.from_worktree && !desk.repo.is_bare() {
        desk.switch(&branch, &overwrites)?;
    }
    let examined = assessment.examine(&plan.id)?;
    Ok(Proposed {
        made: Made { resolution: plan.id.clone(), by, branch, commit: commit.to_string() },
        title: examined.proposal.record().title.clone(),
        risk: plan.risk,
        changes: examined.proposal.record().changes.clone(),
        carried: plan.carried.clone(),
        next: next_steps(&assessment, &examined),
    })
}

/// Nobody shall vote on what no ruling could ever ratify: the state that it leads to is held to be valid.
fn must_be_ratifiable(assessment: &Assessment, id: &ResolutionId) -> Result<(), Error> {
    let examined = assessment.examine(id)?;
    let proposal = examined.proposal.record();
    let changes = proposal.changes.iter().map(|change| (change.path.clone(), change.content())).collect();
    law::after(&assessment.judgement.ledger, &changes, proposal, &assessment.evidence.bytes).map(drop).map_err(|finding| {
        Error::usage(format!("no ruling could ratify this: {}: {}", finding.path, finding.message), "mend it, and propose again")
    })
}

fn write_edits(desk: &Desk<'_>, request: &Request, plan: &Plan) -> Result<Edits, Error> {
    let start = &plan.start;
    let ledger = &start.assessment.judgement.ledger;
    let mut edits = Edits::new();
    if let Some(earlier) =
        request.supersedes.as_ref().and_then(|id| start.assessment.evidence.folders.get(id)).and_then(|folder| folder.proposal.as_ref())
    {
        super::rule::restore(&start.assessment, earlier.record(), &mut edits);
    }
    if !plan.entering.is_empty() {
        attributes::append(desk.repo, start.basis.tree, &attributes::lines_for(&plan.entering), &mut edits)?;
    }
    let record = Proposal {
        omega: 1,
        kind: "proposal".into(),
        canon: ledger.root(),
        resolution: plan.id.clone(),
        by: desk.member(start.assessment.law()?)?.name.clone(),
        at: desk.now(),
        title: request.title.trim().to_owned(),
        risk: plan.risk,
        base: ledger.head().map(|head| head.digest),
        changes: plan.changes.iter().map(|planned| planned.change.clone()).collect(),
        supersedes: request.supersedes.clone(),
        settles: None,
        purge: None,
        recovery: None,
    };
    desk.record(&mut edits, &record, &request.reason)?;
    for planned in &plan.changes {
        let path = &planned.change.path;
        match (&planned.after, planned.change.after) {
            (Some(bytes), Some(digest)) => {
                put(&mut edits, &layout::bytes(&digest), bytes.clone());
                let mode = match planned.change.mode {
                    Some(FileMode::Exec) => Mode::Exec,
                    Some(FileMode::Link) => Mode::Link,
                    _ => Mode::File,
                };
                edits.insert(path.as_str().as_bytes().to_vec(), Edit::Put { mode, bytes: bytes.clone() });
            }
            _ if planned.change.is_release() => {}
            _ => remove(&mut edits, path),
        }
    }
    Ok(edits)
}

/// Edited files, and the state that they are edits of.
type Draft = (BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

/// What a proposal starts from, and what it proposes.
type Sources = (Start, BTreeMap<RepoPath, File>, BTreeMap<RepoPath, Content>);

fn sources(desk: &Desk<'_>, request: &Request) -> Result<Sources, Error> {
    let head = desk.repo.head()?;
    let commit = head.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let on_canon_branch = head.branch.as_deref().is_some_and(|name| name.starts_with("refs/heads/canon/"));
    // A commit that brings edits differs from its own state, and need not hold.
    let origin = match request.from {
        Some(from) => desk.look_at(from)?,
        None => desk.assess(commit)?,
    };
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
    let mut tips = vec![if on_canon_branch || earlier.is_some() || !from_worktree { main.unwrap_or(commit) } else { commit }];
    tips.extend(earlier.iter().flat_map(|earlier| earlier.tips.iter().copied()));
    let drafted: BTreeSet<&RepoPath> = earlier.iter().flat_map(|earlier| earlier.changes()).map(|change| &change.path).collect();
    let basis = desk.basis_with(&tips, &|path| drafted.iter().any(|drafted| drafted.as_str().as_bytes() == path))?;
    let assessment = desk.assess(basis.tree)?;
    let foreign = assessment.judgement.drafts.iter().find(|draft| Some(&draft.resolution) != request.supersedes.as_ref());
    if let Some(draft) = foreign {
        return Err(Error::denied(
            format!("this branch holds the open proposal {}", draft.resolution),
            format!(
                "propose from the main branch: git switch {}; or carry that one over: omega canon propose --supersedes {}",
                law.protected_refs[0].trim_start_matches("refs/heads/"),
                draft.resolution
            ),
        ));
    }
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
    Ok((Start { basis, assessment, from_worktree, edited_from: origin.evidence.bytes }, edited, reference))
}

/// A proposal that is to be superseded, as the place knows it that knows most of it.
struct Earlier<'a> {
    id: &'a ResolutionId,
    assessment: Assessment,
    /// The commits that hold it; none, if the main branch holds its ruling.
    tips: Vec<Oid>,
}

impl<'a> Earlier<'a> {
    fn find(desk: &Desk<'_>, id: &'a ResolutionId, main: Option<Oid>) -> Result<Self, Error> {
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

    fn may_be_superseded(&self, desk: &Desk<'_>) -> Result<(), Error> {
        let id = self.id;
        let standing = self.assessment.standing(id);
        let newer = match standing {
            Some(Standing::Superseded(newer)) => Some(newer.clone()),
            // The newer one has a branch of its own, which this one knows nothing of.
            Some(_) => on_branches(desk)?
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

fn worktree_is_edited(desk: &Desk<'_>, head: &Assessment) -> Result<bool, Error> {
    let files = collect(&desk.repo.worktree()?, &[&head.law()?.who])?;
    let ledger = &head.judgement.ledger;
    Ok(files.iter().any(|(path, file)| ledger.content(path) != Some(file.content()))
        || ledger.paths().any(|(path, _)| !files.contains_key(path)))
}

/// What `who` would be: that of the edited identity document.
fn proposed_who(edited: &BTreeMap<RepoPath, File>, current: Who) -> Result<Who, Error> {
    let path = layout::document(&"OMEGA_IDENTITY".parse().expect("a document name"));
    match edited.get(&path) {
        Some(file) => policy::read::<IdentityCore>(&file.bytes)
            .map(|core| core.who)
            .map_err(|error| Error::usage(format!("`{path}` is not valid: {error}"), "mend it, and propose again")),
        None => Ok(current),
    }
}

/// Makes each edit to the file as it is ratified now, if that is not the one that was edited: a proposal
/// shall not silently undo what was ratified meanwhile.
fn carry_over(
    request: &Request,
    start: &Start,
    reference: &BTreeMap<RepoPath, Content>,
    wanted: &mut BTreeMap<RepoPath, Wanted>,
) -> Result<Vec<RepoPath>, Error> {
    let ledger = &start.assessment.judgement.ledger;
    let bytes = |content: Option<Content>| {
        let digest = content?.digest;
        start.assessment.evidence.bytes.get(&digest).or_else(|| start.edited_from.get(&digest)).map(Vec::as_slice)
    };
    let mut carried = Vec::new();
    for (path, wanted) in wanted.iter_mut() {
        let (base, current) = (reference.get(path).copied(), ledger.content(path));
        if is_document_fact(path)
            || matches!(wanted, Wanted::Released)
            || base.map(|base| base.digest) == current.map(|current| current.digest)
        {
            continue;
        }
        let merged = match wanted {
            Wanted::File(file) => carry(path, bytes(base), bytes(current), &file.bytes).map(|bytes| File { mode: file.mode, bytes }),
            _ => None,
        };
        let file = merged.ok_or_else(|| {
            let ruling = ledger.since(path).map_or_else(String::new, |sequence| format!(" by ruling {sequence}"));
            let again = request.supersedes.as_ref().map_or_else(String::new, |id| format!(" --supersedes {id}"));
            Error::denied(
                format!("`{path}` was changed{ruling} since the draft was made, in the same places"),
                format!("edit it on the main branch, and propose that: omega canon propose{again}"),
            )
        })?;
        *wanted = Wanted::File(file);
        carried.push(path.clone());
    }
    wanted.retain(|path, wanted| !matches!(wanted, Wanted::File(file) if Some(file.content()) == ledger.content(path)));
    Ok(carried)
}

enum Wanted {
    File(File),
    Nothing,
    Released,
}

/// Every path that the editor changed against the reference, as far as it also differs from the state
/// that judges; and every path that enters or leaves by a change of `who`.
fn wanted_changes(
    start: &Assessment,
    reference: &BTreeMap<RepoPath, Content>,
    edited: &BTreeMap<RepoPath, File>,
    who: &Who,
) -> BTreeMap<RepoPath, Wanted> {
    let ledger = &start.judgement.ledger;
    let mut wanted = BTreeMap::new();
    let paths: BTreeSet<&RepoPath> = reference.keys().chain(edited.keys()).collect();
    for path in paths {
        if !path.is_canon() && !who.matches(path.as_str()) {
            continue;
        }
        let file = edited.get(path);
        let content = file.map(File::content);
        if content == reference.get(path).copied() || content == ledger.content(path) {
            continue;
        }
        wanted.insert(path.clone(), file.map_or(Wanted::Nothing, |file| Wanted::File(file.clone())));
    }
    for (path, _) in ledger.paths().filter(|(path, _)| !path.is_canon() && !who.matches(path.as_str())) {
        wanted.insert(path.clone(), Wanted::Released);
    }
    wanted
}

fn check_limit(desk: &Desk<'_>, request: &Request, start: &Start, limit: u32, by: &crate::canon::MemberName) -> Result<(), Error> {
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
fn on_branches(desk: &Desk<'_>) -> Result<Vec<Proposal>, Error> {
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
fn choose_id(
    desk: &Desk<'_>,
    request: &Request,
    start: &Start,
    wanted: &BTreeMap<RepoPath, Wanted>,
    by: &crate::canon::MemberName,
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
    by: &crate::canon::MemberName,
) -> Result<bool, Error> {
    let Some(tip) = desk.repo.find_ref(&find::branch_of(id))? else { return Ok(false) };
    if !start.from_worktree || desk.repo.parents(tip)? != start.basis.parents {
        return Ok(false);
    }
    let tree = desk.repo.revision(tip)?;
    let there = super::assess::assess(&tree, desk.threads)?;
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
