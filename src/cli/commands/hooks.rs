use clap::Subcommand;

use crate::cli::Answer;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::ops::gate::hooks;
use crate::render::gate;

/// Put the gates into this clone's git hooks, or take them out.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Install the hooks; what is there already is kept and called first.
    #[command(after_help = "Examples:
  omega hooks install
  git commit                 stops, where governed files would change without a ruling")]
    Install,
    /// Take the hooks out, and put back what was there before.
    Uninstall,
    /// Show which hooks omega answers.
    Status,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Install => "hooks install",
            Self::Uninstall => "hooks uninstall",
            Self::Status => "hooks status",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        let repo = context.repo()?;
        let all = match self {
            Self::Install => hooks::install(&repo)?,
            Self::Uninstall => hooks::uninstall(&repo)?,
            Self::Status => hooks::standing(&repo)?,
        };
        Ok(Answer::new(Exit::Done, gate::hooks(&all), &all))
    }
}
