//! The files that tell agents what to do, by the names that their programs give them.

use super::glob::Glob;

/// The files of one program.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What reads them.
    pub reader: &'static str,
    /// Where they are, as globs from the top of the repository.
    pub patterns: &'static [&'static str],
    /// Which of them wins, where that is known.
    pub precedence: &'static str,
    /// Whether only that file tells what they are for: a folder of such a name may be something else in a repository that has
    /// none of them yet.
    pub only_if_found: bool,
}

const fn kind(reader: &'static str, patterns: &'static [&'static str], precedence: &'static str) -> Kind {
    Kind { reader, patterns, precedence, only_if_found: false }
}

/// All kinds. Sources: the documentation of each program as of November 2026. Whoever adds a program adds a line.
pub const KINDS: &[Kind] = &[
    kind(
        "Codex, Copilot, Cursor, Zed and others",
        &["**/AGENTS.md", "**/AGENTS.override.md"],
        "the file nearest to the work wins; in one folder AGENTS.override.md replaces AGENTS.md",
    ),
    kind(
        "Claude Code",
        &["**/CLAUDE.md", "**/CLAUDE.local.md", "**/.claude/**", ".mcp.json"],
        "all are read, and later ones win: CLAUDE.md and .claude/ from the top down, then CLAUDE.local.md",
    ),
    kind("Gemini CLI", &["**/GEMINI.md", ".gemini/**"], "all are read from the top down"),
    kind("Cursor", &[".cursorrules", "**/.cursor/**"], "rules in .cursor/rules come before .cursorrules"),
    kind(
        "GitHub Copilot",
        &[
            ".github/copilot-instructions.md",
            ".github/instructions/**",
            ".github/prompts/**",
            ".github/agents/**",
            ".github/chatmodes/**",
            ".github/skills/**",
        ],
        "all that apply to a file are read together, with AGENTS.md, CLAUDE.md and GEMINI.md",
    ),
    kind("Windsurf", &[".windsurfrules", "**/.windsurf/**"], ""),
    kind("Cline", &[".clinerules/**"], ""),
    kind("Roo Code", &[".roo/**", ".roorules", ".roomodes"], "rules in .roo/ come before .roorules"),
    kind("Kiro", &[".kiro/steering/**"], ""),
    kind("Junie", &[".junie/**"], ""),
    kind("Codex", &[".codex/**"], ""),
    kind("opencode", &["opencode.json", "opencode.jsonc", ".opencode/**"], ""),
    kind("Aider", &["CONVENTIONS.md", ".aider.conf.yml"], ".aider.conf.yml names the files that are read"),
    kind("Amazon Q", &[".amazonq/rules/**"], ""),
    kind("Continue", &[".continue/rules/**"], ""),
    kind("Augment", &[".augment/rules/**", ".augment-guidelines"], ""),
    kind("goose", &["**/.goosehints"], ""),
    kind("Zed", &[".rules"], "the first of .rules, .cursorrules, .windsurfrules, .clinerules, …, AGENTS.md is read"),
    kind("Warp", &["WARP.md"], "WARP.md comes before AGENTS.md"),
    kind("agents with skills", &["**/SKILL.md"], ""),
    Kind { only_if_found: true, ..kind("agents with skills", &["skills/**"], "") },
    Kind { only_if_found: true, ..kind("programs with prompts", &["prompts/**"], "") },
];

impl Kind {
    /// The globs of its patterns.
    pub fn globs(&self) -> impl Iterator<Item = Glob> {
        self.patterns.iter().map(|pattern| pattern.parse().expect("the patterns are globs"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canon::Who;

    #[test]
    fn the_files_of_each_program_are_known() {
        let all = Who(KINDS.iter().flat_map(Kind::globs).collect());
        for path in [
            "AGENTS.md",
            "web/app/AGENTS.override.md",
            "CLAUDE.local.md",
            "pkg/.claude/settings.json",
            ".mcp.json",
            "GEMINI.md",
            ".cursor/rules/a.mdc",
            ".cursorrules",
            ".windsurfrules",
            ".windsurf/rules/a.md",
            ".clinerules",
            ".clinerules/a.md",
            ".kiro/steering/a.md",
            ".junie/guidelines.md",
            ".github/copilot-instructions.md",
            ".github/instructions/a.instructions.md",
            ".github/prompts/a.prompt.md",
            ".codex/config.toml",
            ".roomodes",
            "opencode.json",
            "CONVENTIONS.md",
            ".aider.conf.yml",
            "skills/a/SKILL.md",
            "x/y/SKILL.md",
            "prompts/a.txt",
        ] {
            assert!(all.matches(path), "{path}");
        }
        for path in ["README.md", "src/main.rs", ".github/workflows/ci.yml", "docs/agents/intro.md", ".kiro/specs/a.md"] {
            assert!(!all.matches(path), "{path}");
        }
        // A pattern of one kind is not repeated in another.
        let patterns: Vec<&str> = KINDS.iter().flat_map(|kind| kind.patterns).copied().collect();
        let different: std::collections::BTreeSet<&str> = patterns.iter().copied().collect();
        assert_eq!(patterns.len(), different.len());
    }
}
