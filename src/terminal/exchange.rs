//! The network around acts: every command that writes a branch of a resolution, or the main branch, fetches before and pushes
//! after. What it says of that goes to standard error, and into the document that `--format json` prints.

use crate::git::Repo;
use crate::sync::{Exchange, Exchanged, Peer};
use crate::workspace::desk::Hand;

use super::context::Context;
use super::failure::Failure;
use super::settings::Network;
use super::{ask, settings};

/// Runs a command; where it makes records and the clone has a remote, fetches before and pushes after. `about` is the resolution
/// that an answer is about.
pub fn around<T>(
    context: &Context,
    acts: bool,
    run: impl FnOnce() -> Result<T, Failure>,
    about: impl Fn(&T) -> Option<String>,
) -> (Result<T, Failure>, Option<Exchanged>) {
    let wanted = match settings::read() {
        Ok(settings) => acts && settings.sync && context.network != Network::Offline,
        Err(failure) if acts => return (Err(failure), None),
        Err(_) => false,
    };
    // What is wrong with the repository the command says itself.
    let Some(repo) = wanted.then(|| context.repo().ok()).flatten() else { return (run(), None) };
    let Ok(Some(peer)) = peer(context, &repo) else { return (run(), None) };
    let desk = || context.desk_for(&repo, Hand::Elsewhere { member: None, key: None }, "omega").map_err(Failure::into_error);
    let mut exchange = Exchange::new(&repo, peer, &desk, context.seen(&repo));
    exchange.receive();
    let before = exchange.branches();
    let answer = run();
    if let (Ok(answer), Ok(before), Network::Whole) = (&answer, before, context.network) {
        exchange.send(&before, about(answer).as_deref());
    }
    (answer, Some(exchange.finish()))
}

/// The remote of a clone that trusts a canon.
pub fn peer(context: &Context, repo: &Repo) -> Result<Option<Peer>, Failure> {
    match context.pin(Some(repo), None)? {
        Some(_) => Ok(Peer::of(repo, ask::is_interactive())?),
        None => Ok(None),
    }
}
