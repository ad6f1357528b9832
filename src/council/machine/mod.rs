//! The Peace Pipe as data: the engine obeys the ratified machine, and refuses one that is not safe.

mod safety;

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::policy::{Actor, Deliberation, Event, Guard, PeacePipe, Stage, Submissions};
use crate::canon::{MemberName, Risk, Roster};

pub use safety::{deadlock, defect};

/// A resolution on its way through the machine. Events are fed in the order in which they bind one
/// another; one that the machine does not allow is refused and changes nothing.
#[derive(Clone, Debug)]
pub struct Session<'a> {
    protocol: &'a PeacePipe,
    roster: &'a Roster,
    proposer: &'a MemberName,
    deliberation: Deliberation,
    speakers: Vec<&'a MemberName>,
    stage: Stage,
    taken: usize,
    spoken: BTreeSet<MemberName>,
    skipped: BTreeSet<MemberName>,
    sealed: BTreeSet<MemberName>,
    revealed: BTreeSet<MemberName>,
    ballots: BTreeMap<MemberName, u32>,
}

/// Whose statements are waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited<'a> {
    /// Nobody's.
    Nobody,
    /// The holder of the pipe speaks.
    Turn(&'a MemberName),
    /// These commit to their statements.
    Seals(Vec<&'a MemberName>),
    /// These show the statements behind their seals.
    Reveals(Vec<&'a MemberName>),
}

/// What happens, and what the guards need to know of it.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// A proposal is signed.
    Propose,
    /// A commitment is made.
    Seal,
    /// A commitment is opened.
    Reveal,
    /// A statement is made.
    Turn,
    /// This member is marked as silent.
    Skip(&'a MemberName),
    /// The statements are drawn together.
    Synthesize,
    /// A ballot with this number is cast.
    Vote(u32),
    /// The proposal is taken back.
    Withdraw,
    /// The Chief rules.
    Rule,
    /// The folder is closed, with or without its artifacts.
    Close(bool),
}

/// Why the machine does not allow a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only somebody else may.
    #[error("`{by}` is not {needed}")]
    Actor {
        /// Who tried.
        by: MemberName,
        /// Who may.
        needed: String,
    },
    /// Not in this stage, or a condition does not hold.
    #[error("{0}")]
    NotNow(String),
}

/// Why nothing of the kind can happen in a stage.
fn not_now(event: Event, stage: Stage) -> String {
    let is_statement = matches!(event, Event::Seal | Event::Reveal | Event::Turn | Event::Skip | Event::Synthesize);
    let why = match stage {
        Stage::Idle => "nothing is proposed yet",
        Stage::ChiefRuling | Stage::Close => "the Chief has ruled, and nothing can be added",
        Stage::Voting if is_statement => "voting has started; statements are closed",
        Stage::Open | Stage::PipeGranted | Stage::Submission if event == Event::Vote => "voting has not started",
        Stage::Open | Stage::PipeGranted | Stage::Submission if event == Event::Rule => "the Chief cannot rule yet",
        Stage::Submission | Stage::Synthesis if is_statement => "all statements are made",
        _ => return format!("the protocol has no {} in stage {}", event.as_str(), stage.as_str()),
    };
    why.to_owned()
}

/// How many statements so many voters make, skips included, where statements are made so.
pub fn turns(protocol: &PeacePipe, voters: usize, submissions: Submissions) -> usize {
    match submissions {
        Submissions::Open => voters * protocol.laps as usize,
        // A sealed statement is made once.
        Submissions::Sealed => voters,
    }
}

/// Whether so many who spoke, of so many voters, are enough for a synthesis.
pub fn are_enough(protocol: &PeacePipe, spoken: usize, voters: usize) -> bool {
    spoken >= (protocol.minimum_spoken as usize).min(voters)
}

impl<'a> Session<'a> {
    /// A session at the start, under the rules of one state.
    pub fn new(protocol: &'a PeacePipe, roster: &'a Roster, risk: Risk, proposer: &'a MemberName) -> Self {
        Self {
            protocol,
            roster,
            proposer,
            deliberation: *protocol.deliberation.of(risk),
            speakers: roster.voters().into_iter().map(|m| &m.name).collect(),
            stage: Stage::Idle,
            taken: 0,
            spoken: BTreeSet::new(),
            skipped: BTreeSet::new(),
            sealed: BTreeSet::new(),
            revealed: BTreeSet::new(),
            ballots: BTreeMap::new(),
        }
    }

    /// Where the session stands.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether turns and a synthesis are demanded before votes and ruling.
    pub fn deliberation_demanded(&self) -> bool {
        self.deliberation == Deliberation::Required && !self.speakers.is_empty()
    }

    /// The member who may speak next, where the pipe goes round in the open.
    pub fn pipe_holder(&self) -> Option<&'a MemberName> {
        let total = turns(self.protocol, self.speakers.len(), Submissions::Open);
        (self.taken < total && self.protocol.submissions == Submissions::Open).then(|| self.speakers[self.taken % self.speakers.len()])
    }

    /// Whose statements are waited for before the synthesis, whether or not anybody has begun.
    pub fn awaited(&self) -> Awaited<'a> {
        if !matches!(self.stage, Stage::Open | Stage::PipeGranted) || self.deliberation == Deliberation::Off {
            return Awaited::Nobody;
        }
        if self.protocol.submissions == Submissions::Open {
            return self.pipe_holder().map_or(Awaited::Nobody, Awaited::Turn);
        }
        let without = |done: &BTreeSet<MemberName>| -> Vec<&'a MemberName> {
            self.speakers.iter().copied().filter(|name| !done.contains(*name) && !self.skipped.contains(*name)).collect()
        };
        let (unsealed, unrevealed) = (without(&self.sealed), without(&self.revealed));
        match (unsealed.is_empty(), unrevealed.is_empty()) {
            (false, _) => Awaited::Seals(unsealed),
            (true, false) => Awaited::Reveals(unrevealed),
            (true, true) => Awaited::Nobody,
        }
    }

    /// Whether statements are being made, or must be made, before anybody votes.
    pub fn is_deliberating(&self) -> bool {
        let early = matches!(self.stage, Stage::Open | Stage::PipeGranted);
        early && (self.deliberation_demanded() || self.taken > 0 || !self.sealed.is_empty())
    }

    /// Whether enough have spoken for a synthesis.
    pub fn enough_spoken(&self) -> bool {
        are_enough(self.protocol, self.spoken.len(), self.speakers.len())
    }

    /// Whether the Clerk has marked a member as silent.
    pub fn is_skipped(&self, name: &MemberName) -> bool {
        self.skipped.contains(name)
    }

    /// Takes a step, if the machine allows it.
    pub fn take(&mut self, by: &MemberName, step: Step<'_>) -> Result<(), Refusal> {
        let event = step.event();
        let mut why = None;
        for transition in &self.protocol.machine.transitions {
            if transition.event != event || !transition.from.contains(&self.stage) {
                continue;
            }
            if !self.may(by, transition.by) {
                why.get_or_insert(Refusal::Actor { by: by.clone(), needed: self.name_of(transition.by) });
                continue;
            }
            match transition.requires.iter().find(|guard| !self.holds(**guard, by, step)) {
                None => {
                    self.stage = transition.to;
                    self.record(by, step);
                    return Ok(());
                }
                Some(guard) => {
                    let refusal = Refusal::NotNow(self.explain(*guard, by));
                    // The complementary guards of a lap are no reason: the other transition says more.
                    if !matches!(guard, Guard::LapOpen | Guard::LapComplete) || why.is_none() {
                        why = Some(refusal);
                    }
                }
            }
        }
        Err(why.unwrap_or_else(|| Refusal::NotNow(not_now(event, self.stage))))
    }

    fn may(&self, by: &MemberName, actor: Actor) -> bool {
        match actor {
            Actor::Anyone => self.roster.get(by).is_some(),
            Actor::Voter => self.roster.get(by).is_some_and(|m| m.votes()),
            Actor::Clerk => self.roster.clerk().name == *by,
            Actor::Chief => self.roster.chief().name == *by,
            Actor::Proposer => self.proposer == by,
        }
    }

    fn name_of(&self, actor: Actor) -> String {
        match actor {
            Actor::Anyone => "on the council".to_owned(),
            Actor::Voter => "a member with a vote".to_owned(),
            Actor::Clerk => format!("the Clerk (`{}`)", self.roster.clerk().name),
            Actor::Chief => format!("the Chief (`{}`)", self.roster.chief().name),
            Actor::Proposer => format!("the proposer (`{}`)", self.proposer),
        }
    }

    fn holds(&self, guard: Guard, by: &MemberName, step: Step<'_>) -> bool {
        let sealed = self.protocol.submissions == Submissions::Sealed;
        let total = turns(self.protocol, self.speakers.len(), self.protocol.submissions);
        match guard {
            Guard::DeliberationAllowed => self.deliberation != Deliberation::Off,
            Guard::DeliberationNotDemanded => !self.deliberation_demanded(),
            Guard::SilentSoFar => self.taken == 0 && self.sealed.is_empty(),
            Guard::OpenSubmissions => !sealed,
            Guard::SealedSubmissions => sealed,
            Guard::HoldsPipe => {
                let speaker = if let Step::Skip(member) = step { member } else { by };
                if sealed {
                    self.speakers.contains(&speaker) && !self.revealed.contains(speaker) && !self.skipped.contains(speaker)
                } else {
                    self.pipe_holder() == Some(speaker)
                }
            }
            Guard::FirstTime => match step {
                Step::Seal => !self.sealed.contains(by) && !self.skipped.contains(by),
                Step::Reveal => self.sealed.contains(by) && !self.revealed.contains(by) && !self.skipped.contains(by),
                _ => !self.spoken.contains(by),
            },
            Guard::AllSealed => self.speakers.iter().all(|m| self.sealed.contains(*m) || self.skipped.contains(*m)),
            Guard::LapOpen => self.taken + 1 < total,
            Guard::LapComplete => self.taken + 1 >= total,
            Guard::EnoughSpoken => self.enough_spoken(),
            Guard::NextBallot => match step {
                Step::Vote(ballot) => ballot == self.ballots.get(by).copied().unwrap_or(0) + 1 && ballot <= self.protocol.limits.ballots,
                _ => false,
            },
            Guard::ArtifactsBound => matches!(step, Step::Close(true)),
        }
    }

    fn record(&mut self, by: &MemberName, step: Step<'_>) {
        match step {
            Step::Turn => {
                self.taken += 1;
                self.spoken.insert(by.clone());
            }
            Step::Skip(member) => {
                self.taken += 1;
                self.skipped.insert(member.clone());
            }
            Step::Seal => {
                self.sealed.insert(by.clone());
            }
            Step::Reveal => {
                self.taken += 1;
                self.revealed.insert(by.clone());
                self.spoken.insert(by.clone());
            }
            Step::Vote(ballot) => {
                self.ballots.insert(by.clone(), ballot);
            }
            _ => {}
        }
    }

    fn explain(&self, guard: Guard, by: &MemberName) -> String {
        match guard {
            Guard::DeliberationAllowed => "there is no deliberation for this risk class".to_owned(),
            Guard::DeliberationNotDemanded => "this risk class demands turns and a synthesis first".to_owned(),
            Guard::SilentSoFar => "the pipe is going round: all speak or are skipped, and the Clerk synthesises, first".to_owned(),
            Guard::OpenSubmissions => "statements are sealed here".to_owned(),
            Guard::SealedSubmissions => "statements are open here".to_owned(),
            Guard::HoldsPipe => match self.pipe_holder() {
                Some(holder) => format!("it is the turn of `{holder}`"),
                None => "nobody is left to speak".to_owned(),
            },
            Guard::FirstTime => format!("`{by}` has done so already, or was skipped"),
            Guard::AllSealed => "not everybody has sealed a statement yet".to_owned(),
            Guard::LapOpen | Guard::LapComplete => "the lap is not at that point".to_owned(),
            Guard::EnoughSpoken => {
                format!("{} of {} have spoken", self.spoken.len(), (self.protocol.minimum_spoken as usize).min(self.speakers.len()))
            }
            Guard::NextBallot => {
                let next = self.ballots.get(by).copied().unwrap_or(0) + 1;
                format!("the next ballot of `{by}` is number {next}, and at most {} are allowed", self.protocol.limits.ballots)
            }
            Guard::ArtifactsBound => "transcript and docket are not bound by the ruling".to_owned(),
        }
    }
}

impl Step<'_> {
    fn event(self) -> Event {
        match self {
            Self::Propose => Event::Propose,
            Self::Seal => Event::Seal,
            Self::Reveal => Event::Reveal,
            Self::Turn => Event::Turn,
            Self::Skip(_) => Event::Skip,
            Self::Synthesize => Event::Synthesize,
            Self::Vote(_) => Event::Vote,
            Self::Withdraw => Event::Withdraw,
            Self::Rule => Event::Rule,
            Self::Close(_) => Event::Close,
        }
    }
}

impl Event {
    /// Whether a stage may lead to itself by this event: each of these happens a bounded number of
    /// times.
    fn may_stay(self) -> bool {
        matches!(self, Self::Seal | Self::Reveal | Self::Turn | Self::Skip | Self::Vote)
    }
}
