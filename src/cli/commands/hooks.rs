use clap::Subcommand;

use crate::cli::Answer;
use crate::gates::hooks;
use crate::render::gate;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Put the gates into this clone's git hooks, or take them out.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Install the hooks; what is there already is kept and called first.
    ///
    /// Where the hooks lie in tracked or shared files (husky, lefthook, core.hooksPath), nothing is changed: what to add
    /// to them is printed, and the exit code is 10 until it is there.
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
        let before = hooks::standing(&repo)?;
        let (exit, text, all) = match self {
            Self::Install => {
                let all = hooks::install(&repo)?;
                // Where people have to add something themselves, nothing is done yet.
                let missing = all.iter().any(|at| !at.state.is_gated());
                (if missing { Exit::Denied } else { Exit::Done }, gate::installed(&before, &all), all)
            }
            Self::Uninstall => {
                let all = hooks::uninstall(&repo)?;
                (Exit::Done, gate::uninstalled(&before, &all), all)
            }
            Self::Status => (Exit::Done, gate::hooks(&before, hooks::switched_off(&repo)?.as_ref()), before),
        };
        Ok(Answer::new(exit, text, &all))
    }
}
