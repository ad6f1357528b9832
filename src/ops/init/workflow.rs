//! The workflows by which forges judge changes, ready to be committed.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde::Serialize;

use crate::git::Repo;
use crate::ops::Error;
use crate::ops::ci::Forge;

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

/// The text of the workflow of a forge.
fn text(forge: Forge) -> String {
    let text = match forge {
        Forge::Github => include_str!("workflows/github.yml"),
        Forge::Gitlab => include_str!("workflows/gitlab.yml"),
        Forge::Forgejo | Forge::Gitea => include_str!("workflows/forgejo.yml"),
    };
    text.replace("@TAG@", concat!("v", env!("CARGO_PKG_VERSION"))).replace("@REPOSITORY@", env!("CARGO_PKG_REPOSITORY"))
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

/// Writes the workflow of a forge into the work tree. It is not committed.
///
/// # Errors
/// As for [`place`].
pub fn write(repo: &Repo, forge: Forge) -> Result<Workflow, Error> {
    let path = place(repo, forge)?;
    let full = workdir(repo)?.join(path);
    let folder = full.parent().unwrap_or(&full);
    fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, &error))?;
    let file = OpenOptions::new().write(true).create_new(true).open(&full);
    file.and_then(|mut file| file.write_all(text(forge).as_bytes())).map_err(|error| Error::io("write", &full, &error))?;
    let root = match crate::ops::pin::trusted(Some(repo), None)? {
        Some(pin) => pin.root().to_string(),
        None => "sha256:…".to_owned(),
    };
    let mut next = Vec::new();
    if path == ".gitlab/canon.gitlab-ci.yml" {
        next.push(format!("add to .gitlab-ci.yml: include: [{{ local: {path} }}]"));
    }
    next.push(format!("git add {path} && git commit -m 'Judge changes before they are merged'"));
    next.push(match forge {
        Forge::Github => format!("gh variable set OMEGA_ROOT --body {root}"),
        _ => format!("set the variable OMEGA_ROOT of the project to {root}"),
    });
    next.push("require the check `canon` for the main branch, and branches that are up to date before they are merged".to_owned());
    Ok(Workflow { forge, path: path.to_owned(), next })
}

fn workdir(repo: &Repo) -> Result<&Path, Error> {
    repo.workdir().ok_or_else(|| Error::denied("this is a bare repository", "write the workflow in a clone with a work tree, and push it"))
}
