//! Shapes that several reports share.

use serde::Serialize;

use crate::canon::policy::Bypass;
use crate::canon::{MemberName, ResolutionId, Risk};
use crate::council::tally::{Count, Outcome, Tally};
use crate::ledger::state::Law;

/// A record that was made, and where.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Made {
    /// The resolution.
    pub resolution: ResolutionId,
    /// Who made it.
    pub by: MemberName,
    /// The full name of the branch.
    pub branch: String,
    /// The commit.
    pub commit: String,
}

/// What the ballots say, with what it would take.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct CountReport {
    /// The weights.
    pub tally: Tally,
    /// How many members may vote.
    pub voters: usize,
    /// How many did.
    pub people: usize,
    /// How many different people answer for those ballots.
    pub operators: usize,
    /// Whether enough took part.
    pub quorum: bool,
    /// What they say.
    pub outcome: Outcome,
    /// The weight that must be cast.
    pub quorum_weight: u64,
    /// The weight that must approve, of what is cast.
    pub approve_weight: u64,
    /// The reason that a ruling must give to approve now; nothing, where the council approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass: Option<Bypass>,
    /// Whether the ratified rules let the Chief give that reason.
    pub bypass_permitted: bool,
}

impl CountReport {
    /// A count under the rules of one risk class.
    pub fn of(count: &Count, law: &Law, risk: Risk) -> Self {
        let class = law.consensus.classes.of(risk);
        let bypass = count.bypass_to_approve();
        Self {
            tally: count.tally,
            voters: count.voters,
            people: count.people,
            operators: count.operators,
            quorum: count.quorum,
            outcome: count.outcome,
            quorum_weight: class.quorum.least_of(count.tally.eligible),
            approve_weight: class.threshold.least_of(count.tally.cast),
            bypass,
            bypass_permitted: bypass.is_none_or(|bypass| class.bypass.contains(&bypass)),
        }
    }
}
