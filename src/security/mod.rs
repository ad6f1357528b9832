//! What is forbidden, what a key must be, and what a finding means: the rules of SECURITY_AND_PRIVACY.md as pure
//! functions.

mod command;

use serde::Serialize;

use crate::canon::Glob;
use crate::canon::path::fold;
use crate::canon::policy::{Presence, Security, Sensitive};
use crate::secrets;

pub use command::{Arg, could_forbid, forbidding};

/// The rule that forbids an agent to write a path.
pub fn forbidden_path<'p>(rules: &'p [Glob], path: &str) -> Option<&'p str> {
    let folded = fold(path.trim_start_matches("./").trim_start_matches('/'));
    rules.iter().find(|glob| glob.matches_folded(&folded)).map(|glob| glob.as_str())
}

/// Whether only what is ratified may stand at a ref.
pub fn is_protected(protected_refs: &[String], name: &str) -> bool {
    protected_refs.iter().any(|protected| protected == name)
}

/// Whether the Chief may rule with such a key.
pub fn may_rule(presence: Presence, touched: bool) -> bool {
    presence == Presence::Optional || touched
}

/// What is to be said of a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyCondition {
    /// Nothing.
    Good,
    /// Its type is not accepted.
    WrongType,
    /// Others can read its file.
    TooOpen,
    /// It should be replaced by a new one.
    Old,
}

/// Holds a key to the rules: its OpenSSH type, the mode of its file, and its age.
pub fn key(policy: &Security, algorithm: &str, mode: u32, age_days: u32) -> KeyCondition {
    // A mode that cannot be read as octal lets nobody in but the owner.
    let loosest = u32::from_str_radix(&policy.keys.file_mode, 8).unwrap_or(0o600);
    if !policy.keys.algorithms.iter().any(|known| known == algorithm) {
        KeyCondition::WrongType
    } else if mode & 0o7777 & !loosest != 0 {
        KeyCondition::TooOpen
    } else if age_days >= policy.keys.rotate_after_days {
        KeyCondition::Old
    } else {
        KeyCondition::Good
    }
}

/// Of these kinds of content, those that are never recorded.
pub fn unrecordable(policy: &Security, holds: &[Sensitive]) -> Vec<Sensitive> {
    policy.never_recorded.iter().copied().filter(|kind| holds.contains(kind)).collect()
}

/// A sensitive content that is known by its form, and where it stands. It does not hold the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What kind.
    pub kind: Sensitive,
    /// The line where it begins, from 1.
    pub line: usize,
}

/// What in a text is known by its form to be sensitive.
pub fn sensitive(text: &str) -> impl Iterator<Item = Sighting> {
    secrets::find(text.as_bytes()).into_iter().map(|secret| {
        let kind = match secret.kind {
            secrets::Kind::PrivateKey => Sensitive::PrivateKeys,
            secrets::Kind::Token => Sensitive::AccessTokens,
            secrets::Kind::Password => Sensitive::Passwords,
            secrets::Kind::Address => Sensitive::AddressesWithTokens,
        };
        Sighting { kind, line: secret.line }
    })
}

/// A threat that a finding is a sign of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Sign {
    /// What an attacker may be doing.
    pub threat: String,
    /// What stops or reveals it.
    pub answer: String,
}

/// The threats that a finding with this code is a sign of.
pub fn signs(policy: &Security, code: &str) -> Vec<Sign> {
    let of = |threat: &&crate::canon::policy::Threat| threat.shows_as.iter().any(|shown| shown == code);
    policy.threats.iter().filter(of).map(|threat| Sign { threat: threat.threat.clone(), answer: threat.answer.clone() }).collect()
}
