use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use clap::Subcommand;

use crate::cli::Answer;
use crate::gates::{Commit, Gate, Gated, Hook, Message, RefUpdate, hooks};
use crate::git::{GitError, Oid, Repo, has_canon};
use crate::render::gate;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment};
use crate::workspace::Error;

/// Answer a git hook; git calls it, see omega hooks install.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge what is staged before it becomes a commit.
    PreCommit,
    /// Judge a merge before it becomes a commit.
    PreMergeCommit,
    /// Name the resolution in the message of a commit that changes governed files.
    CommitMsg {
        /// The file with the message.
        message: PathBuf,
    },
    /// Hold protected refs that are pushed to what the council ratified.
    PrePush {
        /// The remote's name and address, as git gives them.
        remote: Vec<OsString>,
    },
    /// Warn where a merge brought what the council did not ratify.
    PostMerge {
        /// As git gives them.
        args: Vec<OsString>,
    },
    /// Warn where a checkout brought what the council did not ratify.
    PostCheckout {
        /// As git gives them: the commit before, the commit now, 1 for a branch and 0 for files.
        args: Vec<OsString>,
    },
    /// On a server, hold all protected refs of a push to what the council ratified.
    PreReceive,
    /// On a server, hold one ref of a push to what the council ratified.
    Update {
        /// The full name of the ref.
        name: String,
        /// Where it was.
        old: String,
        /// Where it would be.
        new: String,
    },
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::PreCommit => "hook pre-commit",
            Self::PreMergeCommit => "hook pre-merge-commit",
            Self::CommitMsg { .. } => "hook commit-msg",
            Self::PrePush { .. } => "hook pre-push",
            Self::PostMerge { .. } => "hook post-merge",
            Self::PostCheckout { .. } => "hook post-checkout",
            Self::PreReceive => "hook pre-receive",
            Self::Update { .. } => "hook update",
        }
    }

    fn hook(&self) -> Hook {
        match self {
            Self::PreCommit => Hook::PreCommit,
            Self::PreMergeCommit => Hook::PreMergeCommit,
            Self::CommitMsg { .. } => Hook::CommitMsg,
            Self::PrePush { .. } => Hook::PrePush,
            Self::PostMerge { .. } => Hook::PostMerge,
            Self::PostCheckout { .. } => Hook::PostCheckout,
            Self::PreReceive => Hook::PreReceive,
            Self::Update { .. } => Hook::Update,
        }
    }

    fn args(&self) -> Vec<OsString> {
        match self {
            Self::PreCommit | Self::PreMergeCommit | Self::PreReceive => Vec::new(),
            Self::Update { name, old, new } => [name, old, new].map(OsString::from).to_vec(),
            Self::CommitMsg { message } => vec![message.into()],
            Self::PrePush { remote: args } | Self::PostMerge { args } | Self::PostCheckout { args } => args.clone(),
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        let hook = self.hook();
        let mut input = Vec::new();
        if hook.reads_input() {
            std::io::stdin().read_to_end(&mut input).map_err(|error| Error::io("read", Path::new("standard input"), &error))?;
        }
        let repo = match here(context).map_err(Failure::into_error) {
            Err(Error::Git(error)) if error.is_foreign_format() => return self.unread(context, &input, error),
            other => other?,
        };
        chain(&repo, hook, &self.args(), &input)?;
        let seen = context.seen(&repo);
        let gate = Gate::new(&repo, context.pin(Some(&repo), None)?, &seen, context.now, context.threads);
        let gated = match &self {
            Self::PreCommit | Self::PreMergeCommit => match named_by_framework(&repo)? {
                Some((from, to)) => gate.range(hook, from, to)?,
                // Git names the index of the commit that it makes. Nobody else does: then nothing staged is not enough, as in CI.
                None => {
                    let index = index(context, &repo)?;
                    let gated = gate.commit(hook, &Commit { index: &index })?;
                    let by_git = environment::variable("GIT_INDEX_FILE").is_some();
                    if by_git || !gated.changed.is_empty() { gated } else { gate.whole(hook, &index)? }
                }
            },
            Self::CommitMsg { message } => {
                let index = index(context, &repo)?;
                let (commit, file) = (Commit { index: &index }, context.dir.join(message));
                // Git says by this that it started no editor.
                let edited = environment::variable("GIT_EDITOR").is_none_or(|editor| editor != ":");
                let path = environment::variable("PATH").unwrap_or_default();
                let message = Message { dir: &context.dir, file: &file, path: path.as_ref(), edited };
                let named = message.named()?;
                gate.named(&commit, &named)?;
                if named.is_empty()
                    && let Some(id) = gate.resolution(&commit)?
                {
                    message.name(&id)?;
                }
                Gated::open(hook)
            }
            Self::PrePush { remote } => {
                let text = String::from_utf8_lossy(&input);
                match (told_by_framework(&repo)?, named_by_framework(&repo)?) {
                    (Some(pushed), _) if text.is_empty() => gate.push(&[pushed.ok_or_else(misread)?])?,
                    (None, Some((from, to))) if text.is_empty() => gate.range(hook, from, to)?,
                    // Git always says where it pushes to.
                    _ if text.is_empty() && remote.is_empty() => return Err(no_push().into()),
                    _ => gate.push(&RefUpdate::read_pushed(&text).ok_or_else(misread)?)?,
                }
            }
            Self::PreReceive => {
                let text = String::from_utf8_lossy(&input);
                let updates = RefUpdate::read(&text).ok_or_else(misread)?;
                gate.receive(hook, pushed(context, &repo)?.as_ref().unwrap_or(&repo), &updates)?
            }
            Self::Update { name, old, new } => {
                let update = RefUpdate::parse(old, new, name).ok_or_else(misread)?;
                gate.receive(hook, pushed(context, &repo)?.as_ref().unwrap_or(&repo), &[update])?
            }
            Self::PostMerge { .. } => gate.arrived(hook)?,
            Self::PostCheckout { args } if args.get(2).is_some_and(|flag| flag != "1") => Gated::open(hook),
            Self::PostCheckout { .. } => gate.arrived(hook)?,
        };
        // What has happened already is only warned about.
        let exit = match &gated.refused {
            Some(refused) if !hook.only_warns() => refused.conclusion.into(),
            _ => Exit::Done,
        };
        // Git shows what a hook says on standard error, whatever it does with the rest.
        ask::tell(&gate::gated(&gated));
        Ok(Answer::new(exit, String::new(), &gated))
    }
}

