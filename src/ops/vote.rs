//! Casting a ballot.

use serde::Serialize;

use crate::canon::{ResolutionId, Role};
use crate::council::machine::Step;
use crate::council::tally::{Choice, Count};
use crate::ledger::examine::Examined;
use crate::ledger::kinds::Vote;
use crate::ledger::verdict::Standing;

use crate::workspace::Error;
use crate::workspace::assess::Assessment;
use crate::workspace::desk::{Desk, Publication, message};
use crate::workspace::edits::Edits;
use crate::workspace::next::{NextStep, next_steps, refused};
use crate::workspace::open::{Opened, must_be_voted_on, open};
use crate::workspace::report::{CountReport, Made};

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
    let Opened { found, basis, assessment } = open(desk, id)?;
    let examined = assessment.examine(id)?;
    must_be_voted_on(&examined)?;
    let member = desk.member(examined.law)?;
    if member.role == Role::Chief {
        let fact = format!("`{}` is the Chief, who rules and does not vote", member.name);
        return Err(Error::denied(fact, format!("omega ratify {id}; or: omega rule {id} reject")));
    }
    let last = examined.folder.last_vote(&member.name);
    if let Some(same) =
        last.filter(|vote| vote.record().choice == choice && vote.record().confidence == confidence && vote.body() == reason.trim())
    {
        let by = member.name.clone();
        // The branch here takes up what was fetched, so that it can be pushed.
        let commit = desk.join(&found, &basis, message(id, "records joined", &by, "join"))?;
        return Ok(Voted {
            made: Made { resolution: id.clone(), by, branch: found.branch, commit: commit.to_string() },
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
    let command = format!("omega ratify {}", examined.id);
    let step = NextStep { member: examined.law.roster.chief().name.clone(), command, what: "ratify it".to_owned() };
    match assessment.standing(examined.id) {
        Some(Standing::Stale(_)) => next_steps(assessment, examined),
        _ => Vec::from_iter(is_ready.then_some(step)),
    }
}
