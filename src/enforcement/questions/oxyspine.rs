use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::canon::Risk;
use crate::canon::policy::{Level, Oxyspine};
use crate::clock::Timestamp;
use crate::enforcement::question::{Answers, value};
use crate::resonance::{self, Claim, Consent};
use crate::watch::rehearse::{Situation, rehearse};
use crate::watch::{self, Answer, Cause, Rules};

/// What OXYSPINE_TRINITY can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
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
    /// What an answer of a service means: `class` and, where it is down, `cause`.
    Probe {
        /// The service.
        service: String,
        /// The answer.
        answer: Answer,
    },
    /// What the watch runs when a service is down of a cause: `run`, `timeout_s`, the folders of `path` and the names
    /// of `environment`; `none` where a restart would not help, or is a person's.
    Heal {
        /// The service.
        service: String,
        /// Why it is down.
        cause: Cause,
    },
    /// What becomes of a service with a history: `phase`, `restarts`, `pause_s`, `flapping`, `alerts`, `reminders`, `level`.
    Alarm {
        /// The service.
        service: String,
        /// Its answers, round by round, as in `ok`, `refused*3`, `dns`; `wait 600` lets seconds pass.
        history: Vec<String>,
        /// What other services answer all the time.
        #[serde(default)]
        others: BTreeMap<String, String>,
        /// Seconds from round to round, instead of the period.
        #[serde(default)]
        every: Option<u32>,
        /// When the first round is, as in `2026-02-26T00:00:00Z`.
        #[serde(default)]
        from: Option<Timestamp>,
        /// Whether the canon does not hold meanwhile.
        #[serde(default)]
        canon_broken: bool,
    },
    /// Which channels are told of a level.
    Told {
        /// The level.
        level: Level,
    },
    /// Which governed path a deployed file must equal; `none` where it is not watched.
    Deployed {
        /// The absolute path of the file.
        file: String,
    },
    /// How the loop goes: `period_s`, `deadline_s`, `parallel`, and what it remembers for how long.
    Pace {},
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
            Question::Probe { service, answer } => match self.service(&service) {
                None => value("none"),
                Some(service) => {
                    let class = watch::answer::classify(service, &answer);
                    json!({ "class": class.word(), "cause": class.cause() })
                }
            },
            Question::Heal { .. } | Question::Alarm { .. } | Question::Told { .. } | Question::Deployed { .. } | Question::Pace {} => {
                watching(self, question).unwrap_or_else(value)
            }
            Question::Recovery { down } => value(self.recovery_order.iter().filter(|name| down.contains(name)).collect::<Vec<_>>()),
        }
    }
}

/// What the watch answers, or why it cannot.
fn watching(spine: &Oxyspine, question: Question) -> Result<Value, String> {
    let rules = Rules::supposed(spine)?;
    let watch = rules.watch();
    Ok(match question {
        Question::Heal { service, cause } => {
            let service = spine.service(&service);
            match service.and_then(|service| Some((service, watch::heal::argv(&rules, service, cause)?))) {
                Some((service, argv)) => json!({
                    "run": argv, "timeout_s": service.heal_timeout_s(), "path": watch.path, "environment": watch.environment,
                }),
                None => value("none"),
            }
        }
        Question::Alarm { service, history, others, every, from, canon_broken } => {
            let from = from.map_or(0, Timestamp::unix);
            let situation = Situation { service: &service, history: &history, others: &others, every, from, canon_holds: !canon_broken };
            value(rehearse(&rules, &situation)?)
        }
        Question::Told { level } => value(watch.channels.iter().filter(|channel| channel.least <= level).collect::<Vec<_>>()),
        Question::Deployed { file } => {
            watch.deployed.iter().find(|copy| copy.file == file).map_or_else(|| value("none"), |copy| value(&copy.is))
        }
        _ => json!({
            "period_s": watch.period_s, "deadline_s": watch.deadline_s, "parallel": watch.parallel, "retention": watch.retention,
        }),
    })
}
