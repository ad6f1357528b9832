//! The count against a model that knows nothing of it, and the laws that it must keep.

use std::collections::BTreeMap;

use omega::canon::policy::{Bypass, Class};
use omega::canon::{Kind, Member, MemberName, Ratio, Role, Roster};
use omega::council::tally::{Choice, Outcome, Requirement, count};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::forge::{chief, member, name};

const NAMES: [&str; 9] = ["ana", "bo", "cy", "di", "eva", "flo", "gus", "hal", "ida"];

/// What is random about one council: for each seat a weight and who answers, and for each a ballot.
#[derive(Clone, Debug)]
struct Case {
    seats: Vec<(u32, Option<usize>)>,
    ballots: Vec<Option<Choice>>,
    class: Class,
}

fn ratio(least: (u32, u32)) -> impl Strategy<Value = Ratio> {
    (1u32..=7, 1u32..=7).prop_filter_map("a fraction in lowest terms", move |(part, whole)| {
        Ratio::new(part, whole).filter(|_| part * least.1 >= least.0 * whole)
    })
}

fn choice() -> impl Strategy<Value = Choice> {
    prop::sample::select(Choice::ALL.to_vec())
}

fn cases() -> impl Strategy<Value = Case> {
    let seats = prop::collection::vec((0u32..=4, prop::option::of(0usize..3)), 0..=NAMES.len())
        .prop_filter("where there are members, one has a weight", |seats| seats.is_empty() || seats.iter().any(|(weight, _)| *weight > 0));
    let ballots = prop::collection::vec(prop::option::weighted(0.8, choice()), NAMES.len() + 2);
    let class = (ratio((0, 1)), ratio((1, 2)), 0u32..=4, 0u32..=4, 0u32..=3);
    (seats, ballots, class).prop_map(|(seats, ballots, (quorum, threshold, people, operators, faults))| Case {
        seats,
        ballots,
        class: Class { quorum, people, operators, threshold, faults, bypass: Vec::new() },
    })
}

impl Case {
    /// The roster, with the members under these names and on seats in this order.
    fn roster(&self, names: &[&str], backwards: bool) -> Roster {
        let last = names.len() as u32;
        let members = self.seats.iter().zip(names).zip(2u32..).map(|(((weight, operator), text), seat)| Member {
            weight: *weight,
            kind: if operator.is_some() { Kind::Agent } else { Kind::Human },
            operator: operator.map(|n| name(["ry", "oz", "uma"][n])),
            ..member(text, if backwards { 2 * last - seat + 2 } else { seat })
        });
        let clerk = Member { role: Role::Clerk, weight: 0, ..member("safa", 100) };
        Roster::new(members.chain([chief("ry", 1), clerk])).unwrap()
    }

    /// The ballots, those of people without a vote included.
    fn ballots(&self, names: &[&str]) -> BTreeMap<MemberName, Choice> {
        let all = names.iter().take(self.seats.len()).copied().chain(["ry", "safa", "nobody"]);
        all.zip(&self.ballots).filter_map(|(text, choice)| Some((name(text), (*choice)?))).collect()
    }
}

/// What a person with a pencil would say: every ballot is laid down as often as it weighs.
#[derive(Debug, PartialEq)]
struct Naive {
    heap: BTreeMap<&'static str, u64>,
    people: usize,
    operators: usize,
    quorum: bool,
    outcome: Outcome,
}

