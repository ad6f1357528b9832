use serde::{Deserialize, Serialize};

use crate::canon::Glob;

use super::Sensitive;

/// What the fold reads of SECURITY_AND_PRIVACY.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityCore {
    /// Full names of the git refs that only ever hold ratified states; the first is the main branch.
    pub protected_refs: Vec<String>,
    /// What the Chief signs rulings with.
    pub ruling_presence: Presence,
}

/// What an agent must not do, by the policy of SECURITY_AND_PRIVACY.md or CONSTITUTION.md.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forbidden {
    /// Commands that an agent never runs, as the first words of the argument vector.
    #[serde(default)]
    pub forbidden_commands: Vec<Vec<String>>,
    /// Paths that an agent never writes, as globs.
    #[serde(default)]
    pub forbidden_paths: Vec<Glob>,
}

/// What the Chief signs rulings with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// Any key of his.
    Optional,
    /// Only a hardware key that was touched.
    Required,
}

/// The policy of SECURITY_AND_PRIVACY.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Security {
    /// Full names of the git refs that only ever hold ratified states; the first is the main branch.
    pub protected_refs: Vec<String>,
    /// What the Chief signs rulings with.
    pub ruling_presence: Presence,
    /// Who is defended against, and how.
    pub threats: Vec<Threat>,
    /// Rules for private keys.
    pub keys: KeyRules,
    /// Kinds of text that never stand in a log or a commit.
    pub never_recorded: Vec<Sensitive>,
    /// What is written to the audit log.
    pub audited: Vec<Audited>,
    /// Commands that an agent never runs, as the program and words or options of it.
    pub forbidden_commands: Vec<Vec<String>>,
    /// Paths that an agent never writes, as globs.
    pub forbidden_paths: Vec<Glob>,
}

/// One threat and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threat {
    /// What an attacker does.
    pub threat: String,
    /// What stops or reveals it.
    pub answer: String,
    /// The codes of the findings by which it shows, see docs/findings.md.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows_as: Vec<String>,
}

/// What is written down as it happens, so that it can be looked up later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audited {
    /// Proposals, statements, syntheses, ballots and withdrawals.
    Deliberation,
    /// Rulings with tally, bypass and reason.
    Rulings,
    /// Keys that come and go.
    Keys,
    /// Cycles of the watch, before and after healing.
    Cycles,
    /// Restarts with intent, command and exit status.
    Restarts,
    /// Alerts raised, delivered, acknowledged and resolved.
    Alerts,
    /// Credits awarded and debited.
    Credits,
}

/// Rules for private keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRules {
    /// Accepted key types, by OpenSSH name.
    pub algorithms: Vec<String>,
    /// The loosest file mode of a private key, in octal digits.
    pub file_mode: String,
    /// Days after which a key should be rotated.
    pub rotate_after_days: u32,
}
