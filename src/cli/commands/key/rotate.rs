use std::path::PathBuf;

use crate::canon::MemberName;
use crate::cli::Answer;
use crate::cli::commands::propose::{self, Change, How};
use crate::keyring::KeyFile;
use crate::ops::key::{self, Rotation};
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::terminal::signing;

/// Propose a new key in the place of an old one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega key new ~/keys/ann-2
  omega key rotate --to ~/keys/ann-2.pub --enrol-key ~/keys/ann-2 --key ~/keys/ann
  omega key rotate grok --to grok-2.pub --as ry  another member's; the holder enrols later
  omega key rotate --to token.pub --keep         a second key beside the first")]
pub struct Args {
    /// Whose key; your own where it is left out.
    name: Option<MemberName>,
    /// The new public key.
    #[arg(long, value_name = "FILE.pub")]
    to: PathBuf,
    /// Which one leaves, where there are several; the one that signs where it is left out.
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "keep")]
    old: Option<String>,
    /// Keep the old one beside it.
    #[arg(long)]
    keep: bool,
    /// The new private key, if it is at hand: it enrols at once.
    #[arg(long, value_name = "FILE")]
    enrol_key: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let to = KeyFile::read_public(&context.dir.join(&args.to))?;
    let enrol = signing::all_named(context, &args.enrol_key)?;
    let name = args.name.unwrap_or_else(|| member.clone());
    let old = args.old.map(|text| super::which(context, &text)).transpose()?;
    let (title, verb) = if args.keep { ("Give", "have a further key,") } else { ("Rotate", "have a new key in the place of an old one,") };
    let change = Change {
        title: if args.keep { format!("{title} {name} a further key") } else { format!("{title} the key of {name}") },
        reason: format!("{name} is to {verb} {}.", to.fingerprint()),
        enrol: &enrol,
        recovery: false,
    };
    let rotation = Rotation { name: &name, to: &to, old, signing: signer.public_key(), keep: args.keep };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| key::rotate(state, &rotation))
}
