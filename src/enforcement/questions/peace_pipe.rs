use serde::Deserialize;
use serde_json::{Value, json};

use crate::canon::policy::{Deliberation, PeacePipe, Submissions};
use crate::canon::{ByRisk, MemberName, RepoPath, Risk};
use crate::clock::Timestamp;
use crate::council::emergency::hold;
use crate::council::floor;
use crate::council::machine::{Session, Step, are_enough, turns};
use crate::enforcement::question::{Answers, value};

use super::roster::{Voter, roster};

/// What PEACE_PIPE_PROTOCOL can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
pub(in crate::enforcement) enum Question {
    /// The least risk that a change of a path must declare.
    Risk {
        /// The path.
        path: RepoPath,
        /// Whether it was not there before.
        #[serde(default)]
        new: bool,
    },
    /// Where a resolution stands after some steps: the `stage`, and of the first step that is not allowed, what it was
    /// (`refused`) and `why`. The voters are ana, ben and cem, in this order; chief and clerk are the others.
    Council {
        /// How risky the proposal is.
        risk: Risk,
        /// `WHO does`: `ana proposes`, `ana speaks`, `ana seals`, `ana reveals`, `clerk skips ben`, `clerk synthesizes`,
        /// `ana votes`, `ana withdraws`, `chief rules`, `chief closes` (with all artifacts), or `chief closes with FILE …`.
        steps: Vec<String>,
    },
    /// Where the machine leads, whatever else the protocol says: as if statements were open, deliberation optional, one lap
    /// long, and all three had to speak. The steps and the answer are those of `council`.
    Machine {
        /// As there.
        steps: Vec<String>,
        /// As if statements were made so.
        #[serde(default)]
        submissions: Option<Submissions>,
        /// As if deliberation were so.
        #[serde(default)]
        deliberation: Option<Deliberation>,
    },
    /// How many statements so many voters make, as if they were made in the open.
    Turns {
        /// How many voters there are.
        voters: u32,
    },
    /// Whether the Clerk may write the synthesis: `true` or `false`.
    Synthesis {
        /// How many have spoken, and were not skipped.
        spoken: u32,
        /// How many voters there are.
        voters: u32,
    },
    /// Where an emergency stands that nobody has settled: `provisional`, `overdue` or `expired`.
    Emergency {
        /// The hours since its ruling.
        hours: u32,
        /// Whether a council has opened.
        #[serde(default)]
        open: bool,
    },
    /// Whether a member who has so many open proposals may make another one: `true` or `false`.
    Propose {
        /// How many are open.
        open: u32,
    },
}

impl Answers for PeacePipe {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        match question {
            Question::Risk { path, new } => value(floor::of_path(&self.risk, &path, new)),
            Question::Council { risk, steps } => council(self, risk, &steps),
            Question::Machine { steps, submissions, deliberation } => {
                let all = deliberation.unwrap_or(Deliberation::Optional);
                let protocol = Self {
                    deliberation: ByRisk { low: all, medium: all, high: all, critical: all },
                    submissions: submissions.unwrap_or(Submissions::Open),
                    laps: 1,
                    minimum_spoken: 3,
                    ..self.clone()
                };
                council(&protocol, Risk::Low, &steps)
            }
            Question::Turns { voters } => value(turns(self, voters as usize, Submissions::Open)),
            Question::Synthesis { spoken, voters } => value(are_enough(self, spoken as usize, voters as usize)),
            Question::Emergency { hours, open } => {
                let at = Timestamp::from_unix(0).expect("1970 is a time");
                let later = |hours: u32| at.plus_hours(hours);
                let bounds = &self.emergency;
                match (later(bounds.settle_hours), later(bounds.expire_hours), later(hours)) {
                    (Some(settle_by), Some(expires), Some(now)) => value(hold(settle_by, expires, open, now)),
                    _ => json!({ "error": "so many hours are beyond any calendar" }),
                }
            }
            Question::Propose { open } => value(open < self.limits.open_per_member),
        }
    }
}

fn council(protocol: &PeacePipe, risk: Risk, steps: &[String]) -> Value {
    let name = |text: &str| text.parse::<MemberName>().map_err(|_| format!("`{text}` is no name"));
    let voters = ["ana", "ben", "cem"].map(|voter| Voter { name: voter.parse().expect("a member name"), weight: 1, operator: None });
    let roster = roster(voters.into()).expect("three voters are a council");
    let proposer = match steps.first().and_then(|step| step.split(' ').next()).map(name) {
        Some(Ok(proposer)) => proposer,
        _ => return json!({ "error": "the first step is that of the proposer" }),
    };
    let mut session = Session::new(protocol, &roster, risk, &proposer);
    let mut ballots = std::collections::BTreeMap::<MemberName, u32>::new();
    for step in steps {
        let words: Vec<&str> = step.split(' ').collect();
        let unknown = || json!({ "error": format!("`{step}` is no step") });
        let Some(by) = words.first().and_then(|word| name(word).ok()) else { return unknown() };
        let silent = words.get(2).and_then(|word| name(word).ok());
        let taken = match (&words[1..], &silent) {
            (["proposes"], _) => session.take(&by, Step::Propose),
            (["speaks"], _) => session.take(&by, Step::Turn),
            (["seals"], _) => session.take(&by, Step::Seal),
            (["reveals"], _) => session.take(&by, Step::Reveal),
            (["skips", _], Some(silent)) => session.take(&by, Step::Skip(silent)),
            (["synthesizes"], _) => session.take(&by, Step::Synthesize),
            (["votes"], _) => {
                let ballot = ballots.entry(by.clone()).or_default();
                *ballot += 1;
                session.take(&by, Step::Vote(*ballot))
            }
            (["withdraws"], _) => session.take(&by, Step::Withdraw),
            (["rules"], _) => session.take(&by, Step::Rule),
            (["closes"], _) => session.take(&by, Step::Close(true)),
            (["closes", "with", files @ ..], _) => session.take(&by, Step::Close(protocol.is_bound_by(files))),
            _ => return unknown(),
        };
        if let Err(refusal) = taken {
            return json!({ "stage": session.stage(), "refused": step, "why": refusal.to_string() });
        }
    }
    json!({ "stage": session.stage(), "refused": "none" })
}
