use std::path::PathBuf;

use crate::canon::member::Endpoint;
use crate::canon::{MemberName, Role};
use crate::cli::Answer;
use crate::cli::choices::one_of;
use crate::cli::commands::propose::{self, Change, How};
use crate::keyring::KeyFile;
use crate::ops::council::{self, Newcomer};
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;
use crate::terminal::signing;

/// Propose to seat somebody.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council add grok grok.key.pub                       the next free seat, weight 1
  omega council add safa safa.key.pub --role clerk
  omega council add grok grok.key.pub --enrol-key grok.key  where the new key is at hand
  omega council add claude claude.key.pub --agent --operator ry --command claude -p

Then the newcomer proves possession of the key, the council votes, and the Chief ratifies:
  omega enrol seat-grok --key grok.key
  omega vote seat-grok approve --reason …
  omega ratify seat-grok")]
pub struct Args {
    /// The name of the newcomer.
    name: MemberName,
    /// The newcomer's public key.
    #[arg(value_name = "FILE.pub")]
    public: PathBuf,
    /// The place in the speaking order; the one behind the last where it is left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seat: Option<u32>,
    /// What the newcomer may do.
    #[arg(long, value_parser = one_of(ROLES), default_value_t = Role::Member)]
    role: Role,
    /// The voting weight of a member; 1 where it is left out.
    #[arg(long, value_name = "N")]
    weight: Option<u32>,
    /// The newcomer is a program.
    #[arg(long, requires = "operator")]
    agent: bool,
    /// The person who runs it and answers for it.
    #[arg(long, value_name = "NAME", requires = "agent")]
    operator: Option<MemberName>,
    /// How the program is asked: its name and its arguments. Must come last.
    #[arg(long, value_name = "ARG", num_args = 1.., allow_hyphen_values = true, requires = "agent", conflicts_with = "endpoint")]
    command: Option<Vec<String>>,
    /// How the program is asked: the address of a service.
    #[arg(long, value_name = "URL", requires_all = ["agent", "model"])]
    endpoint: Option<String>,
    /// The model that the service is asked for.
    #[arg(long, requires = "endpoint")]
    model: Option<String>,
    /// The newcomer's private key, if it is at hand: it enrols at once.
    #[arg(long, value_name = "FILE")]
    enrol_key: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// The roles that can be given without taking them from somebody.
const ROLES: &[(Role, &str)] = &[(Role::Member, "Speaks and votes"), (Role::Clerk, "Draws statements together, and does not vote")];

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let key = KeyFile::read_public(&context.dir.join(&args.public))?;
    let enrol = signing::all_named(context, &args.enrol_key)?;
    let role = args.role;
    let weight = match (role, args.weight) {
        (Role::Clerk, Some(weight)) if weight > 0 => {
            return Err(Failure::usage("the Clerk does not vote, and has no weight", "leave --weight out"));
        }
        (Role::Clerk, _) => 0,
        (_, weight) => weight.unwrap_or(1),
    };
    let newcomer = Newcomer {
        name: args.name,
        key,
        seat: args.seat,
        role,
        weight,
        operator: args.operator,
        command: args.command,
        endpoint: args.endpoint.zip(args.model).map(|(url, model)| Endpoint { url, model }),
    };
    let what = match role {
        Role::Member => format!("member of weight {weight}"),
        role => role.title().to_owned(),
    };
    let who = newcomer.operator.as_ref().map_or("a person".to_owned(), |operator| format!("an agent that {operator} answers for"));
    let change = Change {
        title: format!("Seat {} on the council", newcomer.name),
        reason: format!("{}, {who}, is to sit on the council as {what}, with the key {}.", newcomer.name, newcomer.key.fingerprint()),
        enrol: &enrol,
        recovery: false,
    };
    propose::change(context, &repo, (&signer, &member), args.how, change, &|state| council::add(state, &newcomer))
}
