//! The Chief's ruling: it closes a resolution, and brings what it ratifies onto the main branch.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::policy::Bypass;
use crate::canon::text::MAX_BYTES;
use crate::canon::{MemberName, RepoPath, ResolutionId, layout};
use crate::council::machine::Step;
use crate::digest::Digest;
use crate::git::{Edit, Oid};
use crate::keys::Namespace;
use crate::ledger::artifacts;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::{Content, FileMode, Proposal, Ruling, Verdict};
use crate::ledger::proposal::{added_keys, staleness};
use crate::ledger::signers;
use crate::ledger::state::Ledger;
use crate::ledger::verdict::fold_and_examine;
use crate::tree::{Mode, Tree as _};

use super::assess::Assessment;
use super::desk::{Basis, Desk, Edits, Publication, message, put, remove};
use super::report::{CountReport, Made};
use super::vote::must_be_open;
use super::{Error, find};

/// What the Chief wants to rule.
pub struct Request<'a> {
    /// The resolution.
    pub id: &'a ResolutionId,
    /// Approve, reject or amend.
    pub verdict: Verdict,
    /// Why it approves what the council does not.
    pub bypass: Option<Bypass>,
    /// The reason, for the record.
    pub reason: &'a str,
    /// Whether the main branch takes it up at once.
    pub merge: bool,
}

/// What a ruling did.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RuledReport {
    /// The record that was made.
    #[serde(flatten)]
    pub made: Made,
    /// The verdict.
    pub verdict: Verdict,
    /// The number of the ruling.
    pub sequence: u32,
    /// The digest of the ruling: with the root and the number, the new checkpoint.
    pub head: Digest,
    /// The root of the canon.
    pub root: Digest,
    /// What it bypassed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass: Option<Bypass>,
    /// The paths that it changed.
    pub changed: Vec<RepoPath>,
    /// What the council said.
    pub count: CountReport,
    /// The full name of the main branch, if that took the ruling up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<String>,
}

/// Rules on an open resolution. Repeating a ruling that was killed half-way finishes it.
///
/// # Errors
/// Denied, if the signer is not the Chief, or the canon does not let the Chief rule so.
pub fn rule(desk: &Desk<'_>, request: &Request<'_>) -> Result<RuledReport, Error> {
    let id = request.id;
    let found = desk.locate(id)?;
    let before = desk.assess(desk.basis(&found.tips)?.tree)?;
    let main = before.law()?.protected_refs[0].clone();
    if request.merge {
        desk.must_be_free(&main, "rule with --no-merge, and merge the branch there with git")?;
    }
    let main_tip = desk.repo.find_ref(&main)?;
    let tips: Vec<Oid> = found.tips.iter().copied().chain(main_tip).collect();
    // Drafts may collide with what was ratified meanwhile: the ruling writes these paths in any case.
    let drafted: Vec<RepoPath> = before
        .evidence
        .folders
        .get(id)
        .and_then(|f| f.proposal.as_ref())
        .map(|p| p.record().changes.iter().map(|c| c.path.clone()).collect())
        .unwrap_or_default();
    let basis = desk.basis_with(&tips, &|path| drafted.iter().any(|drafted| drafted.as_str().as_bytes() == path))?;
    let assessment = desk.assess(basis.tree)?;
    if let Some(sequence) = assessment.judgement.ledger.closed.get(id).copied() {
        return finish(desk, &assessment, request, &found, (&main, main_tip), sequence);
    }
    must_be_open(desk, &assessment, id)?;
    let examined = assessment.examine(id)?;
    let ledger = &assessment.judgement.ledger;
    let law = assessment.law()?;
    let chief = desk.member(law)?;
    if chief.name != law.roster.chief().name {
        return Err(Error::denied(
            format!("only the Chief rules, and `{}` is the Chief", law.roster.chief().name),
            format!("say what you think of it: omega canon vote {id} approve"),
        ));
    }
    allow(&assessment, &examined, request)?;
    let (mut edits, report) = write_ruling(desk, &assessment, &examined, &basis, request, &chief.name)?;
    if let Some(main_tip) = main_tip.filter(|_| request.verdict != Verdict::Approve) {
        keep_ungoverned(desk, main_tip, &assessment, examined.proposal.record(), &mut edits)?;
    }
    let what = format!("ruling {} {}", report.sequence, request.verdict.as_str());
    let publication = Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(id, &what, &chief.name, "ruling"),
    };
    let commit = desk.publish(&publication)?;
    let merged = if request.merge { take_up(desk, &found, (&main, main_tip), commit, &publication.message)? } else { None };
    let made = Made { resolution: id.clone(), by: chief.name.clone(), branch: found.branch.clone(), commit: commit.to_string() };
    Ok(RuledReport { made, merged, root: ledger.root().unwrap_or(report.head), ..report })
}

