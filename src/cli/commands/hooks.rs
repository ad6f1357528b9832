use clap::Subcommand;

use crate::cli::Answer;
use crate::gates::hooks;
use crate::guard::agent::Agent;
use crate::guard::settings;
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
  git commit  stops, where governed files would change without a ruling
  omega hooks install --agent claude
                             a tool call stops that a ratified rule forbids")]
    Install(Whose),
    /// Take the hooks out, and put back what was there before.
    Uninstall(Whose),
    /// Show which hooks omega answers.
    Status(Whose),
}

/// Whose hooks.
#[derive(Debug, clap::Args)]
pub struct Whose {
    /// The hook that this agent asks before each tool call (claude, codex, gemini, cursor), and not those of git.
    #[arg(long, value_name = "AGENT")]
    agent: Option<Agent>,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Install(_) => "hooks install",
            Self::Uninstall(_) => "hooks uninstall",
            Self::Status(_) => "hooks status",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        let repo = context.repo()?;
        let (Self::Install(Whose { agent }) | Self::Uninstall(Whose { agent }) | Self::Status(Whose { agent })) = &self;
        if let Some(agent) = *agent {
            let change: Option<settings::Change> = match self {
                Self::Install(_) => Some(settings::install),
                Self::Uninstall(_) => Some(settings::uninstall),
                Self::Status(_) => None,
            };
            let (before, after) = settings::changed(&repo, agent, change, context.threads)?;
            return Ok(Answer::new(Exit::Done, gate::agents(&before, &after), &after));
        }
        let agents = settings::standing(&repo, context.threads)?;
        let before = hooks::standing(&repo)?;
        let (exit, text, all) = match self {
            Self::Install(_) => {
                let all = hooks::install(&repo)?;
                // Where people have to add something themselves, nothing is done yet.
                let missing = all.iter().any(|at| !at.state.is_gated());
                (if missing { Exit::Denied } else { Exit::Done }, gate::installed(&before, &all), all)
            }
            Self::Uninstall(_) => {
                let all = hooks::uninstall(&repo)?;
                (Exit::Done, gate::uninstalled(&before, &all) + &gate::agents_left(&agents), all)
            }
            Self::Status(_) => {
                (Exit::Done, gate::hooks(&before, hooks::switched_off(&repo)?.as_ref()) + &gate::agents_shown(&agents), before)
            }
        };
        Ok(Answer::new(exit, text, &all))
    }
}
