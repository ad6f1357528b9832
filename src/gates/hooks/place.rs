//! Where a clone takes its hooks from, and how omega is called there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::gates::Hook;
use crate::git::Repo;
use crate::workspace::Error;

/// The files in which the pre-commit framework is told what to run.
pub(in crate::gates) const FRAMEWORK: &[&str] = &[".pre-commit-config.yaml", ".pre-commit-config.yml"];

/// The files in which lefthook is told what to run.
pub(in crate::gates) const LEFTHOOK: &[&str] = &[
    "lefthook-local.yml",
    "lefthook-local.yaml",
    ".lefthook-local.yml",
    ".lefthook-local.yaml",
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    ".lefthook.yaml",
    "lefthook.toml",
    ".lefthook.toml",
    "lefthook.json",
    ".lefthook.json",
    ".config/lefthook.yml",
    ".config/lefthook.yaml",
    ".config/lefthook.toml",
    ".config/lefthook.json",
];

/// Who keeps the hooks of a clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    /// Nobody else: they lie in the clone's own folder, and omega may add its own.
    Nobody,
    /// husky, in files of the work tree.
    Husky,
    /// lefthook, which writes the hooks anew from a file of the work tree.
    Lefthook,
    /// Whoever set `core.hooksPath`, or made the folder a link.
    Somebody,
    /// Nobody: `core.hooksPath` names no folder, so git runs no hook. How it is switched on.
    Off(String),
}

/// Where the hooks of a clone are.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) keeper: Keeper,
    /// The folder with a file for each hook.
    pub(super) folder: PathBuf,
    workdir: Option<PathBuf>,
}

impl Place {
    /// Looks for the hooks of a clone.
    ///
    /// # Errors
    /// When the configuration or a folder cannot be read.
    pub(super) fn of(repo: &Repo) -> Result<Self, Error> {
        let own = repo.common_dir().join("hooks");
        let workdir = repo.workdir().map(ToOwned::to_owned);
        let at = |keeper, folder| Self { keeper, folder, workdir: workdir.clone() };
        let named = repo.hooks_path()?;
        let set = named.as_ref().map(|path| workdir.as_deref().unwrap_or_else(|| repo.git_dir()).join(path));
        let folder = set.as_deref().unwrap_or(&own);
        if named.is_some_and(|path| path.as_os_str().is_empty()) || (set.is_some() && !folder.is_dir()) {
            return Ok(at(Keeper::Off(switch_on(repo, folder, workdir.as_deref())), folder.to_owned()));
        }
        // Whoever shares the folder by a link shares what is written into it.
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if real != own {
            if let Some(workdir) = &workdir {
                let husky = fs::canonicalize(workdir).unwrap_or_else(|_| workdir.clone()).join(".husky");
                if real == husky || real == husky.join("_") {
                    return Ok(at(Keeper::Husky, workdir.join(".husky")));
                }
            }
            return Ok(at(Keeper::Somebody, folder.to_owned()));
        }
        let lefthook = workdir.as_ref().is_some_and(|dir| LEFTHOOK.iter().any(|name| dir.join(name).is_file()));
        Ok(at(if lefthook { Keeper::Lefthook } else { Keeper::Nobody }, own))
    }

    /// The file that decides what a hook does.
    pub(super) fn file(&self, hook: Hook) -> PathBuf {
        match (&self.keeper, &self.workdir) {
            // Its own hooks would be written anew: people write into the configuration.
            (Keeper::Lefthook, Some(dir)) => {
                let names = ["lefthook-local.yml", "lefthook-local.yaml", ".lefthook-local.yml", ".lefthook-local.yaml"];
                dir.join(names.into_iter().find(|name| dir.join(name).is_file()).unwrap_or(names[0]))
            }
            _ => self.folder.join(hook.as_str()),
        }
    }