/// Holds the Chief to his powers, with the words that help him on.
fn allow(assessment: &Assessment, examined: &Examined<'_>, request: &Request<'_>) -> Result<(), Error> {
    let id = request.id;
    let by = &examined.law.roster.chief().name;
    let mut session = examined.session.clone();
    session.take(by, Step::Rule).map_err(|refusal| Error::denied(refusal.to_string(), format!("omega canon show {id}")))?;
    if request.verdict != Verdict::Approve {
        return match request.bypass {
            Some(_) => Err(Error::usage("only an approval can bypass the council", "leave --bypass out")),
            None => Ok(()),
        };
    }
    let proposal = examined.proposal.record();
    let base = proposal.base.and_then(|base| assessment.judgement.ledger.sequence_of(&base)).unwrap_or(0);
    if let Some(why) = staleness(&assessment.judgement.ledger, proposal, base, &assessment.evidence.bytes) {
        return Err(Error::denied(format!("{id} is stale: {why}"), format!("carry it over: omega canon propose --supersedes {id}")));
    }
    let missing: Vec<String> = added_keys(proposal, examined.law, &assessment.evidence.bytes)
        .into_iter()
        .filter(|(key, _)| !examined.folder.enrolments.contains_key(&key.id()))
        .map(|(key, name)| format!("{} of `{}`", key.fingerprint(), name.map_or("the recovery keys".to_owned(), String::from)))
        .collect();
    if !missing.is_empty() {
        return Err(Error::denied(
            format!("the holder of each added key signs the proposal first; missing: {}", missing.join(", ")),
            format!("omega canon enrol {id} --key FILE"),
        ));
    }
    let needed = examined.count.bypass_to_approve();
    if needed == request.bypass {
        return match needed {
            Some(bypass) if !examined.law.consensus.classes.of(proposal.risk).bypass.contains(&bypass) => Err(Error::denied(
                format!("CONSENSUS_ENGINE does not permit {} for {} risk", bypass.as_str(), proposal.risk),
                format!("omega canon show {id}"),
            )),
            _ => Ok(()),
        };
    }
    match needed {
        None => Err(Error::usage("the council approves, and nothing is bypassed", "leave --bypass out")),
        Some(bypass) => {
            let why = match bypass {
                Bypass::QuorumUnavailable => {
                    format!("there is no quorum: {} of {} is cast", examined.count.tally.cast, examined.count.tally.eligible)
                }
                Bypass::StrictModeDisabled => "there are too few voters for the faults that this class claims to tolerate".to_owned(),
                Bypass::Override => "the council does not approve".to_owned(),
            };
            let permitted = examined.law.consensus.classes.of(proposal.risk).bypass.contains(&bypass);
            let hint = if permitted {
                format!("wait for votes; or, for the record, rule without them: omega canon ratify {id} --bypass {}", bypass.as_str())
            } else {
                format!("wait for votes, or: omega canon rule {id} reject")
            };
            Err(Error::denied(why, hint))
        }
    }
}

