//! Proving a tree: is every governed byte what the council ratified?

use serde::Serialize;

use crate::canon::{RepoPath, ResolutionId};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::git::{Oid, Repo};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::examine::check_record;
use crate::ledger::fold::judging;
use crate::ledger::kinds::Record;
use crate::ledger::record::{Signed, Unverified};
use crate::ledger::state::Ledger;
use crate::ledger::verdict::{Standing, check_pin, expired};
use crate::shell;
use crate::tree::Tree;

use crate::words::words;
use crate::workspace::advice::{self, Judged};
use crate::workspace::assess::{Assessment, assess};
use crate::workspace::pin::Pin;
use crate::workspace::seen::RollbackMemory;
use crate::workspace::{Error, cases, here, lint, proposed};

words! {
    /// What can be said of a tree.
    pub enum Conclusion {
        /// Every governed byte is ratified.
        Holds = "holds",
        /// Some differ, each by an open proposal.
        Pending = "pending",
        /// Something else differs.
        Violated = "violated",
        /// There is no pin, so nothing is claimed.
        Unknown = "unknown",
    }
}

/// A path that holds what an open proposal asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DraftReport {
    /// The path.
    pub path: RepoPath,
    /// The proposal.
    pub resolution: ResolutionId,
}

/// What was verified, and what came of it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// What was judged: a revision, `index`, `worktree` or a folder.
    pub subject: String,
    /// What can be said.
    pub conclusion: Conclusion,
    /// Where the ledger ends, as far as it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// What was trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// How many governed paths the state has.
    pub governed: usize,
    /// How many signed records were checked.
    pub records: usize,
    /// Paths that differ by an open proposal.
    pub drafts: Vec<DraftReport>,
    /// When the state reverts, if an emergency is not settled before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional_until: Option<Timestamp>,
    /// The emergencies that are not settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<ResolutionId>,
    /// What is wrong, and what is worth knowing.
    pub findings: Vec<Finding>,
    /// What was proved, in one sentence.
    pub proved: String,
}

/// Judges a tree against a pin at a point in time.
///
/// # Errors
/// When nothing can be said at all: missing objects, or a newer format.
pub fn verify(tree: &dyn Tree, subject: &str, pin: Option<Pin>, now: Timestamp, threads: usize) -> Result<Report, Error> {
    let assessment = assess(tree, threads)?;
    is_a_canon(&assessment, pin)?;
    Ok(report(&assessment, subject, pin, now))
}

/// The same for what is in a repository, with hints that fit where it is.
///
/// # Errors
/// As for [`verify`].
pub fn verify_in(
    repo: &Repo,
    judged: Judged,
    tree: &dyn Tree,
    subject: &str,
    pin: Option<Pin>,
    now: Timestamp,
    threads: usize,
) -> Result<Report, Error> {
    let assessment = assess(tree, threads)?;
    is_a_canon(&assessment, pin)?;
    let mut report = report(&assessment, subject, pin, now);
    advice::fit(repo, judged, &assessment.judgement.ledger, &mut report.findings)?;
    Ok(report)
}

/// Judges a work tree: what git would store of it. Governed files outside `canon/` that it was told to do without are judged by
/// the index, and noted.
///
/// # Errors
/// As for [`verify`]; unknown, where `canon/` is left out.
pub fn verify_worktree(repo: &Repo, subject: &str, pin: Option<Pin>, now: Timestamp, threads: usize) -> Result<Report, Error> {
    let tree = repo.worktree()?;
    here::must_have_canon(&tree)?;
    let mut assessment = assess(&tree, threads)?;
    if !here::is_gone(repo, &mut assessment) {
        is_a_canon(&assessment, pin)?;
    }
    let note = here::note(&tree, &assessment)?;
    let mut report = report_with(&assessment, subject, pin, now, note.into_iter().collect());
    let ledger = &assessment.judgement.ledger;
    advice::fit(repo, Judged::WorkTree, ledger, &mut report.findings)?;
    let proposed = proposed::among(repo, &tree, ledger, &report.findings)?;
    for finding in &mut report.findings {
        if let Some(id) = proposed.get(&finding.path) {
            finding.hint = format!("{id} proposes it, and is open; take the edit back here: omega restore {}", shell::quote(&finding.path));
        }
    }
    Ok(report)
}

/// Refuses to judge a tree in which there is no canon. Where a root is pinned there must be one: then its absence is a violation.
///
/// # Errors
/// Usage, if there is neither.
pub fn is_a_canon(assessment: &Assessment, pin: Option<Pin>) -> Result<(), Error> {
    match assessment.no_canon() {
        Some(error) if pin.is_none() => Err(error),
        _ => Ok(()),
    }
}

