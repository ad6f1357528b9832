//! Where resolutions are: each has a branch of its own, here or on a remote.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::{ResolutionId, front, layout, text};
use crate::git::{Edit, Merge, Oid, Repo};
use crate::ledger::evidence::read_one;
use crate::ledger::kinds::Proposal;
use crate::tree::{Entry, Tree};

use super::Error;
use super::assess::no_canon;

/// The branch that a resolution is worked on.
#[derive(Clone, Debug)]
pub struct Found {
    /// The full name of the local branch.
    pub branch: String,
    /// Where that is; nothing, if only a remote has the branch.
    pub tip: Option<Oid>,
    /// All commits that hold records of the resolution: the local branch and what was fetched.
    pub tips: Vec<Oid>,
}

/// The local branch of a resolution.
pub fn branch_of(id: &ResolutionId) -> String {
    format!("refs/heads/canon/{id}")
}

/// All resolutions that have a branch of their own, with the commits at its tips, each once.
pub fn branches(repo: &Repo) -> Result<BTreeMap<ResolutionId, Vec<Oid>>, Error> {
    let mut found: BTreeMap<ResolutionId, Vec<Oid>> = BTreeMap::new();
    for (name, tip) in repo.branches("refs/heads/canon/")? {
        if let Some(id) = name.strip_prefix("refs/heads/canon/").and_then(|id| id.parse().ok()) {
            found.entry(id).or_default().insert(0, tip);
        }
    }
    for (name, tip) in repo.branches("refs/remotes/")? {
        let id = name.strip_prefix("refs/remotes/").and_then(|rest| rest.rsplit_once("/canon/")).and_then(|(_, id)| id.parse().ok());
        // A reference to what was never fetched, or is gone, says nothing.
        if let Some(id) = id.filter(|_| repo.revision(tip).is_ok()) {
            let tips = found.entry(id).or_default();
            if !tips.contains(&tip) {
                tips.push(tip);
            }
        }
    }
    Ok(found)
}

/// The proposals that have a branch and were not taken back there.
pub fn proposals(repo: &Repo) -> Result<Vec<Proposal>, Error> {
    let mut proposals = Vec::new();
    for (id, tips) in branches(repo)? {
        let tree = repo.revision(tips[0])?;
        if read_one(&tree, &layout::in_folder(&id, "withdrawal.md"), text::MAX_TEXT)?.is_none() {
            proposals.extend(proposal(&tree, &id)?);
        }
    }
    Ok(proposals)
}

/// The proposal of a resolution as a tree holds it, if it can be read; its signature is not looked at.
pub fn proposal(tree: &dyn Tree, id: &ResolutionId) -> Result<Option<Proposal>, Error> {
    let bytes = read_one(tree, &layout::in_folder(id, "proposal.md"), text::MAX_TEXT)?;
    Ok(bytes.and_then(|bytes| front::parse::<Proposal>(&bytes).ok().map(|(proposal, _)| proposal)))
}

/// The newest commit of a branch as it was fetched: the one that holds all others, or nothing, where remotes have gone apart.
pub fn fetched(repo: &Repo, branch: &str) -> Result<Option<Oid>, Error> {
    let tips: Vec<Oid> = repo.fetched(branch)?.into_values().collect();
    let newest = newest(repo, &tips)?;
    Ok(newest.first().copied().filter(|_| newest.len() == 1))
}

/// The commits of which none is behind another of them, in their order.
pub fn newest(repo: &Repo, tips: &[Oid]) -> Result<Vec<Oid>, Error> {
    let mut newest: Vec<Oid> = Vec::new();
    for tip in tips {
        let mut known = false;
        for other in &newest {
            known |= other == tip || repo.is_ancestor(*tip, *other)?;
        }
        if known {
            continue;
        }
        let mut kept = Vec::new();
        for other in newest {
            if !repo.is_ancestor(other, *tip)? {
                kept.push(other);
            }
        }
        newest = kept;
        newest.push(*tip);
    }
    Ok(newest)
}

/// What the tips of a resolution's branch hold together, without writing anything: the newest tip, with the records that only
/// others have. A later commit of a branch that removes records hides nothing here.
pub fn joined(repo: &Repo, tips: &[Oid]) -> Result<Box<dyn Tree>, Error> {
    let Some(first) = newest(repo, tips)?.first().copied() else {
        return Err(Error::usage("there is no commit to look at", "omega list"));
    };
    let others: BTreeSet<Oid> = tips.iter().copied().filter(|tip| *tip != first).collect();
    if others.is_empty() {
        return Ok(Box::new(repo.revision(first)?));
    }
    let inside = |folder: &[u8]| {
        let kept = [&b"canon/resolutions"[..], b"canon/bytes"];
        folder == b"canon" || kept.iter().any(|kept| folder.strip_prefix(*kept).is_some_and(|rest| rest.is_empty() || rest[0] == b'/'))
    };
    let records = |tip: Oid| -> Result<Vec<Entry>, Error> {
        let mut entries = repo.revision(tip)?.list(&inside)?.entries;
        entries.retain(|entry| entry.path.starts_with(b"canon/resolutions/") || entry.path.starts_with(b"canon/bytes/"));
        Ok(entries)
    };
    let held: BTreeSet<Vec<u8>> = records(first)?.into_iter().map(|entry| entry.path).collect();
    let mut merge = Merge::default();
    for tip in others {
        let more = records(tip)?.into_iter().filter(|entry| !held.contains(&entry.path));
        merge.edits.extend(more.filter_map(|entry| Some((entry.path, Edit::Keep { mode: entry.mode, id: entry.id? }))));
    }
    Ok(Box::new(repo.merged(first, &merge)?))
}