/// The ruling with all that goes into its commit.
fn write_ruling(
    desk: &Desk<'_>,
    assessment: &Assessment,
    examined: &Examined<'_>,
    basis: &Basis,
    request: &Request<'_>,
    chief: &MemberName,
) -> Result<(Edits, RuledReport), Error> {
    let ledger = &assessment.judgement.ledger;
    let proposal = examined.proposal.record();
    let sequence = ledger.last().map_or(0, |last| last + 1);
    let mut edits = Edits::new();
    let mut records: BTreeMap<RepoPath, Digest> = examined.folder.records();
    let mut superseded = proposal.supersedes.clone();
    while let Some(id) = superseded.take().filter(|id| !ledger.closed.contains_key(id)) {
        if let Some(folder) = assessment.evidence.folders.get(&id) {
            records.extend(folder.records());
            superseded = folder.proposal.as_ref().and_then(|p| p.record().supersedes.clone());
        }
    }
    for (name, text) in [("transcript.md", artifacts::transcript(examined)), ("docket.md", artifacts::docket(examined))] {
        let path = layout::in_folder(request.id, name);
        records.insert(path.clone(), Digest::of(text.as_bytes()));
        put(&mut edits, &path, text.into_bytes());
    }
    let record = Ruling {
        omega: 1,
        kind: "ruling".into(),
        canon: ledger.root(),
        resolution: request.id.clone(),
        by: chief.clone(),
        at: desk.now(),
        proposal: examined.proposal.digest(),
        sequence,
        previous: ledger.head().map(|head| head.digest),
        verdict: request.verdict,
        records,
        tally: examined.count.tally,
        bypass: request.bypass,
        expires: None,
    };
    let text = desk.record_at(&mut edits, &layout::ruling(sequence), &record, request.reason)?;
    let head = Digest::of(text.as_bytes());
    let changed: Vec<RepoPath> = if request.verdict == Verdict::Approve {
        proposal.changes.iter().map(|change| change.path.clone()).collect()
    } else {
        restore(assessment, proposal, &mut edits);
        Vec::new()
    };
    if request.verdict == Verdict::Approve {
        for change in &proposal.changes {
            set_live(assessment, &change.path, change.content(), change.is_release(), &mut edits);
        }
        for digest in proposal.purge.iter().flatten() {
            remove(&mut edits, &layout::bytes(digest));
        }
        seal_state(desk, basis, &changed, &mut edits)?;
    }
    let count = CountReport::of(&examined.count, examined.law, proposal.risk);
    let made = Made { resolution: request.id.clone(), by: chief.clone(), branch: String::new(), commit: String::new() };
    let report =
        RuledReport { made, verdict: request.verdict, sequence, head, root: head, bypass: request.bypass, changed, count, merged: None };
    Ok((edits, report))
}

/// Signs the changed state files and renders the signers, as the state after the ruling wants them.
pub(super) fn seal_state(desk: &Desk<'_>, basis: &Basis, changed: &[RepoPath], edits: &mut Edits) -> Result<(), Error> {
    // The fold itself says what the state after the ruling is: nothing is computed twice here.
    let tree = desk.repo.write_tree(Some(basis.tree), edits)?;
    let evidence = crate::ledger::evidence::gather(&desk.repo.revision(tree)?, &crate::ledger::evidence::Scope::all(desk.threads))?;
    let judgement = fold_and_examine(&evidence);
    let ledger: &Ledger = &judgement.ledger;
    let folded = ledger.rulings.len() == evidence.rulings.len();
    let (Some(law), Some(last), true) = (ledger.law(), ledger.rulings.last(), folded) else {
        return Err(Error::Violated(judgement.findings));
    };
    for path in changed.iter().filter(|path| path.is_canon()) {
        match ledger.content(path).and_then(|content| evidence.bytes.get(&content.digest)) {
            Some(bytes) => {
                let armor = desk.sign(Namespace::State, bytes)?;
                put(edits, &path.signature(), armor.into_bytes());
            }
            None => remove(edits, &path.signature()),
        }
    }
    if let (Some(rendered), Some(sequence)) = (&last.signers, ledger.last()) {
        put(edits, &layout::signers(sequence), rendered.clone().into_bytes());
        put(edits, &layout::allowed_signers(), signers::render_for_git(law).into_bytes());
    }
    Ok(())
}

