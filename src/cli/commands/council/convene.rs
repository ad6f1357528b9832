use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::canon::{Kind, Member};
use crate::cli::Answer;
use crate::git::Repo;
use crate::ops::convene::{self, Agent, Circle, PATIENCE, Reach};
use crate::render::{council, human};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment, signing};
use crate::workspace::Error;

/// Ask the agents of the council, in pipe order, for their statements and votes.
///
/// Each agent is reached as its ratified member file says: a command that reads the prompt and prints
/// its answer, or a chat-completions service whose key stands in OMEGA_AGENT_KEY_<NAME>. What it answers
/// becomes its statement or ballot, signed with its own key; an answer that cannot be used is asked for
/// once more, and then recorded as an abstention.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council convene say-it               ask all agents whose keys are at hand
  omega council convene say-it --agent-key keys/claude --agent-key keys/grok
  omega council convene say-it --deliberate  let them speak before they vote
  omega council convene say-it --dry-run     show whom it would ask, and what")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// The private key of an agent; may be repeated. Keys in the agent and in omega.toml are found without.
    #[arg(long, value_name = "FILE")]
    agent_key: Vec<PathBuf>,
    /// Pass the pipe before the vote, where the protocol leaves that to the council.
    #[arg(long)]
    deliberate: bool,
    /// Ask nobody: show who would be asked, and the prompt.
    #[arg(long)]
    dry_run: bool,
    /// How many seconds an agent may take.
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs(), value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let agents = agents(context, &repo, &args.agent_key)?;
    // An agent's program must not sign as somebody else, nor see the key of another agent.
    let hidden: Vec<OsString> = environment::names()
        .into_iter()
        .filter(|name| name.starts_with("OMEGA_") || name.starts_with("SSH_"))
        .map(OsString::from)
        .collect();
    let key =
        |member: &Member| environment::variable(&format!("OMEGA_AGENT_KEY_{}", member.name.as_str().to_uppercase().replace('-', "_")));
    let dir = repo.workdir().unwrap_or_else(|| repo.common_dir()).to_owned();
    let reach = Reach { dir: &dir, timeout: Duration::from_secs(args.timeout), hidden: &hidden, key: &key };
    let circle = Circle {
        agents: &agents,
        desk: &|agent| context.desk(&repo, &agent.signer, agent.member.name.as_str()).map_err(Failure::into_error),
        ask: &|member, prompt| convene::ask(&reach, member, prompt),
        tell: &|progress| {
            if ask::is_shown() {
                ask::tell(&council::progress(progress));
            }
        },
    };
    let convened = convene::convene(&circle, &convene::Request { id: &id, deliberate: args.deliberate, dry_run: args.dry_run })?;
    let exit = if convened.unasked.is_empty() || args.dry_run { Exit::Done } else { Exit::Failed };
    Ok(Answer::new(exit, format!("{}{}", council::convened(&convened), human::next(&convened.next)), &convened))
}

/// The agents in force at HEAD, each with the key that is at hand for it.
fn agents(context: &Context, repo: &Repo, named: &[PathBuf]) -> Result<Vec<Agent>, Failure> {
    let assessment = signing::in_force(context, repo)?;
    let law = assessment.law()?;
    let members: Vec<&Member> = law.roster.voters().into_iter().filter(|member| member.kind == Kind::Agent).collect();
    if members.is_empty() {
        return Err(Error::denied(
            "no agent has a vote in this council",
            "omega council add NAME FILE.pub --agent --operator NAME --command PROGRAM",
        )
        .into());
    }
    let mut agents: Vec<Agent> = Vec::new();
    for (path, signer) in named.iter().zip(signing::all_named(context, named)?) {
        let Some(member) = members.iter().find(|member| member.holds(signer.public_key())) else {
            return Err(Error::denied(
                format!("the key in `{}` is not that of an agent with a vote", path.display()),
                "omega council list shows who is an agent",
            )
            .into());
        };
        agents.push(Agent { member: (*member).clone(), signer });
    }
    for member in members {
        if !agents.iter().any(|agent| agent.member.name == member.name)
            && let Some(signer) = signing::of(repo, member)?
        {
            agents.push(Agent { member: member.clone(), signer });
        }
    }
    Ok(agents)
}
