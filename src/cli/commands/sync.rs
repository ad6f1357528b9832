use crate::cli::Answer;
use crate::render;
use crate::sync::{Exchange, TroubleKind};
use crate::terminal::context::Context;
use crate::terminal::exchange::peer;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::settings::Network;
use crate::workspace::desk::Hand;

/// Fetch what others did, push what waits here, and clean up.
///
/// The main branch is brought forward if what was fetched verifies. Branches of open resolutions take up the records of others.
/// Records and rulings of this clone are pushed, and branches of closed resolutions are deleted, here and on the remote, if the
/// main branch has all that they have. Nothing is forced.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega sync
  omega sync --no-push  only fetch and take up what is there

Exit codes: 0 all is in sync, 1 the remote cannot be reached, 10 something is left to do, 11 what the remote has does not verify.")]
pub struct Args {}

pub fn run(context: &Context, _args: &Args) -> Result<Answer, Failure> {
    if context.network == Network::Offline {
        return Err(Failure::usage("this run may not use the network", "leave --offline out, and unset OMEGA_OFFLINE"));
    }
    let repo = context.repo()?;
    let desk = || context.desk_for(&repo, Hand::Elsewhere { member: None, key: None }, "omega").map_err(Failure::into_error);
    // What is wrong here is said before anything is fetched.
    drop(desk()?);
    let Some(peer) = peer(context, &repo)? else {
        return Err(Failure::usage("this clone has no remote to exchange branches with", "git remote add origin URL"));
    };
    let mut exchange = Exchange::new(&repo, peer, &desk, context.seen(&repo));
    exchange.all(context.network == Network::Whole)?;
    let done = exchange.finish();
    let any = |kind| done.troubles.iter().any(|trouble| trouble.kind == kind);
    let exit = if any(TroubleKind::Unverified) {
        Exit::Violated
    } else if any(TroubleKind::Unreached) {
        Exit::Failed
    } else if done.troubles.is_empty() {
        Exit::Done
    } else {
        Exit::Denied
    };
    Ok(Answer::new(exit, render::sync::whole(&done), &done))
}
