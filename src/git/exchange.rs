//! Fetching from a remote and pushing to it. Git does both, with the settings, credentials and hooks of the user.
//!
//! Only branches that are named are exchanged: no tags, no submodules, and nothing is ever forced.

use std::ffi::OsString;
use std::time::Duration;

use super::{GitError, Oid, Repo};
use crate::process::{End, Environment, Job, Outcome, Purpose, run};

/// People type passphrases, and large packs take long.
const PATIENCE: Duration = Duration::from_secs(300);

/// More than what git says of some hundred branches.
const MOST: usize = 1 << 20;

/// What would lead git to another repository, index or store of objects than this one.
const WITHOUT: [&str; 10] = [
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
];

/// A remote, and whether the user is there to be asked for a passphrase.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Its name.
    pub name: String,
    /// Whether git may use the terminal.
    pub attended: bool,
}

/// A branch that is pushed, by its full name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Push {
    /// The remote's branch shall be as the one here.
    Update(String),
    /// The remote's branch goes, if it still is at this commit.
    Delete(String, Oid),
}

impl Push {
    /// The full name of the branch.
    pub fn name(&self) -> &str {
        match self {
            Self::Update(name) | Self::Delete(name, _) => name,
        }
    }
}

/// What a remote made of a branch that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The branch is there as it was pushed.
    Done,
    /// The remote has commits that are not here.
    Behind,
    /// The remote, or a hook, refuses it, in these words.
    Refused(String),
}

impl Repo {
    /// The remote with which a branch, given by its full name, is exchanged: the one that it tracks, else the only one, else
    /// `origin`.
    pub fn remote_of(&self, branch: &str) -> Result<Option<String>, GitError> {
        let remotes = self.remotes();
        let short = branch.strip_prefix("refs/heads/").unwrap_or(branch);
        let tracked = self.config_string(&format!("branch.{short}.remote")).filter(|tracked| remotes.contains(tracked));
        let only = || remotes.first().filter(|first| remotes.len() == 1 || *first == "origin").cloned();
        Ok(tracked.or_else(only))
    }

    /// Fetches the branches below `folder`, and `branch` if the remote has it, and forgets those below `folder` that are gone
    /// there. Nothing but remote-tracking references moves.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn fetch(&self, remote: &Remote, folder: &str, branch: &str) -> Result<(), GitError> {
        let tracking = |name: &str| name.replacen("refs/heads/", &format!("refs/remotes/{}/", remote.name), 1);
        let specs = [folder, branch].map(|name| format!("+{name}:{}", tracking(name)));
        // A branch that the remote does not have would stop the fetch of all.
        let is_there = self.find_ref(&tracking(branch))?.is_some() || self.exists_there(remote, branch)?;
        let specs = if is_there { &specs[..] } else { &specs[..1] };
        let options = ["fetch", "--quiet", "--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--refmap="];
        let outcome = self.talk(remote, &options, specs)?;
        match outcome.end {
            End::Exited(0) => Ok(()),
            _ => Err(failed("fetch from", remote, &outcome)),
        }
    }

    fn exists_there(&self, remote: &Remote, branch: &str) -> Result<bool, GitError> {
        let outcome = self.talk(remote, &["ls-remote", "--quiet", "--exit-code"], &[branch.to_owned()])?;
        match outcome.end {
            End::Exited(0) => Ok(true),
            End::Exited(2) => Ok(false),
            _ => Err(failed("ask", remote, &outcome)),
        }
    }

    /// Pushes branches; says of each what became of it.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn push(&self, remote: &Remote, branches: &[Push]) -> Result<Vec<(Push, Sent)>, GitError> {
        let leases = branches.iter().filter_map(|push| match push {
            Push::Delete(name, at) => Some(format!("--force-with-lease={name}:{at}")),
            Push::Update(_) => None,
        });
        let mut options = vec![
            "push".to_owned(),
            "--porcelain".into(),
            "--no-progress".into(),
            "--no-follow-tags".into(),
            "--no-recurse-submodules".into(),
        ];
        options.extend(leases);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let specs: Vec<String> = branches
            .iter()
            .map(|push| match push {
                Push::Update(name) => format!("{name}:{name}"),
                Push::Delete(name, _) => format!(":{name}"),
            })
            .collect();
        let outcome = self.talk(remote, &options, &specs)?;
        let told = String::from_utf8_lossy(&outcome.output).into_owned();
        match outcome.end {
            End::Exited(0) => Ok(branches.iter().map(|push| (push.clone(), Sent::Done)).collect()),
            // Without a word on any branch, a hook here said no before anything was sent.
            End::Exited(1) => {
                let by_hook = || Sent::Refused(complaint(&outcome).unwrap_or_else(|| "the pre-push hook says no".to_owned()));
                let said = outcome.complaint.lines().find_map(|line| line.trim().strip_prefix("remote: error: "));
                let why = |sent| match (sent, said) {
                    (Sent::Refused(why), Some(said)) => Sent::Refused(format!("{why}: {}", said.trim_end())),
                    (sent, _) => sent,
                };
                let sent = |push: &Push| said_of(&told, push.name()).map_or_else(by_hook, why);
                Ok(branches.iter().map(|push| (push.clone(), sent(push))).collect())
            }
            _ => Err(failed("push to", remote, &outcome)),
        }
    }

    /// Runs git on a remote.
    fn talk(&self, remote: &Remote, options: &[&str], last: &[String]) -> Result<Outcome, GitError> {
        // What the user does not wait for does not begin now.
        let mut argv: Vec<String> = ["git", "-c", "gc.auto=0", "-c", "maintenance.auto=false"].map(str::to_owned).into();
        argv.extend(options.iter().map(|option| (*option).to_owned()));
        argv.extend(["--".to_owned(), remote.name.clone()]);
        argv.extend(last.iter().cloned());
        let mut set: Vec<(OsString, OsString)> = vec![("GIT_DIR".into(), self.git_dir().into())];
        if !remote.attended {
            set.push(("GIT_TERMINAL_PROMPT".into(), "0".into()));
        }
        let job = Job {
            argv: &argv,
            dir: self.workdir().unwrap_or(self.git_dir()),
            input: None,
            environment: Environment::But { without: &WITHOUT, set: &set },
            timeout: PATIENCE,
            purpose: if remote.attended { Purpose::Attended(MOST) } else { Purpose::Answer(MOST) },
        };
        run(&job).map_err(|error| GitError::Git { what: "run `git`".to_owned(), cause: error.to_string() })
    }
}