/// Finds the branch of a resolution: its own, one that was fetched, or the one that is checked out.
pub fn locate(repo: &Repo, id: &ResolutionId) -> Result<Found, Error> {
    let own = branch_of(id);
    let tip = repo.find_ref(&own)?;
    let tips = branches(repo)?.remove(id).unwrap_or_default();
    if !tips.is_empty() {
        return Ok(Found { branch: own, tip, tips });
    }
    let head = repo.head()?;
    if let (Some(branch), Some(commit)) = (head.branch, head.commit)
        && holds(repo, commit, id)?
    {
        return Ok(Found { branch, tip: Some(commit), tips: vec![commit] });
    }
    Err(Error::usage(format!("there is no resolution {id} on any branch here"), "omega list; or fetch it: git fetch"))
}

/// Whether a commit's tree has the folder of a resolution.
pub fn holds(repo: &Repo, commit: Oid, id: &ResolutionId) -> Result<bool, Error> {
    let folder = layout::folder(id);
    let proposal = format!("{folder}/proposal.md");
    let listing = repo.revision(commit)?.list(&|path| folder.as_bytes().starts_with(path))?;
    Ok(listing.entries.iter().any(|entry| entry.path == proposal.as_bytes()))
}

/// Whether a commit's tree has the ruling with this number.
pub fn has_ruling(repo: &Repo, commit: Oid, sequence: u32) -> Result<bool, Error> {
    let path = layout::ruling(sequence);
    let listing = repo.revision(commit)?.list(&|folder| path.as_str().as_bytes().starts_with(folder))?;
    Ok(listing.entries.iter().any(|entry| entry.path == path.as_str().as_bytes()))
}

/// A resolution by its whole id, or by a part of it that only one has.
pub fn named(repo: &Repo, text: &str) -> Result<ResolutionId, Error> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let mut known: Vec<ResolutionId> = branches(repo)?.into_keys().collect();
    if let Some(commit) = repo.head()?.commit {
        known.extend(in_tree(repo, commit)?);
    }
    known.sort();
    known.dedup();
    let matching: Vec<&ResolutionId> = known.iter().filter(|id| id.as_str().contains(text)).collect();
    match matching.as_slice() {
        [one] => Ok((*one).clone()),
        [] if known.is_empty() && !repo.head()?.commit.map_or(Ok(false), |commit| has_ruling(repo, commit, 0))? => Err(no_canon()),
        [] => Err(Error::usage(
            format!("no resolution is called `{}`", crate::canon::text::visible(text)),
            "omega list; or fetch it: git fetch",
        )),
        several => {
            // A part of a name means what can still be acted upon; of that, the one that is called exactly so. A date means no
            // one in particular.
            let is_name = several.iter().all(|id| id.as_str().strip_prefix(id.date()).is_some_and(|rest| rest.contains(text)));
            let open = if is_name { still_open(repo, several)? } else { Vec::new() };
            let exact = |id: &&&ResolutionId| id.as_str().strip_prefix(id.date()).is_some_and(|rest| rest.trim_start_matches('-') == text);
            let exact: Vec<&&ResolutionId> = open.iter().filter(exact).collect();
            if let ([one], _) | (_, [one]) = (open.iter().collect::<Vec<_>>().as_slice(), exact.as_slice()) {
                return Ok((**one).clone());
            }
            let names: Vec<&str> = several.iter().take(5).map(|id| id.as_str()).collect();
            Err(Error::usage(format!("`{text}` may be any of: {}", names.join(", ")), "write more of the id"))
        }
    }
}

/// Those of these resolutions that have a branch, and are neither ruled, nor withdrawn, nor superseded by another one.
fn still_open<'i>(repo: &Repo, ids: &[&'i ResolutionId]) -> Result<Vec<&'i ResolutionId>, Error> {
    let proposals = proposals(repo)?;
    // What is over has its folder in a tree that has the ruling.
    let mut ruled = BTreeSet::new();
    let main = repo.remote_head()?.into_iter().chain(["main".to_owned(), "master".to_owned()]);
    for tip in main.filter_map(|name| repo.find_ref(&format!("refs/heads/{name}")).transpose()) {
        ruled.extend(in_tree(repo, tip?)?);
    }
    let is_superseded = |id: &ResolutionId, by| proposals.iter().any(|newer| newer.supersedes.as_ref() == Some(id) && newer.by == by);
    let is_open = |id: &ResolutionId| {
        let proposal = proposals.iter().find(|proposal| proposal.resolution == *id);
        proposal.is_some_and(|proposal| !ruled.contains(id) && !is_superseded(id, proposal.by.clone()))
    };
    Ok(ids.iter().copied().filter(|id| is_open(id)).collect())
}

/// All resolutions in a commit's tree.
pub fn in_tree(repo: &Repo, commit: Oid) -> Result<Vec<ResolutionId>, Error> {
    let listing = repo.revision(commit)?.list(&|path| {
        b"canon/resolutions".starts_with(path) || path.strip_prefix(b"canon/resolutions/").is_some_and(|rest| !rest.contains(&b'/'))
    })?;
    let mut ids: Vec<ResolutionId> = listing
        .entries
        .iter()
        .filter_map(|entry| std::str::from_utf8(&entry.path).ok()?.strip_prefix("canon/resolutions/")?.split('/').next()?.parse().ok())
        .collect();
    ids.dedup();
    Ok(ids)
}
