//! What the ballots say, as exact fractions. Members are counted here, once, and nowhere else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::canon::policy::{Bypass, Class};
use crate::canon::{Member, MemberName, Roster};
use crate::words::words;

words! {
    /// What a member says to a proposal.
    pub enum Choice {
        /// Yes.
        Approve = "approve",
        /// No.
        Reject = "reject",
        /// Not like this; counts towards the quorum only.
        Amend = "amend",
        /// No opinion; counts towards the quorum only.
        Abstain = "abstain",
    }
}

/// The weight on each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// The weight of all who may vote.
    pub eligible: u64,
    /// The weight of all who did.
    pub cast: u64,
    /// For.
    pub approve: u64,
    /// Against.
    pub reject: u64,
    /// For something else.
    pub amend: u64,
    /// Neither.
    pub abstain: u64,
}

/// What the council as a whole says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Approved at or above the threshold.
    Approved,
    /// Rejected above the complement of the threshold.
    Rejected,
    /// Neither: the Chief decides.
    Undecided,
}

/// The count and what follows from it under the rules of one risk class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The weights.
    pub tally: Tally,
    /// How many members may vote.
    pub voters: usize,
    /// How many did.
    pub people: usize,
    /// How many different people answer for their ballots.
    pub operators: usize,
    /// How many different people answer for all who may vote.
    pub all_operators: usize,
    /// Whether enough took part, by weight, by members, by operators and for the faults claimed.
    pub quorum: bool,
    /// Whether there are enough voters for the faults that the class claims to tolerate.
    pub tolerant: bool,
    /// What they say.
    pub outcome: Outcome,
}

/// What a quorum asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Weight that is cast.
    Weight,
    /// Members who cast a ballot.
    People,
    /// Different people who answer for those ballots.
    Operators,
    /// Members who cast a ballot, where faults are claimed to be tolerated: 2f+1.
    Faults,
}

/// One condition of a quorum; all of them must be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Requirement {
    /// What is asked for.
    pub of: Of,
    /// How much of it there is.
    pub reached: u64,
    /// How much of it there must be.
    pub needed: u64,
    /// How much of it there could be.
    pub whole: u64,
}

impl Requirement {
    /// Whether there is enough.
    pub fn is_met(&self) -> bool {
        self.reached >= self.needed
    }
}

/// What a class asks of a quorum; `people` are those who cast a ballot, and those who may, and `operators` those who answer for
/// them.
fn requirements(class: &Class, tally: Tally, people: (usize, usize), operators: (usize, usize)) -> Vec<Requirement> {
    let (cast, voters) = (people.0 as u64, people.1 as u64);
    let mut all = vec![
        Requirement { of: Of::Weight, reached: tally.cast, needed: class.quorum.least_of(tally.eligible), whole: tally.eligible },
        Requirement { of: Of::People, reached: cast, needed: class.people.into(), whole: voters },
        Requirement { of: Of::Operators, reached: operators.0 as u64, needed: class.operators.into(), whole: operators.1 as u64 },
    ];
    if class.faults > 0 {
        all.push(Requirement { of: Of::Faults, reached: cast, needed: 2 * u64::from(class.faults) + 1, whole: voters });
    }
    all
}

/// Counts each voter's last ballot. Ballots of anyone who is not a voter of `roster` do not count.
pub fn count(roster: &Roster, class: &Class, ballots: &BTreeMap<MemberName, Choice>) -> Count {
    let voters = roster.voters();
    let cast: Vec<(&Member, Choice)> = voters.iter().filter_map(|m| Some((*m, *ballots.get(&m.name)?))).collect();
    let weight = |choice| cast.iter().filter(|(_, c)| *c == choice).map(|(m, _)| u64::from(m.weight)).sum();
    let tally = Tally {
        eligible: voters.iter().map(|m| u64::from(m.weight)).sum(),
        cast: cast.iter().map(|(m, _)| u64::from(m.weight)).sum(),
        approve: weight(Choice::Approve),
        reject: weight(Choice::Reject),
        amend: weight(Choice::Amend),
        abstain: weight(Choice::Abstain),
    };
    let (people, operators) = (cast.len(), Roster::operators(cast.iter().map(|(m, _)| *m)));
    let all_operators = Roster::operators(voters.iter().copied());
    let faults = class.faults as usize;
    let quorum =
        voters.is_empty() || requirements(class, tally, (people, voters.len()), (operators, all_operators)).iter().all(Requirement::is_met);
    let outcome = if voters.is_empty() {
        // With nobody to ask, the Chief's ruling is the council's.
        Outcome::Approved
    } else if tally.cast > 0 && class.threshold.is_reached_by(tally.approve, tally.cast) {
        Outcome::Approved
    } else if class.threshold.complement_is_passed_by(tally.reject, tally.cast) {
        Outcome::Rejected
    } else {
        Outcome::Undecided
    };
    let tolerant = faults == 0 || voters.len() > 3 * faults;
    Count { tally, voters: voters.len(), people, operators, all_operators, quorum, tolerant, outcome }
}

impl Count {
    /// The conditions of the quorum under a class, one by one.
    pub fn requirements(&self, class: &Class) -> Vec<Requirement> {
        requirements(class, self.tally, (self.people, self.voters), (self.operators, self.all_operators))
    }

    /// The reason that a ruling must give to approve all the same; nothing where the council approves.
    pub fn bypass_to_approve(&self) -> Option<Bypass> {
        if !self.quorum {
            Some(Bypass::QuorumUnavailable)
        } else if !self.tolerant && self.voters > 0 {
            Some(Bypass::StrictModeDisabled)
        } else if self.outcome != Outcome::Approved {
            Some(Bypass::Override)
        } else {
            None
        }
    }

    /// The reason that a ruling must give to reject: only where the council, in quorum, approves.
    /// The Chief's veto is absolute, so it needs no permission, and is no bypass.
    pub fn is_veto(&self) -> bool {
        self.voters > 0 && self.bypass_to_approve().is_none()
    }
}
