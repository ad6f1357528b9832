use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::canon::policy::{Consensus, Constitution};
use crate::canon::{MemberName, Risk};
use crate::council::tally::Choice;
use crate::enforcement::question::{Answers, value};
use crate::{identity, security};

use super::consensus::{Question as OfConsensus, Seat};

/// What CONSTITUTION can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
pub(in crate::enforcement) enum Question {
    /// Whether a path is WHO or WHAT: `who` or `what`.
    Path {
        /// The path, from the top of the repository.
        path: String,
    },
    /// Whether only what is ratified may stand at a ref: `true` or `false`.
    Ref {
        /// Its full name.
        name: String,
    },
    /// Whether the Chief may rule with a key: `true` or `false`.
    Ruling {
        /// Whether it is a hardware key that was touched.
        touched: bool,
    },
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
    /// Whether an agent may run a command: `allowed`, or the words of the rule that forbids it.
    Command {
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// Whether an agent may write a path: `allowed`, or the glob that forbids it.
    Write {
        /// The path, from the top of the repository.
        path: String,
    },
}

impl Answers for Constitution {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        let consensus = |question| Consensus { classes: self.classes.clone(), recovery: self.recovery.clone() }.answer(question);
        match question {
            Question::Path { path } => value(if identity::is_who(&self.who, &path) { "who" } else { "what" }),
            Question::Ref { name } => value(security::is_protected(&self.protected_refs, &name)),
            Question::Ruling { touched } => value(security::may_rule(self.ruling_presence, touched)),
            Question::Tally { risk, voters, ballots } => consensus(OfConsensus::Tally { risk, voters, ballots }),
            Question::Recovery { signed } => consensus(OfConsensus::Recovery { signed }),
            Question::Command { argv } => {
                value(security::forbidding(&self.forbidden_commands, &argv).map_or_else(|| "allowed".to_owned(), |rule| rule.join(" ")))
            }
            Question::Write { path } => value(security::forbidden_path(&self.forbidden_paths, &path).unwrap_or("allowed")),
        }
    }
}
