//! The whole picture of a clone: what is ratified, what is open, who acts next.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::canon::{MemberName, ResolutionId};
use crate::clock::Timestamp;
use crate::finding::Finding;
use crate::git::{Oid, Repo};
use crate::keys::PublicKey;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::state::Ledger;
use crate::ledger::verdict::{Standing, check_pin, expired};
use crate::survey::verify::DraftReport;
use crate::tree::Tree;
use crate::words::words;
use crate::workspace::Error;
use crate::workspace::advice::{self, Judged};
use crate::workspace::assess::Assessment;
use crate::workspace::glance::{LedgerCache, glance};
use crate::workspace::here::lawless;
use crate::workspace::next::{NextStep, next_steps};
use crate::workspace::pin::Pin;
use crate::workspace::proposed;
use crate::workspace::provisional::{self, EmergencyReport};
use crate::workspace::recovery::{Progress, progress};
use crate::workspace::report::CountReport;
use crate::workspace::seen;

use super::{Summary, canon_branches, main_branch, says_of, summary};

/// The whole picture of a clone.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Status {
    /// Where the ledger ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// Whether this clone pins that root.
    pub pinned: bool,
    /// The member that the keys at hand belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<MemberName>,
    /// The branch that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The council.
    pub council: Vec<Seat>,
    /// How many paths are ratified.
    pub governed: usize,
    /// Emergencies that wait to be settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emergencies: Vec<EmergencyReport>,
    /// Main branches of remotes that are not the one here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<RemoteMain>,
    /// Open resolutions, here and on their branches.
    pub open: Vec<Open>,
    /// Paths of the work tree that hold what an open proposal asks for.
    pub drafts: Vec<DraftReport>,
    /// What is wrong in the work tree.
    pub findings: Vec<Finding>,
}

words! {
    /// How the main branch here stands to that of a remote.
    pub enum Distance {
        /// The remote has more.
        Behind = "behind",
        /// This clone has more.
        Ahead = "ahead",
        /// Both have something that the other lacks.
        Diverged = "diverged",
    }
}

/// A remote's main branch that is not the one here.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RemoteMain {
    /// The branch as it was fetched, as in `origin/main`.
    pub branch: String,
    /// How the branch here stands to it.
    pub here: Distance,
    /// Whether there are rulings in what one has more than the other.
    pub ruled: bool,
    /// What to type next.
    pub command: String,
}

/// A member at a glance.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Seat {
    /// The name.
    pub name: MemberName,
    /// chief, clerk or member.
    pub role: String,
    /// The voting weight.
    pub weight: u32,
}

/// An open resolution with what comes next.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Open {
    /// At a glance.
    #[serde(flatten)]
    pub summary: Summary,
    /// What the ballots say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<CountReport>,
    /// How many recovery keys have signed, if it is a recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Progress>,
    /// Who acts next.
    pub next: Vec<NextStep>,
}

