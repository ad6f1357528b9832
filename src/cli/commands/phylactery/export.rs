use super::Source;
use super::read::domain;
use crate::canon::Domain;
use crate::cli::Answer;
use crate::cli::choices::one_of;
use crate::survey::phylactery::{self, Form, Selection};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Write the ratified entries in a form that other systems read.
///
/// The same state gives the same bytes. JSON and Markdown hold what is in force; SQL holds all versions that
/// are not purged, for the table `phylactery` in SQLite or PostgreSQL, and can be run again on a table that it
/// filled before.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega phylactery export --to markdown > identity.md
  omega phylactery export --to json --domain fact --domain memory
  omega phylactery export --to sql | sqlite3 identity.db")]
pub struct Args {
    /// The form.
    #[arg(long, value_parser = one_of(FORMS), value_name = "FORM")]
    to: Form,
    /// Only this domain; can be said several times. Markdown leaves memories out where nothing is said.
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    domain: Vec<Domain>,
    /// In Markdown, also the facts that keep versions and digests of documents.
    #[arg(long)]
    documents: bool,
    #[command(flatten)]
    source: Source,
}

const FORMS: &[(Form, &str)] = &[
    (Form::Json, "The entries in force, as a list"),
    (Form::Markdown, "The entries in force, as a block for a system prompt"),
    (Form::Sql, "All versions, as statements for SQLite and PostgreSQL"),
];

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let selection = Selection { domains: args.domain.clone(), documents: args.documents };
    let exported = phylactery::export(&args.source.read(context)?, args.to, &selection)?;
    Ok(Answer::exact(Exit::Done, exported.text.clone(), &exported))
}