impl Command {
    /// The answer in a repository whose format is not understood: a hook that is called everywhere, as from a global
    /// `core.hooksPath`, must not hold up those that have no canon.
    fn unread(&self, context: &Context, input: &[u8], error: GitError) -> Result<Answer, Failure> {
        let text = String::from_utf8_lossy(input);
        let commits: Vec<Option<Oid>> = match self {
            Self::PrePush { .. } => RefUpdate::read_pushed(&text).ok_or_else(misread)?.into_iter().map(|update| update.new).collect(),
            Self::PreReceive => {
                let updates = RefUpdate::read(&text).ok_or_else(misread)?;
                updates.into_iter().flat_map(|update| [update.old, update.new]).collect()
            }
            Self::Update { name, old, new } => {
                let update = RefUpdate::parse(old, new, name).ok_or_else(misread)?;
                vec![update.old, update.new]
            }
            _ => Vec::new(),
        };
        let commits: Vec<String> = commits.into_iter().flatten().map(|id| id.to_string()).collect();
        let told = TOLD.iter().filter_map(|name| Some((*name, OsString::from(environment::variable(name)?)))).collect::<Vec<_>>();
        let told: Vec<(&str, &OsStr)> = told.iter().map(|(name, value)| (*name, value.as_os_str())).collect();
        let staged = matches!(self, Self::PreCommit | Self::PreMergeCommit | Self::CommitMsg { .. });
        match has_canon(&context.dir, &told, staged, &commits) {
            Some(false) => Ok(Answer::new(Exit::Done, String::new(), &Gated::open(self.hook()))),
            _ => Err(Error::Git(error).into()),
        }
    }
}

/// The variables by which git names a repository, its index and its objects to a hook.
const TOLD: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH"];

fn misread() -> Failure {
    Failure::usage("this is not what git gives to this hook", "git calls it by itself: omega hooks install")
}

/// The objects that come with a push, which git keeps apart until its hooks agree.
fn pushed(context: &Context, repo: &Repo) -> Result<Option<Repo>, Failure> {
    Ok(match environment::variable("GIT_OBJECT_DIRECTORY") {
        Some(folder) => Some(repo.with_objects(&context.dir.join(folder))?),
        None => None,
    })
}