/// The whole picture, judged on the work tree. `keys` are the public keys at hand.
///
/// # Errors
/// When the repository cannot be read.
pub fn status(
    repo: &Repo,
    pin: Option<Pin>,
    before: &seen::RollbackMemory,
    keys: &[PublicKey],
    now: Timestamp,
    threads: usize,
) -> Result<Status, Error> {
    let head = repo.head()?;
    let memory = LedgerCache::of(repo);
    let read = |tree: &dyn Tree| glance(tree, &memory, threads);
    let here = match repo.workdir() {
        Some(_) => glance(&repo.worktree()?, &memory, threads)?,
        None => {
            glance(&repo.revision(head.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?)?, &memory, threads)?
        }
    };
    if here.judgement.ledger.law().is_none() {
        return Err(lawless(repo, here));
    }
    let ledger = &here.judgement.ledger;
    let law = here.law()?;
    let me = keys.iter().find_map(|key| law.roster.holder(key)).map(|member| member.name.clone());
    let main = main_branch(repo, &here, &read)?;
    let branches = canon_branches(repo, Some(main.as_ref().unwrap_or(&here)), &read)?;
    let open = open(&here, main.as_ref(), &branches);
    let mut findings: Vec<Finding> = here.judgement.findings.clone();
    findings.extend(expired(ledger, now));
    if let Some(pin) = &pin {
        findings.extend(check_pin(ledger, &pin.root(), pin.checkpoint()));
        // On a protected branch `verify HEAD` says the same.
        let remembered = before.highest(&pin.root())?.map(|seen| seen.protected).unwrap_or_default();
        if head.branch.as_ref().is_some_and(|branch| law.protected_refs.iter().chain(&remembered).any(|name| name == branch)) {
            findings.extend(advice::rolled_back(repo, before, ledger)?);
            findings.dedup();
        }
    }
    let mut drafts: Vec<DraftReport> =
        here.judgement.drafts.iter().map(|d| DraftReport { path: d.path.clone(), resolution: d.resolution.clone() }).collect();
    if repo.workdir().is_some() {
        advice::fit(repo, Judged::WorkTree, ledger, &mut findings)?;
        // An edit stays in the work tree while the council decides on it.
        let proposed = proposed::among(repo, &repo.worktree()?, ledger, &findings)?;
        findings.retain(|finding| !proposed.contains_key(&finding.path));
        drafts.extend(proposed.into_iter().filter_map(|(path, resolution)| Some(DraftReport { path: path.parse().ok()?, resolution })));
    }
    Ok(Status {
        checkpoint: Checkpoint::of(ledger),
        pinned: pin.is_some_and(|pin| Some(pin.root()) == ledger.root()),
        me,
        branch: head.branch,
        council: law.roster.iter().map(|m| Seat { name: m.name.clone(), role: m.role.as_str().to_owned(), weight: m.weight }).collect(),
        governed: ledger.paths().count(),
        remotes: remotes(repo, ledger)?,
        emergencies: provisional::unsettled(&here, &provisional::settlements(repo)?, now),
        open,
        drafts,
        findings,
    })
}

/// What is open, here and on branches, and what comes next.
pub(super) fn open(here: &Assessment, main: Option<&Assessment>, branches: &[(ResolutionId, Assessment)]) -> Vec<Open> {
    let is_over = |id: &ResolutionId| {
        let closed = [Some(here), main].into_iter().flatten().any(|a| a.judgement.ledger.closed.contains_key(id));
        closed || branches.iter().any(|(own, assessment)| own != id && says_of(assessment, own, id))
    };
    let mut open: Vec<Open> = Vec::new();
    let mut known = BTreeSet::new();
    let mut add = |assessment: &Assessment, id: &ResolutionId| {
        let standing = assessment.standing(id);
        if matches!(standing, Some(Standing::Open | Standing::Stale(_) | Standing::Revoked(_))) && !is_over(id) && known.insert(id.clone())
        {
            let examined = assessment.examine(id).ok();
            open.extend(summary(assessment, id).map(|summary| Open {
                recovery: examined.as_ref().and_then(|e| progress(assessment, e)),
                count: examined.as_ref().map(|e| CountReport::of(&e.count, e.law, e.proposal.record().risk)),
                next: examined.as_ref().map(|e| next_steps(assessment, e)).unwrap_or_default(),
                summary,
            }));
        }
    };
    for (id, assessment) in branches {
        add(assessment, id);
    }
    for (id, _) in &here.judgement.open {
        add(here, id);
    }
    open
}

/// The main branches of remotes, as they were fetched, that are not the one here. What only this clone has is no matter of the canon
/// unless it has rulings.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn remotes(repo: &Repo, ledger: &Ledger) -> Result<Vec<RemoteMain>, Error> {
    let Some(law) = ledger.law() else { return Ok(Vec::new()) };
    let main = &law.protected_refs[0];
    let Some(here) = repo.find_ref(main)? else { return Ok(Vec::new()) };
    let rules = |base: Option<Oid>, tip| -> Result<bool, Error> {
        Ok(repo.changed_paths(base, tip)?.iter().any(|path| path.starts_with(b"canon/ledger/")))
    };
    let mut all = Vec::new();
    for (name, there) in repo.fetched(main)? {
        // What somebody pushed need not be of this canon: it is only said that something is there.
        let branch = name.trim_start_matches("refs/remotes/").to_owned();
        let base = repo.merge_base(here, there)?;
        let (distance, ruled) = match base {
            Some(base) if base == there => (Distance::Ahead, rules(Some(base), here)?),
            Some(base) if base == here => (Distance::Behind, rules(Some(base), there)?),
            base => (Distance::Diverged, rules(base, there)? || rules(base, here)?),
        };
        if here != there && (ruled || distance != Distance::Ahead) {
            all.push(RemoteMain { branch, here: distance, ruled, command: "omega sync".to_owned() });
        }
    }
    Ok(all)
}
