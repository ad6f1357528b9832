//! Convening the agents of the council: each is asked in pipe order, answers under its own name and
//! signs with its own key. What a model says is untrusted text. It can fill a statement and choose a
//! ballot, and nothing else.

mod answer;
mod prompt;
mod reach;

use std::time::Duration;

use serde::Serialize;

use crate::canon::policy::Stage;
use crate::canon::{Member, MemberName, ResolutionId};
use crate::council::machine::Awaited;
use crate::council::tally::Choice;
use crate::keyring::Signer;
use crate::ledger::examine::Examined;

pub use answer::{Ballot, Toke};
pub use reach::{Reach, ask};

use super::reveal::reveal;
use super::statement::{Statement, speak};
use super::vote::vote;
use crate::words::words;
use crate::workspace::Error;
use crate::workspace::desk::Desk;
use crate::workspace::next::{NextStep, next_steps};
use crate::workspace::open::open;

words! {
    /// What an agent is asked for.
    pub enum Matter {
        /// A statement in the circle; only its seal is recorded, where the protocol wants it.
        Turn = "turn",
        /// To show the statement that it has sealed. Nobody is asked for that.
        Reveal = "reveal",
        /// A ballot.
        Vote = "vote",
    }
}

/// An agent that can be convened: its seat, and the key that is at hand for it.
pub struct Agent {
    /// The member as ratified.
    pub member: Member,
    /// Signs for it.
    pub signer: Signer,
}

/// How agents are reached, and what may be written with.
pub struct Circle<'a> {
    /// The agents whose keys are at hand.
    pub agents: &'a [Agent],
    /// A desk for a signer.
    pub desk: &'a dyn Fn(&'a Agent) -> Result<Desk<'a>, Error>,
    /// Asks a member, and gives what it says, or why it says nothing.
    pub ask: &'a dyn Fn(&Member, &str) -> Result<String, String>,
    /// Is told what happens.
    pub tell: &'a dyn Fn(&Progress<'_>),
}

/// What is wanted.
pub struct Request<'a> {
    /// The resolution.
    pub id: &'a ResolutionId,
    /// Whether agents speak before they vote where the protocol leaves it to the council.
    pub deliberate: bool,
    /// Whether nobody is asked.
    pub dry_run: bool,
}

/// What happens while agents are asked.
#[derive(Debug)]
pub enum Progress<'a> {
    /// This one is asked.
    Asks(&'a MemberName, Matter),
    /// Its answer could not be used, and it is asked once more.
    Again(&'a MemberName, &'a str),
    /// What is recorded.
    Recorded(&'a Act),
}

/// What was recorded for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Act {
    /// The agent.
    pub member: MemberName,
    /// What it was asked for.
    pub matter: Matter,
    /// What it chose; nothing, while that is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// How sure it is, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// Why its answer could not be used, so that an abstention was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unusable: Option<String>,
}

/// An agent that could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Unasked {
    /// The agent.
    pub member: MemberName,
    /// What it was to be asked for.
    pub matter: Matter,
    /// Why it was not, or gave no answer.
    pub why: String,
}

/// What came of it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Convened {
    /// The resolution.
    pub resolution: ResolutionId,
    /// What was recorded, in order.
    pub acts: Vec<Act>,
    /// Who was not asked, or gave no answer: nothing is recorded for them.
    pub unasked: Vec<Unasked>,
    /// What the first of them would be asked; only where nobody is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Who acts next.
    pub next: Vec<NextStep>,
}

/// How long an agent may take, unless it is said otherwise.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// How many bytes an answer may have.
pub const MOST: usize = 256 << 10;

