//! The files that tell agents what to do, by the names that their tools give them. One table: whoever adds a tool adds a line.

use crate::canon::{Glob, Who};
use crate::git::Repo;
use crate::tree::Tree as _;
use crate::workspace::Error;

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

/// The globs of the kinds of agent instruction files that are in the work tree, each with the number of files it matches now. A
/// kind whose files are all named already is left as its user named it.
///
/// # Errors
/// When the work tree cannot be read.
pub fn instruction_files(repo: &Repo, named: &[Glob]) -> Result<Vec<(Glob, usize)>, Error> {
    let listing = repo.index()?.list(&|_| true)?;
    let paths: Vec<&str> = listing.entries.iter().filter_map(|entry| std::str::from_utf8(&entry.path).ok()).collect();
    let named = Who(named.to_vec());
    let mut offered = Vec::new();
    for kind in KINDS {
        let globs: Vec<Glob> = kind.iter().map(|pattern| pattern.parse().expect("the patterns are globs")).collect();
        let all = Who(globs.clone());
        if paths.iter().any(|path| all.matches(path) && !named.matches(path)) {
            offered.extend(globs.into_iter().filter(|glob| !named.0.contains(glob)).map(|glob| {
                let one = Who(vec![glob.clone()]);
                let count = paths.iter().filter(|path| one.matches(path)).count();
                (glob, count)
            }));
        }
    }
    Ok(offered)
}
