use crate::canon::MemberName;
use crate::cli::Answer;
use crate::cli::commands::propose::{self, Change, How};
use crate::ops::key;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::terminal::signing;

/// Propose to take one key from a member who has another one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council list                          shows the fingerprints
  omega key revoke ann SHA256:MQlZ…
  omega key revoke ann lost-laptop.pub --reason \"Left in a train.\"")]
pub struct Args {
    /// The member.
    name: MemberName,
    /// The key: its fingerprint, or its public key file.
    #[arg(value_name = "FINGERPRINT|FILE.pub")]
    which: String,
    #[command(flatten)]
    how: How,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let which = super::which(context, &args.which)?;
    let name = args.name;
    let change = Change {
        title: format!("Revoke a key of {name}"),
        reason: format!("The key {which} of {name} is to leave."),
        enrol: &[],
        recovery: false,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| key::revoke(state, &name, &which))
}
