//! Which protocols are safe to obey, and which councils could never come to a ruling.

use std::collections::BTreeSet;

use crate::canon::policy::{Actor, Event, Guard, Machine, PeacePipe, Stage, Submissions};
use crate::canon::{Risk, Roster};

use super::{Refusal, Session, Step};

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
    if let Some(artifact) = protocol.artifacts.iter().find(|artifact| !PeacePipe::ARTIFACTS.contains(&artifact.as_str())) {
        return Some(format!("no ruling leaves `{artifact}` behind: artifacts are {}", PeacePipe::ARTIFACTS.join(", ")));
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
