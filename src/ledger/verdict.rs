//! The whole judgement of a tree: the fold, what is open, and what lies there now.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::checkpoint::Checkpoint;
use crate::canon::{Document, MemberName, Place, ResolutionId, layout, policy};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::finding::{Code, Finding};

use super::evidence::{Evidence, state_form};
use super::examine::examine;
use super::fold::{fold_on, judging};
use super::kinds::Proposal;
use super::live::{Draft, Live, compare};
use super::proposal::{self, staleness};
use super::record::Signed;
use super::state::{Ledger, Unsettled};

/// Where an open resolution stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for votes or a ruling.
    Open,
    /// It can no longer be approved, and why.
    Stale(String),
    /// The key that signed it is no longer in force: its drafts do not stand.
    Revoked(String),
    /// Its proposer took it back.
    Withdrawn,
    /// Another one stands in its place.
    Superseded(ResolutionId),
}

/// Everything that can be said of a tree without a pin and without a clock.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The rulings, as far as they hold.
    pub ledger: Ledger,
    /// What no ruling has closed.
    pub open: Vec<(ResolutionId, Standing)>,
    /// Paths that hold what an open proposal asks for.
    pub drafts: Vec<Draft>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Folds the ledger and judges all resolutions, the part that needs `canon/` alone.
pub fn fold_and_examine(evidence: &Evidence) -> Judgement {
    fold_on_and_examine(Ledger::default(), evidence)
}

/// Goes on from a ledger that was folded from the beginning of this very evidence, and judges all resolutions.
pub fn fold_on_and_examine(folded: Ledger, evidence: &Evidence) -> Judgement {
    let (ledger, stopped) = fold_on(folded, evidence);
    let mut findings = evidence.findings.clone();
    let complete = stopped.is_none();
    findings.extend(stopped);
    let mut open = Vec::new();
    if complete {
        if ledger.rulings.is_empty() {
            findings.push(Finding::error(Code::Chain, layout::ruling(0), "there is no canon here").hint("omega init"));
        }
        open = examine_open(&ledger, evidence, &mut findings);
        findings.extend(late(&ledger, evidence));
        findings.extend(loose_rulings(&ledger, evidence));
        findings.extend(policies(&ledger, evidence));
    }
    findings.extend(loose_bytes(&ledger, evidence, complete));
    Judgement { ledger, open, drafts: Vec::new(), findings }
}

/// Judges what is open, on a ledger that was folded before: closed folders are not looked at.
pub fn examine_after(ledger: Ledger, evidence: &Evidence) -> Judgement {
    let mut findings = evidence.findings.clone();
    let open = examine_open(&ledger, evidence, &mut findings);
    Judgement { ledger, open, drafts: Vec::new(), findings }
}

/// The whole judgement, given what lies in the tree outside `canon/`.
pub fn judge(evidence: &Evidence, mut judgement: Judgement, live: &Live) -> Judgement {
    let folded = !judgement.ledger.rulings.is_empty() && judgement.ledger.rulings.len() >= evidence.rulings.len();
    if folded {
        let open: Vec<&ResolutionId> = judgement
            .open
            .iter()
            .filter(|(_, standing)| matches!(standing, Standing::Open | Standing::Stale(_)))
            .map(|(id, _)| id)
            .collect();
        let (drafts, findings) = compare(&judgement.ledger, evidence, live, &open);
        judgement.drafts = drafts;
        judgement.findings.extend(findings);
    }
    judgement
}

/// Whether the key that signed a proposal is still one of the member's: else its drafts do not stand.
fn in_force(ledger: &Ledger, proposal: &Signed<Proposal>) -> bool {
    ledger.law().and_then(|law| law.roster.get(&proposal.record().by)).is_some_and(|member| member.holds(proposal.signer()))
}

