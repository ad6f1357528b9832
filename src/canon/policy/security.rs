use serde::{Deserialize, Serialize};

/// What the fold reads of SECURITY_AND_PRIVACY.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityCore {
    /// Full names of the git refs that only ever hold ratified states; the first is the main branch.
    pub protected_refs: Vec<String>,
    /// What the Chief signs rulings with.
    pub ruling_presence: Presence,
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
    pub never_recorded: Vec<String>,
    /// What is written to the audit log.
    pub audited: Vec<String>,
    /// Commands that an agent never runs, as the first words of the argument vector.
    pub forbidden_commands: Vec<Vec<String>>,
    /// Paths that an agent never writes, as globs.
    pub forbidden_paths: Vec<String>,
}

/// One threat and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threat {
    /// What an attacker does.
    pub threat: String,
    /// What stops or reveals it.
    pub answer: String,
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