    /// Whether something that people wrote calls omega for a hook.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn is_called(&self, hook: Hook) -> Result<bool, Error> {
        let mut files = Vec::new();
        if self.keeper == Keeper::Lefthook {
            files.extend(self.workdir.iter().flat_map(|dir| LEFTHOOK.iter().map(|name| dir.join(name))));
        } else {
            let own = self.folder.join(hook.as_str());
            let framework = read(&own)?.is_some_and(|text| text.contains("pre-commit.com"));
            files.push(own);
            if framework {
                // The framework keeps what was there before it, and calls that first.
                files.push(self.folder.join(format!("{}.legacy", hook.as_str())));
                let config = self.workdir.as_ref().map(|dir| read(&dir.join(".pre-commit-config.yaml"))).transpose()?.flatten();
                if config.is_some_and(|text| mentions(&text, &format!("omega-{}", hook.as_str()))) {
                    return Ok(true);
                }
            }
        }
        for file in files {
            if read(&file)?.is_some_and(|text| mentions(&text, &format!("omega hook {}", hook.as_str()))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What somebody has to add so that omega answers a hook; nothing, where omega does it.
    pub(super) fn to_add(&self, hook: Hook) -> Option<String> {
        let name = hook.as_str();
        let line = if hook.only_warns() { format!("omega hook {name} \"$@\" || :") } else { format!("omega hook {name} \"$@\"") };
        match self.keeper {
            Keeper::Nobody | Keeper::Off(_) => None,
            Keeper::Husky | Keeper::Somebody => Some(line),
            Keeper::Lefthook => {
                let input = if hook.reads_input() { "\n      use_stdin: true" } else { "" };
                let args = if hook.takes_arguments() { " {0}" } else { "" };
                // Not `:`, which would make YAML read a key.
                let warns = if hook.only_warns() { " || true" } else { "" };
                let lines = format!("    omega:\n      run: omega hook {name}{args}{warns}{input}");
                let there = read(&self.file(hook)).ok().flatten().unwrap_or_default();
                Some(match keys_there(&there, name) {
                    (false, _) => format!("{name}:\n  commands:\n{lines}"),
                    (true, false) => format!("# below the `{name}:` that is there\n  commands:\n{lines}"),
                    (true, true) => format!("# below the `commands:` of the `{name}:` that is there\n{lines}"),
                })
            }
        }
    }
}

/// The command after which git runs hooks again.
fn switch_on(repo: &Repo, folder: &Path, workdir: Option<&Path>) -> String {
    let is_husky = workdir.is_some_and(|dir| folder == dir.join(".husky").join("_") || folder == dir.join(".husky"));
    let scope = repo.hooks_path_scope().unwrap_or_else(|| "--local".to_owned());
    let unset = format!("git config {scope} --unset-all core.hooksPath");
    // husky makes its folder in each work tree anew.
    if is_husky { format!("npx husky; or switch husky off: {unset}") } else { unset }
}

/// Whether a file of lefthook has a key for a hook, and a list of commands in it.
fn keys_there(text: &str, hook: &str) -> (bool, bool) {
    let key = |line: &str, key: &str| line.trim_start().trim_matches(['"', '\'']).split(['"', '\'', ':']).next() == Some(key);
    let mut lines = text.lines().skip_while(|line| line.starts_with([' ', '#']) || !key(line, hook));
    if lines.next().is_none() {
        return (false, false);
    }
    (true, lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#'])).any(|line| key(line, "commands")))
}

/// The text of a file; nothing, if there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::io("read", path, &error)),
    }
}

/// Whether words stand in a line that is no comment, and are not the beginning of others.
fn mentions(text: &str, words: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.lines().filter(|line| !line.trim_start().starts_with('#')).any(|line| {
        line.match_indices(words).any(|(at, _)| !line[at + words.len()..].starts_with(goes_on) && !line[..at].ends_with(goes_on))
    })
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_call_is_a_whole_one_outside_of_comments() {
        let call = "omega hook pre-commit";
        for yes in [
            "omega hook pre-commit \"$@\"",
            "  exec omega hook pre-commit",
            "a\nnpx x && omega hook pre-commit\n",
            "run: /usr/bin/omega hook pre-commit",
        ] {
            assert!(mentions(yes, call), "{yes}");
        }
        for no in ["# omega hook pre-commit", "omega hook pre-commit-x", "myomega hook pre-commit", "omega hook pre-push", ""] {
            assert!(!mentions(no, call), "{no}");
        }
    }
}
