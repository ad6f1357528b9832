//! Looking around: what is ratified, what is open, who acts next, what was ruled.

pub mod checkpoint;
mod inbox;
mod log;
pub mod machine;
pub mod phylactery;
mod shown;
pub mod signers;
mod status;
pub mod tally;
pub mod verify;
pub mod why;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::{MemberName, ResolutionId, Risk};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::git::Repo;
use crate::ledger::verdict::Standing;
use crate::tree::Tree;

use crate::survey::verify::standing_word;
use crate::workspace::assess::{Assessment, assess, no_canon};
use crate::workspace::draft::{Changed, Changes};
use crate::workspace::provisional::{self, EmergencyReport};
use crate::workspace::recovery::is_alive;
use crate::workspace::tips::{Judge, Line, furthest, union};
use crate::workspace::{Error, find};

pub use inbox::{Inbox, Wait, inbox};
pub use log::{Entry, log};
pub(crate) use shown::votes;
pub use shown::{Shown, StatementReport, VoteReport, show};
pub use status::{Distance, Open, RemoteMain, Seat, Status, status};

/// One resolution at a glance.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Summary {
    /// Its id.
    pub id: ResolutionId,
    /// Its title.
    pub title: String,
    /// Who proposed it.
    pub by: MemberName,
    /// Its risk.
    pub risk: Risk,
    /// `open`, `stale`, `withdrawn`, `superseded`, or the verdict.
    pub standing: String,
    /// Why it is stale, or what stands in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The number of the ruling that closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<u32>,
    /// What became of the emergency, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<EmergencyReport>,
}

/// All resolutions that this clone knows, newest first: those of HEAD, and those on branches.
///
/// # Errors
/// When the repository cannot be read.
pub fn list(repo: &Repo, now: Timestamp, threads: usize) -> Result<Vec<Summary>, Error> {
    let settlements = provisional::settlements(repo)?;
    let mut all: BTreeMap<ResolutionId, Summary> = BTreeMap::new();
    let mut add = |assessment: &Assessment, own: Option<&ResolutionId>| {
        for id in assessment.evidence.folders.keys().filter(|id| own.is_none_or(|own| says_of(assessment, own, id))) {
            if let Some(mut summary) = summary(assessment, id) {
                summary.emergency = provisional::of(assessment, id, &settlements, now);
                // A ruling anywhere says more than an open folder elsewhere, and so does any other end.
                let weight = |summary: &Summary| match (summary.ruling, summary.standing.as_str()) {
                    (Some(_), _) => 3,
                    (None, "open") => 0,
                    (None, "stale") => 1,
                    (None, _) => 2,
                };
                if all.get(id).is_none_or(|known| weight(known) < weight(&summary)) {
                    all.insert(id.clone(), summary);
                }
            }
        }
    };
    let read = |tree: &dyn Tree| assess(tree, threads);
    let here = repo.head()?.commit.map(|tip| read(&repo.revision(tip)?)).transpose()?;
    let main = here.as_ref().map(|here| main_branch(repo, here, &read)).transpose()?.flatten();
    for assessment in here.iter().chain(&main) {
        add(assessment, None);
    }
    for (id, assessment) in canon_branches(repo, main.as_ref().or(here.as_ref()), &read)? {
        add(&assessment, Some(&id));
    }
    if all.is_empty() {
        // Where there is a canon, the first resolution is the one that planted it.
        match here.as_ref().map(Assessment::no_canon) {
            None => return Err(no_canon()),
            Some(Some(error)) => return Err(error),
            Some(None) => {}
        }
    }
    let mut all: Vec<Summary> = all.into_values().collect();
    // Newest first; of one day what is not ruled yet, then by ruling.
    let key = |summary: &Summary| (summary.id.date().to_owned(), summary.ruling.unwrap_or(u32::MAX), summary.id.clone());
    all.sort_by_cached_key(|summary| std::cmp::Reverse(key(summary)));
    Ok(all)
}

/// The main branch, as the law at hand names it, where that is not what is checked out. What was fetched of it counts where it
/// goes on from there with rulings: what they closed is over, though this clone has not taken them up yet.
fn main_branch(repo: &Repo, here: &Assessment, read: Judge<'_>) -> Result<Option<Assessment>, Error> {
    let Some(law) = here.judgement.ledger.law() else { return Ok(None) };
    let name = &law.protected_refs[0];
    let (tip, head) = (repo.find_ref(name)?, repo.head()?.commit);
    let local = tip.filter(|tip| Some(*tip) != head).map(|tip| read(&repo.revision(tip)?)).transpose()?;
    let known = local.as_ref().unwrap_or(here);
    let mut fetched = Vec::new();
    for at in repo.fetched(name)?.into_values() {
        let mut is_known = false;
        for tip in tip.into_iter().chain(head) {
            is_known |= repo.is_ancestor(at, tip)?;
        }
        if !is_known {
            fetched.push(at);
        }
    }
    let line = Line::of(repo, Some(&known.judgement.ledger))?;
    Ok(furthest(repo, &fetched, &line, &known.judgement.ledger, read).or(local))
}

