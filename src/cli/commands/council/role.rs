use crate::canon::{MemberName, Role};
use crate::cli::Answer;
use crate::cli::choices::one_of;
use crate::cli::commands::propose::{self, Change, How};
use crate::ops::council;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::terminal::signing;

/// Propose another role for a member. A new Chief takes the chair, and the old one becomes a member.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council role safa clerk
  omega council role safa member --weight 2
  omega council role ann chief             hand the chair on")]
pub struct Args {
    /// The member.
    name: MemberName,
    /// The role.
    #[arg(value_parser = one_of(ROLES))]
    role: Role,
    /// The voting weight of whoever becomes a member.
    #[arg(long, value_name = "N", default_value_t = 1)]
    weight: u32,
    #[command(flatten)]
    how: How,
}

const ROLES: &[(Role, &str)] = &[
    (Role::Chief, "Rules, and does not vote"),
    (Role::Clerk, "Draws statements together, and does not vote"),
    (Role::Member, "Speaks and votes"),
];

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let Args { name, role, .. } = args;
    let (title, reason) = match role {
        Role::Chief => (
            format!("Hand the chair on to {name}"),
            format!("{name} is to be Chief, and the Chief so far a member of weight {}.", args.weight),
        ),
        Role::Clerk => (format!("Make {name} the Clerk"), format!("{name} is to draw the statements together, and not to vote.")),
        Role::Member => (format!("Make {name} a member"), format!("{name} is to speak and vote.")),
    };
    let change = Change { title, reason, enrol: &[], recovery: false };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| council::role(state, &name, role, args.weight))
}