/// What an assessment comes to against a pin at a point in time.
pub(crate) fn report(assessment: &Assessment, subject: &str, pin: Option<Pin>, now: Timestamp) -> Report {
    report_with(assessment, subject, pin, now, Vec::new())
}

/// The same, where more was found.
fn report_with(assessment: &Assessment, subject: &str, pin: Option<Pin>, now: Timestamp, mut more: Vec<Finding>) -> Report {
    more.extend(lint::of_state(assessment));
    more.extend(cases::of_state(assessment));
    bare_report(assessment, subject, pin, now, more)
}

/// The same without advice on what the documents say: of a state that is not in question.
pub(crate) fn bare_report(assessment: &Assessment, subject: &str, pin: Option<Pin>, now: Timestamp, more: Vec<Finding>) -> Report {
    let Assessment { evidence, judgement } = assessment;
    let ledger = &judgement.ledger;
    let mut findings = judgement.findings.clone();
    findings.extend(more);
    findings.extend(expired(ledger, now));
    // Of a ledger that was not read nothing is missing.
    if let Some(pin) = pin.as_ref().filter(|_| !assessment.is_too_much()) {
        findings.extend(check_pin(ledger, &pin.root(), pin.checkpoint()));
    }
    findings.sort_by(|a, b| (b.severity, &a.path, a.code).cmp(&(a.severity, &b.path, b.code)));
    findings.dedup();
    let checkpoint = Checkpoint::of(ledger);
    let records = evidence
        .folders
        .values()
        .map(|folder| folder.records().keys().filter(|path| path.as_str().ends_with(".sig")).count())
        .sum::<usize>()
        + evidence.rulings.len();
    let conclusion = if findings.iter().any(Finding::is_error) {
        Conclusion::Violated
    } else if pin.is_none() {
        Conclusion::Unknown
    } else if judgement.drafts.is_empty() {
        Conclusion::Holds
    } else {
        Conclusion::Pending
    };
    let governed = ledger.paths().count();
    let proved =
        sentence(conclusion, checkpoint.as_ref(), governed, judgement.drafts.len(), findings.iter().filter(|f| f.is_error()).count());
    Report {
        subject: subject.to_owned(),
        conclusion,
        checkpoint,
        pin,
        governed,
        records,
        drafts: judgement
            .drafts
            .iter()
            .map(|draft| DraftReport { path: draft.path.clone(), resolution: draft.resolution.clone() })
            .collect(),
        provisional_until: ledger.unsettled.iter().map(|unsettled| unsettled.expires).min(),
        unsettled: ledger.unsettled.iter().map(|unsettled| unsettled.resolution.clone()).collect(),
        findings,
        proved,
    }
}

/// Holds a ledger to the pin, where something is claimed of it.
///
/// # Errors
/// Unknown without a pin; violated, if it is not the pinned canon.
pub fn must_be_pinned(ledger: &Ledger, pin: Option<Pin>) -> Result<Pin, Error> {
    let pin = pin.ok_or_else(|| {
        Error::unknown(
            "no root is pinned here, so it cannot be known whether this is the right canon",
            "omega verify shows the root; if its people confirm it: omega trust pin ROOT",
        )
    })?;
    let wrong = check_pin(ledger, &pin.root(), pin.checkpoint());
    if wrong.is_empty() { Ok(pin) } else { Err(Error::Violated(wrong)) }
}

/// Judges the tree of a protected ref: its ledger must also go on from what was seen before, and is remembered if all holds.
/// Of other refs, and of revisions that are named by their commits, older states are judged as they are.
///
/// # Errors
/// As for [`verify`], and when the memory of rulings cannot be understood.
pub fn verify_ref(
    (repo, commit): (&Repo, Oid),
    (subject, name): (&str, &str),
    pin: Option<Pin>,
    seen: &RollbackMemory,
    now: Timestamp,
    threads: usize,
) -> Result<Report, Error> {
    let assessment = assess(&repo.revision(commit)?, threads)?;
    is_a_canon(&assessment, pin)?;
    let ledger = &assessment.judgement.ledger;
    let fit = |mut report: Report| -> Result<Report, Error> {
        advice::fit(repo, Judged::Commit(commit), ledger, &mut report.findings)?;
        Ok(report)
    };
    let mut protected = ledger.law().map(|law| law.protected_refs.clone()).unwrap_or_default();
    if let Some(pin) = &pin {
        protected.extend(seen.highest(&pin.root())?.map(|seen| seen.protected).unwrap_or_default());
    }
    if !protected.iter().any(|other| other == name) {
        return fit(report(&assessment, subject, pin, now));
    }
    let rolled_back = advice::rolled_back(repo, seen, ledger)?;
    let report = report_with(&assessment, subject, pin, now, rolled_back);
    if report.conclusion == Conclusion::Holds {
        seen.learn(ledger);
    }
    fit(report)
}

