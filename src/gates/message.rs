//! The message of a commit: which resolution it names, and which one it has to.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::canon::{ResolutionId, layout};
use crate::process::{End, Environment, Job, Purpose, run};
use crate::tree::Tree as _;

use super::cleanup::Comments;
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
                            "omega list shows all; or leave the line out",
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

/// The file with the message of a commit, and how git is run on it.
pub struct Message<'a> {
    /// The folder that the hook runs in.
    pub dir: &'a Path,
    /// The file.
    pub file: &'a Path,
    /// The folders in which git is found.
    pub path: &'a OsStr,
    /// Whether the message went through an editor.
    pub edited: bool,
}

impl Message<'_> {
    /// The resolutions that the message names in trailers.
    ///
    /// # Errors
    /// When git cannot be run, or does not understand the message.
    pub fn named(&self) -> Result<Vec<String>, Error> {
        let (text, comments) = self.read()?;
        if !comments.leave(&text, None) {
            return Ok(Vec::new());
        }
        let out = self.interpret(&comments, &["--only-trailers", "--only-input", "--unfold"])?;
        let named = out.lines().filter_map(|line| line.split_once(':'));
        let named = named.filter(|(key, _)| key.trim().eq_ignore_ascii_case(TRAILER));
        Ok(named.map(|(_, value)| value.trim().to_owned()).collect())
    }

    /// Adds the trailer that names a resolution, unless one is there. A message of which git leaves nothing stays as it is, so
    /// that git aborts the commit.
    ///
    /// # Errors
    /// When git cannot be run, or does not understand the message.
    pub fn name(&self, id: &ResolutionId) -> Result<(), Error> {
        let (text, comments) = self.read()?;
        let template = self.setting("commit.template")?.and_then(|path| fs::read_to_string(self.dir.join(path)).ok());
        if !comments.leave(&text, template.as_deref()) {
            return Ok(());
        }
        let line = format!("{TRAILER}: {id}");
        let how = ["--in-place", "--where", "end", "--if-exists", "doNothing", "--if-missing", "add", "--trailer", &line];
        self.interpret(&comments, &how).map(drop)
    }

    fn read(&self) -> Result<(String, Comments), Error> {
        let bytes = fs::read(self.file).map_err(|error| Error::io("read", self.file, &error))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let comments = match self.edited {
            // The newer name of the setting also holds strings of several characters.
            true => Comments::of(self.setting("core.comment(char|string)")?.as_deref(), &text),
            false => Comments::none(&text),
        };
        Ok((text, comments))
    }

    /// What git is set to here, by flags and variables too; the last setting of several.
    fn setting(&self, names: &str) -> Result<Option<String>, Error> {
        let names = format!("^{}$", names.replace('.', "\\."));
        // Paths come with `~` filled in.
        let kind = if names.contains("template") { "--type=path" } else { "--no-type" };
        let out = self.git(&["git", "config", "-z", kind, "--get-regexp", &names], Environment::Without(&[]), &[0, 1])?;
        Ok(out.split('\0').filter_map(|pair| Some(pair.split_once('\n')?.1.to_owned())).next_back())
    }

    /// What `git interpret-trailers` makes of the message, whatever the user's settings say of trailers.
    fn interpret(&self, comments: &Comments, args: &[&str]) -> Result<String, Error> {
        let (file, comment) = (self.file.display().to_string(), format!("core.commentChar={}", comments.as_str()));
        let argv = [&["git", "-c", &comment, "interpret-trailers", "--no-divider"], args, &["--", &file]].concat();
        // Nothing can be below a file: git finds no repository there, and so no settings.
        let nowhere = self.file.join("none").into_os_string();
        let only = [("PATH", self.path), ("GIT_CONFIG_NOSYSTEM", "1".as_ref()), ("GIT_CONFIG_GLOBAL", "/dev/null".as_ref())];
        let only = only.into_iter().chain([("GIT_DIR", nowhere.as_os_str()), ("LC_ALL", "C.UTF-8".as_ref())]);
        let only: Vec<(OsString, OsString)> = only.map(|(name, value)| (name.into(), value.to_owned())).collect();
        self.git(&argv, Environment::Only(&only), &[0])
    }

    fn git(&self, argv: &[&str], environment: Environment<'_>, good: &[i32]) -> Result<String, Error> {
        let failed = |cause: String| Error::Io { what: "read the trailers of", path: self.file.display().to_string(), cause };
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let job = Job { argv: &argv, dir: self.dir, input: None, environment, timeout: PATIENCE, purpose: Purpose::Answer(1 << 20) };
        let outcome = run(&job).map_err(|error| failed(error.to_string()))?;
        match outcome.end {
            End::Exited(code) if good.contains(&code) => Ok(String::from_utf8_lossy(&outcome.output).into_owned()),
            _ => Err(failed(outcome.complaint.trim().to_owned())),
        }
    }
}