/// Every resolution that has a branch, with what the tips of it that count hold together, here and fetched, aged by what the main
/// branch ratified meanwhile.
fn canon_branches(repo: &Repo, main: Option<&Assessment>, read: Judge<'_>) -> Result<Vec<(ResolutionId, Assessment)>, Error> {
    let ledger = main.map(|main| &main.judgement.ledger);
    let line = Line::of(repo, ledger)?;
    let mut all = Vec::new();
    for (id, tips) in find::branches(repo)? {
        let Some(mut assessment) = union(repo, &tips, &line, read)? else { continue };
        if let Some(ledger) = ledger {
            assessment.age(ledger);
        }
        all.push((id, assessment));
    }
    Ok(all)
}

/// Whether the branch of `own` has a say about a resolution: its own, and those that it supersedes.
fn says_of(assessment: &Assessment, own: &ResolutionId, id: &ResolutionId) -> bool {
    own == id || matches!(assessment.standing(id), Some(Standing::Superseded(newer)) if newer == own)
}

fn summary(assessment: &Assessment, id: &ResolutionId) -> Option<Summary> {
    let record = assessment.evidence.folders.get(id)?.proposal.as_ref()?.record();
    let ledger = &assessment.judgement.ledger;
    let ruling = ledger.closed.get(id).copied();
    let ruled = ruling.and_then(|n| ledger.rulings.get(n as usize));
    // The key that signed a recovery is in force only by its ruling; until then it is open, and no draft.
    let recovers = || assessment.examine(id).is_ok_and(|examined| is_alive(assessment, &examined));
    let (standing, why) = match (ruled, assessment.standing(id)) {
        (None, Some(Standing::Revoked(_))) if recovers() => ("open".to_owned(), None),
        (Some(ruled), _) if ruled.resolution == *id => (ruled.verdict.as_str().to_owned(), None),
        (Some(ruled), _) => ("superseded".to_owned(), Some(ruled.resolution.to_string())),
        (None, Some(standing)) => (
            standing_word(standing).to_owned(),
            match standing {
                Standing::Stale(why) | Standing::Revoked(why) => Some(why.clone()),
                Standing::Superseded(newer) => Some(newer.to_string()),
                _ => None,
            },
        ),
        (None, None) => ("invalid".to_owned(), None),
    };
    Some(Summary {
        id: id.clone(),
        title: record.title.clone(),
        by: record.by.clone(),
        risk: record.risk,
        standing,
        why,
        ruling,
        emergency: None,
    })
}

/// The assessment of the tree that says most about a resolution: HEAD or the main branch where it is
/// closed there, else its own branch.
pub fn holding(repo: &Repo, id: &ResolutionId, threads: usize) -> Result<Assessment, Error> {
    let read = |tree: &dyn Tree| assess(tree, threads);
    let here = repo.head()?.commit.map(|tip| read(&repo.revision(tip)?)).transpose()?;
    let main = here.as_ref().map(|here| main_branch(repo, here, &read)).transpose()?.flatten();
    let newest = main.as_ref().or(here.as_ref()).map(|newest| newest.judgement.ledger.clone());
    if let Some(closed) = main.into_iter().chain(here).find(|assessment| assessment.judgement.ledger.closed.contains_key(id)) {
        return Ok(closed);
    }
    let found = find::locate(repo, id)?;
    let mut assessment = union(repo, &found.tips, &Line::of(repo, newest.as_ref())?, &read)?.ok_or_else(|| {
        Error::denied(
            format!("what is on the branches of {id} is not of this canon, or cannot be read"),
            format!("see whose they are: git branch --all --list '*canon/{id}'"),
        )
    })?;
    if let Some(newest) = newest {
        assessment.age(&newest);
    }
    Ok(assessment)
}

/// What a resolution changes, with the bytes of both sides.
///
/// # Errors
/// Usage, if there is no such resolution.
pub fn diff(repo: &Repo, id: &ResolutionId, threads: usize) -> Result<Vec<Changed>, Error> {
    let assessment = holding(repo, id, threads)?;
    let proposal = assessment.evidence.folders.get(id).and_then(|folder| folder.proposal.as_ref());
    let proposal = proposal.ok_or_else(|| Error::usage(format!("there is no resolution {id}"), "omega list"))?;
    let bytes = |digest: Option<Digest>| digest.and_then(|digest| assessment.evidence.bytes.get(&digest).cloned());
    let law = assessment.examine(id).ok().map(|examined| &examined.law.who);
    Ok(proposal
        .record()
        .changes
        .iter()
        .map(|change| Changed {
            path: change.path.clone(),
            what: Changes::of(change, law),
            before: bytes(change.before),
            after: bytes(change.after),
        })
        .collect())
}