/// Asks the agents whose act it is, one after the other, until it is somebody else's.
///
/// An answer that cannot be used is asked for once more, and then recorded as an abstention with the
/// reason. An agent that gives none at all, because it cannot be reached or takes too long, is left as it
/// is: the command can be repeated, or the Clerk skips it.
///
/// # Errors
/// Denied, if no agent can be asked, or the resolution takes no more records.
pub fn convene<'a>(circle: &Circle<'a>, request: &Request<'_>) -> Result<Convened, Error> {
    let id = request.id;
    let Some(first) = circle.agents.first() else {
        return Err(Error::denied(
            "no key of an agent is at hand",
            "name their keys with --agent-key FILE; omega council list shows who is an agent",
        ));
    };
    let (mut acts, mut unasked): (Vec<Act>, Vec<Unasked>) = (Vec::new(), Vec::new());
    loop {
        // The desk is given back before anybody is asked: others may write meanwhile.
        let assessment = open(&(circle.desk)(first)?, id)?.assessment;
        let examined = assessment.examine(id)?;
        let passed = |name: &MemberName| unasked.iter().any(|other| other.member == *name);
        let due = due(&examined, circle.agents, request.deliberate, &passed);
        let Some((agent, matter)) = due else {
            return Ok(Convened { resolution: id.clone(), acts, unasked, prompt: None, next: next_steps(&assessment, &examined) });
        };
        let name = &agent.member.name;
        if matter == Matter::Reveal && !request.dry_run {
            match reveal(&(circle.desk)(agent)?, id) {
                Ok(_) => {
                    let act = Act { member: name.clone(), matter, choice: None, confidence: None, unusable: None };
                    (circle.tell)(&Progress::Recorded(&act));
                    acts.push(act);
                }
                Err(error) => unasked.push(Unasked { member: name.clone(), matter, why: error.to_string() }),
            }
            continue;
        }
        let prompt = prompt::prompt(&assessment, &examined, &agent.member, matter);
        if request.dry_run {
            let why = "no agent is asked in a dry run".to_owned();
            unasked.push(Unasked { member: name.clone(), matter, why });
            return Ok(Convened { resolution: id.clone(), acts, unasked, prompt: Some(prompt), next: next_steps(&assessment, &examined) });
        }
        (circle.tell)(&Progress::Asks(name, matter));
        match hear(circle, agent, matter, &prompt) {
            Ok(heard) => {
                let act = record(&(circle.desk)(agent)?, id, name, matter, heard)?;
                (circle.tell)(&Progress::Recorded(&act));
                acts.push(act);
            }
            // While the pipe waits for this one, nobody else can speak: the next round ends the loop.
            Err(why) => unasked.push(Unasked { member: name.clone(), matter, why }),
        }
    }
}

/// Whose act it is, if it is that of an agent at hand.
fn due<'a>(
    examined: &Examined<'_>,
    agents: &'a [Agent],
    deliberate: bool,
    passed: &dyn Fn(&MemberName) -> bool,
) -> Option<(&'a Agent, Matter)> {
    let at_hand = |name: &MemberName| agents.iter().find(|agent| agent.member.name == *name && !passed(name));
    let session = &examined.session;
    if session.is_deliberating() || (deliberate && session.stage() == Stage::Open) {
        let (members, matter) = match session.awaited() {
            Awaited::Nobody => return None,
            Awaited::Turn(holder) => (vec![holder], Matter::Turn),
            Awaited::Seals(members) => (members, Matter::Turn),
            Awaited::Reveals(members) => (members, Matter::Reveal),
        };
        return members.into_iter().find_map(at_hand).map(|agent| (agent, matter));
    }
    if !matches!(session.stage(), Stage::Open | Stage::Synthesis | Stage::Voting) {
        return None;
    }
    let voters = examined.law.roster.voters();
    let mut waiting = voters.iter().filter(|member| examined.folder.last_vote(&member.name).is_none());
    waiting.find_map(|member| at_hand(&member.name)).map(|agent| (agent, Matter::Vote))
}

/// What an agent says, or why what it says cannot be used.
enum Heard {
    Toke(Toke),
    Ballot(Ballot),
    Unusable(String),
}

fn hear(circle: &Circle<'_>, agent: &Agent, matter: Matter, prompt: &str) -> Result<Heard, String> {
    let read = |said: &str| match matter {
        Matter::Turn | Matter::Reveal => answer::read::<Toke>(said).map(Heard::Toke),
        Matter::Vote => answer::read::<Ballot>(said).map(Heard::Ballot),
    };
    let why = match read(&(circle.ask)(&agent.member, prompt)?) {
        Ok(heard) => return Ok(heard),
        Err(why) => why,
    };
    (circle.tell)(&Progress::Again(&agent.member.name, &why));
    let again = format!("{prompt}\nYour last answer could not be used: {why}. Answer again, with one JSON object and nothing else.\n");
    Ok(read(&(circle.ask)(&agent.member, &again)?).unwrap_or_else(Heard::Unusable))
}

fn record(desk: &Desk<'_>, id: &ResolutionId, name: &MemberName, matter: Matter, heard: Heard) -> Result<Act, Error> {
    let unusable = |why: &str| format!("The agent was asked twice, and no answer could be used: {why}.");
    let (choice, confidence, text, why) = match heard {
        Heard::Toke(toke) => (toke.position, toke.confidence, toke.text(), None),
        Heard::Ballot(ballot) => (ballot.choice, ballot.confidence, ballot.reason, None),
        Heard::Unusable(why) => (Choice::Abstain, 0, unusable(&why), Some(why)),
    };
    let is_sealed = match matter {
        Matter::Turn | Matter::Reveal => speak(desk, id, &Statement::Turn(choice, confidence), &text)?.kind == "seal",
        Matter::Vote => vote(desk, id, choice, confidence, &text).map(|_| false)?,
    };
    let told = (!is_sealed).then_some((choice, confidence));
    Ok(Act { member: name.clone(), matter, choice: told.map(|told| told.0), confidence: told.map(|told| told.1), unusable: why })
}
