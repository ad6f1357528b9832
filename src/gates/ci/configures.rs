//! The files that decide whether and how a change is checked at all.

use crate::canon::path::fold;
use crate::gates::hooks::{FRAMEWORK, LEFTHOOK};

/// Folders that hold workflows, actions and hooks.
const FOLDERS: &[&str] = &[
    ".github/workflows",
    ".github/actions",
    ".gitlab",
    ".forgejo",
    ".gitea",
    ".ci",
    ".circleci",
    ".buildkite",
    ".woodpecker",
    ".husky",
    ".githooks",
    ".hooks",
    "hooks",
];

/// Files at the root.
const FILES: &[&str] = &[
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".drone.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    ".travis.yaml",
    ".appveyor.yml",
    "appveyor.yml",
    ".cirrus.yml",
    "bitbucket-pipelines.yml",
    "jenkinsfile",
    ".pre-commit-hooks.yaml",
    "omega.toml",
    "action.yml",
    "action.yaml",
    "rust-toolchain",
    "rust-toolchain.toml",
    ".cargo/config",
    ".cargo/config.toml",
];

/// What a path decides, in a few words; nothing, if it does not decide how changes are checked.
pub(super) fn decides(path: &str) -> Option<&'static str> {
    let path = fold(path);
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        ".gitattributes" => return Some("how git reads and converts files"),
        "codeowners" => return Some("who must agree to changes"),
        ".gitmodules" => return Some("what is brought in from other repositories"),
        _ => {}
    }
    if path == ".lfsconfig" {
        return Some("how git reads and converts files");
    }
    let within = |folder: &&str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || rest.is_empty());
    (FOLDERS.iter().any(within) || [FILES, LEFTHOOK, FRAMEWORK].iter().any(|files| files.contains(&path.as_str())))
        .then_some("whether and how changes are checked")
}

#[cfg(test)]
mod tests {
    use super::{FILES, FRAMEWORK, LEFTHOOK, decides};

    #[test]
    fn knows_what_decides() {
        for path in LEFTHOOK.iter().chain(FRAMEWORK).chain(FILES) {
            assert!(decides(path).is_some() && path.to_lowercase() == **path, "{path}");
        }
        for path in [".github/workflows/ci.yml", ".GitHub/Workflows/x.yml", ".gitlab-ci.yml", "hooks/pre-receive", "docs/.gitattributes"] {
            assert!(decides(path).is_some(), "{path}");
        }
        for path in ["src/hooks.rs", ".github/FUNDING.yml", "hooks.md", "src/hooks/mod.rs", "gitlab-ci.yml"] {
            assert!(decides(path).is_none(), "{path}");
        }
    }
}
