//! What waits for a member, on all branches that this clone has or has fetched.

use serde::Serialize;

use crate::canon::{MemberName, ResolutionId};
use crate::clock::Timestamp;
use crate::git::Repo;
use crate::keys::PublicKey;
use crate::tree::Tree;
use crate::workspace::Error;
use crate::workspace::glance::{LedgerCache, glance};
use crate::workspace::here::lawless;
use crate::workspace::provisional::{self, EmergencyState};

use super::status::{open, remotes};
use super::{RemoteMain, canon_branches, main_branch};

/// What waits.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Inbox {
    /// For whom; nothing for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberName>,
    /// Main branches of remotes that are not the one here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<RemoteMain>,
    /// What waits, newest first.
    pub waits: Vec<Wait>,
}

impl Inbox {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waits.is_empty() && self.remotes.is_empty()
    }
}

/// One thing that waits for a member.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Wait {
    /// The resolution.
    pub resolution: ResolutionId,
    /// Its title.
    pub title: String,
    /// Whose act it is.
    pub member: MemberName,
    /// What is to be done, in a few words.
    pub what: String,
    /// What to type.
    pub command: String,
}

/// What waits for `member`, else for the one that holds one of `keys`, else for everybody. Nothing is fetched, and the ledger is
/// read at a glance, as for the status.
///
/// # Errors
/// Usage, if the member is not on the council; and when the repository cannot be read.
pub fn inbox(
    repo: &Repo,
    member: Option<MemberName>,
    keys: &[PublicKey],
    all: bool,
    now: Timestamp,
    threads: usize,
) -> Result<Inbox, Error> {
    let memory = LedgerCache::of(repo);
    let read = |tree: &dyn Tree| glance(tree, &memory, threads);
    let head = repo.head()?.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let here = read(&repo.revision(head)?)?;
    if here.judgement.ledger.law().is_none() {
        return Err(lawless(repo, here));
    }
    let main = main_branch(repo, &here, &read)?;
    let newest = main.as_ref().unwrap_or(&here);
    let law = newest.law()?;
    let roster = &law.roster;
    if let Some(name) = member.as_ref().filter(|name| roster.get(name).is_none()) {
        return Err(Error::usage(format!("`{name}` is not on the council"), "omega council list"));
    }
    let holder = || keys.iter().find_map(|key| roster.holder(key)).map(|member| member.name.clone());
    let member = if all { None } else { member.or_else(holder) };
    let branches = canon_branches(repo, Some(newest), &read)?;
    let mut waits = Vec::new();
    for open in open(&here, main.as_ref(), &branches) {
        let mut named: Vec<&MemberName> = Vec::new();
        for step in &open.next {
            // The first step of a member is the most natural one.
            if member.as_ref().is_none_or(|member| *member == step.member) && !named.contains(&&step.member) {
                named.push(&step.member);
                waits.push(Wait {
                    resolution: open.summary.id.clone(),
                    title: open.summary.title.clone(),
                    member: step.member.clone(),
                    what: step.what.clone(),
                    command: step.command.clone(),
                });
            }
        }
    }
    let chief = &roster.chief().name;
    for report in provisional::unsettled(newest, &provisional::settlements(repo)?, now) {
        // Where a council is on it, its members have votes to cast, which are listed.
        let Some(command) = report.next.clone().filter(|_| report.settlement.is_none()) else { continue };
        let is_over = report.state == EmergencyState::Expired;
        let what = match is_over {
            true => format!("undo the emergency, which ran out at {}", report.expires),
            false => format!("put the emergency before the council by {}", report.settle_by),
        };
        let folder = newest.evidence.folders.get(&report.resolution);
        let title = folder.and_then(|folder| folder.proposal.as_ref()).map(|proposal| proposal.record().title.clone());
        for name in roster.iter().map(|seated| &seated.name).filter(|name| !is_over || *name == chief) {
            if member.as_ref().is_none_or(|member| member == name) {
                waits.push(Wait {
                    resolution: report.resolution.clone(),
                    title: title.clone().unwrap_or_default(),
                    member: name.clone(),
                    what: what.clone(),
                    command: command.clone(),
                });
            }
        }
    }
    waits.sort_by(|a, b| b.resolution.cmp(&a.resolution));
    Ok(Inbox { member, remotes: remotes(repo, &newest.judgement.ledger)?, waits })
}
