use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::canon::front::FrontError;
use crate::canon::{ByRisk, DocumentName, Glob, Who};

use super::{Class, Consensus, PeacePipe, Presence, Recovery, read};

/// The policy of CONSTITUTION.md: all that a small canon needs, in one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constitution {
    /// Globs of the paths outside `canon/` that are governed.
    pub who: Who,
    /// Full names of the git refs that only ever hold ratified states; the first is the main branch.
    pub protected_refs: Vec<String>,
    /// What the Chief signs rulings with.
    pub ruling_presence: Presence,
    /// What it takes to decide, by risk class.
    pub classes: ByRisk<Class>,
    /// How a lost Chief key is replaced; without it there is no recovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// Commands that an agent never runs, as the first words of the argument vector.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden_commands: Vec<Vec<String>>,
    /// Paths that an agent never writes, as globs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden_paths: Vec<Glob>,
}

/// The part of CONSTITUTION.md that is the rules of consensus.
#[derive(Deserialize)]
struct ConsensusCore {
    classes: ByRisk<Class>,
    #[serde(default)]
    recovery: Option<Recovery>,
}

/// The documents in which the law of a state stands: a CONSTITUTION, or a document for each part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawDocuments {
    /// Where `who` stands.
    pub who: DocumentName,
    /// Where the protected refs stand.
    pub security: DocumentName,
    /// Where the rules of consensus stand.
    pub consensus: DocumentName,
    /// Where the protocol stands; without it the standard protocol holds.
    pub protocol: Option<DocumentName>,
}

impl LawDocuments {
    /// The name of the one document that can stand for the three.
    pub const CONSTITUTION: &'static str = "CONSTITUTION";
    /// The three, in the order of the fields.
    pub const PARTS: [&'static str; 3] = ["OMEGA_IDENTITY", "SECURITY_AND_PRIVACY", "CONSENSUS_ENGINE"];
    /// The name of the protocol.
    pub const PROTOCOL: &'static str = "PEACE_PIPE_PROTOCOL";

    /// The documents of which one says what is governed.
    pub const OF_WHO: [&'static str; 2] = [Self::CONSTITUTION, Self::PARTS[0]];
    /// The documents of which one says what is protected.
    pub const OF_SECURITY: [&'static str; 2] = [Self::CONSTITUTION, Self::PARTS[1]];

    /// Whether a document of this name can be a part of the law.
    pub fn may_be(name: &DocumentName) -> bool {
        let name = name.as_str();
        name == Self::CONSTITUTION || name == Self::PROTOCOL || Self::PARTS.contains(&name)
    }

    /// Those of a state that has these documents.
    ///
    /// # Errors
    /// The document that is missing, or that there is one too many of, and why.
    pub fn of(has: impl Fn(&DocumentName) -> bool) -> Result<Self, (DocumentName, String)> {
        let name = |text: &str| -> DocumentName { text.parse().expect("a document name") };
        let short = has(&name(Self::CONSTITUTION));
        for part in Self::PARTS {
            match (short, has(&name(part))) {
                (true, true) => {
                    return Err((name(part), format!("{} replaces this document: a state has one of them", Self::CONSTITUTION)));
                }
                (false, false) => {
                    return Err((name(part), format!("this document is required, or {} in its place", Self::CONSTITUTION)));
                }
                _ => {}
            }
        }
        let [who, security, consensus] = if short { [Self::CONSTITUTION; 3] } else { Self::PARTS }.map(name);
        let protocol = Some(name(Self::PROTOCOL)).filter(|protocol| has(protocol));
        Ok(Self { who, security, consensus, protocol })
    }
}

/// The rules of consensus in the bytes of the document that has them.
///
/// # Errors
/// When the form is broken.
pub fn consensus(document: &DocumentName, bytes: &[u8]) -> Result<Consensus, FrontError> {
    if document.as_str() == LawDocuments::CONSTITUTION {
        return read(bytes).map(|ConsensusCore { classes, recovery }| Consensus { classes, recovery });
    }
    read(bytes)
}

impl PeacePipe {
    /// The protocol of a state that has no PEACE_PIPE_PROTOCOL.
    pub fn standard() -> Self {
        static STANDARD: LazyLock<PeacePipe> =
            LazyLock::new(|| read(include_bytes!("../../../canon/profiles/STANDARD_PROTOCOL.md")).expect("the standard protocol is valid"));
        STANDARD.clone()
    }
}
