//! Speaking in the circle: turns, skips and the synthesis.

use serde::Serialize;

use crate::canon::{MemberName, ResolutionId};
use crate::council::machine::Step;
use crate::council::tally::Choice;
use crate::ledger::kinds::{Synthesis, Turn};

use super::Error;
use super::desk::{Desk, Edits, Publication, message};
use super::report::Made;
use super::vote::must_be_open;

/// What was said.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Spoken {
    /// The record that was made.
    #[serde(flatten)]
    pub made: Made,
    /// Who speaks next, if the pipe still goes round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<MemberName>,
    /// Where the resolution stands now.
    pub stage: String,
}

/// What is to be said.
pub enum Statement<'a> {
    /// A member's position and its reasons.
    Turn(Choice, u8),
    /// The Clerk marks a member as silent.
    Skip(&'a MemberName),
    /// The Clerk draws the statements together.
    Synthesis,
}

/// Makes the signer's statement on an open resolution.
///
/// # Errors
/// Denied, if the protocol does not give the signer the word.
pub fn speak(desk: &Desk<'_>, id: &ResolutionId, statement: &Statement<'_>, text: &str) -> Result<Spoken, Error> {
    let found = desk.locate(id)?;
    let basis = desk.basis(&found.tips)?;
    let assessment = desk.assess(basis.tree)?;
    must_be_open(desk, &assessment, id)?;
    let examined = assessment.examine(id)?;
    let member = desk.member(examined.law)?;
    let mut session = examined.session.clone();
    let step = match statement {
        Statement::Turn(..) => Step::Turn,
        Statement::Skip(member) => Step::Skip(member),
        Statement::Synthesis => Step::Synthesize,
    };
    session.take(&member.name, step).map_err(|refusal| Error::denied(refusal.to_string(), format!("omega canon show {id}")))?;
    let canon = assessment.judgement.ledger.root();
    let (proposal, by, at) = (examined.proposal.digest(), member.name.clone(), desk.now());
    let mut edits = Edits::new();
    let (what, event) = if let Statement::Synthesis = statement {
        let record = Synthesis {
            omega: 1,
            kind: "synthesis".into(),
            canon,
            resolution: id.clone(),
            by: by.clone(),
            at,
            proposal,
            turns: examined.folder.statements(),
        };
        desk.record(&mut edits, &record, text)?;
        ("synthesis".to_owned(), "synthesis")
    } else {
        let (position, confidence, skips) = match statement {
            Statement::Turn(position, confidence) => (Some(*position), Some(*confidence), None),
            Statement::Skip(member) => (None, None, Some((*member).clone())),
            Statement::Synthesis => (None, None, None),
        };
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
        (skips.map_or_else(|| format!("turn {}", record.turn), |member| format!("skip {member}")), "turn")
    };
    let commit = desk.publish(&Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(id, &what, &by, event),
    })?;
    Ok(Spoken {
        made: Made { resolution: id.clone(), by, branch: found.branch, commit: commit.to_string() },
        next: session.pipe_holder().cloned(),
        stage: session.stage().as_str().to_owned(),
    })
}
