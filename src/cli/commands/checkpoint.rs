use std::path::PathBuf;

use crate::cli::Answer;
use crate::digest::Digest;
use crate::ledger::checkpoint::Checkpoint;
use crate::render;
use crate::survey::checkpoint::{CheckpointReport, Line, Relation, compare};
use crate::survey::verify;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, signing};
use crate::workspace::Error;
use crate::workspace::assess::assess;

/// Print where the ledger ends, in one line to be sent to others, or compare theirs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega checkpoint                  a line for a mail, or for CI to publish
  omega checkpoint --sign --key ry  the same with a member's signature
  omega checkpoint --check \"omega-checkpoint-v1 sha256:… 7 sha256:…\"
  omega checkpoint --check - < mail.txt

Exit codes of --check: 0 the same, or an earlier part of what is here; 11 forked; 13 there is more than here.")]
pub struct Args {
    /// The revision; HEAD where nothing is said.
    #[arg(value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Sign the line.
    #[arg(long, conflicts_with = "check")]
    sign: bool,
    /// A checkpoint of somebody else: the line itself, a file, or - for standard input.
    #[arg(long, value_name = "LINE|FILE")]
    check: Option<String>,
    /// The root to trust, instead of the pinned one; else OMEGA_ROOT says it.
    #[arg(long, value_name = "DIGEST")]
    root: Option<Digest>,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let theirs = args.check.as_ref().map(|given| line(context, given)).transpose()?;
    let pin = context.pin(Some(&repo), context.root(args.root)?)?;
    let assessment = assess(&repo.revision(repo.resolve(&args.rev)?)?, context.threads)?;
    verify::is_a_canon(&assessment, pin)?;
    let assessment = assessment.sound()?;
    verify::must_be_pinned(&assessment.judgement.ledger, pin)?;
    let ledger = &assessment.judgement.ledger;
    let checkpoint = Checkpoint::of(ledger).ok_or_else(|| Error::usage("there is no canon here", "omega init"))?;
    let compared = theirs.map(|theirs| compare(ledger, &checkpoint, &theirs)).transpose()?;
    let line = if args.sign {
        let (signer, member) = signing::find(context, &repo, false)?;
        Line::sign(checkpoint, member, &signer)?
    } else {
        Line { checkpoint, signature: None }
    };
    let exit = match compared.as_ref().map(|compared| compared.relation) {
        None | Some(Relation::Same | Relation::Ahead) => Exit::Done,
        Some(Relation::Forked) => Exit::Violated,
        Some(Relation::Behind) => Exit::Unknown,
    };
    let report = CheckpointReport { checkpoint, line: line.to_string(), compared };
    Ok(Answer::new(exit, render::checkpoint::checkpoint(&report), &report))
}

/// The line that was given, or that stands in the file that was given.
fn line(context: &Context, given: &str) -> Result<Line, Failure> {
    let text = if given.trim_start().starts_with("omega-checkpoint") {
        given.to_owned()
    } else {
        ask::text_of(&context.dir, &PathBuf::from(given))?
    };
    // A mail says more than the line.
    let start = text.find("omega-checkpoint-v").unwrap_or(0);
    let paragraph = text[start..].split("\n\n").next().unwrap_or_default();
    Ok(Line::parse(paragraph)?)
}
