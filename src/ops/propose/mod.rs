//! From edits to a signed proposal on a branch of its own.

mod carry;
mod emergency;
mod id;
mod purge;
pub(super) mod settle;
mod sources;
mod wanted;
mod write;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::{MemberName, Place, RepoPath, ResolutionId, Risk, layout, text};
use crate::council::floor;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::git::Oid;
use crate::keyring::Signer;
use crate::ledger::kinds::{Change, FileMode};
use crate::ledger::state::Law;
use crate::phylactery::EntryId;

use super::phylactery::Extent;
use crate::workspace::assess::Assessment;
use crate::workspace::cases::{self, DocumentShifts};
use crate::workspace::desk::{Basis, Desk, Publication, message, must_hold_but_for};
use crate::workspace::draft::{Planned, drafts, holds_open, proposed_who, refuse_foreign};
use crate::workspace::files::File;
use crate::workspace::lint::{self, ReturningLine};
use crate::workspace::next::{NextStep, next_steps};
use crate::workspace::report::Made;
use crate::workspace::stamp::{Stamps, is_document_fact};
use crate::workspace::{Error, find};

use carry::carry_over;
use id::{Sought, check_limit, choose_id};
use sources::sources;
use wanted::{Wanted, leave_out_proposed, wanted_changes};

pub(super) use write::{must_be_ratifiable, write_edits};

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
    /// To replace a lost key of the Chief. The key that signs may be the new one, and the proposed bytes
    /// are drafted nowhere in the tree until they are ruled.
    Recovery,
    /// To forget bytes of an entry for good, and the entry with them where all of it goes.
    Purge(EntryId, Extent),
}

/// What is to be proposed.
pub struct Request<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// One line that says what it does. What settles an emergency or supersedes a proposal may leave it
    /// empty: it is named after that.
    pub title: String,
    /// The case for it, in Markdown.
    pub reason: String,
    /// The risk; nothing for the least that is allowed.
    pub risk: Option<Risk>,
    /// Where the proposed bytes come from.
    pub source: Source<'a>,
    /// The proposal that this one stands in the place of.
    pub supersedes: Option<ResolutionId>,
    /// Added keys that are at hand, and enrol with the proposal.
    pub enrol: &'a [Signer],
}

impl<'a> Request<'a> {
    /// A plain proposal of what a source gives.
    pub fn new(title: impl Into<String>, reason: impl Into<String>, source: Source<'a>) -> Self {
        Self { purpose: Purpose::Change, title: title.into(), reason: reason.into(), risk: None, source, supersedes: None, enrol: &[] }
    }
}

/// Where the proposed bytes come from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// The governed edits of the work tree.
    WorkTree,
    /// The governed edits of a commit.
    Commit(Oid),
    /// Files that are made from the state that will judge the proposal.
    Drafted(&'a Draft<'a>),
}

/// Makes files from the state that will judge the proposal.
pub type Draft<'a> = dyn Fn(&Assessment) -> Result<Drafted, Error> + 'a;

/// Governed files as they shall be, with the modes that they have; nothing where one goes away.
pub type Drafted = BTreeMap<RepoPath, Option<Vec<u8>>>;

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
    /// The edits of the work tree that open proposals bring already, and this one leaves out.
    pub left_out: Vec<LeftOut>,
    /// The globs that become governed.
    entering: Vec<String>,
    /// The emergency ruling that it confirms or undoes.
    pub settles: Option<Digest>,
    /// The bytes that it purges.
    pub purge: Vec<Digest>,
    /// What people should know of the texts that it brings.
    pub findings: Vec<Finding>,
    /// The lines of the draft that a ruling removed once.
    pub returning: Vec<ReturningLine>,
    /// The cases whose outcome it changes.
    pub shifts: Vec<DocumentShifts>,
    pub(super) start: Start,
    /// A branch that a killed run left, with the very same proposal.
    pub(super) existing: bool,
}

/// What the proposal's branch starts from.
pub(super) struct Start {
    pub(super) basis: Basis,
    pub(super) assessment: Assessment,
    /// Whether the edits are those of the work tree.
    from_worktree: bool,
    /// Whether the same request again takes up what a killed run left of it.
    repeats: bool,
    /// An open proposal whose draft lies where the edits come from, and would go with them.
    at_hand: Option<ResolutionId>,
    /// The bytes of the state that the edits were made to, as far as it is another one.
    edited_from: BTreeMap<Digest, Vec<u8>>,
    /// The title of the proposal that it stands in the place of.
    inherited: Option<String>,
}

/// An edit that an open proposal brings already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// The file.
    pub path: RepoPath,
    /// The proposal.
    pub resolution: ResolutionId,
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
    /// The edits of the work tree that open proposals bring already, and this one leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// The bytes that it purges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purge: Vec<Digest>,
    /// What people should know of the texts that it brings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The lines of the draft that a ruling removed once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returning: Vec<ReturningLine>,
    /// The cases whose outcome it changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<DocumentShifts>,
    /// Who acts next.
    pub next: Vec<NextStep>,
}