/// Puts the ratified bytes back at every path that a proposal drafted.
pub(super) fn restore(assessment: &Assessment, proposal: &Proposal, edits: &mut Edits) {
    let ledger = &assessment.judgement.ledger;
    let governed = |path: &RepoPath| path.is_canon() || ledger.law().is_some_and(|law| law.who.matches(path.as_str()));
    for change in proposal.changes.iter().filter(|change| governed(&change.path)) {
        set_live(assessment, &change.path, ledger.content(&change.path), false, edits);
    }
}

/// Files that the proposal would have brought under governance stay as the main branch has them: the
/// ruling that says no brings no draft of them along.
fn keep_ungoverned(desk: &Desk<'_>, main: Oid, assessment: &Assessment, proposal: &Proposal, edits: &mut Edits) -> Result<(), Error> {
    let who = &assessment.law()?.who;
    let entering: Vec<&RepoPath> =
        proposal.changes.iter().map(|change| &change.path).filter(|path| !path.is_canon() && !who.matches(path.as_str())).collect();
    let tree = desk.repo.revision(main)?;
    let listing = tree.list(&|folder| entering.iter().any(|path| path.as_str().as_bytes().starts_with(folder)))?;
    let mut reader = tree.reader();
    for path in entering {
        match listing.entries.iter().find(|entry| entry.path == path.as_str().as_bytes()) {
            Some(entry) => drop(edits.insert(entry.path.clone(), Edit::Put { mode: entry.mode, bytes: reader.read(entry, MAX_BYTES)? })),
            None => remove(edits, path),
        }
    }
    Ok(())
}

fn set_live(assessment: &Assessment, path: &RepoPath, content: Option<Content>, released: bool, edits: &mut Edits) {
    match content {
        Some(content) => {
            if let Some(bytes) = assessment.evidence.bytes.get(&content.digest) {
                let mode = match content.mode {
                    FileMode::File => Mode::File,
                    FileMode::Exec => Mode::Exec,
                    FileMode::Link => Mode::Link,
                };
                edits.insert(path.as_str().as_bytes().to_vec(), Edit::Put { mode, bytes: bytes.clone() });
            }
        }
        // A released file stays where it is; it is only no longer governed.
        None if !released => remove(edits, path),
        None => {}
    }
}

/// Brings a ruling onto the main branch, which it contains, and leaves its own branch. What a killed run
/// did of that is not done again.
fn take_up(desk: &Desk<'_>, found: &find::Found, main: (&str, Option<Oid>), commit: Oid, message: &str) -> Result<Option<String>, Error> {
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
fn finish(
    desk: &Desk<'_>,
    assessment: &Assessment,
    request: &Request<'_>,
    found: &find::Found,
    main: (&str, Option<Oid>),
    sequence: u32,
) -> Result<RuledReport, Error> {
    let id = request.id;
    let ledger = &assessment.judgement.ledger;
    let (Some(ruled), Some(ruling)) = (ledger.rulings.get(sequence as usize), assessment.evidence.rulings.get(&sequence)) else {
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
            format!("merge it with git: git merge {}", found.branch.trim_start_matches("refs/heads/")),
        ));
    }
    let text = message(id, &format!("ruling {sequence} {}", ruled.verdict.as_str()), &ruled.by, "ruling");
    let merged = take_up(desk, found, main, tip, &text)?;
    let law = &ledger.laws[sequence.saturating_sub(1) as usize];
    let proposal = assessment.evidence.folders.get(id).and_then(|folder| folder.proposal.as_ref()).map(|p| p.record());
    let risk = proposal.map_or(crate::canon::Risk::Low, |p| p.risk);
    let count = crate::council::tally::count(
        &law.roster,
        law.consensus.classes.of(risk),
        &assessment.evidence.folders.get(id).map(|f| f.ballots()).unwrap_or_default(),
    );
    Ok(RuledReport {
        made: Made { resolution: id.clone(), by: ruled.by.clone(), branch: found.branch.clone(), commit: tip.to_string() },
        verdict: ruled.verdict,
        sequence,
        head: ruled.digest,
        root: ledger.root().unwrap_or(ruled.digest),
        bypass: ruling.record().bypass,
        changed: proposal.map(|p| p.changes.iter().map(|c| c.path.clone()).collect()).unwrap_or_default(),
        count: CountReport::of(&count, law, risk),
        merged,
    })
}
