//! Speaking in the circle: turns and seals, skips and the synthesis.

use serde::Serialize;

use crate::canon::policy::{Stage, Submissions};
use crate::canon::{MemberName, ResolutionId};
use crate::council::machine::{Awaited, Step};
use crate::council::tally::Choice;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::{Seal, Synthesis, Turn, seal_hash};

use super::kept::Kept;
use crate::workspace::Error;
use crate::workspace::desk::{Basis, Desk, Hand, Publication, message, recordable};
use crate::workspace::edits::Edits;
use crate::workspace::find::Found;
use crate::workspace::next::{NextStep, next_steps, refused};
use crate::workspace::open::{Opened, must_be_voted_on, open};
use crate::workspace::report::Made;

/// What was said.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Spoken {
    /// The record that was made.
    #[serde(flatten)]
    pub made: Made,
    /// `turn`, `skip`, `synthesis`, `seal` or `reveal`.
    pub kind: String,
    /// Who speaks next, if the pipe still goes round in the open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<MemberName>,
    /// Where the resolution stands now.
    pub stage: String,
    /// Who acts next, and what they type.
    pub steps: Vec<NextStep>,
}

/// What is to be said.
pub enum Statement<'a> {
    /// A member's position and its reasons; where the protocol wants it, only their seal is recorded.
    Turn(Choice, u8),
    /// The Clerk marks a member as silent.
    Skip(&'a MemberName),
    /// The Clerk draws the statements together.
    Synthesis,
}

/// A reveal holds more than the statement: what is sealed must fit into it later. In bytes.
const MAX_SEALED: usize = 512 << 10;

/// Makes the signer's statement on an open resolution.
///
/// # Errors
/// Denied, if the protocol does not give the signer the word.
pub fn speak(desk: &Desk<'_>, id: &ResolutionId, statement: &Statement<'_>, text: &str) -> Result<Spoken, Error> {
    let Opened { found, basis, assessment } = open(desk, id)?;
    let examined = assessment.examine(id)?;
    must_be_voted_on(&examined)?;
    let by = desk.member(examined.law)?.name.clone();
    let mut session = examined.session.clone();
    let mut edits = Edits::new();
    let canon = assessment.judgement.ledger.root();
    let (proposal, at) = (examined.proposal.digest(), desk.now());
    let (what, event) = match statement {
        Statement::Turn(position, confidence) if examined.law.protocol.submissions == Submissions::Sealed => {
            may_seal(&examined, &by)?;
            if let Hand::Elsewhere { .. } = desk.hand {
                return Err(Error::denied(
                    "this protocol seals statements, and what is sealed stays in the clone where it is signed",
                    format!("with the key at hand: omega speak {id} approve --reason … --key FILE"),
                ));
            }
            let kept = Kept::new(*position, *confidence, recordable(text)?);
            if kept.body.len() > MAX_SEALED {
                return Err(Error::usage("the statement has more than 512 KiB, and could not be revealed", "make it shorter"));
            }
            let root = canon.map(|root| root.to_string()).unwrap_or_default();
            let hash = seal_hash(&root, &proposal, &by, &kept.nonce, *position, *confidence, &kept.body);
            // First it is safe, then it is sealed: the other way round it could be lost in between.
            desk.repo.step("keep");
            kept.keep(desk.repo, &hash)?;
            let record = Seal { omega: 1, kind: "seal".into(), canon, resolution: id.clone(), by: by.clone(), at, proposal, hash };
            desk.record(&mut edits, &record, "")?;
            ("seal".to_owned(), "seal")
        }
        Statement::Synthesis => {
            session.take(&by, Step::Synthesize).map_err(|refusal| refused(&examined, &refusal))?;
            let turns = examined.folder.statements();
            let record =
                Synthesis { omega: 1, kind: "synthesis".into(), canon, resolution: id.clone(), by: by.clone(), at, proposal, turns };
            desk.record(&mut edits, &record, text)?;
            ("synthesis".to_owned(), "synthesis")
        }
        Statement::Turn(..) | Statement::Skip(_) => {
            let (position, confidence, skips) = match statement {
                Statement::Turn(position, confidence) => (Some(*position), Some(*confidence), None),
                Statement::Skip(member) => (None, None, Some((*member).clone())),
                Statement::Synthesis => (None, None, None),
            };
            let step = skips.as_ref().map_or(Step::Turn, Step::Skip);
            session.take(&by, step).map_err(|refusal| refused(&examined, &refusal))?;
            let last = examined.folder.turns.last_key_value();
            let record = Turn {
                omega: 1,
                kind: "turn".into(),
                canon,
                resolution: id.clone(),
                by: by.clone(),
                at,
                proposal,
                turn: last.map_or(0, |(number, _)| *number) + 1,
                previous: last.map_or(proposal, |(_, turn)| turn.digest()),
                position,
                confidence,
                skips: skips.clone(),
            };
            desk.record(&mut edits, &record, text)?;
            let kind = if skips.is_some() { "skip" } else { "turn" };
            (skips.map_or_else(|| format!("turn {}", record.turn), |member| format!("skip {member}")), kind)
        }
    };
    publish(desk, id, by, found, &basis, &edits, &what, event)
}

/// Whether a member can commit to a statement now.
fn may_seal(examined: &Examined<'_>, by: &MemberName) -> Result<(), Error> {
    let id = examined.id;
    let folder = examined.folder;
    let show = format!("omega show {id}");
    if folder.reveals.contains_key(by) {
        return Err(Error::denied(format!("`{by}` has spoken already"), show));
    }
    if examined.session.is_skipped(by) {
        return Err(Error::denied(format!("`{by}` was marked as silent"), show));
    }
    if folder.seals.contains_key(by) {
        let hint = match examined.session.awaited() {
            Awaited::Seals(_) => format!("wait for the others to seal theirs, then: omega reveal {id}"),
            _ => format!("omega reveal {id}"),
        };
        return Err(Error::denied(format!("`{by}` has sealed a statement already"), hint));
    }
    // Seals bind nothing but one another: the Clerk's skips of others do not come before them.
    let early = matches!(examined.session.stage(), Stage::Open | Stage::PipeGranted);
    let mut session = if early { examined.sealing.clone() } else { examined.session.clone() };
    session.take(by, Step::Seal).map_err(|refusal| refused(examined, &refusal))
}

/// Writes what was said as one commit.
#[allow(clippy::too_many_arguments, reason = "where and what: each is said once, in this room")]
pub(super) fn publish(
    desk: &Desk<'_>,
    id: &ResolutionId,
    by: MemberName,
    found: Found,
    basis: &Basis,
    edits: &Edits,
    what: &str,
    event: &str,
) -> Result<Spoken, Error> {
    let message = message(id, what, &by, if event == "skip" { "turn" } else { event });
    let (commit, assessment) = desk.publish_assessed(&Publication { branch: &found.branch, tip: found.tip, basis, edits, message })?;
    let examined = assessment.examine(id)?;
    Ok(Spoken {
        made: Made { resolution: id.clone(), by, branch: found.branch, commit: commit.to_string() },
        kind: event.to_owned(),
        next: examined.session.pipe_holder().cloned(),
        stage: examined.session.stage().as_str().to_owned(),
        steps: next_steps(&assessment, &examined),
    })
}
