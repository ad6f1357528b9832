use serde::Serialize;

use crate::canon::RepoPath;
use crate::cli::Answer;
use crate::ops::restore::changes;
use crate::render::{cases, diff};
use crate::survey;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::workspace::cases::{DocumentShifts, shifts};
use crate::workspace::draft::{Changed, Changes};

/// Show what a resolution changes, or what your own edits change: by line and by word, and in which cases the policy then
/// decides otherwise.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega diff                       your edits against what is ratified
  omega diff --staged              what is staged against what is ratified
  omega diff say-it-plainly        what a resolution changes
  omega diff --exit-code           exit code 1 if there are edits, as git diff")]
pub struct Args {
    /// The resolution, or a part of its id; without one, your own edits.
    id: Option<String>,
    /// Look at the index instead of the work tree.
    #[arg(long, visible_alias = "cached", conflicts_with = "id")]
    staged: bool,
    /// End with exit code 1 if there are differences.
    #[arg(long)]
    exit_code: bool,
}

/// What a resolution, or an edit, changes.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Diff {
    /// The files.
    pub files: Vec<FileDiff>,
    /// The enforcement cases whose outcome it changes.
    pub shifts: Vec<DocumentShifts>,
}

/// One changed file.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct FileDiff {
    /// The path.
    pub path: RepoPath,
    /// What happens to it.
    pub what: Changes,
    /// What is ratified, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What is proposed, or there, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let sides: Vec<Changed> = match &args.id {
        Some(id) => survey::diff(&repo, &context.resolution(&repo, id)?, context.threads)?,
        None => changes(&repo, args.staged, context.pin(Some(&repo), None)?.as_ref(), context.threads)?,
    };
    let shifts = shifts(sides.iter().map(|side| (&side.path, side.before.as_deref(), side.after.as_deref())));
    let human: String =
        sides.iter().map(|side| diff::render(side.path.as_str(), side.what, side.before.as_deref(), side.after.as_deref())).collect();
    let exit = if args.exit_code && !sides.is_empty() { Exit::Failed } else { Exit::Done };
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let files: Vec<FileDiff> = sides
        .into_iter()
        .map(|side| FileDiff { path: side.path, what: side.what, before: text(side.before), after: text(side.after) })
        .collect();
    Answer::new(exit, human + &cases::shifts(&shifts), &Diff { files, shifts }).read_only(context, &repo)
}
