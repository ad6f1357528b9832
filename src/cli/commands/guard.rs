use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::cli::Answer;
use crate::git::{GitError, has_canon};
use crate::guard::agent::{self, Agent};
use crate::guard::{Act, Decision, Guard, Opened};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment};
use crate::workspace::Error;

/// Say whether the ratified rules allow a tool call of an agent.
#[derive(Debug, clap::Args)]
#[command(after_help = "The call is read from standard input, in the form of the agent, and answered in that form.
Exit code 0 with an answer, or 2 where the call is refused and standard error says why.

Examples:
  omega hooks install --agent claude
  omega guard --agent claude < call.json")]
pub struct Args {
    /// The agent that asks; without it, the one that has calls of this form.
    #[arg(long, value_name = "AGENT")]
    agent: Option<Agent>,
}

/// No call is longer.
const MOST: u64 = 32 << 20;

pub(crate) fn run(context: &Context, args: &Args) -> Answer {
    // Whatever goes wrong, the call is refused.
    let judged = catch_unwind(AssertUnwindSafe(|| judge(context, args.agent)));
    let judged = judged.unwrap_or_else(|_| Err(Error::unknown("omega guard stopped where it should not", "omega canon verify").into()));
    let (agent, decision) = judged.unwrap_or_else(|failure| {
        let failed = failure.json();
        let hint = failed.hint.map(|hint| format!("; hint: {hint}")).unwrap_or_default();
        let mut decision = Decision::default();
        decision.add(Act::Deny, format!("{}{hint}", failed.message));
        (args.agent, decision)
    });
    let reply = agent::reply(agent, &decision);
    if reply.by_exit {
        ask::tell(&format!("{}\n", decision.reason()));
    }
    Answer::exact(if reply.by_exit { Exit::Usage } else { Exit::Done }, reply.text, &decision)
}

fn judge(context: &Context, agent: Option<Agent>) -> Result<(Option<Agent>, Decision), Failure> {
    let mut input = Vec::new();
    let read = std::io::stdin().take(MOST + 1).read_to_end(&mut input);
    read.map_err(|error| Error::io("read", Path::new("standard input"), &error))?;
    if input.len() as u64 > MOST {
        return Err(Error::denied("the tool call is longer than 32 MiB", "make a smaller one").into());
    }
    let asked = agent::read(agent, &input, &context.dir)?;
    let open = |dir: &Path| match opened(context, dir).map_err(Failure::into_error) {
        Err(Error::Git(GitError::NotARepository { .. })) => Ok(None),
        // A guard that is installed for a user must not hold up what has no canon.
        Err(Error::Git(error)) if error.is_foreign_format() && has_canon(dir, &[], false, &[]) == Some(false) => Ok(None),
        opened => opened.map(Some),
    };
    let mut guard = Guard::new(&open, context.now, context.threads);
    guard.home = environment::home();
    guard.own = [environment::config_dir(), environment::state_dir()].into_iter().flatten().collect();
    let decision = guard.decide(&asked.call)?;
    Ok((Some(asked.agent), asked.settled(decision)))
}

fn opened(context: &Context, dir: &Path) -> Result<Opened, Failure> {
    let repo = context.outer_repo_in(dir)?;
    Ok(Opened { pin: context.pin(Some(&repo), None)?, seen: context.seen(&repo), repo })
}
