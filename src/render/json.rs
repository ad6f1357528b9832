//! The one document that every command prints with `--format json`, on success and on failure.

use serde::Serialize;

use crate::canon::text;
use crate::finding::Finding;
use crate::sync::Exchanged;

/// What a command answers.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Answer<T> {
    /// Version of this document; it rises when a field changes its meaning or goes away.
    pub omega: u32,
    /// The command, as in `canon verify`.
    pub command: String,
    /// The exit code.
    pub exit: u8,
    /// What the report must not be taken for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What was exchanged with a remote before and after the act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchanged: Option<Exchanged>,
    /// What the command reports, if it came to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<T>,
    /// Why it did not do what it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failed>,
}

/// Why a command did not do what it was asked.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Failed {
    /// `denied`, `usage`, `violated`, `unknown`, `blind`, `held` or `failed`.
    pub kind: String,
    /// The fact.
    pub message: String,
    /// What to do, or the command to type next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What is wrong in the tree, where that is the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// The version of the document.
pub const VERSION: u32 = 1;

/// One answer as a line-broken document.
pub fn render<T: Serialize>(answer: &Answer<T>) -> String {
    let out = text::json(&serde_json::to_string_pretty(answer).expect("reports are maps with string keys"));
    // Runners of CI take commands out of whatever a job prints. These signs stand in texts only, where they can be spelled so.
    let mut out = out.replace("##[", "##\\u005b");
    out.push('\n');
    out
}