fn sentence(conclusion: Conclusion, checkpoint: Option<&Checkpoint>, governed: usize, drafts: usize, errors: usize) -> String {
    let at = checkpoint.map_or_else(|| "no ledger".to_owned(), |c| format!("ruling {} ({})", c.sequence, c.head.short()));
    let plural = |count: usize, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
    match conclusion {
        Conclusion::Holds => format!("all {} are exactly what {at} of the pinned canon ratifies", plural(governed, "governed path")),
        Conclusion::Pending => format!(
            "{} from {at} of the pinned canon, each exactly as an open proposal asks; all others are ratified",
            if drafts == 1 { "1 path differs".to_owned() } else { format!("{drafts} paths differ") }
        ),
        Conclusion::Violated => format!("nothing: {} found", plural(errors, "violation")),
        Conclusion::Unknown => format!("nothing yet: the tree follows from its own root up to {at}, and no root is pinned"),
    }
}

/// What became of a record that a member kept.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Receipt {
    /// The record's path in the canon.
    pub path: RepoPath,
    /// Its digest.
    pub digest: Digest,
    /// Whether it lies in the tree.
    pub present: bool,
    /// The ruling that closed its resolution, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<u32>,
    /// Whether that ruling lists it.
    pub listed: bool,
}

/// Looks a kept record up in a tree: was it left out by the ruling that closed its resolution?
///
/// # Errors
/// Usage, if the record is not a vote or withdrawal that the member signed on this proposal; unknown, if
/// the resolution is not in the tree.
pub fn receipt(tree: &dyn Tree, bytes: &[u8], armor: &[u8], threads: usize) -> Result<Receipt, Error> {
    use crate::canon::{front, layout};
    use crate::ledger::kinds::{Vote, Withdrawal};
    let bad = |what: String| {
        Error::usage(format!("the receipt is not a signed record: {what}"), "keep the record together with its .sig beside it")
    };
    let mut keys = crate::keys::KeyCache::new();
    let digests = (Digest::of(bytes), Digest::of(armor));
    let place = front::parse::<Vote>(bytes)
        .map(|(vote, _)| (vote.resolution.clone(), vote.place()))
        .or_else(|_| front::parse::<Withdrawal>(bytes).map(|(record, _)| (record.resolution.clone(), record.place())));
    let (id, place) = match place {
        Ok((id, Some(place))) => (id, place),
        Ok(_) => return Err(bad("it has no place".to_owned())),
        Err(error) => return Err(bad(error.to_string())),
    };
    let path = layout::in_folder(&id, &place);
    let unverified = Unverified { path: &path, bytes, armor, digests };
    let refused = |refused| match refused {
        crate::ledger::record::Refused::Finding(finding) => bad(finding.message),
        crate::ledger::record::Refused::Newer(rules) => Error::newer(&path, rules),
    };
    let assessment = assess(tree, threads)?;
    if matches!(place, layout::RecordPlace::Withdrawal) {
        bound(&assessment, &unverified.verify::<Withdrawal>(&id, &place, &mut keys).map_err(refused)?)?;
    } else {
        bound(&assessment, &unverified.verify::<Vote>(&id, &place, &mut keys).map_err(refused)?)?;
    }
    let closed_by = assessment.judgement.ledger.closed.get(&id).copied();
    let listed = closed_by
        .and_then(|n| assessment.evidence.rulings.get(&n))
        .is_some_and(|ruling| ruling.record().records.get(&path) == Some(&digests.0));
    Ok(Receipt { present: assessment.evidence.digests.get(&path) == Some(&digests.0), path, digest: digests.0, closed_by, listed })
}

/// Holds a kept record to the proposal in the tree: anybody can sign something in a member's name, and
/// accuse a ruling of having left it out.
fn bound<R: Record>(assessment: &Assessment, signed: &Signed<R>) -> Result<(), Error> {
    let (ledger, id) = (&assessment.judgement.ledger, signed.record().resolution());
    let Some(proposal) = assessment.evidence.folders.get(id).and_then(|folder| folder.proposal.as_ref()) else {
        return Err(Error::unknown(format!("{id} is not in this tree, so its records cannot be verified"), "omega list"));
    };
    judging(ledger, proposal).and_then(|(_, law)| check_record(law, ledger.root(), proposal, signed)).map_err(|finding| {
        Error::usage(
            format!("the receipt is not a record of {id}: {}", finding.message),
            "keep the record together with its .sig beside it",
        )
    })
}

/// The word for where a resolution stands.
pub fn standing_word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Stale(_) => "stale",
        Standing::Revoked(_) => "revoked",
        Standing::Withdrawn => "withdrawn",
        Standing::Superseded(_) => "superseded",
    }
}
