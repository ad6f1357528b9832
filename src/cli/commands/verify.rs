use std::path::PathBuf;

use crate::cli::Answer;
use crate::digest::Digest;
use crate::git::{FolderTree, Repo};
use crate::render::{human, junit, sarif};
use crate::survey::verify;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::tree::Tree;
use crate::workspace::Error;
use crate::workspace::advice::Judged;

/// Prove that every governed byte is what the council ratified, from the tree alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega verify                     the commit that is checked out
  omega verify origin/main         another revision
  omega verify --worktree          the files as they lie there
  omega verify --dir /tmp/unpacked --root sha256:…
  omega verify --receipt my-vote.md")]
pub struct Args {
    /// The revision; HEAD where nothing is said.
    #[arg(value_name = "REV", conflicts_with_all = ["worktree", "index", "dir"])]
    rev: Option<String>,
    /// Judge the files of the work tree.
    #[arg(long, conflicts_with_all = ["index", "dir"])]
    worktree: bool,
    /// Judge what is staged.
    #[arg(long, conflicts_with = "dir")]
    index: bool,
    /// Judge a plain folder, with or without a repository.
    #[arg(long, value_name = "PATH")]
    dir: Option<PathBuf>,
    /// The root to trust, instead of the pinned one; else OMEGA_ROOT says it.
    #[arg(long, value_name = "DIGEST")]
    root: Option<Digest>,
    /// A record that you kept, with its .sig beside it: was it left out by the ruling?
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// Write the findings as SARIF 2.1.0.
    #[arg(long, value_name = "FILE", conflicts_with = "receipt")]
    sarif: Option<PathBuf>,
    /// Write the findings as JUnit XML.
    #[arg(long, value_name = "FILE", conflicts_with = "receipt")]
    junit: Option<PathBuf>,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    if let Some(dir) = &args.dir {
        let dir = context.dir.join(dir);
        if !dir.is_dir() {
            return Err(Failure::usage(format!("`{}` is not a folder", dir.display()), "omega verify --dir FOLDER"));
        }
        let pin = context.pin(None, context.root(args.root)?)?;
        return judge(context, args, None, &FolderTree::new(&dir), &dir.display().to_string(), pin);
    }
    let repo = context.repo()?;
    let pin = context.pin(Some(&repo), context.root(args.root)?)?;
    if args.worktree {
        let tree = repo.worktree()?;
        // `core.worktree` can lead away from where somebody stands: git judges that folder, so it is named.
        let real = |path: &std::path::Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_here = real(&context.dir).starts_with(real(tree.root()));
        let subject = if is_here { "worktree".to_owned() } else { tree.root().display().to_string() };
        if args.receipt.is_some() {
            return judge(context, args, Some((&repo, Judged::WorkTree)), &tree, &subject, pin);
        }
        return answer(context, args, &verify::verify_worktree(&repo, &subject, pin, context.now, context.threads)?);
    }
    if args.index {
        return judge(context, args, Some((&repo, Judged::Index)), &repo.index()?, "index", pin);
    }
    let rev = args.rev.as_deref().unwrap_or("HEAD");
    if args.rev.is_none() && pin.is_none() && repo.head()?.commit.is_none() {
        return Err(Failure::usage("there is no commit yet, and so no canon", "omega init"));
    }
    let commit = repo.resolve(rev)?;
    let tree = repo.revision(commit)?;
    match named(&repo, rev)?.filter(|_| args.receipt.is_none()) {
        Some(name) => {
            let report = verify::verify_ref((&repo, commit), (rev, &name), pin, &context.seen(&repo), context.now, context.threads)?;
            answer(context, args, &report)
        }
        None => judge(context, args, Some((&repo, Judged::Commit(commit))), &tree, rev, pin),
    }
}

/// The branch that a revision names, by its own name or by that of a remote's copy; nothing, where it names a commit.
fn named(repo: &Repo, rev: &str) -> Result<Option<String>, Failure> {
    if matches!(rev, "HEAD" | "@") {
        return Ok(repo.head()?.branch);
    }
    // In the order in which git looks.
    for (prefix, remote) in [("", false), ("refs/", false), ("refs/heads/", false), ("refs/remotes/", true)] {
        let name = format!("{prefix}{rev}");
        if !name.starts_with("refs/") || repo.find_ref(&name).ok().flatten().is_none() {
            continue;
        }
        let branch = name.strip_prefix("refs/remotes/").and_then(|rest| rest.split_once('/'));
        return Ok(match branch {
            Some((_, branch)) => Some(format!("refs/heads/{branch}")),
            None if remote => None,
            None => Some(name),
        });
    }
    Ok(None)
}

fn judge(
    context: &Context,
    args: &Args,
    place: Option<(&Repo, Judged)>,
    tree: &dyn Tree,
    subject: &str,
    pin: Option<crate::workspace::pin::Pin>,
) -> Result<Answer, Failure> {
    if let Some(file) = &args.receipt {
        let path = context.dir.join(file);
        let read = |path: &std::path::Path| std::fs::read(path).map_err(|error| Error::io("read", path, &error));
        let mut beside = path.clone().into_os_string();
        beside.push(".sig");
        let receipt = verify::receipt(tree, &read(&path)?, &read(std::path::Path::new(&beside))?, context.threads)?;
        let omitted = receipt.closed_by.is_some() && !receipt.listed;
        return Ok(Answer::new(if omitted { Exit::Violated } else { Exit::Done }, human::receipt(&receipt), &receipt));
    }
    let report = match place {
        Some((repo, judged)) => verify::verify_in(repo, judged, tree, subject, pin, context.now, context.threads)?,
        None => verify::verify(tree, subject, pin, context.now, context.threads)?,
    };
    answer(context, args, &report)
}

/// Writes what was asked for beside the answer.
fn answer(context: &Context, args: &Args, report: &verify::Report) -> Result<Answer, Failure> {
    let holds = report.conclusion == verify::Conclusion::Holds;
    context.write(args.sarif.as_deref(), || sarif::sarif(&report.findings))?;
    context.write(args.junit.as_deref(), || junit::junit("omega verify", report.conclusion, holds, &report.proved, &report.findings))?;
    Ok(Answer::new(report.conclusion.into(), human::verify(report), report))
}
