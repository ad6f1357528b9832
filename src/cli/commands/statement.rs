use std::path::PathBuf;

use super::vote::{Ballot, reason};
use crate::canon::{MemberName, ResolutionId};
use crate::cli::commands::print::{self, Print};
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::{Answer, ask, signing};
use crate::ops::desk::Desk;
use crate::ops::statement::{self, Spoken, Statement};
use crate::ops::{Error, reveal};
use crate::render::human;

/// Speak to a proposal, when it is your turn.
///
/// Where the protocol seals statements, only the seal is recorded: the statement stays in this clone until
/// everybody has sealed one, and omega canon reveal shows it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega canon speak say-it approve --reason \"**Position.** For it. **Reasoning.** …\" --confidence 80
  omega canon speak say-it amend --file statement.md")]
pub struct Speak {
    /// The resolution, or a part of its id.
    id: String,
    /// What you lean to.
    #[arg(value_enum)]
    position: Ballot,
    /// Position, reasoning, failure modes and safeguards; asked for in $EDITOR where it is left out.
    #[arg(short, long)]
    reason: Option<String>,
    /// Take the statement from this file; `-` for standard input.
    #[arg(short = 'F', long, value_name = "FILE", conflicts_with = "reason")]
    file: Option<PathBuf>,
    /// How sure you are, from 0 to 100.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    confidence: u8,
    #[command(flatten)]
    print: Print,
}

/// The parts of a statement, as PEACE_PIPE_PROTOCOL asks for them.
const TEMPLATE: &str = "**Position.** \n\n**Reasoning.** \n\n**Failure modes.** \n\n**Safeguards.** \n";

/// Reveal the statement that you have sealed, once everybody has sealed one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega canon reveal say-it")]
pub struct Reveal {
    /// The resolution, or a part of its id.
    id: String,
}

/// As Clerk, mark a member as silent.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega canon skip say-it grok --reason \"No answer since Monday.\"")]
pub struct Skip {
    /// The resolution, or a part of its id.
    id: String,
    /// The member that stays silent.
    // Another name than the field of `--as`, which is global: clap would take one for the other.
    #[arg(value_name = "MEMBER")]
    silent: MemberName,
    /// Why.
    #[arg(short, long)]
    reason: Option<String>,
    #[command(flatten)]
    print: Print,
}

/// As Clerk, draw the statements together.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega canon synthesize say-it --reason \"All agree on the first anchor.\"")]
pub struct Synthesize {
    /// The resolution, or a part of its id.
    id: String,
    /// The synthesis; asked for in $EDITOR where it is left out.
    #[arg(short, long)]
    reason: Option<String>,
    #[command(flatten)]
    print: Print,
}

pub fn speak(context: &Context, args: Speak) -> Result<Answer, Failure> {
    let text = match (args.reason, &args.file) {
        (None, Some(file)) => ask::text_of(&context.dir, file)?,
        (None, None) if ask::is_interactive() => match ask::edit(TEMPLATE)? {
            text if text == TEMPLATE.trim() => return Err(Failure::usage("nothing was said", "write the statement, and save it")),
            text => text,
        },
        (given, _) => reason(given, "")?,
    };
    run(context, &args.id, &Statement::Turn(args.position.into(), args.confidence), &text, &args.print)
}

pub fn reveal(context: &Context, args: &Reveal) -> Result<Answer, Failure> {
    act(context, &args.id, false, reveal::reveal)
}

pub fn skip(context: &Context, args: Skip) -> Result<Answer, Failure> {
    let text = reason(args.reason, "Why is this member marked as silent?")?;
    run(context, &args.id, &Statement::Skip(&args.silent), &text, &args.print)
}

pub fn synthesize(context: &Context, args: Synthesize) -> Result<Answer, Failure> {
    let text = reason(args.reason, "What do the statements say together?")?;
    run(context, &args.id, &Statement::Synthesis, &text, &args.print)
}

fn run(context: &Context, id: &str, what: &Statement<'_>, text: &str, how: &Print) -> Result<Answer, Failure> {
    act(context, id, how.print, |desk, id| statement::speak(desk, id, what, text))
}

fn act(
    context: &Context,
    id: &str,
    print: bool,
    act: impl Fn(&Desk<'_>, &ResolutionId) -> Result<Spoken, Error>,
) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, id)?;
    if print {
        return print::record(context, &repo, |desk| act(desk, &id).map(drop));
    }
    let (signer, member) = signing::find(context, &repo, false)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let spoken = act(&desk, &id)?;
    Ok(Answer::new(Exit::Done, human::spoken(&spoken), &spoken))
}