fn examine_open(ledger: &Ledger, evidence: &Evidence, findings: &mut Vec<Finding>) -> Vec<(ResolutionId, Standing)> {
    let newer = superseding(evidence);
    let mut open = Vec::new();
    for (id, folder) in &evidence.folders {
        if ledger.closed.contains_key(id) {
            continue;
        }
        let Some(signed) = &folder.proposal else { continue };
        let record = signed.record();
        let (base, law) = match judging(ledger, signed) {
            Ok(found) => found,
            Err(finding) => {
                findings.push(finding);
                continue;
            }
        };
        let examined = match examine(id, folder, law, ledger.root()) {
            Ok(examined) => examined,
            Err(finding) => {
                findings.push(finding);
                continue;
            }
        };
        let added = proposal::added_keys(record, law, &evidence.bytes);
        for proof in folder.enrolments.values() {
            // A key that came into force after the base makes the proposal stale, and not wrong.
            let known = ledger.keys.get(&proof.key.raw()).is_some_and(|(since, _)| *since <= base);
            if known || !added.iter().any(|(key, _)| *key == proof.key) {
                let what = if known { "the key is or was in force already" } else { "the key is not one that the proposal adds" };
                findings.push(Finding::error(Code::Enrolment, &proof.path, what).of_record(id));
            }
        }
        for proof in folder.recovery.values() {
            if record.recovery.is_none() {
                findings.push(Finding::error(Code::Recovery, &proof.path, "recovery keys sign recoveries only").of_record(id));
            } else if !law.recovery_keys().contains(&proof.key) {
                findings.push(Finding::error(Code::Recovery, &proof.path, "the key is not a recovery key").of_record(id));
            }
        }
        for path in [folder.transcript.map(|_| "transcript.md"), folder.docket.map(|_| "docket.md")].into_iter().flatten() {
            findings.push(
                Finding::error(Code::Derived, layout::in_folder(id, path), "renderings are written by a ruling, and there is none yet")
                    .of_record(id),
            );
        }
        let standing = if folder.withdrawal.is_some() {
            Standing::Withdrawn
        } else if let Some(newer) = newer.get(&(id, &record.by)) {
            Standing::Superseded((*newer).clone())
        } else if !in_force(ledger, signed) {
            Standing::Revoked(format!("the key of `{}` that signed it is not in force", record.by))
        } else if let Some(why) = staleness(ledger, record, base, &evidence.bytes) {
            Standing::Stale(why)
        } else {
            if let Err(finding) = proposal::check(ledger, &examined, Some(base), &evidence.bytes) {
                findings.push(finding);
            }
            Standing::Open
        };
        open.push((id.clone(), standing));
    }
    open
}

/// Which proposal stands in the place of which, by the member who made both.
fn superseding(evidence: &Evidence) -> BTreeMap<(&ResolutionId, &MemberName), &ResolutionId> {
    let mut newer = BTreeMap::new();
    for (id, folder) in &evidence.folders {
        if let Some(Proposal { supersedes: Some(earlier), by, .. }) = folder.proposal.as_ref().map(Signed::record) {
            newer.entry((earlier, by)).or_insert(id);
        }
    }
    newer
}

/// Valid records of closed resolutions that the closing ruling did not list.
fn late(ledger: &Ledger, evidence: &Evidence) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, sequence) in &ledger.closed {
        let Some(ruling) = evidence.rulings.get(sequence) else { continue };
        let listed = &ruling.record().records;
        let prefix = format!("{}/", layout::folder(id));
        let lying = evidence.digests.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
        let lying = lying.take_while(|(path, _)| path.as_str().starts_with(&prefix));
        for (path, _) in lying.filter(|(path, _)| !listed.contains_key(*path)) {
            findings.push(Finding::error(Code::Late, path, format!("ruling {sequence} closed {id} without this file")).of_record(id));
        }
    }
    findings
}

