use std::path::PathBuf;

use super::vote::Ballot;
use crate::canon::{MemberName, ResolutionId};
use crate::cli::Answer;
use crate::cli::commands::print::{self, Print};
use crate::git::Repo;
use crate::ops::reveal;
use crate::ops::statement::{self, Spoken, Statement};
use crate::render::human;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, decision, signing};

/// Speak to a proposal, when it is your turn.
///
/// Where the protocol seals statements, only the seal is recorded: the statement stays in this clone until
/// all members have sealed theirs. Then omega reveal shows it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega speak say-it approve --reason \"**Position.** For it. **Reasoning.** …\" --confidence 80
  omega speak say-it amend --file statement.md")]
pub struct Speak {
    /// The resolution, or a part of its id.
    id: String,
    /// What you lean to.
    #[arg(value_enum)]
    position: Ballot,
    /// Position, reasoning, failure modes and safeguards; asked for in an editor where it is left out.
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
  omega reveal say-it")]
pub struct Reveal {
    /// The resolution, or a part of its id.
    id: String,
}

/// As Clerk, mark a member as silent.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega skip say-it grok --reason \"No answer since Monday.\"")]
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
  omega synthesize say-it --reason \"All agree on the first anchor.\"")]
pub struct Synthesize {
    /// The resolution, or a part of its id.
    id: String,
    /// The synthesis; asked for in an editor where it is left out.
    #[arg(short, long)]
    reason: Option<String>,
    #[command(flatten)]
    print: Print,
}

pub fn speak(context: &Context, args: Speak) -> Result<Answer, Failure> {
    let given = match &args.file {
        Some(file) => Some(ask::text_of(&context.dir, file)?),
        None => args.reason,
    };
    let asked = Asked { given, question: "What do you say to it?", template: TEMPLATE };
    run(context, &args.id, &Statement::Turn(args.position.into(), args.confidence), asked, &args.print)
}

pub fn reveal(context: &Context, args: &Reveal) -> Result<Answer, Failure> {
    let (repo, id) = resolution(context, &args.id)?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    answer(&reveal::reveal(&desk, &id)?)
}

pub fn skip(context: &Context, args: Skip) -> Result<Answer, Failure> {
    let asked = Asked { given: args.reason, question: "Why is this member marked as silent?", template: "" };
    run(context, &args.id, &Statement::Skip(&args.silent), asked, &args.print)
}

pub fn synthesize(context: &Context, args: Synthesize) -> Result<Answer, Failure> {
    let asked = Asked { given: args.reason, question: "What do the statements say together?", template: "" };
    run(context, &args.id, &Statement::Synthesis, asked, &args.print)
}

/// A text that is given, or asked for in the editor.
struct Asked {
    given: Option<String>,
    question: &'static str,
    template: &'static str,
}

fn run(context: &Context, id: &str, what: &Statement<'_>, asked: Asked, how: &Print) -> Result<Answer, Failure> {
    let (repo, id) = resolution(context, id)?;
    let text = || decision::written(context, &repo, &id, asked.given, asked.question, asked.template);
    if how.print {
        let text = text()?;
        return print::record(context, &repo, |desk| statement::speak(desk, &id, what, &text).map(drop));
    }
    let (signer, member) = signing::find(context, &repo, false)?;
    let text = text()?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    answer(&statement::speak(&desk, &id, what, &text)?)
}

fn resolution(context: &Context, id: &str) -> Result<(Repo, ResolutionId), Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, id)?;
    Ok((repo, id))
}

fn answer(spoken: &Spoken) -> Result<Answer, Failure> {
    Ok(Answer::new(Exit::Done, human::spoken(spoken), spoken))
}
