//! The council: who is on it, changes of it, its rules, and its agents.

use clap::Subcommand;

use crate::cli::Answer;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;

mod add;
mod convene;
mod list;
mod machine;
mod retire;
mod role;
mod weight;

/// See the council and its rules, propose changes of it, and ask its agents.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the members in seat order, with their keys.
    List(list::Args),
    /// Propose to seat somebody: a person, or an agent that one person answers for.
    ///
    /// The holder of the new key signs the proposal too, to prove possession. Before that it cannot be
    /// ratified.
    Add(add::Args),
    /// Propose another voting weight for a member; 0 keeps the seat and takes the vote.
    Weight(weight::Args),
    /// Propose another role for a member. A new Chief takes the chair, and the old one becomes a member.
    Role(role::Args),
    /// Propose to let a member go, with all keys. What it signed stays valid.
    Retire(retire::Args),
    /// Ask the agents of the council for their statements and votes.
    Convene(convene::Args),
    /// Draw the ratified protocol: the stages of a resolution and the ways between them.
    Machine(machine::Args),
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List(_) => "council list",
            Self::Add(_) => "council add",
            Self::Weight(_) => "council weight",
            Self::Role(_) => "council role",
            Self::Retire(_) => "council retire",
            Self::Convene(_) => "council convene",
            Self::Machine(_) => "council machine",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::List(args) => list::run(context, &args),
            Self::Add(args) => add::run(context, args),
            Self::Weight(args) => weight::run(context, args),
            Self::Role(args) => role::run(context, args),
            Self::Retire(args) => retire::run(context, args),
            Self::Convene(args) => convene::run(context, &args),
            Self::Machine(args) => machine::run(context, &args),
        }
    }
}