/// The repository that git works on: the one around the folder, unless git was told to take another one.
fn here(context: &Context) -> Result<Repo, Failure> {
    match environment::variable("GIT_DIR") {
        // A work tree elsewhere has no `.git` of its own.
        Some(dir) => context.repo_in(&context.dir.join(dir)),
        None => context.repo(),
    }
}

/// What the pre-commit framework says of a push: it keeps standard input to itself, and names the first ref in variables.
fn told_by_framework(repo: &Repo) -> Result<Option<Option<RefUpdate>>, Failure> {
    let variable = |name: &str| environment::variable(&format!("PRE_COMMIT_{name}"));
    let Some(name) = variable("REMOTE_BRANCH") else { return Ok(None) };
    // Of the first push to a remote it names the branch alone.
    let to = match (variable("TO_REF"), variable("LOCAL_BRANCH")) {
        (Some(to), _) => to,
        (None, Some(branch)) => repo.resolve(&branch)?.to_string(),
        (None, None) => return Ok(None),
    };
    let from = variable("FROM_REF").filter(|from| from.len() == to.len()).unwrap_or_else(|| "0".to_owned());
    Ok(Some(RefUpdate::parse(&from, &to, &name)))
}

/// The two revisions between which the framework is told to look (`--from-ref`, `--to-ref`), as in CI.
fn named_by_framework(repo: &Repo) -> Result<Option<(Option<crate::git::Oid>, crate::git::Oid)>, Failure> {
    let variable = |name: &str| environment::variable(&format!("PRE_COMMIT_{name}"));
    let Some(to) = variable("TO_REF") else { return Ok(None) };
    let from = variable("FROM_REF").filter(|from| from.bytes().any(|byte| byte != b'0'));
    Ok(Some((from.map(|from| repo.resolve(&from)).transpose()?, repo.resolve(&to)?)))
}

fn no_push() -> Error {
    Error::unknown("no push is at hand here, so nothing was judged", "omega ci is the gate where nothing is pushed")
}

/// The index that the commit is made from: git names it, where it is not the usual one.
fn index(context: &Context, repo: &Repo) -> Result<crate::git::IndexTree, Failure> {
    let named = environment::variable("GIT_INDEX_FILE").map(|path| context.dir.join(path));
    Ok(match named {
        Some(path) => repo.index_at(&path)?,
        None => repo.index()?,
    })
}

/// Set while what was there before omega runs, to the name of the hook.
const CHAINED: &str = "OMEGA_HOOK_CHAINED";

/// What systems say of a program whose form they do not know.
const ENOEXEC: i32 = 8;

/// Runs what was there before omega, with the same arguments and input.
fn chain(repo: &Repo, hook: Hook, args: &[OsString], input: &[u8]) -> Result<(), Failure> {
    let Some(path) = hooks::chained(repo, hook) else { return Ok(()) };
    // What was here before may call omega, or what called it, itself.
    if environment::variable(CHAINED).is_some_and(|running| running == hook.as_str())
        || environment::variable("PRE_COMMIT_RUNNING_LEGACY").is_some()
    {
        return Ok(());
    }
    let failed = |error: &std::io::Error| Error::io("run", &path, error);
    #[allow(clippy::disallowed_methods, reason = "the user's own hook is a program")]
    let started = |mut program: Process| {
        program.args(args).env(CHAINED, hook.as_str()).stdin(Stdio::piped()).stdout(Stdio::from(std::io::stderr())).spawn()
    };
    #[allow(clippy::disallowed_methods, reason = "the user's own hook is a program")]
    let started = match started(Process::new(&path)) {
        // Without a `#!` line the system does not know how to run it; git gives it to the shell.
        Err(error) if error.raw_os_error() == Some(ENOEXEC) => {
            let mut shell = Process::new("sh");
            shell.arg(&path);
            started(shell)
        }
        started => started,
    };
    let mut child = started.map_err(|error| failed(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A hook that does not read its input is no error.
        let _ = std::io::Write::write_all(&mut stdin, input);
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Hook { path: path.display().to_string(), code: code_of(status) }.into())
}

/// What a hook exited with, as a shell would say it; never success.
fn code_of(status: std::process::ExitStatus) -> u8 {
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0).unwrap_or(1)
}
