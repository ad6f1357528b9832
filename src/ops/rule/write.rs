//! What a ruling writes: its record, what it renders, and the bytes that are in force after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::canon::{MemberName, RepoPath, layout};
use crate::digest::Digest;
use crate::git::{Edit, Oid};
use crate::keys::Namespace;
use crate::ledger::artifacts;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::{Content, Proposal, Ruling, Verdict};
use crate::ledger::signers;
use crate::ledger::state::{Law, Ledger};

use super::Request;
use crate::workspace::assess::Assessment;
use crate::workspace::desk::Desk;
use crate::workspace::edits::{Edits, put, remove};
use crate::workspace::provisional::{self, EmergencyReport};
use crate::workspace::report::CountReport;
use crate::workspace::{Error, attributes};

/// A ruling that is not committed yet.
pub(in super::super) struct Written {
    /// All that goes into its commit.
    pub edits: Edits,
    /// The record.
    pub record: Ruling,
    /// The digest of the record.
    pub head: Digest,
    /// The paths that it changes.
    pub changed: Vec<RepoPath>,
    /// What the council said.
    pub count: CountReport,
    /// The emergency that it rules, or that it confirms or undoes.
    pub emergency: Option<EmergencyReport>,
}

/// Writes the ruling with all that goes into its commit.
pub(in super::super) fn write_ruling(
    desk: &Desk<'_>,
    assessment: &Assessment,
    examined: &Examined<'_>,
    tree: Oid,
    request: &Request<'_>,
    chief: &MemberName,
) -> Result<Written, Error> {
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
        expires: if request.verdict == Verdict::Emergency { Some(expiry(desk, examined)?) } else { None },
    };
    let text = desk.record_at(&mut edits, &layout::ruling(sequence), &record, request.reason)?;
    let head = Digest::of(text.as_bytes());
    let undone = match request.verdict {
        Verdict::Reject | Verdict::Expire => ledger.unsettled.iter().find(|unsettled| Some(unsettled.ruling) == proposal.settles),
        _ => None,
    };
    let changed: Vec<RepoPath> = match (request.verdict, undone) {
        (Verdict::Approve | Verdict::Emergency | Verdict::Recover, _) => {
            for change in &proposal.changes {
                set_live(assessment, &change.path, change.content(), change.is_release(), &mut edits);
            }
            for digest in proposal.purge.iter().flatten() {
                remove(&mut edits, &layout::bytes(digest));
            }
            proposal.changes.iter().map(|change| change.path.clone()).collect()
        }
        (_, Some(unsettled)) => {
            for (path, before) in &unsettled.before {
                set_live(assessment, path, *before, false, &mut edits);
            }
            unsettled.before.keys().cloned().collect()
        }
        _ => {
            restore(assessment, proposal, &mut edits);
            Vec::new()
        }
    };
    if !changed.is_empty() {
        let law = seal_state(desk, Some(assessment), tree, &changed, &mut edits)?;
        let written = changed.iter().filter(|path| matches!(edits.get(path.as_str().as_bytes()), Some(Edit::Put { .. })));
        let written: Vec<&RepoPath> = written.collect();
        attributes_of(desk, tree, (assessment.law()?, &law), written.into_iter(), &mut edits)?;
    }
    let count = CountReport::of(&examined.count, examined.law, proposal.risk);
    let emergency = provisional::ruled(ledger, proposal, &record, head, examined.law);
    Ok(Written { edits, record, head, changed, count, emergency })
}

/// When an emergency that is ruled now no longer holds.
fn expiry(desk: &Desk<'_>, examined: &Examined<'_>) -> Result<crate::clock::Timestamp, Error> {
    let hours = examined.law.protocol.emergency.expire_hours;
    desk.now().plus_hours(hours).ok_or_else(|| Error::usage("the emergency would never expire", "set the clock of this machine"))
}

/// Signs the changed state files and renders the signers, as the state after the ruling wants them. Gives its law.
pub(in super::super) fn seal_state(
    desk: &Desk<'_>,
    before: Option<&Assessment>,
    tree: Oid,
    changed: &[RepoPath],
    edits: &mut Edits,
) -> Result<Arc<Law>, Error> {
    // The fold itself says what the state after the ruling is: nothing is computed twice here.
    let tree = desk.repo.write_tree(Some(tree), edits)?;
    let Assessment { evidence, judgement } = desk.judge(before, tree)?;
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
        put(edits, &layout::allowed_signers(), signers::render_for_git(ledger).into_bytes());
    }
    Ok(law.clone())
}

/// Puts the ratified bytes back at every path that a proposal drafted.
pub(in super::super) fn restore(assessment: &Assessment, proposal: &Proposal, edits: &mut Edits) {
    let ledger = &assessment.judgement.ledger;
    let governed = |path: &RepoPath| path.is_canon() || ledger.law().is_some_and(|law| law.who.matches(path.as_str()));
    for change in proposal.changes.iter().filter(|change| governed(&change.path)) {
        set_live(assessment, &change.path, ledger.content(&change.path), false, edits);
    }
}

/// Adds the lines of `.gitattributes` that keep these paths as they are, and those of the globs that become governed.
pub(super) fn attributes_of<'p>(
    desk: &Desk<'_>,
    tree: Oid,
    (before, after): (&Law, &Law),
    paths: impl Iterator<Item = &'p RepoPath>,
    edits: &mut Edits,
) -> Result<(), Error> {
    let entering = after.who.0.iter().filter(|glob| !before.who.0.contains(glob)).map(|glob| glob.as_str().to_owned());
    attributes::cover(desk.repo, tree, &attributes::lines_for(&entering.collect::<Vec<_>>()), paths, edits)
}

fn set_live(assessment: &Assessment, path: &RepoPath, content: Option<Content>, released: bool, edits: &mut Edits) {
    match content {
        Some(content) => {
            if let Some(bytes) = assessment.evidence.bytes.get(&content.digest) {
                edits.insert(path.as_str().as_bytes().to_vec(), Edit::Put { mode: content.mode.into(), bytes: bytes.clone() });
            }
        }
        // A released file stays where it is; it is only no longer governed.
        None if !released => remove(edits, path),
        None => {}
    }
}
