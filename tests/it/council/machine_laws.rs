//! The protocol machine against a model that only looks back at what happened, and the laws that every
//! machine keeps which the fold accepts.

use std::collections::BTreeSet;

use omega::canon::policy::{self, Actor, Deliberation, Event, Guard, PeacePipe, Stage, Submissions};
use omega::canon::{ByRisk, Member, MemberName, Risk, Role, Roster};
use omega::council::machine::{Session, Step, defect};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::forge::{chief, member, name};

const VOTERS: [&str; 4] = ["zoe", "ana", "moe", "bo"];
const EVERYBODY: [&str; 7] = ["zoe", "ana", "moe", "bo", "ry", "safa", "mute"];

/// One thing that somebody tries.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Propose,
    Seal,
    Reveal,
    Turn,
    Skip(&'static str),
    Synthesize,
    Vote(u32),
    Withdraw,
    Rule,
    Close(bool),
}

fn acts() -> Vec<(&'static str, Act)> {
    use Act::{Close, Propose, Reveal, Rule, Seal, Skip, Synthesize, Turn, Vote, Withdraw};
    let mut acts = vec![Propose, Seal, Reveal, Turn, Synthesize, Withdraw, Rule, Close(true), Close(false)];
    acts.extend(EVERYBODY.map(Skip));
    acts.extend((0..5).map(Vote));
    EVERYBODY.iter().flat_map(|by| acts.iter().map(move |act| (*by, *act))).collect()
}

fn take(session: &mut Session<'_>, by: &str, act: Act) -> bool {
    let by = name(by);
    let silent;
    let step = match act {
        Act::Propose => Step::Propose,
        Act::Seal => Step::Seal,
        Act::Reveal => Step::Reveal,
        Act::Turn => Step::Turn,
        Act::Skip(member) => {
            silent = name(member);
            Step::Skip(&silent)
        }
        Act::Synthesize => Step::Synthesize,
        Act::Vote(ballot) => Step::Vote(ballot),
        Act::Withdraw => Step::Withdraw,
        Act::Rule => Step::Rule,
        Act::Close(bound) => Step::Close(bound),
    };
    session.take(&by, step).is_ok()
}

/// What is random about a council and its protocol.
#[derive(Clone, Debug)]
struct Setting {
    voters: usize,
    has_clerk: bool,
    deliberation: Deliberation,
    sealed: bool,
    laps: u32,
    minimum: u32,
    ballots: u32,
}

fn settings() -> impl Strategy<Value = Setting> {
    let deliberation = prop::sample::select(vec![Deliberation::Off, Deliberation::Optional, Deliberation::Required]);
    (0..=VOTERS.len(), any::<bool>(), deliberation, any::<bool>(), 1u32..=3, 0u32..=4, 1u32..=3).prop_map(
        |(voters, has_clerk, deliberation, sealed, laps, minimum, ballots)| Setting {
            voters,
            has_clerk,
            deliberation,
            sealed,
            laps,
            minimum,
            ballots,
        },
    )
}

fn planted() -> PeacePipe {
    policy::read(include_bytes!("../../../canon/PEACE_PIPE_PROTOCOL.md")).unwrap()
}

impl Setting {
    fn roster(&self) -> Roster {
        let voters = VOTERS.iter().zip(2u32..).take(self.voters).map(|(text, seat)| member(text, seat));
        let clerk = self.has_clerk.then(|| Member { role: Role::Clerk, weight: 0, ..member("safa", 90) });
        // Members without a weight need one with it.
        let mute = (self.voters > 0).then(|| Member { weight: 0, ..member("mute", 91) });
        Roster::new(voters.chain(clerk).chain([chief("ry", 1)]).chain(mute)).unwrap()
    }

    fn protocol(&self) -> PeacePipe {
        let all = self.deliberation;
        let mut pipe = planted();
        pipe.deliberation = ByRisk { low: all, medium: all, high: all, critical: all };
        pipe.submissions = if self.sealed { Submissions::Sealed } else { Submissions::Open };
        (pipe.laps, pipe.minimum_spoken, pipe.limits.ballots) = (self.laps, self.minimum, self.ballots);
        pipe
    }

