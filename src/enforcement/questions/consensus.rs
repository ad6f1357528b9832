use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::canon::policy::{Bypass, Consensus, Recovery};
use crate::canon::{MemberName, Risk};
use crate::council::tally::{Choice, count};
use crate::enforcement::question::{Answers, value};

use super::roster::{Voter, roster};

/// What CONSENSUS_ENGINE can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::enforcement) enum Question {
    /// What ballots come to: `outcome`, `quorum`, and what the Chief `needs` to approve: `nothing`, a permitted bypass,
    /// or `denied`.
    Tally {
        /// How risky the proposal is.
        risk: Risk,
        /// Who may vote, in seat order: a name with a weight of 1, or a map of name, weight and operator.
        voters: Vec<Seat>,
        /// What they said; who is left out did not vote.
        #[serde(default)]
        ballots: BTreeMap<MemberName, Choice>,
    },
    /// Whether so many different recovery keys can sign, and replace a lost key of the Chief: `true` or `false`.
    Recovery {
        /// How many of them signed.
        signed: u32,
    },
}

/// A voter of a question.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(in crate::enforcement) enum Seat {
    /// A person with a weight of 1.
    Name(MemberName),
    /// Whoever it is.
    Voter {
        /// The name.
        name: MemberName,
        /// The weight; 1, where it is left out.
        #[serde(default)]
        weight: Option<u32>,
        /// Who answers for an agent.
        #[serde(default)]
        operator: Option<MemberName>,
    },
}

impl From<Seat> for Voter {
    fn from(seat: Seat) -> Self {
        match seat {
            Seat::Name(name) => Self { name, weight: 1, operator: None },
            Seat::Voter { name, weight, operator } => Self { name, weight: weight.unwrap_or(1), operator },
        }
    }
}

impl Answers for Consensus {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        match question {
            Question::Tally { risk, voters, ballots } => {
                let class = self.classes.of(risk);
                let roster = match roster(voters.into_iter().map(Voter::from).collect()) {
                    Ok(roster) => roster,
                    Err(why) => return json!({ "error": why }),
                };
                let count = count(&roster, class, &ballots);
                let needs = match count.bypass_to_approve() {
                    None => "nothing",
                    Some(bypass) if class.bypass.contains(&bypass) => Bypass::as_str(bypass),
                    Some(_) => "denied",
                };
                json!({ "outcome": count.outcome, "quorum": count.quorum, "needs": needs })
            }
            Question::Recovery { signed } => {
                let enough = |recovery: &Recovery| signed >= recovery.threshold.max(1) && signed as usize <= recovery.keys.len();
                value(self.recovery.as_ref().is_some_and(enough))
            }
        }
    }
}
