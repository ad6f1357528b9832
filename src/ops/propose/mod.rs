//! From edits to a signed proposal on a branch of its own.

mod carry;
mod emergency;
mod id;
pub(super) mod settle;
mod sources;
mod wanted;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::{MemberName, Place, RepoPath, ResolutionId, Risk, layout, text};
use crate::council::floor;
use crate::digest::Digest;
use crate::git::{Edit, Oid};
use crate::ledger::kinds::{Change, FileMode, Proposal};
use crate::ledger::law;
use crate::tree::Mode;

use super::assess::Assessment;
use super::desk::{Basis, Desk, Edits, Publication, message, put, remove};
use super::edits::File;
use super::next::{NextStep, next_steps};
use super::report::Made;
use super::stamp::{Stamps, is_document_fact};
use super::{Error, attributes, find};

use carry::carry_over;
use id::{Sought, check_limit, choose_id};
use sources::{proposed_who, sources};
use wanted::{Wanted, wanted_changes};

pub(super) use sources::worktree_is_edited;

/// What a proposal is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To change governed files, if the council agrees.
    Change,
    /// To change governed files at once, by the Chief alone.
    Emergency,
    /// To confirm or undo an emergency: its resolution or a part of that, or the digest of its ruling.
    Settlement(String),
    /// To undo an emergency by the Chief alone, named in the same way.
    Expiry(String),
}

/// What is to be proposed.
pub struct Request {
    /// What it is for.
    pub purpose: Purpose,
    /// One line that says what it does. What settles an emergency or supersedes a proposal may leave it
    /// empty: it is named after that.
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
    /// Its title.
    pub title: String,
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
    /// The emergency ruling that it confirms or undoes.
    pub settles: Option<Digest>,
    pub(super) start: Start,
    /// A branch that a killed run left, with the very same proposal.
    pub(super) existing: bool,
}

/// What the proposal's branch starts from.
pub(super) struct Start {
    pub(super) basis: Basis,
    pub(super) assessment: Assessment,
    pub(super) from_worktree: bool,
    /// The bytes of the state that the edits were made to, as far as it is another one.
    edited_from: BTreeMap<Digest, Vec<u8>>,
    /// The title of the proposal that it stands in the place of.
    inherited: Option<String>,
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
    if let Some(target) = settle::target(desk, request)? {
        return settle::plan(desk, request, &target);
    }
    if request.supersedes.is_none() || !request.title.trim().is_empty() {
        check_title(&request.title)?;
    }
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
    if request.purpose == Purpose::Emergency {
        emergency::allow(&start.assessment, &member.name, &who, wanted.keys())?;
    } else {
        check_limit(desk, request, &start, law.protocol.limits.open_per_member, &member.name)?;
    }
    let title = match request.title.trim() {
        "" => start.inherited.clone().unwrap_or_default(),
        title => title.to_owned(),
    };
    check_title(&title)?;
    let at_once = request.purpose == Purpose::Emergency;
    let sought = Sought { title: &title, by: &member.name, wanted: &wanted, settles: None, at_once };
    let (id, existing) = choose_id(desk, &start, &sought)?;
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
    let risk = risk_above(floor, request.risk)?;
    let entering = who.0.iter().filter(|glob| !law.who.0.contains(glob)).map(|glob| glob.as_str().to_owned()).collect();
    Ok(Plan { id, title, risk, floor, changes, carried, entering, settles: None, start, existing })
}

/// The declared risk, which is at least the floor; the floor, where none is declared.
fn risk_above(floor: Risk, declared: Option<Risk>) -> Result<Risk, Error> {
    match declared {
        Some(risk) if risk < floor => Err(Error::denied(
            format!("{risk} risk is too low: what this touches demands {floor}"),
            format!("leave --risk out, or say --risk {floor}"),
        )),
        declared => Ok(declared.unwrap_or(floor)),
    }
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
        let edits = write_edits(desk, request, plan, &by)?;
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
pub(super) fn must_be_ratifiable(assessment: &Assessment, id: &ResolutionId) -> Result<(), Error> {
    let examined = assessment.examine(id)?;
    let proposal = examined.proposal.record();
    let changes = proposal.changes.iter().map(|change| (change.path.clone(), change.content())).collect();
    law::after(&assessment.judgement.ledger, &changes, proposal, &assessment.evidence.bytes).map(drop).map_err(|finding| {
        Error::usage(format!("no ruling could ratify this: {}: {}", finding.path, finding.message), "mend it, and propose again")
    })
}

/// The signed proposal with the bytes and drafts that it brings.
pub(super) fn write_edits(desk: &Desk<'_>, request: &Request, plan: &Plan, by: &MemberName) -> Result<Edits, Error> {
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
        by: by.clone(),
        at: desk.now(),
        title: plan.title.clone(),
        risk: plan.risk,
        base: ledger.head().map(|head| head.digest),
        changes: plan.changes.iter().map(|planned| planned.change.clone()).collect(),
        supersedes: request.supersedes.clone(),
        settles: plan.settles,
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
