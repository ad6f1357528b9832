//! The files that decide whether and how a change is checked at all.

use crate::canon::path::fold;

/// Folders that hold workflows, actions and hooks.
const FOLDERS: [&str; 12] = [
    ".github/workflows",
    ".github/actions",
    ".gitlab",
    ".forgejo",
    ".gitea",
    ".ci",
    ".circleci",
    ".woodpecker",
    ".husky",
    ".githooks",
    ".hooks",
    "hooks",
];

/// Files at the root.
const FILES: [&str; 18] = [
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".drone.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "lefthook.yml",
    ".lefthook.yml",
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
    let within = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || rest.is_empty());
    (FOLDERS.into_iter().any(within) || FILES.contains(&path.as_str())).then_some("whether and how changes are checked")
}

#[cfg(test)]
mod tests {
    use super::decides;

    #[test]
    fn knows_what_decides() {
        for path in [".github/workflows/ci.yml", ".GitHub/Workflows/x.yml", ".gitlab-ci.yml", "hooks/pre-receive", "docs/.gitattributes"] {
            assert!(decides(path).is_some(), "{path}");
        }
        for path in ["src/hooks.rs", ".github/FUNDING.yml", "hooks.md", "src/hooks/mod.rs", "gitlab-ci.yml"] {
            assert!(decides(path).is_none(), "{path}");
        }
    }
}
