//! The files that tell agents what to do, by the names that their tools give them. One table: whoever adds a tool adds a line.

use crate::canon::{Glob, Who};
use crate::git::Repo;
use crate::ops::Error;
use crate::tree::Tree as _;

/// A kind of instruction files. Where one of them is found, all of them are governed: a tool reads the nearest file, and prefers
/// an override, so that a file which is not there yet can take the place of one that is.
const KINDS: &[&[&str]] = &[
    &["**/AGENTS.md", "**/AGENTS.override.md"],
    &["**/CLAUDE.md", "**/CLAUDE.local.md"],
    &["**/GEMINI.md"],
    &["**/.cursorrules", "**/.cursor/rules/**"],
    &[".github/copilot-instructions.md", ".github/instructions/**"],
    &["prompts/**"],
    &[".claude/**"],
    &["skills/**"],
    &["**/SKILL.md"],
];

/// The globs of the kinds of agent instruction files that are in the work tree, each with the number of files it matches now.
///
/// # Errors
/// When the work tree cannot be read.
pub fn instruction_files(repo: &Repo) -> Result<Vec<(Glob, usize)>, Error> {
    let listing = repo.index()?.list(&|_| true)?;
    let paths: Vec<&str> = listing.entries.iter().filter_map(|entry| std::str::from_utf8(&entry.path).ok()).collect();
    let counted = |pattern: &&str| {
        let glob: Glob = pattern.parse().expect("the patterns are globs");
        let who = Who(vec![glob.clone()]);
        (glob, paths.iter().filter(|path| who.matches(path)).count())
    };
    let kinds = KINDS.iter().map(|patterns| patterns.iter().map(counted).collect::<Vec<_>>());
    Ok(kinds.filter(|kind| kind.iter().any(|(_, count)| *count > 0)).flatten().collect())
}