/// Bytes that are named and missing, or there and not named. Where the fold stopped, it may be missing
/// bytes that stopped it, and whatever some proposal purges may rightly be gone.
fn loose_bytes(ledger: &Ledger, evidence: &Evidence, complete: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut named: BTreeSet<Digest> = BTreeSet::new();
    let proposals = || evidence.folders.values().filter_map(|folder| folder.proposal.as_ref());
    let claimed: BTreeSet<Digest> =
        proposals().filter(|_| !complete).flat_map(|proposal| proposal.record().purge.iter().flatten().copied()).collect();
    for proposal in proposals() {
        for change in &proposal.record().changes {
            if let Some(after) = change.after.filter(|after| named.insert(*after)) {
                match (evidence.has_bytes(&after), ledger.purged.contains_key(&after)) {
                    (true, false) | (false, true) => {}
                    (false, false) if claimed.contains(&after) => {}
                    (false, false) => findings.push(Finding::error(
                        Code::BytesMissing,
                        layout::bytes(&after),
                        format!("the bytes that {} proposes for `{}` are missing", proposal.record().resolution, change.path),
                    )),
                    (true, true) => findings.push(Finding::error(Code::BytesWrong, layout::bytes(&after), "these bytes were purged")),
                }
            }
        }
    }
    // A proposal that cannot be read names nothing; that is no fault of its bytes.
    let there = evidence.bytes.keys().chain(&evidence.dropped).chain(&evidence.unnamed);
    for digest in there.filter(|digest| complete && !named.contains(*digest)) {
        findings.push(Finding::error(Code::BytesWrong, layout::bytes(digest), "no proposal names these bytes"));
    }
    findings
}

/// Rulings after a gap.
fn loose_rulings(ledger: &Ledger, evidence: &Evidence) -> Vec<Finding> {
    let beyond = u32::try_from(ledger.rulings.len()).unwrap_or(u32::MAX);
    evidence.rulings.range(beyond..).map(|(_, ruling)| Finding::error(Code::Chain, ruling.path(), "the ruling follows none")).collect()
}

/// Whole policies of the documents in force: what the fold does not read is held here.
fn policies(ledger: &Ledger, evidence: &Evidence) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, content) in ledger.paths() {
        if let (Some(Place::Document(name)), Some(bytes)) = (Place::of(path), evidence.bytes.get(&content.digest))
            && let Err(error) = Document::known(bytes).map(drop).and_then(|()| policy::check(&name, bytes))
        {
            let mut finding = state_form(path, error);
            finding.code = Code::Policy;
            finding.hint = Code::Policy.remedy().to_owned();
            findings.push(finding);
        }
    }
    findings
}

/// Emergencies that no longer hold at `now`, or are dated more than five minutes ahead of it.
pub fn expired(ledger: &Ledger, now: Timestamp) -> Vec<Finding> {
    const AHEAD: i64 = 300;
    let mut findings = Vec::new();
    for Unsettled { sequence, resolution, at, expires, .. } in &ledger.unsettled {
        let why = if *expires <= now {
            format!("the emergency of ruling {sequence} ran out at {expires} and is not settled")
        } else if at.unix() > now.unix() + AHEAD {
            format!("the emergency of ruling {sequence} is dated {at}, which has not come yet")
        } else {
            continue;
        };
        findings.push(
            Finding::error(Code::Expired, layout::ruling(*sequence), why).of_record(resolution).hint(format!("omega expire {resolution}")),
        );
    }
    findings
}

/// Holds the ledger to a pin: its root, and a checkpoint if there is one.
pub fn check_pin(ledger: &Ledger, root: &Digest, checkpoint: Option<&Checkpoint>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(found) = ledger.root().filter(|found| found != root) {
        findings.push(Finding::error(Code::Root, layout::ruling(0), format!("this canon's root is {found}, and {root} is pinned")));
    } else if let Some(Checkpoint { sequence, head: digest, .. }) = checkpoint.copied() {
        match ledger.rulings.get(sequence as usize) {
            None => findings.push(Finding::error(
                Code::Checkpoint,
                layout::ruling(sequence),
                match ledger.head() {
                    Some(head) => {
                        format!(
                            "the ledger ends at ruling {} ({}), and ruling {sequence} ({digest}) was seen before",
                            ledger.last().unwrap_or(0),
                            head.digest
                        )
                    }
                    None => format!("the ledger is empty, and ruling {sequence} ({digest}) was seen before"),
                },
            )),
            Some(ruled) if ruled.digest != digest => findings.push(Finding::error(
                Code::Checkpoint,
                layout::ruling(sequence),
                format!("ruling {sequence} is {}, and {digest} was seen before", ruled.digest),
            )),
            Some(_) => {}
        }
    }
    findings
}
