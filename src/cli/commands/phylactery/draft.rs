use std::path::PathBuf;

use serde::Serialize;

use crate::canon::Risk;
use crate::cli::Answer;
use crate::cli::commands::propose::{QUESTION, sign, words};
use crate::digest::Digest;
use crate::ops::phylactery;
use crate::ops::phylactery::{Drafted, Turn, Wish};
use crate::ops::propose::{Proposed, Request, Source};
use crate::phylactery::{Artifact, EntryId};
use crate::render::{human, phylactery as render};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, signing};
use crate::workspace::Error;

/// Draft an entry in the work tree, and propose it.
///
/// `set` drafts an entry that is not ratified yet, `supersede` the next version of one that is. An entry
/// always says where it comes from. With --propose the draft is signed and proposed at once; else the command
/// that does so is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega phylactery set style/tone --value \"Plain and warm.\" --source \"The style guide, page 3\"
  omega phylactery supersede style/tone --value-file tone.txt --source council --confidence 80 \\
      --propose --title \"Warmer\" --reason \"People found it cold.\" --yes")]
pub struct Args {
    /// The entry, as in `style/tone`.
    #[arg(value_name = "DOMAIN/KEY")]
    entry: EntryId,
    /// What is so, on one line or several.
    #[arg(long, value_name = "TEXT", required_unless_present = "value_file")]
    value: Option<String>,
    /// A file that says what is so, or `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "value")]
    value_file: Option<PathBuf>,
    /// Where it comes from.
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// How sure it is, from 0 to 100.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    confidence: u8,
    /// Where evidence for it is kept.
    #[arg(long, value_name = "URL", requires = "artifact_digest")]
    artifact: Option<String>,
    /// The digest of that evidence.
    #[arg(long, value_name = "DIGEST", requires = "artifact")]
    artifact_digest: Option<Digest>,
    /// Propose it at once.
    #[arg(long)]
    propose: bool,
    /// The title of the proposal.
    #[arg(short, long, requires = "propose")]
    title: Option<String>,
    /// The case for it, in Markdown.
    #[arg(short, long, requires = "propose")]
    reason: Option<String>,
    /// How risky it is; the least that is allowed where it is left out.
    #[arg(long, value_name = "CLASS", requires = "propose")]
    risk: Option<Risk>,
    /// Sign without asking.
    #[arg(short, long)]
    yes: bool,
}

impl Args {
    /// Whether the draft is proposed at once.
    pub fn proposes(&self) -> bool {
        self.propose
    }
}

/// A draft, and the proposal of it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct DraftReport {
    /// The file in the work tree.
    #[serde(flatten)]
    pub drafted: Drafted,
    /// The proposal, if it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposed>,
}

pub fn run(context: &Context, args: Args, turn: Turn) -> Result<Answer, Failure> {
    let source = super::Source { rev: "HEAD".to_owned(), root: None };
    let assessment = source.read(context)?;
    let repo = context.repo()?;
    let value = match (&args.value, &args.value_file) {
        (Some(value), _) => value.clone(),
        (None, Some(file)) => ask::text_of(&context.dir, file)?,
        (None, None) => String::new(),
    };
    let artifact = args.artifact.clone().zip(args.artifact_digest).map(|(url, digest)| Artifact { url, digest });
    let value = value.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    let wish = Wish { value, source: args.source.clone(), confidence: args.confidence, artifact };
    let drafted = phylactery::draft(&repo, &assessment, &args.entry, turn, &wish)?;
    let text = render::drafted(&drafted);
    let wanted = args.propose
        || (ask::is_interactive() && !args.yes && {
            ask::show(&text)?;
            ask::confirm("propose it now?")?
        });
    if !wanted {
        let report = DraftReport { drafted, proposed: None };
        return Ok(Answer::new(Exit::Done, format!("{text}{}", render::propose_next(&report.drafted)), &report));
    }
    match propose(context, &args, &drafted, turn) {
        Ok((shown, proposed)) => {
            // The branch of the proposal has it.
            phylactery::undo(&drafted)?;
            let human = shown + &human::propose(&proposed);
            let report = DraftReport { drafted, proposed: Some(proposed) };
            Ok(Answer::new(Exit::Done, human, &report))
        }
        Err(failure) => {
            // What was not proposed is not left behind, either.
            phylactery::undo(&drafted)?;
            Err(failure)
        }
    }
}

fn propose(context: &Context, args: &Args, drafted: &Drafted, turn: Turn) -> Result<(String, Proposed), Failure> {
    if let Some(other) = drafted.others.first() {
        return Err(Error::denied(
            format!("`{other}` is edited too, and the proposal would take it along"),
            "propose that first: omega propose; or leave --propose out, and propose both",
        )
        .into());
    }
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let verb = if turn == Turn::New { "Set" } else { "Supersede" };
    let title = args.title.clone().unwrap_or_else(|| format!("{verb} {}", args.entry));
    let (title, reason) = words(&repo, Some(title), args.reason.clone(), false, || Ok(render::drafted(drafted)))?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let request = Request { risk: args.risk, ..Request::new(title, reason, Source::WorkTree) };
    sign(&desk, &member, &request, args.yes, QUESTION)
}
