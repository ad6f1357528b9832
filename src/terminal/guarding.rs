//! A tool call of an agent, read from standard input and judged in the repositories that it touches.

use std::io::Read as _;
use std::path::Path;

use crate::git::{GitError, has_canon};
use crate::guard::agent::{self, Agent};
use crate::guard::{Decision, Guard, Opened};
use crate::workspace::Error;

use super::context::Context;
use super::environment;
use super::failure::Failure;

/// No call is longer.
const MOST: u64 = 32 << 20;

/// Reads a call and judges it; gives the agent that makes it, too.
///
/// # Errors
/// When it is no call, or cannot be judged: then it is refused.
pub fn judge(context: &Context, agent: Option<Agent>) -> Result<(Option<Agent>, Decision), Failure> {
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
