//! Casting a ballot.

use serde::Serialize;

use crate::canon::ResolutionId;
use crate::council::machine::Step;
use crate::council::tally::{Choice, Count};
use crate::keys::PublicKey;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::Vote;
use crate::ledger::verdict::Standing;

use super::assess::Assessment;
use super::desk::{Desk, Edits, Publication, departed, message};
use super::next::{NextStep, refused};
use super::report::{CountReport, Made};
use super::{Error, find};

/// What a ballot did.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Voted {
    /// The record that was made.
    #[serde(flatten)]
    pub made: Made,
    /// What was chosen.
    pub choice: Choice,
    /// The number of the ballot.
    pub ballot: u32,
    /// Whether the same ballot lay there already, so that nothing was written.
    pub repeated: bool,
    /// What all ballots say now.
    pub count: CountReport,
    /// Who acts next, where the ballots are enough for a ruling.
    pub next: Vec<NextStep>,
}

/// Casts the signer's next ballot on an open resolution.
///
/// # Errors
/// Denied, if the protocol gives the signer no vote now.
pub fn vote(desk: &Desk<'_>, id: &ResolutionId, choice: Choice, confidence: u8, reason: &str) -> Result<Voted, Error> {
    let found = desk.locate(id)?;
    let basis = desk.basis(&found.tips)?;
    let assessment = desk.assess(basis.tree)?;
    must_be_open(desk, &assessment, id)?;
    let examined = assessment.examine(id)?;
    must_be_voted_on(&examined)?;
    let member = desk.member(examined.law)?;
    let last = examined.folder.last_vote(&member.name);
    if let Some(same) =
        last.filter(|vote| vote.record().choice == choice && vote.record().confidence == confidence && vote.body() == reason.trim())
    {
        return Ok(Voted {
            made: Made { resolution: id.clone(), by: member.name.clone(), branch: found.branch, commit: basis.parents[0].to_string() },
            choice,
            ballot: same.record().ballot,
            repeated: true,
            count: CountReport::of(&examined.count, examined.law, examined.proposal.record().risk),
            next: ruling_step(&assessment, &examined, &examined.count),
        });
    }
    let ballot = last.map_or(0, |vote| vote.record().ballot) + 1;
    let mut session = examined.session.clone();
    session.take(&member.name, Step::Vote(ballot)).map_err(|refusal| refused(&examined, &refusal))?;
    let record = Vote {
        omega: 1,
        kind: "vote".into(),
        canon: assessment.judgement.ledger.root(),
        resolution: id.clone(),
        by: member.name.clone(),
        at: desk.now(),
        proposal: examined.proposal.digest(),
        ballot,
        replaces: last.map(|vote| vote.digest()),
        synthesis: examined.folder.synthesis.as_ref().map(|synthesis| synthesis.digest()),
        choice,
        confidence,
    };
    let mut edits = Edits::new();
    desk.record(&mut edits, &record, reason)?;
    let by = member.name.clone();
    let what = format!("vote {}", choice.as_str());
    let commit = desk.publish(&Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(id, &what, &by, "vote"),
    })?;
    let mut ballots = examined.folder.ballots();
    ballots.insert(by.clone(), choice);
    let risk = examined.proposal.record().risk;
    let count: Count = crate::council::tally::count(&examined.law.roster, examined.law.consensus.classes.of(risk), &ballots);
    Ok(Voted {
        made: Made { resolution: id.clone(), by, branch: found.branch, commit: commit.to_string() },
        choice,
        ballot,
        repeated: false,
        count: CountReport::of(&count, examined.law, risk),
        next: ruling_step(&assessment, &examined, &count),
    })
}

/// The Chief's act, once nothing else is missing.
fn ruling_step(assessment: &Assessment, examined: &Examined<'_>, count: &Count) -> Vec<NextStep> {
    let is_ready = count.bypass_to_approve().is_none() && matches!(assessment.standing(examined.id), Some(Standing::Open));
    let command = format!("omega canon ratify {}", examined.id);
    let step = NextStep { member: examined.law.roster.chief().name.clone(), command, what: "ratify it".to_owned() };
    Vec::from_iter(is_ready.then_some(step))
}

/// A recovery is ruled without statements and votes: one of them would spoil it.
pub fn must_be_voted_on(examined: &Examined<'_>) -> Result<(), Error> {
    if examined.proposal.record().recovery.is_none() {
        return Ok(());
    }
    Err(Error::denied(
        format!("{} is a recovery: the recovery keys decide on it, and nobody speaks or votes", examined.id),
        format!("with a recovery key: omega key recovery sign {} --key FILE", examined.id),
    ))
}

/// Only an open resolution takes more records; a stale one still takes ballots, for the Chief can
/// still reject it. A branch may not know yet that a ruling on the main branch closed it, or took the signer's key.
pub fn must_be_open(desk: &Desk<'_>, assessment: &Assessment, id: &ResolutionId) -> Result<(), Error> {
    must_be_open_for(desk, assessment, id, desk.public_key())
}

/// The same for a record that was signed elsewhere, by this key.
pub(super) fn must_be_open_for(desk: &Desk<'_>, assessment: &Assessment, id: &ResolutionId, key: Option<&PublicKey>) -> Result<(), Error> {
    let closed = |why: String| Err(Error::denied(why, format!("omega canon show {id}")));
    let ruled = || closed(format!("{id} is ruled: nothing can be added"));
    match assessment.standing(id) {
        Some(Standing::Open | Standing::Stale(_) | Standing::Revoked(_)) => {
            let Some(main) = desk.repo.find_ref(&assessment.law()?.protected_refs[0])? else { return Ok(()) };
            let moved = find::has_ruling(desk.repo, main, assessment.judgement.ledger.last().map_or(0, |last| last + 1))?;
            if !moved && !find::holds(desk.repo, main, id)? {
                return Ok(());
            }
            let ledger = desk.assess(main)?.judgement.ledger;
            if ledger.closed.contains_key(id) {
                return ruled();
            }
            // The branch knows the key; the main branch knows that it has left.
            match key.and_then(|key| departed(&format!("the key {}", key.fingerprint()), &ledger, key)) {
                Some((fact, hint)) => Err(Error::denied(fact, hint)),
                None => Ok(()),
            }
        }
        Some(Standing::Withdrawn) => closed(format!("{id} was withdrawn")),
        Some(Standing::Superseded(newer)) => closed(format!("{newer} stands in the place of {id}")),
        None => ruled(),
    }
}
