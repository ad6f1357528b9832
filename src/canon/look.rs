//! How far the globs of `who` have come along a path, so that many paths below one folder are asked about together.

use super::alias::{is_short_for, segments};
use super::glob::{Who, segment_matches};

/// Where the globs stand behind a folder, each with what they need to match below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Look(Vec<Standing>);

/// One glob, the segments of it that are used up, and whether one of these says more than "any".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Standing {
    glob: usize,
    used: usize,
    named: bool,
}

impl Who {
    /// Before the first segment of a path.
    pub fn look(&self) -> Look {
        let mut look = Vec::new();
        for glob in 0..self.0.len() {
            self.stand(Standing { glob, used: 0, named: false }, &mut look);
        }
        Look::of(look)
    }

    /// Behind one more segment, which is [`bare`](super::alias::bare). What may be a short name stands for what it shortens.
    pub fn look_into(&self, look: &Look, segment: &str) -> Look {
        let mut next = Vec::new();
        for standing in &look.0 {
            let Some(pattern) = self.0[standing.glob].segments.get(standing.used) else { continue };
            if pattern == "**" {
                self.stand(*standing, &mut next);
            } else if segment_matches(pattern, segment) || is_short_for(segment, pattern) {
                let named = standing.named || pattern.contains(|c| !matches!(c, '*' | '?'));
                self.stand(Standing { used: standing.used + 1, named, ..*standing }, &mut next);
            }
        }
        Look::of(next)
    }

    /// Behind a whole path, as the most forgiving system reads it. Nothing is looked for in `canon`.
    pub fn look_at(&self, path: &str) -> Look {
        let mut look = self.look();
        for (number, segment) in segments(path).enumerate() {
            if number == 0 && segment == "canon" {
                return Look::default();
            }
            look = self.look_into(&look, &segment);
        }
        look
    }

    /// Whether a file there matches.
    pub fn ends(&self, look: &Look) -> bool {
        look.0.iter().any(|standing| self.rest(standing).is_empty())
    }

    /// Whether something below could match.
    pub fn goes_on(&self, look: &Look) -> bool {
        look.0.iter().any(|standing| !self.rest(standing).is_empty())
    }

    /// Whether something below could match a glob that names a folder on the way to it, and not just any.
    pub fn goes_on_by_name(&self, look: &Look) -> bool {
        look.0.iter().any(|standing| standing.named && !self.rest(standing).is_empty())
    }

    fn rest(&self, standing: &Standing) -> &[String] {
        &self.0[standing.glob].segments[standing.used..]
    }

    fn stand(&self, standing: Standing, look: &mut Vec<Standing>) {
        look.push(standing);
        // `**` also stands for no segment at all, and no two stand side by side.
        if self.rest(&standing).first().is_some_and(|segment| segment == "**") {
            look.push(Standing { used: standing.used + 1, ..standing });
        }
    }
}

impl Look {
    fn of(mut standings: Vec<Standing>) -> Self {
        standings.sort_unstable();
        standings.dedup();
        Self(standings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(patterns: &[&str]) -> Who {
        Who(patterns.iter().map(|p| p.parse().expect("valid")).collect())
    }

    #[test]
    fn says_of_plain_paths_what_the_globs_say() {
        let globs = who(&["AGENTS.md", "prompts/**", "**/SKILL.md", "a/*/c?.txt", "x/**/y/*.md", "**/z/**"]);
        let names = ["agents.md", "prompts", "skill.md", "a", "b", "c1.txt", "x", "y", "z", "q.md"];
        let mut paths: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        for _ in 0..3 {
            let longer: Vec<String> = paths.iter().flat_map(|path| names.iter().map(move |name| format!("{path}/{name}"))).collect();
            paths.extend(longer);
            paths.sort_unstable();
            paths.dedup();
        }
        assert!(paths.len() > 10_000);
        for path in paths {
            let look = globs.look_at(&path);
            assert_eq!(globs.ends(&look), globs.matches(&path), "{path}");
            assert_eq!(globs.goes_on(&look), globs.reaches_into(&path), "{path}");
        }
    }

    #[test]
    fn knows_where_a_glob_names_a_folder() {
        let globs = who(&["**/AGENTS.md", "skills/*/SKILL.md", "**/.rules/*.md", "*/any/**"]);
        for (path, named) in [
            ("tools", false),
            ("tools/latest", false),
            ("skills", true),
            ("skills/x", true),
            ("a/b/.rules", true),
            ("a/.rules/x.md", false),
            ("a/any", true),
            ("canon/any", false),
        ] {
            assert_eq!(globs.goes_on_by_name(&globs.look_at(path)), named, "{path}");
        }
    }

    #[test]
    fn sees_other_names_of_governed_paths() {
        let globs = who(&["AGENTS.md", "prompts/*.md"]);
        for path in
            ["AGENTS.md.", "agents.md::$DATA", "AGENTS~1.MD", "A\u{200b}GENTS.md", "prompts /x.md", "prompts\\x.md", "PROMPT~1/x.md"]
        {
            assert!(!globs.matches(path) && globs.ends(&globs.look_at(path)), "{path:?}");
        }
    }
}
