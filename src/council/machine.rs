//! The Peace Pipe as data: the engine obeys the ratified machine, and refuses one that is not safe.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::policy::{Actor, Deliberation, Event, Guard, Machine, PeacePipe, Stage, Submissions};
use crate::canon::{MemberName, Risk, Roster};

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
        let total = self.speakers.len() * self.protocol.laps as usize;
        (self.taken < total && self.protocol.submissions == Submissions::Open).then(|| self.speakers[self.taken % self.speakers.len()])
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
        Err(why.unwrap_or_else(|| Refusal::NotNow(format!("{} cannot happen in stage {}", event.as_str(), self.stage.as_str()))))
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
        let total = self.speakers.len() * if sealed { 1 } else { self.protocol.laps as usize };
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
            Guard::EnoughSpoken => self.spoken.len() >= (self.protocol.minimum_spoken as usize).min(self.speakers.len()),
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

/// Why a protocol is not safe to obey, as a fact; nothing if it is.
///
/// Every way leads forward; every stage that can be reached can reach the end; only the Chief rules,
/// and only a ruling or the proposer's withdrawal leads to the end; where deliberation is demanded,
/// no way leads to a vote or ruling around the synthesis, which the Clerk makes after the laps.
pub fn defect(protocol: &PeacePipe) -> Option<String> {
    if !(1..=16).contains(&protocol.laps) {
        return Some("the number of laps is not between 1 and 16".to_owned());
    }
    if protocol.limits.ballots == 0 || protocol.limits.open_per_member == 0 {
        return Some("a limit of zero would stop the council".to_owned());
    }
    if protocol.emergency.expire_hours == 0 || protocol.emergency.expire_hours > 8760 {
        return Some("an emergency lasts between 1 and 8760 hours".to_owned());
    }
    if protocol.emergency.settle_hours > protocol.emergency.expire_hours {
        return Some("an emergency expires before a council must have opened".to_owned());
    }
    let machine = &protocol.machine;
    if machine.transitions.len() > 100 {
        return Some("the machine has more than 100 transitions".to_owned());
    }
    for way in &machine.transitions {
        let name = way.event.as_str();
        if let Some(from) = way.from.iter().find(|from| **from > way.to || (**from == way.to && !way.event.may_stay())) {
            return Some(format!("{name} leads from {} back to {}", from.as_str(), way.to.as_str()));
        }
        if way.from.contains(&Stage::Close) {
            return Some(format!("{name} leads on from CLOSE"));
        }
        let (fits, rule) = match way.event {
            Event::Rule => (way.to == Stage::ChiefRuling && way.by == Actor::Chief, "a ruling is the Chief's and leads to CHIEF_RULING"),
            Event::Close => (
                way.from == [Stage::ChiefRuling] && way.to == Stage::Close && way.requires.contains(&Guard::ArtifactsBound),
                "closing leads from CHIEF_RULING to CLOSE and binds the artifacts",
            ),
            Event::Withdraw => (way.to == Stage::Close && way.by == Actor::Proposer, "a withdrawal is the proposer's and leads to CLOSE"),
            Event::Synthesize => (
                way.to == Stage::Synthesis && way.by == Actor::Clerk && way.from.iter().all(|from| *from == Stage::Submission),
                "a synthesis is the Clerk's and leads from SUBMISSION to SYNTHESIS",
            ),
            Event::Vote => (
                way.to == Stage::Voting && way.by == Actor::Voter && way.requires.contains(&Guard::NextBallot),
                "a vote is a voter's next ballot and leads to VOTING",
            ),
            Event::Propose => (way.from == [Stage::Idle] && way.to == Stage::Open, "a proposal leads from IDLE to OPEN"),
            Event::Turn | Event::Skip => (
                way.to <= Stage::Submission
                    && (way.event == Event::Skip || way.requires.contains(&Guard::OpenSubmissions))
                    && way.requires.contains(&Guard::HoldsPipe)
                    && (way.to != Stage::Submission || way.requires.contains(&Guard::LapComplete))
                    && way.by == if way.event == Event::Turn { Actor::Voter } else { Actor::Clerk },
                "only the holder of the pipe speaks, only the Clerk skips, and SUBMISSION is reached when the lap is complete",
            ),
            Event::Seal | Event::Reveal => (
                way.to <= Stage::Submission
                    && way.requires.contains(&Guard::SealedSubmissions)
                    && way.by == Actor::Voter
                    && way.requires.contains(&Guard::FirstTime)
                    && (way.to != Stage::Submission || way.requires.contains(&Guard::LapComplete))
                    && (way.event == Event::Seal || way.requires.contains(&Guard::AllSealed)),
                "seals and reveals are made once by each voter, reveals when all have sealed",
            ),
        };
        if !fits {
            return Some(rule.to_owned());
        }
        // Before the synthesis, nothing that decides may pass by a demanded deliberation.
        let decides = matches!(way.event, Event::Vote | Event::Rule);
        let early = way.from.iter().any(|from| *from < Stage::Synthesis);
        if decides && early && !(way.requires.contains(&Guard::DeliberationNotDemanded) && way.requires.contains(&Guard::SilentSoFar)) {
            return Some(format!("{name} can happen before the synthesis where deliberation is demanded"));
        }
    }
    dead_end(machine)
}

