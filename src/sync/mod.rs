//! Exchanging branches with a remote: fetching before an act, pushing after it.
//!
//! Git does all that goes over a network. What was fetched is judged offline, as always, before anything here moves.

mod send;
mod take_up;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::policy::{self, LawDocuments, SecurityCore};
use crate::canon::text::MAX_BYTES;
use crate::canon::{ResolutionId, layout};
use crate::git::{Oid, Remote, Repo};
use crate::ledger::evidence::read_one;
use crate::workspace::desk::Desk;
use crate::workspace::seen::RollbackMemory;
use crate::workspace::{Error, find};

pub(crate) use send::SYNC;

/// The folder of the branches that are exchanged.
const CANON: &str = "refs/heads/canon/";

/// With which remote branches are exchanged, and the main branch of the canon.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The remote.
    pub remote: Remote,
    /// The full name of the main branch.
    pub main: String,
}

impl Peer {
    /// The remote of this clone; nothing, where it has none, or no canon.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn of(repo: &Repo, attended: bool) -> Result<Option<Self>, Error> {
        if repo.remotes().is_empty() {
            return Ok(None);
        }
        let Some(main) = main_of(repo)? else { return Ok(None) };
        let remote = repo.remote_of(&main)?.map(|name| Remote { name, attended });
        Ok(remote.map(|remote| Self { remote, main }))
    }

    /// Where this clone keeps what it fetched of a branch.
    fn tracking(&self, branch: &str) -> String {
        branch.replacen("refs/heads/", &format!("refs/remotes/{}/", self.remote.name), 1)
    }

    /// A branch of the remote as people write it, as in `origin/main`.
    fn there(&self, branch: &str) -> String {
        format!("{}/{}", self.remote.name, short(branch))
    }
}

/// The main branch as the canon at hand names it. This decides only what is fetched; what is moved and pushed is judged.
fn main_of(repo: &Repo) -> Result<Option<String>, Error> {
    let mut tips: Vec<Oid> = repo.head()?.commit.into_iter().collect();
    for name in repo.remote_head()?.into_iter().chain(["main".to_owned(), "master".to_owned()]) {
        let name = format!("refs/heads/{name}");
        tips.extend(repo.find_ref(&name)?);
        tips.extend(find::fetched(repo, &name)?);
    }
    let named = |tip: Oid| {
        let tree = repo.revision(tip).ok()?;
        let read = |name: &str| read_one(&tree, &layout::document(&name.parse().ok()?), MAX_BYTES).ok()?;
        let bytes = LawDocuments::OF_SECURITY.into_iter().find_map(read)?;
        policy::read::<SecurityCore>(&bytes).ok()?.protected_refs.into_iter().next()
    };
    let is_plain = |name: &String| name.starts_with("refs/heads/") && !name.contains(['*', ':', '^', '+']);
    Ok(tips.into_iter().find_map(named).filter(is_plain))
}

/// What was exchanged with a remote.
#[derive(Debug, Default, Serialize, schemars::JsonSchema)]
pub struct Exchanged {
    /// The remote.
    pub remote: String,
    /// The main branch, where it was brought forward to what the remote has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<Forwarded>,
    /// Branches here that took up records which the remote has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<String>,
    /// Branches that the remote has now as they are here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pushed: Vec<String>,
    /// Branches of closed resolutions that were deleted, here or on the remote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// What could not be done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<Trouble>,
}

/// A main branch that was brought forward.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Forwarded {
    /// The branch.
    pub branch: String,
    /// The number of its newest ruling.
    pub sequence: u32,
}

/// Something that could not be done.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Trouble {
    /// Of which kind.
    pub kind: TroubleKind,
    /// What is so.
    pub fact: String,
    /// The command to type next.
    pub hint: String,
}

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TroubleKind {
    /// The remote could not be reached.
    Unreached,
    /// Something here is in the way.
    Held,
    /// The remote did not take a branch.
    Refused,
    /// What the remote has does not verify.
    Unverified,
}

/// One exchange with a remote.
pub struct Exchange<'a> {
    repo: &'a Repo,
    peer: Peer,
    /// A desk that moves branches and signs nothing. It holds the lock of the repository, so it is never kept over a network call.
    desk: &'a dyn Fn() -> Result<Desk<'a>, Error>,
    seen: RollbackMemory,
    done: Exchanged,
}

impl<'a> Exchange<'a> {
    /// An exchange that has not begun.
    pub fn new(repo: &'a Repo, peer: Peer, desk: &'a dyn Fn() -> Result<Desk<'a>, Error>, seen: RollbackMemory) -> Self {
        let done = Exchanged { remote: peer.remote.name.clone(), ..Exchanged::default() };
        Self { repo, peer, desk, seen, done }
    }

    /// What was exchanged so far.
    pub fn finish(self) -> Exchanged {
        self.done
    }

    /// Whether the remote was out of reach.
    fn is_cut_off(&self) -> bool {
        self.done.troubles.iter().any(|trouble| trouble.kind == TroubleKind::Unreached)
    }

    fn trouble(&mut self, kind: TroubleKind, fact: impl Into<String>, hint: impl Into<String>) {
        self.done.troubles.push(Trouble { kind, fact: fact.into(), hint: hint.into() });
    }

    /// Where the main branch is here, and where the remote's was when it was fetched.
    fn mains(&self) -> Result<(Option<Oid>, Option<Oid>), Error> {
        Ok((self.repo.find_ref(&self.peer.main)?, self.repo.find_ref(&self.peer.tracking(&self.peer.main))?))
    }

    /// The branches that an act can move: the main branch, and those of resolutions.
    pub fn branches(&self) -> Result<BTreeMap<String, Oid>, Error> {
        let mut branches: BTreeMap<String, Oid> = self.repo.branches(CANON)?.into_iter().collect();
        if let Some(at) = self.repo.find_ref(&self.peer.main)? {
            branches.insert(self.peer.main.clone(), at);
        }
        Ok(branches)
    }
}

fn short(branch: &str) -> &str {
    branch.trim_start_matches("refs/heads/")
}

/// The resolution that a branch belongs to.
fn resolution_of(branch: &str) -> Option<ResolutionId> {
    branch.strip_prefix(CANON)?.parse().ok()
}
