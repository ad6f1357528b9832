//! The globs of `who`: `**`, `*` and `?`, nothing else. Frozen with version 1 of the rules.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::alias::is_odd;
use super::path::{fold, is_dot_git};

/// A pattern over paths. `**` as a whole segment stands for any number of segments, `*` for any part
/// of one segment, `?` for one character. Case and Unicode composition are folded on both sides.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Glob {
    pattern: String,
    pub(super) segments: Vec<String>,
}

/// A pattern that is not a valid glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a valid glob: {why}")]
pub struct BadGlob {
    pattern: String,
    why: &'static str,
}

impl Glob {
    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether a path that [`fold`] has folded matches.
    pub fn matches_folded(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        segments_match(&self.segments, &path)
    }

    /// Whether some path inside this folded folder could match.
    pub fn reaches_into(&self, folder: &str) -> bool {
        let mut pattern = self.segments.iter();
        for part in folder.split('/') {
            match pattern.next() {
                None => return false,
                Some(segment) if segment == "**" => return true,
                Some(segment) if !segment_matches(segment, part) => return false,
                Some(_) => {}
            }
        }
        pattern.next().is_some()
    }

    /// The leading segments without wildcards, joined: nothing outside can match.
    pub fn literal_prefix(&self) -> String {
        let literal: Vec<&str> = self.segments.iter().map(String::as_str).take_while(|s| !s.contains(['*', '?'])).collect();
        literal.join("/")
    }
}

fn segments_match(pattern: &[String], path: &[&str]) -> bool {
    // Greedy with one point of return, as for `*` within a segment: linear in practice, never
    // exponential.
    let (mut p, mut s, mut star) = (0, 0, None);
    while s < path.len() {
        if pattern.get(p).is_some_and(|segment| segment == "**") {
            star = Some((p, s));
            p += 1;
        } else if pattern.get(p).is_some_and(|segment| segment_matches(segment, path[s])) {
            p += 1;
            s += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            s = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|segment| segment == "**")
}

/// Whether one segment of a pattern matches one segment of a path; both are folded.
pub(super) fn segment_matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

impl FromStr for Glob {
    type Err = BadGlob;

    fn from_str(pattern: &str) -> Result<Self, BadGlob> {
        let refuse = |why| Err(BadGlob { pattern: super::text::visible(pattern).chars().take(80).collect(), why });
        if pattern.is_empty() || pattern.len() > 256 || pattern.starts_with('/') || pattern.ends_with('/') {
            return refuse("it is empty, too long, absolute or ends with `/`");
        }
        if pattern.chars().any(|c| matches!(c, '[' | ']' | '{' | '}' | '!' | '\\' | ':') || super::text::is_hidden(c)) {
            return refuse("only `**`, `*` and `?` are special, and brackets, braces, `!`, `\\` and `:` are not allowed");
        }
        let segments: Vec<String> = fold(pattern).split('/').map(str::to_owned).collect();
        if segments.iter().any(|s| matches!(s.as_str(), "" | "." | "..") || is_dot_git(s)) {
            return refuse("it has an empty, `.`, `..` or `.git` segment");
        }
        if segments.iter().any(|s| s != "**" && s.contains("**")) {
            return refuse("`**` must be a whole segment");
        }
        if segments.windows(2).any(|pair| pair[0] == "**" && pair[1] == "**") {
            return refuse("`**` appears twice in a row");
        }
        Ok(Self { pattern: pattern.to_owned(), segments })
    }
}

impl TryFrom<String> for Glob {
    type Error = BadGlob;

    fn try_from(pattern: String) -> Result<Self, BadGlob> {
        pattern.parse()
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> Self {
        glob.pattern
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}

impl schemars::JsonSchema for Glob {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Glob".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A path pattern of `**`, `*` and `?`" })
    }
}

/// The paths outside `canon/` that are part of who the system is: its `who` globs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Who(pub Vec<Glob>);

impl Who {
    /// Whether a path is governed by these globs. Nothing under `canon/` or `.git` ever is.
    pub fn matches(&self, path: &str) -> bool {
        let folded = fold(path);
        !Self::is_off_limits(path, &folded) && self.0.iter().any(|glob| glob.matches_folded(&folded))
    }

    /// Whether some path inside this folder could be governed.
    pub fn reaches_into(&self, folder: &str) -> bool {
        let folded = fold(folder);
        !Self::is_off_limits(folder, &folded) && self.0.iter().any(|glob| glob.reaches_into(&folded))
    }

    /// Whether a path is governed, or is the name of a governed one on some system.
    pub fn names(&self, path: &str) -> bool {
        self.matches(path) || (is_odd(path) && self.ends(&self.look_at(path)))
    }

    /// Whether some path inside this folder could be governed, or be the name of a governed one on some system.
    pub fn names_into(&self, folder: &str) -> bool {
        self.reaches_into(folder) || (is_odd(folder) && self.goes_on(&self.look_at(folder)))
    }

    fn is_off_limits(path: &str, folded: &str) -> bool {
        // Other spellings of `.git` are folders like any other where they lie, and nobody can ratify
        // them: they are seen, so that they are found.
        folded == "canon" || folded.starts_with("canon/") || path.split('/').any(|segment| segment == ".git")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(patterns: &[&str]) -> Who {
        Who(patterns.iter().map(|p| p.parse().expect("valid")).collect())
    }

    #[test]
    fn matches_paths() {
        let globs = who(&["AGENTS.md", "prompts/**", "**/SKILL.md", "a/*/c?.txt"]);
        for yes in ["AGENTS.md", "agents.MD", "prompts/x", "prompts/a/b.md", "SKILL.md", "x/y/SKILL.md", "a/b/c1.txt"] {
            assert!(globs.matches(yes), "{yes}");
        }
        for no in
            ["x/AGENTS.md", "prompt/x", "canon/SKILL.md", "CANON/SKILL.md", "a/b/d/c1.txt", "a/b/c.txt", ".git/SKILL.md", "a/.git/SKILL.md"]
        {
            assert!(!globs.matches(no), "{no}");
        }
        assert!(who(&["prompts/**"]).matches("prompts/x"));
    }

    #[test]
    fn enters_only_folders_that_can_match() {
        let globs = who(&["prompts/**", "a/*/c.md"]);
        for yes in ["prompts", "prompts/x/y", "a", "a/zz"] {
            assert!(globs.reaches_into(yes), "{yes}");
        }
        for no in ["src", "a/zz/c.md", "canon"] {
            assert!(!globs.reaches_into(no), "{no}");
        }
        assert!(who(&["**/x"]).reaches_into("any/thing"));
        assert_eq!("a/b/*/c".parse::<Glob>().expect("valid").literal_prefix(), "a/b");
    }

    #[test]
    fn refuses_other_syntax() {
        for bad in ["", "/a", "a/", "a//b", "a/../b", "[ab]", "{a,b}", "!a", "a**", "**/**", "a\\b", ".git/x", "x/.GIT"] {
            assert!(bad.parse::<Glob>().is_err(), "{bad}");
        }
    }

    #[test]
    fn wildcards_do_not_explode() {
        let glob: Glob = format!("{}b", "*a".repeat(60)).parse().expect("valid");
        assert!(!glob.matches_folded(&"a".repeat(1000)));
    }
}