/// Why a council that does all that is asked of it would still never come to a ruling, as a fact. The
/// machine is run once for each risk class: no guard can hide from that.
pub fn deadlock(protocol: &PeacePipe, roster: &Roster) -> Option<String> {
    Risk::ALL.into_iter().find_map(|risk| {
        run_through(protocol, roster, risk).err().map(|why| format!("a proposal of {risk} risk never comes to a ruling: {why}"))
    })
}

fn run_through(protocol: &PeacePipe, roster: &Roster, risk: Risk) -> Result<(), Refusal> {
    /// A turn has three digits in its file name.
    const MAX_TURNS: usize = 999;
    let (chief, clerk) = (&roster.chief().name, &roster.clerk().name);
    let start = |proposer| {
        let mut session = Session::new(protocol, roster, risk, proposer);
        session.take(proposer, Step::Propose).map(|()| session)
    };
    let mut session = roster.iter().find_map(|member| start(&member.name).ok()).map_or_else(|| start(chief), Ok)?;
    let voters = session.speakers.clone();
    if session.deliberation_demanded() {
        if protocol.submissions == Submissions::Sealed {
            for step in [Step::Seal, Step::Reveal] {
                voters.iter().try_for_each(|by| session.take(by, step))?;
            }
        }
        while let Some(by) = session.pipe_holder() {
            session.take(by, Step::Turn)?;
            if session.taken > MAX_TURNS {
                return Err(Refusal::NotNow(format!("it takes more than {MAX_TURNS} turns")));
            }
        }
        session.take(clerk, Step::Synthesize)?;
    }
    voters.iter().try_for_each(|by| session.take(by, Step::Vote(1)))?;
    session.take(chief, Step::Rule)?;
    session.take(chief, Step::Close(true))
}

/// A stage that can be reached from the start and cannot reach the end by a ruling.
fn dead_end(machine: &Machine) -> Option<String> {
    let next = |stage: Stage| machine.transitions.iter().filter(move |way| way.from.contains(&stage)).map(|way| way.to);
    let mut reachable = BTreeSet::from([Stage::Idle]);
    let mut queue = vec![Stage::Idle];
    while let Some(stage) = queue.pop() {
        for to in next(stage) {
            if reachable.insert(to) {
                queue.push(to);
            }
        }
    }
    for needed in [Stage::Open, Stage::Voting, Stage::ChiefRuling, Stage::Close] {
        if !reachable.contains(&needed) {
            return Some(format!("{} cannot be reached", needed.as_str()));
        }
    }
    // Stages only rise, so a look from the last to the first finds what cannot be ruled.
    let mut ruled = BTreeSet::from([Stage::ChiefRuling]);
    for stage in [Stage::Voting, Stage::Synthesis, Stage::Submission, Stage::PipeGranted, Stage::Open, Stage::Idle] {
        if next(stage).any(|to| ruled.contains(&to)) {
            ruled.insert(stage);
        } else if reachable.contains(&stage) {
            return Some(format!("no way leads from {} to a ruling", stage.as_str()));
        }
    }
    None
}

impl Event {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Propose => "propose",
            Self::Seal => "seal",
            Self::Reveal => "reveal",
            Self::Turn => "turn",
            Self::Skip => "skip",
            Self::Synthesize => "synthesize",
            Self::Vote => "vote",
            Self::Withdraw => "withdraw",
            Self::Rule => "rule",
            Self::Close => "close",
        }
    }

    /// Whether a stage may lead to itself by this event: each of these happens a bounded number of
    /// times.
    fn may_stay(self) -> bool {
        matches!(self, Self::Seal | Self::Reveal | Self::Turn | Self::Skip | Self::Vote)
    }
}

impl Stage {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Open => "OPEN",
            Self::PipeGranted => "PIPE_GRANTED",
            Self::Submission => "SUBMISSION",
            Self::Synthesis => "SYNTHESIS",
            Self::Voting => "VOTING",
            Self::ChiefRuling => "CHIEF_RULING",
            Self::Close => "CLOSE",
        }
    }
}
