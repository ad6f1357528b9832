use serde::Deserialize;
use serde_json::{Value, json};

use crate::canon::policy::{Memory, Revision, Sensitive};
use crate::enforcement::question::{Answers, value};
use crate::memory::{self, Probation};

/// What MEMORY_CONSTITUTION can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
pub(in crate::enforcement) enum Question {
    /// What becomes of something that could be remembered: `layer` and `probation`, or why it is `refused`.
    Write {
        /// What happened.
        event: String,
        /// What kinds of content it holds.
        #[serde(default)]
        holds: Vec<Sensitive>,
    },
    /// What becomes of a memory in probation: `promoted`, `waits`, `lapsed`, `conflict` or `denied`.
    Promotion(Probation),
    /// Whether a memory is still offered as current: `true` or `false`; `none` where there is no such layer.
    Fresh {
        /// Its layer.
        layer: u8,
        /// Its age.
        hours: u32,
    },
    /// In which order the layers are asked.
    Retrieval {},
    /// What a layer is: its name, what it holds, whether it outlives a restart.
    Layer {
        /// Its number.
        layer: u8,
    },
    /// Whether a memory may be revised so: `true` or `false`. Without `how`, which way is the usual one.
    Revision {
        /// The way.
        #[serde(default)]
        how: Option<Revision>,
        /// The layer of the memory.
        #[serde(default)]
        layer: u8,
        /// Whether somebody commanded it.
        #[serde(default)]
        commanded: bool,
        /// Whether a resolution ratified it.
        #[serde(default)]
        resolved: bool,
    },
    /// What a memory with these fields lacks: the `missing` ones, and whether it needs its whole `history`.
    Provenance {
        /// Its layer.
        layer: u8,
        /// The fields that it has.
        fields: Vec<String>,
    },
}

impl Answers for Memory {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        match question {
            Question::Write { event, holds } => value(memory::write(self, &event, &holds)),
            Question::Promotion(probation) => value(memory::promote(self, &probation)),
            Question::Fresh { layer, hours } => memory::is_fresh(self, layer, hours).map_or_else(|| value("none"), value),
            Question::Retrieval {} => value(&self.retrieval_order),
            Question::Layer { layer } => match self.tiers.iter().find(|tier| tier.layer == layer) {
                Some(tier) => json!({ "name": tier.name, "holds": tier.holds, "durable": tier.durable }),
                None => value("none"),
            },
            Question::Revision { how: None, .. } => value(self.revision.first()),
            Question::Revision { how: Some(how), layer, commanded, resolved } => {
                value(memory::may_revise(self, how, layer, commanded, resolved))
            }
            Question::Provenance { layer, fields } => value(memory::provenance(self, layer, &fields)),
        }
    }
}
