//! One typed policy for each canonical document: what the tool obeys.
//!
//! What the fold reads ([`PeacePipe`], [`consensus`], [`IdentityCore`], [`SecurityCore`]) is frozen
//! with version 1 of the rules. The other fields are checked when a change is proposed or ruled, and
//! on the current state.

mod consensus;
mod constitution;
mod economy;
mod identity;
mod memory;
mod oxyspine;
mod peace_pipe;
mod security;
mod sensitive;
mod service;
#[cfg(test)]
mod tests;
mod watch;

use serde::de::DeserializeOwned;

pub use consensus::{Bypass, Class, Consensus, Recovery};
pub use constitution::{Constitution, LawDocuments, consensus};
pub use economy::{Amount, Budget, Economy};
pub use identity::{Drift, Identity, IdentityCore};
pub use memory::{Memory, Revision};
pub use oxyspine::{Authority, Header, Oxyspine};
pub use peace_pipe::{
    Actor, Deliberation, Emergency, Event, Guard, Limits, Machine, PeacePipe, RiskFloors, Stage, Submissions, Transition,
};
pub use security::{Audited, Forbidden, Presence, Security, SecurityCore, Threat};
pub use sensitive::Sensitive;
pub use service::{Expect, JsonValue, Probe, Service};
pub use watch::{
    Breaker, Channel, ChannelKind, Deployed, Flapping, HealOn, Level, Maintenance, Reminders, Restarts, Retention, Watch, Weekday,
};

use super::document::Document;
use super::front::{self, FrontError};
use super::names::DocumentName;
use super::text::TextError;

/// Reads the policy of a document, given the document's exact bytes, as a `T`.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrontError> {
    let front = front::split(bytes)?;
    let policy = front
        .node
        .get("policy")
        .ok_or_else(|| FrontError::Form(TextError { line: 1, column: 1, what: "the field `policy` is missing".to_owned() }))?;
    front::typed(policy)
}

/// Reads the policy of OXYSPINE_TRINITY.md, and holds it to its own rules.
///
/// # Errors
/// Where the form or a rule is broken, and what breaks it.
pub fn oxyspine(bytes: &[u8]) -> Result<Oxyspine, FrontError> {
    sound(whole(bytes)?, Oxyspine::defect)
}

/// Reads the policy of ECONOMY_MODEL.md, and holds it to its own rules.
///
/// # Errors
/// Where the form or a rule is broken, and what breaks it.
pub fn economy(bytes: &[u8]) -> Result<Economy, FrontError> {
    sound(whole(bytes)?, Economy::defect)
}

/// The policy of a document that is read as a whole anyway. Where it breaks its type, the bytes are read once more, by that
/// type, to say in which line.
fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrontError> {
    let policy = serde_json::Value::Object(Document::known(bytes)?.policy.clone());
    super::de::from_value(&policy).or_else(|_| read(bytes))
}

fn sound<T>(policy: T, defect: impl Fn(&T) -> Option<String>) -> Result<T, FrontError> {
    match defect(&policy) {
        None => Ok(policy),
        Some(what) => Err(FrontError::Form(TextError { line: 1, column: 1, what })),
    }
}

/// Holds a document's whole policy to its type; documents that omega does not know are free.
pub fn check(document: &DocumentName, bytes: &[u8]) -> Result<(), FrontError> {
    match document.as_str() {
        "OMEGA_IDENTITY" => whole::<Identity>(bytes).map(drop),
        "OXYSPINE_TRINITY" => oxyspine(bytes).map(drop),
        "PEACE_PIPE_PROTOCOL" => whole::<PeacePipe>(bytes).map(drop),
        "MEMORY_CONSTITUTION" => whole::<Memory>(bytes).map(drop),
        "SECURITY_AND_PRIVACY" => whole::<Security>(bytes).map(drop),
        "CONSENSUS_ENGINE" => whole::<Consensus>(bytes).map(drop),
        "ECONOMY_MODEL" => economy(bytes).map(drop),
        LawDocuments::CONSTITUTION => whole::<Constitution>(bytes).map(drop),
        _ => Ok(()),
    }
}
