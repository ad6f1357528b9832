//! Resonance: how much authority a request carries. Pure functions of the ratified tables of
//! OXYSPINE_TRINITY.md; the HTTP gateway stands on top of them.
//!
//! Everything fails closed: a header that is not understood is an error, and never a lower stake.

mod request;
mod token;

pub use request::{Caution, Claim, Decision, Fault, Mode, Request, decide, read};
pub use token::{Token, TokenError};

use serde::Serialize;

use crate::canon::Risk;
use crate::canon::policy::{Authority, Oxyspine};
use crate::words::words;

words! {
    /// What the one who asks agrees to.
    pub enum Consent {
        /// To nothing.
        None = "none",
        /// To being read to.
        ReadOnly = "read_only",
        /// To acts on this machine.
        LocalActions = "local_actions",
        /// To acts beyond it.
        ExternalActions = "external_actions",
    }
}

/// Authority from 0 to 3: how far an answer may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
pub struct Level(u8);

impl Level {
    /// The most there is.
    pub const MAX: Self = Self(3);

    /// The level as a number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The level after so many steps down.
    #[must_use]
    pub fn lowered(self, steps: u8) -> Self {
        Self(self.0.saturating_sub(steps))
    }
}

/// The authority that the ratified table gives to stakes and consent, before any doubt. A table that gives any at
/// critical stakes is no valid policy.
pub fn authority(policy: &Oxyspine, stakes: Risk, consent: Consent) -> Level {
    let Authority { none, read_only, local_actions, external_actions } = policy.authority.of(stakes);
    let level = match consent {
        Consent::None => none,
        Consent::ReadOnly => read_only,
        Consent::LocalActions => local_actions,
        Consent::ExternalActions => external_actions,
    };
    Level((*level).min(Level::MAX.0))
}

/// The ratified word for a level; `refusal` where the table has none.
pub fn word(policy: &Oxyspine, level: Level) -> &str {
    policy.authority_words.get(usize::from(level.0)).map_or("refusal", String::as_str)
}

/// The old names that a text still uses.
pub fn legacy_names<'p>(policy: &'p Oxyspine, text: &str) -> Vec<&'p str> {
    let text = text.to_lowercase();
    policy.legacy_names.iter().map(String::as_str).filter(|name| text.contains(&name.to_lowercase())).collect()
}
