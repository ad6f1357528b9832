use clap::Subcommand;
use serde::Serialize;

use crate::cli::Answer;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::digest::Digest;
use crate::ops::Error;
use crate::ops::assess::assess;
use crate::ops::pin::{self, Pin};
use crate::ops::verify::Checkpoint;

/// Say which canon is trusted here.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Trust a root in this clone, kept outside the tree.
    #[command(after_help = "Examples:
  omega trust pin sha256:…                          the root that the people of the canon gave you
  omega trust pin sha256:… --sequence 7 --head sha256:…")]
    Pin(PinArgs),
    /// Show what is pinned, and where the ledger of HEAD ends.
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
pub struct PinArgs {
    /// The root: the digest of the first ruling.
    #[arg(value_name = "ROOT")]
    root: Digest,
    /// The number of a ruling that the ledger must contain.
    #[arg(long, requires = "head", value_name = "N")]
    sequence: Option<u32>,
    /// The digest of that ruling.
    #[arg(long, requires = "sequence", value_name = "DIGEST")]
    head: Option<Digest>,
}

#[derive(Debug, clap::Args)]
pub struct ShowArgs {}

/// What is trusted, and what there is.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TrustReport {
    /// What this clone pins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// Where the ledger of HEAD ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Pin(_) => "trust pin",
            Self::Show(_) => "trust show",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        let repo = context.repo()?;
        let found = match repo.head()?.commit {
            Some(commit) => Some(assess(&repo.revision(commit)?, context.threads)?),
            None => None,
        };
        let ledger = found.as_ref().map(|found| &found.judgement.ledger);
        let checkpoint = ledger.and_then(Checkpoint::of);
        if let Self::Pin(args) = &self {
            let pin = Pin { root: args.root, sequence: args.sequence, head: args.head };
            if let Some(other) = checkpoint.as_ref().filter(|found| found.root != pin.root) {
                return Err(Error::denied(
                    format!("the canon at HEAD has another root: {}", other.root),
                    "ask the people of this canon which root is theirs",
                )
                .into());
            }
            if let Some((sequence, head)) = pin.checkpoint() {
                let known = ledger.and_then(|ledger| Some(ledger.rulings.get(sequence as usize)?.digest));
                if let Some(other) = known.filter(|known| *known != head) {
                    return Err(Error::denied(
                        format!("ruling {sequence} of the canon at HEAD is another one: {other}"),
                        "one of the two ledgers is forked; compare both with the people of this canon before you pin anything",
                    )
                    .into());
                }
            }
            pin::write(repo.common_dir(), &pin)?;
        }
        let report = TrustReport { pin: pin::read(repo.common_dir())?, checkpoint };
        let mut human = match &report.pin {
            Some(pin) => format!("pinned root {}\n", pin.root),
            None => "no root is pinned here\n".to_owned(),
        };
        if let Some((sequence, head)) = report.pin.as_ref().and_then(Pin::checkpoint) {
            human.push_str(&format!("pinned checkpoint: ruling {sequence} is {head}\n"));
        }
        if let Some(found) = &report.checkpoint {
            human.push_str(&format!("HEAD: root {} sequence {} head {}\n", found.root, found.sequence, found.head));
        }
        let exit = if report.pin.is_some() { Exit::Done } else { Exit::Unknown };
        Ok(Answer::new(exit, human, &report))
    }
}
