use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::canon::policy::Recovery;
use crate::cli::Answer;
use crate::cli::commands::print;
use crate::cli::commands::propose::{self, Change, How};
use crate::cli::commands::rule::{Confirmed, conclude};
use crate::keyring::{KeyFile, Signer};
use crate::ledger::kinds::Verdict;
use crate::ops::{key, recover};
use crate::render;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;

/// Prepare for the loss of the Chief's key, and replace it when it is lost.
#[derive(Debug, Subcommand)]
#[command(after_help = "The whole way:
  omega key recovery set --threshold 2 one.pub two.pub three.pub
  omega enrol name-3-recovery-keys --key one          and with two and three
  omega ratify name-3-recovery-keys                   after the council voted

and when the Chief's key is lost:
  omega key new ry-new
  omega key recovery start --to ry-new
  omega key recovery sign replace-the-lost-key --key one    and with two
  omega key recovery finish replace-the-lost-key --key ry-new")]
pub enum Command {
    /// Propose the recovery keys, and how many of them it takes.
    Set(Set),
    /// Propose to have no recovery keys any more.
    Clear(Clear),
    /// Start to replace the Chief's lost key by a new one.
    Start(Start),
    /// Sign a recovery with a recovery key.
    Sign(Sign),
    /// Rule a recovery with the Chief's new key, when enough recovery keys have signed.
    Finish(Finish),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Each recovery key then proves that somebody holds it:
  omega enrol ID --key FILE

Example:
  omega key recovery set --threshold 2 one.pub two.pub three.pub --enrol-key one --enrol-key two")]
pub struct Set {
    /// How many of the keys must sign a recovery.
    #[arg(long, value_name = "K")]
    threshold: u32,
    /// The public keys.
    #[arg(value_name = "FILE.pub", required = true)]
    keys: Vec<PathBuf>,
    /// The private key of one of them that is at hand: it enrols at once. May be repeated.
    #[arg(long, value_name = "FILE")]
    enrol_key: Vec<PathBuf>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub struct Clear {
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "The new key signs and enrols at once. Where it is elsewhere, a member can start instead, and the new
key enrols later:
  omega key recovery start --to ry-new.pub --as ann
  omega enrol replace-the-lost-key --key ry-new

Examples:
  omega key recovery start --to ry-new
  omega key recovery start --to ry-new --threshold 1 --renew four.pub --renew five.pub")]
pub struct Start {
    /// The Chief's new key; its private half signs.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// A recovery key of a new list that takes the place of the old one. May be repeated.
    #[arg(long, value_name = "FILE.pub", requires = "threshold")]
    renew: Vec<PathBuf>,
    /// How many keys of the new list must sign the next recovery.
    #[arg(long, value_name = "K", requires = "renew")]
    threshold: Option<u32>,
    /// The private key of one of the new recovery keys that is at hand. May be repeated.
    #[arg(long, value_name = "FILE", requires = "renew")]
    enrol_key: Vec<PathBuf>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Look at it first: omega diff ID

Example:
  omega key recovery sign replace-the-lost-key --key one
  omega key recovery sign replace-the-lost-key --print > proposal.md  sign it elsewhere")]
pub struct Sign {
    /// The resolution, or a part of its id.
    id: String,
    /// Write the bytes to sign to standard output and sign nothing; `--key FILE.pub` may name the key that will.
    #[arg(long)]
    print: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega key recovery finish replace-the-lost-key --key ry-new --reason \"The old key burned.\"")]
pub struct Finish {
    /// The resolution, or a part of its id.
    id: String,
    /// Why.
    #[arg(short, long)]
    reason: Option<String>,
    /// Leave the main branch as it is; a pull request takes the ruling up.
    #[arg(long)]
    no_merge: bool,
    /// Rule without asking.
    #[arg(short, long)]
    yes: bool,
}

impl Command {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Set(_) => "key recovery set",
            Self::Clear(_) => "key recovery clear",
            Self::Start(_) => "key recovery start",
            Self::Sign(_) => "key recovery sign",
            Self::Finish(_) => "key recovery finish",
        }
    }

    pub(super) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::Set(args) => set(context, args),
            Self::Clear(args) => clear(context, args),
            Self::Start(args) => start(context, args),
            Self::Sign(args) => sign(context, &args),
            Self::Finish(args) => finish(context, args),
        }
    }
}

fn set(context: &Context, args: Set) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let recovery = list(context, args.threshold, &args.keys)?;
    let enrol = signing::all_named(context, &args.enrol_key)?;
    let count = recovery.keys.len();
    let change = Change {
        title: format!("Name {count} recovery {}", if count == 1 { "key" } else { "keys" }),
        reason: format!("A lost key of the Chief is to be replaced by {} of {count} recovery keys.", recovery.threshold),
        enrol: &enrol,
        recovery: false,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| key::set_recovery(state, Some(&recovery)))
}

fn clear(context: &Context, args: Clear) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let change = Change {
        title: "Have no recovery keys".to_owned(),
        reason: "A lost key of the Chief is to end this canon.".to_owned(),
        enrol: &[],
        recovery: false,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| key::set_recovery(state, None))
}

fn start(context: &Context, args: Start) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let path = context.dir.join(&args.to);
    let to = KeyFile::read_public(&path)?;
    let renewed = args.threshold.map(|threshold| list(context, threshold, &args.renew)).transpose()?;
    let mut enrol = signing::all_named(context, &args.enrol_key)?;
    // A member who is named proposes it; else the new key speaks for the Chief.
    let is_new = |key: &Path| KeyFile::read_public(key).is_ok_and(|key| key == to);
    let by_member = context.member.is_some() || context.key.as_ref().is_some_and(|key| !is_new(key));
    let public_only = path.extension().is_some_and(|extension| extension == "pub");
    if !by_member || !public_only {
        enrol.push(signing::named(context, &path)?);
    }
    let (signer, member) =
        if by_member { signing::find(context, &repo, false)? } else { (signing::named(context, &path)?, signing::chief(context, &repo)?) };
    let change = Change {
        title: "Replace the lost key of the Chief".to_owned(),
        reason: format!("The key of the Chief is lost, and {} is to take its place.", to.fingerprint()),
        enrol: &enrol,
        recovery: true,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| key::recover(state, &to, renewed.as_ref()))
}

fn sign(context: &Context, args: &Sign) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    if args.print {
        return print::proposal(context, &repo, |desk| recover::sign(desk, &id).map(drop));
    }
    let signer = by_key(context, "a recovery key is no member's, so it must be named")?;
    let desk = context.desk(&repo, &signer, "recovery")?;
    let signed = recover::sign(&desk, &id)?;
    Ok(Answer::new(Exit::Done, render::roster::consent(&signed), &signed))
}

fn finish(context: &Context, args: Finish) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let signer = by_key(context, "the new key is not on the council yet, so it must be named")?;
    let chief = signing::chief(context, &repo)?;
    let how = Confirmed { reason: args.reason.unwrap_or_default(), bypass: None, merge: !args.no_merge, yes: args.yes };
    conclude(context, &repo, &id, (&signer, &chief), Verdict::Recover, how)
}

fn by_key(context: &Context, why: &str) -> Result<Signer, Failure> {
    let path = context.key.as_ref().ok_or_else(|| Failure::usage(why, "--key FILE"))?;
    signing::named(context, path)
}

fn list(context: &Context, threshold: u32, files: &[PathBuf]) -> Result<Recovery, Failure> {
    let keys = files.iter().map(|file| KeyFile::read_public(&context.dir.join(file))).collect::<Result<Vec<_>, _>>()?;
    Ok(Recovery { threshold, keys })
}