/// Finds the governed edits, stamps them, and says what would be proposed. Writes nothing.
///
/// # Errors
/// Denied, if there is nothing to propose or the canon does not allow it.
pub fn plan(desk: &Desk<'_>, request: &Request<'_>) -> Result<Plan, Error> {
    if let Some(target) = settle::target(desk, request)? {
        return settle::plan(desk, request, &target);
    }
    if let Purpose::Purge(id, extent) = &request.purpose {
        return purge::plan(desk, request, id, *extent);
    }
    if request.supersedes.is_none() || !request.title.trim().is_empty() {
        check_title(&request.title)?;
    }
    let (start, edited, reference) = sources(desk, request)?;
    let ledger = &start.assessment.judgement.ledger;
    let law = start.assessment.law()?;
    let by = proposer(desk, request, law)?;
    let who = proposed_who(&edited, law.who.clone())?;
    let mut wanted = wanted_changes(&start.assessment, &reference, &edited, &who);
    refuse_foreign(desk.repo, &start.assessment, request.supersedes.as_ref())?;
    must_hold_but_for(&start.assessment, &|path| wanted.contains_key(path))?;
    let carried = carry_over(request, &start, &reference, &mut wanted)?;
    if wanted.is_empty() {
        let hint = match request.source {
            Source::Commit(_) => "choose a commit that changes governed files",
            Source::WorkTree => "edit a document under canon/ or another governed file first",
            Source::Drafted(_) => "omega status shows what is ratified",
        };
        return Err(Error::denied("there is nothing to propose: every governed file is as ratified", hint));
    }
    if request.purpose == Purpose::Emergency {
        emergency::allow(&start.assessment, &by, &who, wanted.keys())?;
    } else {
        check_limit(desk, request, &start, law.protocol.limits.open_per_member, &by)?;
    }
    let title = match request.title.trim() {
        "" => start.inherited.clone().unwrap_or_default(),
        title => title.to_owned(),
    };
    check_title(&title)?;
    let (at_once, recovery) = (request.purpose == Purpose::Emergency, request.purpose == Purpose::Recovery);
    let sought = Sought { title: &title, by: &by, wanted: &wanted, settles: None, purge: &[], at_once, recovery };
    let (id, existing) = choose_id(desk, &start, &sought)?;
    if let Some(other) = start.at_hand.as_ref().filter(|_| !existing) {
        return Err(holds_open(desk.repo, other, law));
    }
    let left_out =
        if start.from_worktree && !existing && !at_once { leave_out_proposed(desk, request, &start, &mut wanted)? } else { Vec::new() };
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
                let fact = layout::has_fact(&name).then(|| stamps.fact(&name, &bytes)).transpose()?;
                planned(path, Some(File { mode: FileMode::File, bytes }), false);
                if let Some((fact, bytes)) = fact {
                    planned(fact, Some(File { mode: FileMode::File, bytes }), false);
                }
            }
            (Some(Place::Document(name)), Wanted::Nothing) => {
                planned(path, None, false);
                if layout::has_fact(&name) {
                    planned(layout::fact_of(&name), None, false);
                }
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
    let floor = if recovery { Risk::Critical } else { floor };
    let risk = risk_above(floor, request.risk)?;
    let entering = who.0.iter().filter(|glob| !law.who.0.contains(glob)).map(|glob| glob.as_str().to_owned()).collect();
    let findings = lint::of_plan(&changes)?;
    lint::recordable(&start.assessment, &changes)?;
    let returning = lint::returning(&start.assessment, drafts(&changes));
    // A recovery cannot change the cases of the document whose list it renews; they are mended afterwards.
    let shifts = if recovery { Vec::new() } else { cases::of_plan(&changes)? };
    let (settles, purge) = (None, Vec::new());
    Ok(Plan { id, title, risk, floor, changes, carried, left_out, entering, settles, purge, findings, returning, shifts, start, existing })
}

/// Who proposes: the member whose key signs. In a recovery the Chief's new key speaks, which is on no
/// council yet.
fn proposer(desk: &Desk<'_>, request: &Request<'_>, law: &Law) -> Result<MemberName, Error> {
    match desk.member(law) {
        Err(_) if request.purpose == Purpose::Recovery => Ok(law.roster.chief().name.clone()),
        member => member.map(|member| member.name.clone()),
    }
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

/// Signs a plan and writes it: one commit on the main branch, with a branch of its own. What is checked out stays as it is.
pub fn propose(desk: &Desk<'_>, request: &Request<'_>, plan: &Plan) -> Result<Proposed, Error> {
    let start = &plan.start;
    let law = start.assessment.law()?;
    let by = proposer(desk, request, law)?;
    let branch = find::branch_of(&plan.id);
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
    let examined = assessment.examine(&plan.id)?;
    Ok(Proposed {
        made: Made { resolution: plan.id.clone(), by, branch, commit: commit.to_string() },
        title: examined.proposal.record().title.clone(),
        risk: plan.risk,
        changes: examined.proposal.record().changes.clone(),
        carried: plan.carried.clone(),
        left_out: plan.left_out.clone(),
        purge: plan.purge.clone(),
        findings: plan.findings.clone(),
        returning: plan.returning.clone(),
        shifts: plan.shifts.clone(),
        next: next_steps(&assessment, &examined),
    })
}