    fn clerk(&self) -> &'static str {
        if self.has_clerk { "safa" } else { "ry" }
    }

    fn demanded(&self) -> bool {
        self.deliberation == Deliberation::Required && self.voters > 0
    }
}

/// Whether the planted protocol allows an act after all these, said by looking back at them alone.
fn allows(setting: &Setting, proposer: &str, past: &[(&'static str, Act)], by: &'static str, act: Act) -> bool {
    let voters = &VOTERS[..setting.voters];
    let did = |wanted: fn(&Act) -> bool| past.iter().filter(|(_, act)| wanted(act)).count();
    let own = |wanted: Act| past.contains(&(by, wanted));
    let skipped = |who: &str| past.iter().any(|(_, act)| matches!(act, Act::Skip(silent) if *silent == who));
    let sealed = |who: &'static str| past.contains(&(who, Act::Seal));
    let revealed = |who: &'static str| past.contains(&(who, Act::Reveal));
    let heard = did(|act| matches!(act, Act::Turn | Act::Skip(_) | Act::Reveal));
    let total = voters.len() * if setting.sealed { 1 } else { setting.laps as usize };
    let (votes, synthesized) = (did(|act| matches!(act, Act::Vote(_))), did(|act| *act == Act::Synthesize) > 0);
    let ruled = did(|act| *act == Act::Rule) > 0;
    let over = ruled || did(|act| matches!(act, Act::Withdraw | Act::Close(_))) > 0;
    if past.is_empty() || act == Act::Propose {
        let known = (by != "safa" || setting.has_clerk) && (by != "mute" || setting.voters > 0);
        return past.is_empty() && act == Act::Propose && (known && (!VOTERS.contains(&by) || voters.contains(&by)));
    }
    if let Act::Close(bound) = act {
        return by == "ry" && ruled && bound && did(|act| matches!(act, Act::Close(_))) == 0;
    }
    if over {
        return false;
    }
    let talking = votes == 0 && !synthesized && (heard == 0 || heard < total);
    let silent = heard == 0 && did(|act| *act == Act::Seal) == 0;
    let may_decide = synthesized || votes > 0 || (silent && !setting.demanded());
    let allowed = setting.deliberation != Deliberation::Off;
    let turn_of = |who: &str| heard < total && voters[heard % voters.len()] == who;
    match act {
        Act::Seal => voters.contains(&by) && setting.sealed && allowed && talking && heard == 0 && !sealed(by),
        Act::Reveal => {
            let all_sealed = voters.iter().all(|who| sealed(who) || skipped(who));
            voters.contains(&by) && setting.sealed && talking && all_sealed && sealed(by) && !revealed(by) && !skipped(by)
        }
        Act::Turn => voters.contains(&by) && !setting.sealed && allowed && talking && turn_of(by),
        Act::Skip(who) => {
            let waits = if setting.sealed { voters.contains(&who) && !revealed(who) && !skipped(who) } else { turn_of(who) };
            by == setting.clerk() && allowed && talking && waits
        }
        Act::Synthesize => {
            let spoken: BTreeSet<&str> =
                past.iter().filter(|(_, act)| matches!(act, Act::Turn | Act::Reveal)).map(|(who, _)| *who).collect();
            let needed = (setting.minimum as usize).min(voters.len());
            by == setting.clerk() && !synthesized && heard > 0 && heard >= total && spoken.len() >= needed
        }
        Act::Vote(number) => {
            let mine = past.iter().filter(|(who, act)| *who == by && matches!(act, Act::Vote(_))).count() as u32;
            voters.contains(&by) && may_decide && number == mine + 1 && number <= setting.ballots
        }
        Act::Withdraw => by == proposer && !own(Act::Withdraw),
        Act::Rule => by == "ry" && may_decide,
        Act::Propose | Act::Close(_) => false,
    }
}

/// The laws, held over all that a machine let happen.
fn keeps_the_laws(setting: &Setting, past: &[(&'static str, Act)], stages: &[Stage]) -> Result<(), TestCaseError> {
    prop_assert!(stages.windows(2).all(|pair| pair[0] <= pair[1]), "it went back: {:?}", stages);
    let at = |wanted: fn(&Act) -> bool| past.iter().position(|(_, act)| wanted(act));
    let decided = at(|act| matches!(act, Act::Vote(_) | Act::Rule));
    if let (true, Some(decided)) = (setting.demanded(), decided) {
        let drawn = at(|act| *act == Act::Synthesize);
        prop_assert!(drawn.is_some_and(|drawn| drawn < decided), "decided before the synthesis: {:?}", past);
    }
    if let Some(ruled) = at(|act| *act == Act::Rule) {
        prop_assert_eq!(past[ruled].0, "ry");
        // A council may ratify a machine that lets the proposer withdraw even then. The fold does not: a ruling
        // on what was withdrawn is none, and what comes after a ruling is late.
        let harmless = |act: &Act| *act == Act::Close(true) || *act == Act::Withdraw;
        prop_assert!(past[ruled + 1..].iter().all(|(_, act)| harmless(act)), "after the ruling: {:?}", past);
    }
    for (by, act) in past {
        match act {
            Act::Skip(_) | Act::Synthesize => prop_assert_eq!(*by, setting.clerk()),
            Act::Seal | Act::Reveal | Act::Turn | Act::Vote(_) => prop_assert!(VOTERS[..setting.voters].contains(by)),
            _ => {}
        }
    }
    // In the open, each lap hears everybody once, in seat order; sealed, everybody is heard once.
    let heard: Vec<&str> = past
        .iter()
        .filter_map(|(by, act)| match act {
            Act::Turn | Act::Reveal => Some(*by),
            Act::Skip(silent) => Some(*silent),
            _ => None,
        })
        .collect();
    if setting.sealed {
        prop_assert_eq!(heard.iter().collect::<BTreeSet<_>>().len(), heard.len(), "{:?}", past);
    } else {
        for (number, who) in heard.iter().enumerate() {
            prop_assert_eq!(*who, VOTERS[number % setting.voters], "{:?}", past);
        }
        prop_assert!(heard.len() <= setting.voters * setting.laps as usize);
    }
    Ok(())
}

/// Lets a machine run: at each step somebody tries something, mostly something that works.
fn run<'a>(
    protocol: &'a PeacePipe,
    roster: &'a Roster,
    proposer: &'a MemberName,
    tries: &[(bool, Index)],
    mut watch: impl FnMut(&[(&'static str, Act)], &'static str, Act, bool) -> Result<(), TestCaseError>,
) -> Result<(Vec<(&'static str, Act)>, Vec<Stage>), TestCaseError> {
    let all = acts();
    let mut session = Session::new(protocol, roster, Risk::High, proposer);
    let (mut past, mut stages) = (Vec::new(), vec![session.stage()]);
    for (guided, pick) in tries {
        let working: Vec<_> = all.iter().filter(|(by, act)| *guided && take(&mut session.clone(), by, *act)).copied().collect();
        let (by, act) = *pick.get(if working.is_empty() { &all } else { &working });
        // The proposer says so first; who that is, the session was told.
        if act == Act::Propose && past.is_empty() && name(by) != *proposer {
            continue;
        }
        let before = session.stage();
        let taken = take(&mut session, by, act);
        watch(&past, by, act, taken)?;
        if taken {
            past.push((by, act));
            stages.push(session.stage());
        } else {
            prop_assert_eq!(session.stage(), before, "a refused act changed something");
        }
    }
    Ok((past, stages))
}

fn tries() -> impl Strategy<Value = Vec<(bool, Index)>> {
    prop::collection::vec((prop::bool::weighted(0.7), any::<Index>()), 10..70)
}

/// One way in which somebody could rewrite the machine.
#[derive(Clone, Debug)]
enum Rewrite {
    DropGuard(Index, Index),
    AddGuard(Index, Index),
    From(Index, Vec<Index>),
    To(Index, Index),
    By(Index, Index),
    Event(Index, Index),
    Drop(Index),
    Swap(Index, Index),
}

fn rewrites() -> impl Strategy<Value = Rewrite> {
    let one = any::<Index>;
    prop_oneof![
        (one(), one()).prop_map(|(way, guard)| Rewrite::DropGuard(way, guard)),
        (one(), one()).prop_map(|(way, guard)| Rewrite::AddGuard(way, guard)),
        (one(), prop::collection::vec(one(), 1..4)).prop_map(|(way, from)| Rewrite::From(way, from)),
        (one(), one()).prop_map(|(way, to)| Rewrite::To(way, to)),
        (one(), one()).prop_map(|(way, by)| Rewrite::By(way, by)),
        (one(), one()).prop_map(|(way, event)| Rewrite::Event(way, event)),
        one().prop_map(Rewrite::Drop),
        (one(), one()).prop_map(|(a, b)| Rewrite::Swap(a, b)),
    ]
}

const STAGES: [Stage; 8] =
    [Stage::Idle, Stage::Open, Stage::PipeGranted, Stage::Submission, Stage::Synthesis, Stage::Voting, Stage::ChiefRuling, Stage::Close];
const GUARDS: [Guard; 13] = [
    Guard::DeliberationAllowed,
    Guard::DeliberationNotDemanded,
    Guard::SilentSoFar,
    Guard::OpenSubmissions,
    Guard::SealedSubmissions,
    Guard::HoldsPipe,
    Guard::FirstTime,
    Guard::AllSealed,
    Guard::LapOpen,
    Guard::LapComplete,
    Guard::EnoughSpoken,
    Guard::NextBallot,
    Guard::ArtifactsBound,
];
const ACTORS: [Actor; 5] = [Actor::Anyone, Actor::Voter, Actor::Clerk, Actor::Chief, Actor::Proposer];
const EVENTS: [Event; 10] = [
    Event::Propose,
    Event::Seal,
    Event::Reveal,
    Event::Turn,
    Event::Skip,
    Event::Synthesize,
    Event::Vote,
    Event::Withdraw,
    Event::Rule,
    Event::Close,
];

fn rewrite(pipe: &mut PeacePipe, rewrite: &Rewrite) {
    let ways = &mut pipe.machine.transitions;
    if ways.is_empty() {
        return;
    }
    let at = |index: &Index| index.index(ways.len());
    match rewrite {
        Rewrite::DropGuard(way, guard) => {
            let way = at(way);
            if !ways[way].requires.is_empty() {
                let guard = guard.index(ways[way].requires.len());
                ways[way].requires.remove(guard);
            }
        }
        Rewrite::AddGuard(way, guard) => {
            let way = at(way);
            ways[way].requires.push(*guard.get(&GUARDS));
        }
        Rewrite::From(way, from) => {
            let way = at(way);
            ways[way].from = from.iter().map(|stage| *stage.get(&STAGES)).collect();
        }
        Rewrite::To(way, to) => {
            let way = at(way);
            ways[way].to = *to.get(&STAGES);
        }
        Rewrite::By(way, by) => {
            let way = at(way);
            ways[way].by = *by.get(&ACTORS);
        }
        Rewrite::Event(way, event) => {
            let way = at(way);
            ways[way].event = *event.get(&EVENTS);
        }
        Rewrite::Drop(way) => {
            let way = at(way);
            ways.remove(way);
        }
        Rewrite::Swap(one, other) => {
            let (one, other) = (at(one), at(other));
            ways.swap(one, other);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_planted_machine_does_what_looking_back_allows(setting in settings(), proposer in 0..EVERYBODY.len(), tries in tries()) {
        let (roster, protocol) = (setting.roster(), setting.protocol());
        let who = EVERYBODY[proposer];
        let proposer = name(who);
        let watch = |past: &[(&'static str, Act)], by, act, taken| {
            prop_assert_eq!(taken, allows(&setting, who, past, by, act), "{} {:?} after {:?}", by, act, past);
            Ok(())
        };
        let (past, stages) = run(&protocol, &roster, &proposer, &tries, watch)?;
        keeps_the_laws(&setting, &past, &stages)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_global_rejects: 200_000, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn every_machine_that_is_accepted_keeps_the_laws(
        setting in settings(),
        changes in prop::collection::vec(rewrites(), 1..4),
        tries in tries(),
    ) {
        let (roster, mut protocol) = (setting.roster(), setting.protocol());
        let honest = protocol.clone();
        changes.iter().for_each(|change| rewrite(&mut protocol, change));
        prop_assume!(protocol != honest && defect(&protocol).is_none());
        let proposer = name("ry");
        let (past, stages) = run(&protocol, &roster, &proposer, &tries, |_, _, _, _| Ok(()))?;
        keeps_the_laws(&setting, &past, &stages)?;
    }
}
