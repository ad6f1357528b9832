use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::cli::Answer;
use crate::guard::agent::{self, Agent};
use crate::guard::{Act, Decision};
use crate::terminal::context::Context;
use crate::terminal::failure::Exit;
use crate::terminal::{ask, guarding};
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

pub(crate) fn run(context: &Context, args: &Args) -> Answer {
    // Whatever goes wrong, the call is refused.
    let judged = catch_unwind(AssertUnwindSafe(|| guarding::judge(context, args.agent)));
    let judged = judged.unwrap_or_else(|_| Err(Error::unknown("omega guard stopped where it should not", "omega verify").into()));
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
