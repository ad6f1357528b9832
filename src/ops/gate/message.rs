//! The message of a commit: which resolution it names, and which one it has to.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::canon::{ResolutionId, layout};
use crate::process::{End, Environment, Job, Purpose, run};
use crate::tree::Tree as _;

use super::{Commit, Error, Gate};

/// How long git may take to read or write a message.
const PATIENCE: Duration = Duration::from_secs(20);

/// The trailer that names a resolution.
const TRAILER: &str = "Council-Resolution";

impl Gate<'_> {
    /// The resolution that a commit message has to name, if the staged governed changes belong to exactly one.
    ///
    /// # Errors
    /// As for [`Gate::commit`].
    pub fn resolution(&self, commit: &Commit<'_>) -> Result<Option<ResolutionId>, Error> {
        Ok(self.belongs_to(commit)?.and_then(|all| if all.len() == 1 { all.into_iter().next() } else { None }))
    }

    /// Holds the resolution that a commit message names to what is staged.
    ///
    /// # Errors
    /// Denied, if it is another one.
    pub fn named(&self, commit: &Commit<'_>, named: &[String]) -> Result<(), Error> {
        if named.is_empty() {
            return Ok(());
        }
        let belongs = self.belongs_to(commit)?;
        for name in named {
            let id: ResolutionId = name.parse().map_err(|_| {
                Error::denied(format!("`{TRAILER}: {name}` names no resolution"), "leave the line out: omega adds it where it belongs")
            })?;
            match &belongs {
                Some(all) if all.contains(&id) => {}
                Some(all) if !all.is_empty() => {
                    let ids: Vec<&str> = all.iter().map(ResolutionId::as_str).collect();
                    return Err(Error::denied(
                        format!("the message names {id}, and what is staged belongs to {}", ids.join(", ")),
                        "leave the line out: omega adds it where it belongs",
                    ));
                }
                // What is not governed may refer to any resolution that there is.
                _ => {
                    let folder = layout::folder(&id);
                    let above = |path: &[u8]| folder.as_bytes().starts_with(path);
                    if commit.index.list(&above)?.entries.iter().all(|entry| !entry.path.starts_with(format!("{folder}/").as_bytes())) {
                        return Err(Error::denied(
                            format!("the message names {id}, and there is no such resolution here"),
                            "omega canon list shows all; or leave the line out",
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// The resolutions that the staged governed changes belong to; nothing, if nothing governed is staged.
    fn belongs_to(&self, commit: &Commit<'_>) -> Result<Option<BTreeSet<ResolutionId>>, Error> {
        let staged = self.staged(commit.index)?;
        if staged.is_empty() {
            return Ok(None);
        }
        let (_, report) = self.judged_index(commit.index, &staged)?;
        let mut belongs: BTreeSet<ResolutionId> =
            report.drafts.into_iter().filter(|draft| staged.contains_key(draft.path.as_str())).map(|draft| draft.resolution).collect();
        belongs.extend(staged.keys().filter_map(|path| path.strip_prefix("canon/resolutions/")?.split('/').next()?.parse().ok()));
        Ok(Some(belongs))
    }
}

/// The resolutions that a commit message names in trailers.
///
/// # Errors
/// When git cannot be run, or does not understand the message.
pub fn named_in(dir: &Path, message: &Path) -> Result<Vec<String>, Error> {
    let out = interpret(dir, message, &["--parse"])?;
    let named = out.lines().filter_map(|line| line.split_once(':'));
    let named = named.filter(|(key, _)| key.trim().eq_ignore_ascii_case(TRAILER));
    Ok(named.map(|(_, value)| value.trim().to_owned()).collect())
}

/// Adds the trailer that names a resolution to a commit message, unless one stands there.
///
/// # Errors
/// When git cannot be run, or does not understand the message.
pub fn trailer(dir: &Path, message: &Path, id: &ResolutionId) -> Result<(), Error> {
    let line = format!("{TRAILER}: {id}");
    interpret(dir, message, &["--in-place", "--if-exists", "doNothing", "--trailer", &line]).map(drop)
}

fn interpret(dir: &Path, message: &Path, args: &[&str]) -> Result<String, Error> {
    let file = message.display().to_string();
    let argv: Vec<String> = ["git", "interpret-trailers"].iter().chain(args).chain(&["--", &file]).map(|word| (*word).to_owned()).collect();
    let failed = |cause: String| Error::Io { what: "read the trailers of", path: file.clone(), cause };
    let job =
        Job { argv: &argv, dir, input: None, environment: Environment::Without(&[]), timeout: PATIENCE, purpose: Purpose::Answer(1 << 20) };
    let outcome = run(&job).map_err(|error| failed(error.to_string()))?;
    match outcome.end {
        End::Exited(0) => Ok(String::from_utf8_lossy(&outcome.output).into_owned()),
        _ => Err(failed(outcome.complaint.trim().to_owned())),
    }
}
