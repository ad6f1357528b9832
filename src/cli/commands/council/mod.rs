mod convene;
mod machine;

use clap::Subcommand;

use crate::cli::Answer;
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Look at the council and its rules, and ask its agents.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask the agents of the council for their statements and votes.
    Convene(convene::Args),
    /// Draw the ratified protocol: the stages of a resolution and the ways between them.
    Machine(machine::Args),
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Convene(_) => "council convene",
            Self::Machine(_) => "council machine",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::Convene(args) => convene::run(context, &args),
            Self::Machine(args) => machine::run(context, &args),
        }
    }
}
