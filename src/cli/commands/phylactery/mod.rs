pub mod draft;
mod export;
mod purge;
mod read;

use clap::Subcommand;

use crate::cli::Answer;
use crate::digest::Digest;
use crate::ops::phylactery;
use crate::survey::verify;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::workspace::Error;
use crate::workspace::assess::{Assessment, assess};

/// Read and change what the system holds to be true of itself.
///
/// Entries are read as they are ratified, never as somebody has drafted them. They change by proposals, like
/// everything else in the canon.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print one entry with where it comes from.
    Get(read::Get),
    /// List the entries.
    List(read::List),
    /// Show every version that an entry ever had.
    History(read::History),
    /// Find entries by a text in key or value.
    Search(read::Search),
    /// Draft a new entry.
    Set(draft::Args),
    /// Draft the next version of an entry.
    Supersede(draft::Args),
    /// Propose to forget versions of an entry for good.
    Purge(purge::Args),
    /// Write the entries as JSON, as a block for a system prompt, or as SQL.
    Export(export::Args),
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Get(_) => "phylactery get",
            Self::List(_) => "phylactery list",
            Self::History(_) => "phylactery history",
            Self::Search(_) => "phylactery search",
            Self::Set(_) => "phylactery set",
            Self::Supersede(_) => "phylactery supersede",
            Self::Purge(_) => "phylactery purge",
            Self::Export(_) => "phylactery export",
        }
    }

    /// Whether the command makes records.
    pub(crate) fn acts(&self) -> bool {
        match self {
            Self::Set(args) | Self::Supersede(args) => args.proposes(),
            Self::Purge(_) => true,
            Self::Get(_) | Self::List(_) | Self::History(_) | Self::Search(_) | Self::Export(_) => false,
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::Get(args) => read::get(context, &args),
            Self::List(args) => read::list(context, &args),
            Self::History(args) => read::history(context, &args),
            Self::Search(args) => read::search(context, &args),
            Self::Set(args) => draft::run(context, args, phylactery::Turn::New),
            Self::Supersede(args) => draft::run(context, args, phylactery::Turn::Next),
            Self::Purge(args) => purge::run(context, args),
            Self::Export(args) => export::run(context, &args),
        }
    }
}

/// What is read, and what is trusted.
#[derive(Debug, clap::Args)]
struct Source {
    /// The revision whose ratified state is read.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// The root to trust, instead of the pinned one; else OMEGA_ROOT says it.
    #[arg(long, value_name = "DIGEST")]
    root: Option<Digest>,
}

impl Source {
    fn read(&self, context: &Context) -> Result<Assessment, Failure> {
        let repo = context.repo()?;
        let tree = repo.revision(repo.resolve(&self.rev)?)?;
        let Some(pin) = context.pin(Some(&repo), context.root(self.root)?)? else {
            verify::is_a_canon(&assess(&tree, context.threads)?, None)?;
            return Err(Error::unknown(
                "this clone pins no root, so it cannot know whose identity this is",
                "omega verify shows the root; if its people confirm it: omega trust pin ROOT",
            )
            .into());
        };
        Ok(crate::survey::phylactery::ratified(&tree, &pin, context.now, context.threads)?)
    }
}
