//! Which repository formats are understood, decided before the git library opens one.

use std::path::Path;

use super::GitError;
use super::error::chain;

/// Extensions that change nothing about how objects, references and index are read here.
const HARMLESS: [&str; 6] = ["noop", "noop-v1", "preciousobjects", "partialclone", "worktreeconfig", "relativeworktrees"];

/// Where a repository keeps its references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refs {
    /// One file each, or together in `packed-refs`.
    Files,
    /// In tables.
    Reftable,
}

/// Says where the references are. Refuses repositories that need another hash, another reference storage or an unknown
/// extension.
///
/// The library would misread some of them (a reftable repository looks like an empty one), so the
/// configuration file is asked first, without includes, as git itself does for its extensions.
pub(super) fn check(common_dir: &Path) -> Result<Refs, GitError> {
    let path = common_dir.join("config");
    let config = match gix::config::File::from_path_no_includes(path.clone(), gix::config::Source::Local) {
        Ok(config) => config,
        // A repository without a configuration file is a plain one.
        Err(_) if !path.exists() => return Ok(Refs::Files),
        Err(error) => {
            return Err(GitError::Git { what: format!("read `{}`", path.display()), cause: chain(&error) });
        }
    };
    let version = config.integer("core.repositoryFormatVersion").ok().flatten().unwrap_or(0);
    let mut refs = Refs::Files;
    for section in config.sections_by_name("extensions").into_iter().flatten() {
        for name in section.value_names() {
            let name = name.to_string().to_lowercase();
            let value = section.value(name.as_str()).map(|value| value.to_string().to_lowercase()).unwrap_or_default();
            match name.as_str() {
                "refstorage" => {
                    refs = match value.as_str() {
                        "files" => Refs::Files,
                        "reftable" => Refs::Reftable,
                        _ => return Err(GitError::RefStorage { format: value }),
                    }
                }
                "objectformat" if !matches!(value.as_str(), "sha1" | "sha256") => {
                    return Err(GitError::ObjectFormat { format: value });
                }
                "objectformat" => {}
                // Format 0 ignores what it does not know.
                known if version == 0 || HARMLESS.contains(&known) => {}
                _ => return Err(GitError::Extension { name }),
            }
        }
    }
    Ok(refs)
}
