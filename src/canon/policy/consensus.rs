use serde::{Deserialize, Serialize};

use crate::canon::{ByRisk, Ratio};
use crate::keys::PublicKey;
use crate::words::words;

/// The policy of CONSENSUS_ENGINE.md. Read by the fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Consensus {
    /// What it takes, by risk class.
    pub classes: ByRisk<Class>,
    /// How a lost Chief key is replaced; without it there is no recovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
}

/// What a resolution of one risk class takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The part of all voting weight that must be cast.
    pub quorum: Ratio,
    /// How many members must cast a ballot.
    pub people: u32,
    /// How many different people must answer for those ballots.
    pub operators: u32,
    /// The part of the cast weight that approves; at least one half.
    pub threshold: Ratio,
    /// How many faulty voters the class claims to tolerate, f: then there are at least 3f+1 voters,
    /// and 2f+1 must cast (Lamport, Shostak and Pease 1982).
    pub faults: u32,
    /// For which reasons the Chief may approve without the council.
    pub bypass: Vec<Bypass>,
}

words! {
    /// Why a ruling approves what the tally does not.
    pub enum Bypass {
        /// The council is undecided, or against.
        Override = "OVERRIDE",
        /// Too few cast a ballot.
        QuorumUnavailable = "QUORUM_UNAVAILABLE",
        /// Too few voters for the faults that the class claims to tolerate.
        StrictModeDisabled = "STRICT_MODE_DISABLED",
    }
}

/// How a lost Chief key is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// How many of the keys must sign.
    pub threshold: u32,
    /// The recovery keys, none of which is a member's.
    pub keys: Vec<PublicKey>,
}

impl Consensus {
    /// What is wrong with these rules on their own, or for a roster with so many voters who answer
    /// to so many people.
    pub fn defect(&self, voters: usize, operators: usize) -> Option<String> {
        for (risk, class) in self.classes.iter() {
            if class.quorum.is_zero() {
                return Some(format!("the quorum for {risk} risk is zero"));
            }
            if !class.threshold.is_at_least_half() {
                return Some(format!("the threshold for {risk} risk is below one half"));
            }
            if voters > 0 && (class.people as usize > voters || class.operators as usize > operators) {
                return Some(format!(
                    "the quorum for {risk} risk cannot be reached: it asks for {} members and {} operators, and {voters} members vote, for {operators}",
                    class.people, class.operators
                ));
            }
            if class.faults > 1000 {
                return Some(format!("the faults claimed for {risk} risk are beyond any council"));
            }
            if voters > 0 && class.faults > 0 && voters <= 2 * class.faults as usize {
                return Some(format!(
                    "the quorum for {risk} risk cannot be reached: to tolerate {} faults {} members must cast, and {voters} vote",
                    class.faults,
                    2 * class.faults + 1
                ));
            }
        }
        match &self.recovery {
            Some(recovery) if recovery.threshold == 0 || recovery.threshold as usize > recovery.keys.len() => {
                Some("the recovery threshold is not between 1 and the number of recovery keys".to_owned())
            }
            _ => None,
        }
    }
}
