use serde::Deserialize;
use serde_json::{Value, json};

use crate::canon::policy::{Audited, Security, Sensitive};
use crate::enforcement::question::{Answers, value};
use crate::security;

/// What SECURITY_AND_PRIVACY can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
pub(in crate::enforcement) enum Question {
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
    /// Which kinds of content are never recorded, of those that are named or found in a text.
    Record {
        /// The kinds that a text holds.
        #[serde(default)]
        holds: Vec<Sensitive>,
        /// The text.
        #[serde(default)]
        text: String,
    },
    /// Whether this is written to the audit log: `true` or `false`.
    Audit {
        /// What happens.
        event: Audited,
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
    /// What is to be said of a private key: `good`, `wrong_type`, `too_open` or `old`.
    Key {
        /// Its OpenSSH type.
        algorithm: String,
        /// The mode of its file, in octal digits.
        mode: String,
        /// Its age.
        age_days: u32,
    },
    /// The threats that a finding is a sign of, each with its answer.
    Finding {
        /// The code, as in `C010`.
        code: String,
    },
}

impl Answers for Security {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        match question {
            Question::Command { argv } => {
                value(security::forbidding(&self.forbidden_commands, &argv).map_or_else(|| "allowed".to_owned(), |rule| rule.join(" ")))
            }
            Question::Write { path } => value(security::forbidden_path(&self.forbidden_paths, &path).unwrap_or("allowed")),
            Question::Record { mut holds, text } => {
                holds.extend(security::sensitive(&text).map(|found| found.kind));
                value(security::unrecordable(self, &holds))
            }
            Question::Audit { event } => value(self.audited.contains(&event)),
            Question::Ref { name } => value(security::is_protected(&self.protected_refs, &name)),
            Question::Ruling { touched } => value(security::may_rule(self.ruling_presence, touched)),
            Question::Key { algorithm, mode, age_days } => match u32::from_str_radix(&mode, 8) {
                Ok(mode) => value(security::key(self, &algorithm, mode, age_days)),
                Err(_) => json!({ "error": "the mode has no octal digits" }),
            },
            Question::Finding { code } => value(security::signs(self, &code)),
        }
    }
}
