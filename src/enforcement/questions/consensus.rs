use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde_json::{Value, json};

use crate::canon::policy::{Bypass, Consensus, Recovery};
use crate::canon::{MemberName, Risk};
use crate::council::tally::{Choice, count};
use crate::enforcement::question::{Answers, value};

use super::roster::{Voter, roster};

/// What CONSENSUS_ENGINE can be asked.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
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
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
pub(in crate::enforcement) enum Seat {
    /// A person with a weight of 1.
    Name(MemberName),
    /// A voter with more than a name.
    Voter(Seated),
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(in crate::enforcement) struct Seated {
    /// The name.
    name: MemberName,
    /// The weight; 1, where it is left out.
    #[serde(default)]
    weight: Option<u32>,
    /// Who answers for an agent.
    #[serde(default)]
    operator: Option<MemberName>,
}

impl<'de> Deserialize<'de> for Seat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrMap;
        impl<'de> Visitor<'de> for NameOrMap {
            type Value = Seat;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, or a map of name, weight and operator,")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Seat, E> {
                text.parse().map(Seat::Name).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Seat, A::Error> {
                Seated::deserialize(MapAccessDeserializer::new(map)).map(Seat::Voter)
            }
        }
        deserializer.deserialize_any(NameOrMap)
    }
}

impl From<Seat> for Voter {
    fn from(seat: Seat) -> Self {
        match seat {
            Seat::Name(name) => Self { name, weight: 1, operator: None },
            Seat::Voter(Seated { name, weight, operator }) => Self { name, weight: weight.unwrap_or(1), operator },
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
