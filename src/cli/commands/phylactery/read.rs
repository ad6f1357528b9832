use super::Source;
use crate::canon::Domain;
use crate::cli::Answer;
use crate::phylactery::EntryId;
use crate::render::phylactery as render;
use crate::survey::phylactery;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Print one entry with where it comes from.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega phylactery get style/tone
  omega phylactery get style/tone --rev origin/main --format json")]
pub struct Get {
    /// The entry, as in `style/tone`.
    #[arg(value_name = "DOMAIN/KEY")]
    entry: EntryId,
    #[command(flatten)]
    source: Source,
}

/// List the entries that are in force.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega phylactery list
  omega phylactery list value
  omega phylactery list --contradictions")]
pub struct List {
    /// Only this domain: value, style, fact, invariant or memory.
    #[arg(value_parser = domain)]
    domain: Option<Domain>,
    /// Show what looks like a contradiction, for people to adjudicate: one key with different values in several
    /// domains, and entries that say what OMEGA_IDENTITY never claims.
    #[arg(long, conflicts_with = "domain")]
    contradictions: bool,
    #[command(flatten)]
    source: Source,
}

/// Show every version that an entry ever had, with its resolution.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega phylactery history style/tone")]
pub struct History {
    /// The entry, as in `style/tone`.
    #[arg(value_name = "DOMAIN/KEY")]
    entry: EntryId,
    #[command(flatten)]
    source: Source,
}

/// Find entries by a text in key or value; case does not matter.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega phylactery search \"plain words\"")]
pub struct Search {
    /// The text.
    text: String,
    #[command(flatten)]
    source: Source,
}

/// A domain by its name.
pub(super) fn domain(text: &str) -> Result<Domain, String> {
    text.parse().map_err(|_| "the domains are value, style, fact, invariant and memory".to_owned())
}

pub fn get(context: &Context, args: &Get) -> Result<Answer, Failure> {
    let entry = phylactery::get(&args.source.read(context)?, &args.entry)?;
    Ok(Answer::new(Exit::Done, render::get(&entry), &entry))
}

pub fn list(context: &Context, args: &List) -> Result<Answer, Failure> {
    let assessment = args.source.read(context)?;
    if args.contradictions {
        let found = phylactery::contradictions(&assessment)?;
        return Ok(Answer::new(Exit::Done, render::contradictions(&found), &found));
    }
    let entries = phylactery::list(&assessment, args.domain)?;
    Ok(Answer::new(Exit::Done, render::list(&entries, "no entries"), &entries))
}

pub fn history(context: &Context, args: &History) -> Result<Answer, Failure> {
    let history = phylactery::history(&args.source.read(context)?, &args.entry)?;
    Ok(Answer::new(Exit::Done, render::history(&history), &history))
}

pub fn search(context: &Context, args: &Search) -> Result<Answer, Failure> {
    let entries = phylactery::search(&args.source.read(context)?, &args.text)?;
    Ok(Answer::new(Exit::Done, render::list(&entries, "nothing ratified says that"), &entries))
}