fn naive(roster: &Roster, class: &Class, ballots: &BTreeMap<MemberName, Choice>) -> Naive {
    let (mut heap, mut answers, mut people, mut eligible, mut voters) = (BTreeMap::new(), Vec::new(), 0, 0u64, 0);
    for member in roster.iter() {
        if member.role != Role::Member || member.weight == 0 {
            continue;
        }
        voters += 1;
        eligible += u64::from(member.weight);
        if let Some(choice) = ballots.get(&member.name) {
            people += 1;
            let answer = member.operator.clone().unwrap_or_else(|| member.name.clone());
            if !answers.contains(&answer) {
                answers.push(answer);
            }
            for _ in 0..member.weight {
                *heap.entry(choice.as_str()).or_insert(0) += 1;
            }
        }
    }
    let cast: u64 = heap.values().sum();
    // The least number of tokens out of so many that is no less than the fraction, found by counting up.
    let fraction = |ratio: Ratio| {
        let text = ratio.to_string();
        let (part, whole) = text.split_once('/').unwrap();
        (part.parse::<u64>().unwrap(), whole.parse::<u64>().unwrap())
    };
    let least = |ratio: Ratio, of: u64| {
        let (part, whole) = fraction(ratio);
        (0..=of).find(|tokens| tokens * whole >= part * of).unwrap()
    };
    let of = |choice: Choice| heap.get(choice.as_str()).copied().unwrap_or(0);
    let (part, whole) = fraction(class.threshold);
    let tolerated = (0..=cast).rev().find(|tokens| tokens * whole <= (whole - part) * cast).unwrap();
    let outcome = if voters == 0 || (cast > 0 && of(Choice::Approve) >= least(class.threshold, cast)) {
        Outcome::Approved
    } else if of(Choice::Reject) > tolerated {
        Outcome::Rejected
    } else {
        Outcome::Undecided
    };
    let quorum = voters == 0
        || (cast >= least(class.quorum, eligible)
            && people >= class.people as usize
            && answers.len() >= class.operators as usize
            && (class.faults == 0 || (2 * class.faults as usize + 1..).contains(&people)));
    Naive { heap, people, operators: answers.len(), quorum, outcome }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn it_says_what_a_pencil_says(case in cases()) {
        let (roster, ballots) = (case.roster(&NAMES, false), case.ballots(&NAMES));
        let counted = count(&roster, &case.class, &ballots);
        let model = naive(&roster, &case.class, &ballots);
        let of = |choice: Choice| model.heap.get(choice.as_str()).copied().unwrap_or(0);
        let tally = counted.tally;
        prop_assert_eq!(
            (tally.approve, tally.reject, tally.amend, tally.abstain),
            (of(Choice::Approve), of(Choice::Reject), of(Choice::Amend), of(Choice::Abstain))
        );
        prop_assert_eq!(tally.cast, model.heap.values().sum::<u64>());
        prop_assert_eq!((counted.people, counted.operators), (model.people, model.operators));
        prop_assert_eq!((counted.quorum, counted.outcome), (model.quorum, model.outcome));
        let claim = case.class.faults as usize;
        prop_assert_eq!(counted.tolerant, claim == 0 || (3 * claim + 1..).contains(&counted.voters));
        if counted.voters > 0 {
            prop_assert_eq!(counted.quorum, counted.requirements(&case.class).iter().all(Requirement::is_met));
        }
    }

    #[test]
    fn one_more_approval_never_turns_approval_into_anything_else(case in cases(), who in any::<Index>()) {
        prop_assume!(!case.seats.is_empty());
        let who = who.index(case.seats.len());
        let (roster, mut ballots) = (case.roster(&NAMES, false), case.ballots(&NAMES));
        let before = count(&roster, &case.class, &ballots);
        ballots.insert(name(NAMES[who]), Choice::Approve);
        let after = count(&roster, &case.class, &ballots);
        if before.outcome == Outcome::Approved {
            prop_assert_eq!(after.outcome, Outcome::Approved);
        }
        prop_assert!(after.quorum || !before.quorum);
        prop_assert!(before.bypass_to_approve().is_some() || after.bypass_to_approve().is_none());
        // And one more rejection never turns a rejection into an approval.
        ballots.insert(name(NAMES[who]), Choice::Reject);
        if before.outcome == Outcome::Rejected {
            prop_assert_eq!(count(&roster, &case.class, &ballots).outcome, Outcome::Rejected);
        }
    }

    #[test]
    fn names_and_seats_make_no_difference(case in cases(), names in Just(NAMES.to_vec()).prop_shuffle(), backwards in any::<bool>()) {
        let one = count(&case.roster(&NAMES, false), &case.class, &case.ballots(&NAMES));
        let other = count(&case.roster(&names, backwards), &case.class, &case.ballots(&names));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn whoever_has_no_vote_changes_nothing(case in cases(), chief in choice(), clerk in choice()) {
        let (roster, mut ballots) = (case.roster(&NAMES, false), case.ballots(&NAMES));
        let before = count(&roster, &case.class, &ballots);
        ballots.extend([(name("ry"), chief), (name("safa"), clerk), (name("stranger"), Choice::Approve)]);
        ballots.extend(case.seats.iter().zip(NAMES).filter(|((weight, _), _)| *weight == 0).map(|(_, text)| (name(text), Choice::Reject)));
        prop_assert_eq!(count(&roster, &case.class, &ballots), before);
    }
}

/// A council of so many, of weight 1, that votes so.
fn plain(voters: usize, faults: u32, votes: &[Choice]) -> omega::council::tally::Count {
    let names: Vec<String> = (0..voters).map(|n| format!("m{n}")).collect();
    let roster = Roster::new(names.iter().zip(2u32..).map(|(text, seat)| member(text, seat)).chain([chief("ry", 1)])).unwrap();
    let (quorum, threshold) = ("1/2".parse().unwrap(), "2/3".parse().unwrap());
    let class = Class { quorum, people: 1, operators: 1, threshold, faults, bypass: Vec::new() };
    count(&roster, &class, &names.iter().map(|text| name(text)).zip(votes.iter().copied()).collect())
}

#[test]
fn the_classical_bound() {
    for (voters, faults, cast) in [(4, 1, 3), (7, 2, 5), (10, 3, 7)] {
        let enough = plain(voters, faults, &vec![Choice::Approve; cast]);
        assert!(enough.quorum && enough.tolerant && enough.bypass_to_approve().is_none(), "{voters}");
        let few = plain(voters, faults, &vec![Choice::Approve; cast - 1]);
        assert_eq!(few.bypass_to_approve(), Some(Bypass::QuorumUnavailable), "{voters}");
        // One voter fewer cannot make the claim, whatever they say.
        let lax = plain(voters - 1, faults, &vec![Choice::Approve; voters - 1]);
        assert_eq!(lax.bypass_to_approve(), Some(Bypass::StrictModeDisabled), "{voters}");
    }
}

#[test]
fn it_is_exact_at_the_thresholds() {
    use Choice::{Abstain, Approve, Reject};
    assert_eq!(plain(5, 0, &[Approve, Approve, Approve, Reject, Abstain]).outcome, Outcome::Undecided);
    for cast in 1..=24usize {
        for yes in 0..=cast {
            for no in 0..=cast - yes {
                let votes = [vec![Approve; yes], vec![Reject; no], vec![Abstain; cast - yes - no]].concat();
                let expected = match (3 * yes >= 2 * cast, 3 * no > cast) {
                    (true, _) => Outcome::Approved,
                    (false, true) => Outcome::Rejected,
                    (false, false) => Outcome::Undecided,
                };
                assert_eq!(plain(24, 0, &votes).outcome, expected, "{yes} {no} of {cast}");
            }
        }
    }
}
