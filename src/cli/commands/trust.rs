use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use crate::cli::Answer;
use crate::digest::Digest;
use crate::git::Repo;
use crate::ledger::checkpoint::Checkpoint;
use crate::render::checkpoint;
use crate::shell;
use crate::survey::signers::{self, SignersReport};
use crate::terminal::ask;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::workspace::Error;
use crate::workspace::assess::assess;
use crate::workspace::pin::{self, Pin};
use crate::workspace::seen::Remembered;

/// Say which canon is trusted here.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Trust a root in this clone, kept outside the tree.
    #[command(after_help = "Examples:
  omega trust pin sha256:…                          the root that you were given
  omega trust pin sha256:… --sequence 7 --head sha256:…")]
    Pin(PinArgs),
    /// Show what is pinned, where the ledger of HEAD ends, and what was seen before.
    Show(ShowArgs),
    /// Print every key that was ever in force, as a file of git's allowed signers.
    ///
    /// With it git knows commits of members, of recovery keys, and of keys that have left: each from the proposal that brought
    /// it up to the ruling that took it out. These times are what the members' clocks said.
    #[command(after_help = "Examples:
  omega trust signers > /tmp/signers
  omega trust signers --write  keep it in the git folder
  git -c gpg.ssh.allowedSignersFile=.git/omega/allowed_signers log --show-signature")]
    Signers(SignersArgs),
    /// Forget the rulings that were seen before, so that an older or other ledger is accepted.
    #[command(after_help = "Examples:
  omega trust show                          what is remembered, and where
  omega trust accept-rollback --yes         the older state was confirmed")]
    AcceptRollback(AcceptArgs),
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

#[derive(Debug, clap::Args)]
pub struct SignersArgs {
    /// Write it to this file.
    file: Option<PathBuf>,
    /// Write it into the git folder, beside the pin.
    #[arg(long, conflicts_with = "file")]
    write: bool,
}

#[derive(Debug, clap::Args)]
pub struct AcceptArgs {
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

/// What was remembered, and is not any more.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Forgotten {
    /// The root of the canon.
    pub root: Digest,
    /// What each place said.
    pub forgotten: Vec<Remembered>,
}

/// What is trusted, and what there is.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct TrustReport {
    /// What this clone pins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// Where the ledger of HEAD ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// What was seen on protected refs before, in this clone and by this user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Remembered>,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Pin(_) => "trust pin",
            Self::Show(_) => "trust show",
            Self::Signers(_) => "trust signers",
            Self::AcceptRollback(_) => "trust accept-rollback",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        let repo = context.repo()?;
        if let Self::AcceptRollback(args) = &self {
            return accept(context, &repo, args);
        }
        if let Self::Signers(args) = &self {
            return signers(context, &repo, args);
        }
        let found = match repo.head()?.commit {
            Some(commit) => Some(assess(&repo.revision(commit)?, context.threads)?),
            None => None,
        };
        let ledger = found.as_ref().map(|found| &found.judgement.ledger);
        let ends = ledger.and_then(Checkpoint::of);
        if let Self::Pin(args) = &self {
            let half = || Failure::usage("a checkpoint is a number and a digest", "omega trust pin ROOT --sequence N --head DIGEST");
            let pin = Pin::new(args.root, args.sequence, args.head).ok_or_else(half)?;
            if let Some(other) = ends.as_ref().filter(|found| found.root != pin.root()) {
                return Err(Error::denied(
                    format!("the canon at HEAD has another root: {}", other.root),
                    "ask the people of this canon which root is theirs",
                )
                .into());
            }
            if let Some(Checkpoint { sequence, head, .. }) = pin.checkpoint().copied() {
                let known = ledger.and_then(|ledger| Some(ledger.rulings.get(sequence as usize)?.digest));
                if let Some(other) = known.filter(|known| *known != head) {
                    return Err(Error::denied(
                        format!("ruling {sequence} of the canon at HEAD is another one: {other}"),
                        "one of the two ledgers is forked; compare both with the people of this canon before you pin anything",
                    )
                    .into());
                }
            }
            pin::write(&repo, &pin)?;
        }
        let pin = pin::trusted(Some(&repo), None)?;
        let seen = pin.map(|pin| context.seen(&repo).places(&pin.root())).transpose()?.unwrap_or_default();
        let report = TrustReport { pin, checkpoint: ends, seen };
        let mut human = match &report.pin {
            Some(pin) => format!("pinned root {}\n", pin.root()),
            None => "no root is pinned here\n".to_owned(),
        };
        if let Some(Checkpoint { sequence, head, .. }) = report.pin.as_ref().and_then(Pin::checkpoint) {
            human.push_str(&format!("pinned checkpoint: ruling {sequence} is {head}\n"));
        }
        if let Some(found) = &report.checkpoint {
            human.push_str(&format!("HEAD: root {} sequence {} head {}\n", found.root, found.sequence, found.head));
        }
        if !report.seen.is_empty() {
            human.push_str(&format!("seen before:\n{}", checkpoint::remembered(&report.seen)));
        }
        let exit = if report.pin.is_some() { Exit::Done } else { Exit::Unknown };
        Ok(Answer::new(exit, human, &report))
    }
}

/// The keys of HEAD for git, printed or written.
fn signers(context: &Context, repo: &Repo, args: &SignersArgs) -> Result<Answer, Failure> {
    let pin = context.pin(Some(repo), context.root(None)?)?;
    let lines = signers::signers(repo, repo.resolve("HEAD")?, pin, context.threads)?;
    let file = if args.write { Some(signers::keep(repo, &lines)?) } else { args.file.as_ref().map(|file| context.dir.join(file)) };
    if !args.write {
        context.write(args.file.as_deref(), || lines.clone())?;
    }
    let file = file.map(|file| file.display().to_string());
    let human = match &file {
        Some(file) => {
            let quoted = shell::quote(file);
            format!("wrote {file}\nlet git use it: git config gpg.ssh.allowedSignersFile {quoted}\n")
        }
        None => lines.clone(),
    };
    Ok(Answer::new(Exit::Done, human, &SignersReport { file, signers: lines }))
}

/// Forgets what was seen of the pinned canon, after it was shown and confirmed.
fn accept(context: &Context, repo: &Repo, args: &AcceptArgs) -> Result<Answer, Failure> {
    let pin = pin::trusted(Some(repo), None)?
        .ok_or_else(|| Error::unknown("no root is pinned here, so nothing was seen of its canon", "omega trust pin ROOT"))?;
    let memory = context.seen(repo);
    let places = memory.places(&pin.root())?;
    if places.is_empty() {
        let report = Forgotten { root: pin.root(), forgotten: Vec::new() };
        return Ok(Answer::new(Exit::Done, "nothing was seen before, so there is nothing to forget\n".to_owned(), &report));
    }
    if !args.yes {
        if !ask::is_interactive() {
            return Err(Failure::usage("cannot ask here whether to forget what was seen", "omega trust accept-rollback --yes"));
        }
        ask::show(&format!("this was seen on protected refs of the canon {}:\n{}", pin.root(), checkpoint::remembered(&places)))?;
        if !ask::confirm("forget it, and accept an older or other ledger?")? {
            return Err(Error::denied("nothing was forgotten", "compare checkpoints with another member: omega checkpoint").into());
        }
    }
    let report = Forgotten { root: pin.root(), forgotten: memory.forget(&pin.root())? };
    let human = format!(
        "forgotten is that these rulings were seen:\n{}an older or other ledger of this root is accepted until a protected ref is verified again\n",
        checkpoint::remembered(&report.forgotten)
    );
    Ok(Answer::new(Exit::Done, human, &report))
}
