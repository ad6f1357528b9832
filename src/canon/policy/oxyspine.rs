use serde::{Deserialize, Serialize};

use crate::canon::ByRisk;

/// The policy of OXYSPINE_TRINITY.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oxyspine {
    /// The spinal services.
    pub services: Vec<Service>,
    /// In which order they come back after a full stop.
    pub recovery_order: Vec<String>,
    /// Names that must not be used any more.
    pub legacy_names: Vec<String>,
    /// Authority 0 to 3 by stakes and consent.
    pub authority: ByRisk<Authority>,
    /// What each authority level means, from 0 up.
    pub authority_words: Vec<String>,
    /// The resonance headers.
    pub headers: Vec<Header>,
    /// Which service answers, by stakes.
    pub routing: ByRisk<String>,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its canonical name.
    pub name: String,
    /// Where its health is asked.
    pub url: String,
    /// Whether its failure is an emergency.
    pub critical: bool,
    /// Services that must be up before it.
    pub needs: Vec<String>,
    /// How it is restarted: a program and its arguments. Absent where only a person may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heal: Option<Vec<String>>,
}

/// Authority by consent, for one class of stakes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Without consent.
    pub none: u8,
    /// With consent to read.
    pub read_only: u8,
    /// With consent to act locally.
    pub local_actions: u8,
    /// With consent to act outside.
    pub external_actions: u8,
}

/// One resonance header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// The values it may have; empty where any text is valid.
    pub values: Vec<String>,
    /// What holds where it is absent; without one it may stay absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl Oxyspine {
    /// What is wrong with the table of authority.
    pub fn authority_defect(&self) -> Option<String> {
        let Authority { none, read_only, local_actions, external_actions } = &self.authority.critical;
        if [none, read_only, local_actions, external_actions].iter().any(|level| **level != 0) {
            return Some("at critical stakes no consent gives any authority: all four levels are 0".to_owned());
        }
        let most = self.authority_words.len();
        let all = self.authority.iter().flat_map(|(_, row)| [row.none, row.read_only, row.local_actions, row.external_actions]);
        all.into_iter().find(|level| usize::from(*level) >= most).map(|level| format!("there is no word for the authority {level}"))
    }
}
