//! The workflows by which forges judge changes, ready to be committed.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde::Serialize;

use crate::gates::ci::Forge;
use crate::git::Repo;
use crate::workspace::Error;

/// A workflow that was written into the work tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Workflow {
    /// The forge.
    pub forge: Forge,
    /// The file, from the root of the work tree.
    pub path: String,
    /// What is still to be done, in order.
    pub next: Vec<String>,
}

/// The text of the workflow of a forge, for these branches.
fn text(forge: Forge, branches: &[&str]) -> String {
    let text = match forge {
        Forge::Github => include_str!("workflows/github.yml"),
        Forge::Gitlab => include_str!("workflows/gitlab.yml"),
        Forge::Forgejo | Forge::Gitea => include_str!("workflows/forgejo.yml"),
    };
    // A name may hold `+` and `!`, which a pattern of branches would take for its own signs.
    let pattern = |name: &&str| name.replace('+', "\\+").replace('!', "\\!");
    let patterns: Vec<String> = branches.iter().map(pattern).collect();
    let list = serde_json::to_string(&patterns).expect("texts are JSON");
    let rule = |name: &&str| format!("    - if: '$CI_COMMIT_BRANCH == \"{}\"'\n", name.replace('\'', "''"));
    text.replace("@REPOSITORY@", env!("CARGO_PKG_REPOSITORY"))
        .replace("@BRANCHES@", &list)
        .replace("@RULES@", &branches.iter().map(rule).collect::<String>())
}

/// Where the workflow of a forge goes in this work tree.
///
/// # Errors
/// Denied, if a file is there already: none is ever overwritten; an error in a bare repository.
pub fn place(repo: &Repo, forge: Forge) -> Result<&'static str, Error> {
    let workdir = workdir(repo)?;
    let is_free = |path: &str| fs::symlink_metadata(workdir.join(path)).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let path = match forge {
        Forge::Github => ".github/workflows/canon.yml",
        // A project has one file at the root, and others that it includes.
        Forge::Gitlab if is_free(".gitlab-ci.yml") => ".gitlab-ci.yml",
        Forge::Gitlab => ".gitlab/canon.gitlab-ci.yml",
        Forge::Forgejo => ".forgejo/workflows/canon.yml",
        Forge::Gitea => ".gitea/workflows/canon.yml",
    };
    if is_free(path) {
        return Ok(path);
    }
    Err(Error::denied(format!("`{path}` is there already, and nothing is overwritten"), "move it aside, or edit it by hand: docs/gates.md"))
}

/// Writes the workflow of a forge into the work tree, for the protected branches of the canon. It is not committed.
///
/// # Errors
/// As for [`place`].
pub fn write(repo: &Repo, forge: Forge, protected_refs: &[String]) -> Result<Workflow, Error> {
    let branches: Vec<&str> = protected_refs.iter().filter_map(|name| name.strip_prefix("refs/heads/")).collect();
    let path = place(repo, forge)?;
    let full = workdir(repo)?.join(path);
    let folder = full.parent().unwrap_or(&full);
    fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, &error))?;
    let file = OpenOptions::new().write(true).create_new(true).open(&full);
    file.and_then(|mut file| file.write_all(text(forge, &branches).as_bytes())).map_err(|error| Error::io("write", &full, &error))?;
    let root = match crate::workspace::pin::trusted(Some(repo), None)? {
        Some(pin) => pin.root().to_string(),
        None => "sha256:…".to_owned(),
    };
    let mut next = Vec::new();
    if path == ".gitlab/canon.gitlab-ci.yml" {
        next.push(format!("add to .gitlab-ci.yml: include: [{{ local: {path} }}]"));
    }
    next.push(format!("git add {path} && git commit -m 'Judge changes before they are merged'"));
    let setting = |name: &str, value: &str| match forge {
        Forge::Github => format!("gh variable set {name} --body {value}"),
        _ => format!("set the variable {name} of the project to {value}"),
    };
    next.push(setting("OMEGA_ROOT", &root));
    next.push(format!("{}, the whole commit id of the omega that judges", setting("OMEGA_REVISION", "COMMIT")));
    next.push(format!("require the check `canon` for {}, and branches that are up to date before they are merged", branches.join(", ")));
    Ok(Workflow { forge, path: path.to_owned(), next })
}

fn workdir(repo: &Repo) -> Result<&Path, Error> {
    repo.workdir().ok_or_else(|| Error::denied("this is a bare repository", "write the workflow in a clone with a work tree, and push it"))
}
