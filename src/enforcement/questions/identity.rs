use serde::Deserialize;
use serde_json::Value;

use crate::canon::policy::Identity;
use crate::enforcement::question::{Answers, value};
use crate::identity::{self, Measured};

/// What OMEGA_IDENTITY can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
pub(in crate::enforcement) enum Question {
    /// Whether a path is WHO or WHAT: `who` or `what`.
    Path {
        /// The path, from the top of the repository.
        path: String,
    },
    /// What in an output breaks the identity: a list of breaches in words, empty where it is fine.
    Speech {
        /// The output.
        text: String,
        /// What was asked; names that it brings along are no breach.
        #[serde(default)]
        prompt: String,
    },
    /// Whether the identity block for a system prompt says this: `true` or `false`.
    Block {
        /// A text of one line.
        says: String,
    },
    /// What a measured distance from the style anchors means: `unmeasured`, `stable`, `watch` or `drift`.
    Drift(Measured),
}

impl Answers for Identity {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        match question {
            Question::Path { path } => value(if identity::is_who(&self.who, &path) { "who" } else { "what" }),
            Question::Speech { text, prompt } => {
                value(identity::breaches(self, &text, &prompt).iter().map(ToString::to_string).collect::<Vec<_>>())
            }
            Question::Block { says } => value(identity::block(self).lines().any(|line| line.contains(&says))),
            Question::Drift(measured) => value(identity::judge(&self.drift, &measured)),
        }
    }
}
