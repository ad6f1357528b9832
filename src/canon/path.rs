//! Paths of governed files: one spelling, harmless on every system that git runs on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::text::is_hidden;

/// A path from the root of the repository, with `/` between segments.
///
/// Always UTF-8 in NFC, without empty, `.` or `..` segments, hidden characters, backslashes, colons,
/// segments that end with a dot or space, or any spelling of `.git`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

/// A path that no governed file may have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` cannot be a governed path: {why}")]
pub struct BadPath {
    path: String,
    why: &'static str,
}

impl RepoPath {
    /// The path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path with case and composition folded away: two paths that fold alike are one file on
    /// some system.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// Whether this lies under `canon/`.
    pub fn is_canon(&self) -> bool {
        self.0.starts_with("canon/")
    }

    /// The path of the signature beside this file.
    pub fn signature(&self) -> Self {
        Self(format!("{}.sig", self.0))
    }

    /// Joins a folder and a name that are known to be valid.
    pub(crate) fn known(path: String) -> Self {
        debug_assert!(path.parse::<Self>().is_ok(), "{path}");
        Self(path)
    }
}

/// Folds case and Unicode composition, for comparing.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Up and down again: that also joins letters with several lowercase forms, as `s` and `ſ`.
    text.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a segment is, or on some system becomes, the repository's own folder.
pub fn is_dot_git(segment: &str) -> bool {
    // Most segments are far from it: nothing is allocated for these.
    if segment.is_ascii() && !matches!(segment.as_bytes(), [b'.', b'g' | b'G', ..] | [b'g' | b'G', b'i' | b'I', ..]) {
        return false;
    }
    let bare: String = segment.chars().filter(|c| !is_hidden(*c)).collect();
    let bare = fold(bare.trim_end_matches(['.', ' ']));
    bare == ".git" || (bare.starts_with("git~") && bare[4..].bytes().all(|b| b.is_ascii_digit()))
}

impl FromStr for RepoPath {
    type Err = BadPath;

    fn from_str(path: &str) -> Result<Self, BadPath> {
        let refuse = |why| Err(BadPath { path: super::text::visible(path).chars().take(120).collect(), why });
        if path.is_empty() || path.len() > 1024 {
            return refuse("it is empty or longer than 1024 bytes");
        }
        if path.starts_with('/') {
            return refuse("it is absolute");
        }
        if path.chars().any(is_hidden) {
            return refuse("it holds a hidden character");
        }
        if path.contains(['\\', ':']) {
            return refuse("it holds a backslash or colon");
        }
        if !path.is_ascii() && !is_nfc(path) {
            return refuse("it is not in Unicode NFC");
        }
        for segment in path.split('/') {
            if matches!(segment, "" | "." | "..") {
                return refuse("it has an empty, `.` or `..` segment");
            }
            if segment.ends_with(['.', ' ']) {
                return refuse("a segment ends with a dot or a space");
            }
            if is_dot_git(segment) {
                return refuse("a segment is a spelling of `.git`");
            }
        }
        Ok(Self(path.to_owned()))
    }
}

impl TryFrom<String> for RepoPath {
    type Error = BadPath;

    fn try_from(path: String) -> Result<Self, BadPath> {
        path.parse()
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.0
    }
}

impl std::borrow::Borrow<str> for RepoPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl schemars::JsonSchema for RepoPath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RepoPath".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A path from the root of the repository" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_paths_that_mean_something_else_somewhere() {
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            ".git/config",
            ".GIT/x",
            "a/.Git",
            "git~1/x",
            ".git./x",
            ".git /x",
            ".g\u{200c}it/x",
            "a\\b",
            "a:b",
            "a./b",
            "a /b",
            "e\u{301}.md",
            "a\u{202e}b",
            "a\nb",
            "a\0b",
        ] {
            assert!(bad.parse::<RepoPath>().is_err(), "{bad:?}");
        }
        for good in ["AGENTS.md", "prompts/é.md", ".github/copilot-instructions.md", ".gitattributes", "a b/c"] {
            assert!(good.parse::<RepoPath>().is_ok(), "{good:?}");
        }
        assert_eq!(fold("É/A"), fold("e\u{301}/a"));
    }
}