/// What `git push --porcelain` says of a branch: a sign, `FROM:TO`, and a summary that may end with a reason, between tabs.
fn said_of(told: &str, name: &str) -> Option<Sent> {
    told.lines().find_map(|line| {
        let mut columns = line.splitn(3, '\t');
        let (sign, refs, summary) = (columns.next()?, columns.next()?, columns.next()?);
        if refs.rsplit_once(':')?.1 != name {
            return None;
        }
        let is_race = ["[rejected]", "cannot lock ref", "failed to update ref", "incorrect old value"];
        Some(match sign {
            "!" if is_race.iter().any(|word| summary.contains(word)) => Sent::Behind,
            "!" => Sent::Refused(summary.trim_start_matches("[remote rejected] ").trim_matches(['(', ')']).to_owned()),
            _ => Sent::Done,
        })
    })
}

/// The line of standard error that says most; nothing, where the terminal has it.
fn complaint(outcome: &Outcome) -> Option<String> {
    let lines = || outcome.complaint.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:"));
    let line = lines().find(|line| ["error: ", "fatal: ", "ssh: "].iter().any(|word| line.starts_with(word))).or_else(|| lines().next())?;
    Some(line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned())
}

fn failed(what: &str, remote: &Remote, outcome: &Outcome) -> GitError {
    let ended = || match outcome.end {
        End::Exited(code) => format!("git ended with exit code {code}"),
        End::Signalled(signal) => format!("signal {signal} ended git"),
        End::TimedOut => "it took too long".to_owned(),
        End::TooMuch => "git said too much".to_owned(),
    };
    let cause = match outcome.end {
        End::Exited(_) => complaint(outcome).unwrap_or_else(ended),
        _ => ended(),
    };
    GitError::Git { what: format!("{what} `{}`", remote.name), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_of_each_branch_is_understood() {
        let told = "To ../server.git\n \trefs/heads/canon/a:refs/heads/canon/a\t1..2\n!\trefs/heads/canon/b:refs/heads/canon/b\t[rejected] (fetch first)\n!\trefs/heads/main:refs/heads/main\t[remote rejected] (protected branch hook declined)\n!\t:refs/heads/canon/c\t[rejected] (stale info)\nDone\n";
        for (name, sent) in [
            ("refs/heads/canon/a", Some(Sent::Done)),
            ("refs/heads/canon/b", Some(Sent::Behind)),
            ("refs/heads/main", Some(Sent::Refused("protected branch hook declined".to_owned()))),
            ("refs/heads/canon/c", Some(Sent::Behind)),
            ("refs/heads/other", None),
        ] {
            assert_eq!(said_of(told, name), sent, "{name}");
        }
    }
}
