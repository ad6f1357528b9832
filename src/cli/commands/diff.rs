use serde::Serialize;

use crate::canon::RepoPath;
use crate::cli::Answer;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::ops::cases::{DocumentShifts, shifts};
use crate::ops::survey;
use crate::render::{cases, diff};

/// Show what a resolution changes: by line and by word, and in which cases the policy then decides otherwise.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
}

/// What a resolution changes.
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
    /// What is ratified, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What is proposed, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let sides = survey::diff(&repo, &id, context.threads)?;
    let shifts = shifts(sides.iter().map(|side| (&side.path, side.before.as_deref(), side.after.as_deref())));
    let human: String = sides.iter().map(|side| diff::render(side.path.as_str(), side.before.as_deref(), side.after.as_deref())).collect();
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let files: Vec<FileDiff> =
        sides.into_iter().map(|side| FileDiff { path: side.path, before: text(side.before), after: text(side.after) }).collect();
    Ok(Answer::new(Exit::Done, human + &cases::shifts(&shifts), &Diff { files, shifts }))
}
