use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::canon::Risk;
use crate::canon::policy::Oxyspine;
use crate::enforcement::question::{Answers, value};
use crate::resonance::{self, Claim, Consent};

/// What OXYSPINE_TRINITY can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::enforcement) enum Question {
    /// The authority of stakes and consent: `level` from 0 to 3, and its `word`.
    Authority {
        /// What is at stake.
        stakes: Risk,
        /// What is agreed to.
        consent: Consent,
        /// By how many steps doubt lowers it.
        #[serde(default)]
        doubt: u8,
    },
    /// What becomes of a request: its mode, stakes, consent, authority, word and service, or the `status` and
    /// the reason with which it is refused.
    Request {
        /// The headers, as `name: value`; one that stands twice is written twice.
        headers: Vec<String>,
        /// By how many steps doubt lowers the authority.
        #[serde(default)]
        doubt: u8,
        /// The widest consent that was granted.
        #[serde(default)]
        granted: Option<Consent>,
        /// The caller that was authenticated.
        #[serde(default)]
        caller: Option<String>,
        /// Whether the Chief's token was shown and is right.
        #[serde(default)]
        chief: bool,
    },
    /// Which names that are gone a text still uses.
    Names {
        /// The text.
        text: String,
    },
    /// What is agreed about a service: its fields, or `none` where there is none of that name.
    Service {
        /// Its name.
        name: String,
    },
    /// In which order these services come back.
    Recovery {
        /// What is down.
        down: Vec<String>,
    },
}

impl Answers for Oxyspine {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        match question {
            Question::Authority { stakes, consent, doubt } => {
                let level = resonance::authority(self, stakes, consent).lowered(doubt);
                json!({ "level": level.number(), "word": resonance::word(self, level) })
            }
            Question::Request { headers, doubt, granted, caller, chief } => {
                let headers = headers.iter().map(|header| header.split_once(':').unwrap_or((header, "")));
                let claim = Claim { granted, caller, is_chief: chief };
                match resonance::read(self, headers).and_then(|request| resonance::decide(self, request, &claim, doubt)) {
                    Ok(decision) => {
                        // One level of fields reads better than two.
                        let mut fields: BTreeMap<String, Value> =
                            serde_json::from_value(value(&decision.request)).expect("a request is a map");
                        for (name, field) in [
                            ("authority", value(decision.authority)),
                            ("word", value(&decision.word)),
                            ("service", value(&decision.service)),
                        ] {
                            fields.insert(name.to_owned(), field);
                        }
                        value(fields)
                    }
                    Err(fault) => json!({ "status": fault.status(), "refused": fault.to_string() }),
                }
            }
            Question::Names { text } => value(resonance::legacy_names(self, &text)),
            Question::Service { name } => self.services.iter().find(|service| service.name == name).map_or_else(|| value("none"), value),
            Question::Recovery { down } => value(self.recovery_order.iter().filter(|name| down.contains(name)).collect::<Vec<_>>()),
        }
    }
}
