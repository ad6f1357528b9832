//! A whole state, held to be valid: the documents of the law, the council, its keys, links
//! and paths. Only what a change touches is read again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::canon::policy::{self, IdentityCore, LawDocuments, PeacePipe, SecurityCore};
use crate::canon::{Document, Member, Place, RepoPath, Roster, layout};
use crate::council::machine;
use crate::finding::{Code, Finding};
use crate::phylactery::Entry;

use super::evidence::state_form;
use super::kinds::{Content, FileMode, Proposal};
use super::state::Bytes;
use super::state::{Height, Law, Ledger};

/// The version that bytes at a path say they have.
pub fn height(path: &RepoPath, bytes: &[u8]) -> Option<Height> {
    match Place::of(path)? {
        Place::Document(_) => Document::known(bytes).ok().map(|document| Height::Document(document.version)),
        Place::Entry(..) => Entry::parse(bytes).ok().map(|entry| Height::Entry(entry.version)),
        _ => None,
    }
}

/// The law after `changes`, if the state that they lead to is valid.
pub fn after(
    ledger: &Ledger,
    changes: &BTreeMap<RepoPath, Option<Content>>,
    proposal: &Proposal,
    bytes: &Bytes,
) -> Result<Arc<Law>, Finding> {
    let next = |path: &RepoPath| changes.get(path).copied().unwrap_or_else(|| ledger.content(path));
    let documents = LawDocuments::of(|name| next(&layout::document(name)).is_some())
        .map_err(|(name, why)| Finding::error(Code::State, layout::document(&name), why))?;
    let law = if ledger.law().is_none() || changes.keys().any(judges) {
        Arc::new(read(ledger, changes, documents, bytes)?)
    } else {
        Arc::clone(ledger.law().expect("checked on the line above"))
    };
    check_keys(ledger, &law)?;
    check_paths(ledger, changes)?;
    check_who(ledger, changes, &law, proposal)?;
    check_links(ledger, changes, bytes)?;
    Ok(law)
}

/// Whether a path is part of the law.
fn judges(path: &RepoPath) -> bool {
    match Place::of(path) {
        Some(Place::Member(_)) => true,
        Some(Place::Document(name)) => LawDocuments::may_be(&name),
        _ => false,
    }
}

/// Whether other bytes at this path make a proposal stale.
fn is_fixed(path: &RepoPath) -> bool {
    judges(path) && path.as_str() != "canon/OMEGA_IDENTITY.md"
}

fn read(ledger: &Ledger, changes: &BTreeMap<RepoPath, Option<Content>>, documents: LawDocuments, bytes: &Bytes) -> Result<Law, Finding> {
    let mut state: BTreeMap<&RepoPath, Content> = ledger.paths().filter(|(path, _)| judges(path)).collect();
    for (path, content) in changes.iter().filter(|(path, _)| judges(path)) {
        match content {
            Some(content) => drop(state.insert(path, *content)),
            None => drop(state.remove(path)),
        }
    }
    let bytes_at = |path: &RepoPath| -> Result<&Vec<u8>, Finding> {
        let content = state.get(path).ok_or_else(|| Finding::error(Code::State, path, "this file of the law is not in the state"))?;
        bytes
            .get(&content.digest)
            .ok_or_else(|| Finding::error(Code::BytesMissing, layout::bytes(&content.digest), format!("the bytes of `{path}` are missing")))
    };
    let malformed = |path: &RepoPath, error| {
        let mut finding = state_form(path, error);
        finding.code = Code::State;
        finding
    };
    let [identity, security, consensus] = [&documents.who, &documents.security, &documents.consensus].map(layout::document);
    let pipe = layout::document(&LawDocuments::PROTOCOL.parse().expect("a document name"));
    let who = policy::read::<IdentityCore>(bytes_at(&identity)?).map_err(|error| malformed(&identity, error))?.who;
    let protocol: PeacePipe = match &documents.protocol {
        Some(_) => policy::read(bytes_at(&pipe)?).map_err(|error| malformed(&pipe, error))?,
        None => PeacePipe::standard(),
    };
    let rules = policy::consensus(&documents.consensus, bytes_at(&consensus)?).map_err(|error| malformed(&consensus, error))?;
    let core: SecurityCore = policy::read(bytes_at(&security)?).map_err(|error| malformed(&security, error))?;

    let mut members = Vec::new();
    for path in state.keys().filter(|path| matches!(Place::of(path), Some(Place::Member(_)))) {
        members.push(Member::parse(bytes_at(path)?).map_err(|error| state_form(path, error))?);
    }
    let council = "canon/council";
    let roster = Roster::new(members).map_err(|error| Finding::error(Code::State, council, error))?;
    let voters = roster.voters();
    if let Some(why) = rules.defect(voters.len(), Roster::operators(voters.iter().copied())) {
        return Err(Finding::error(Code::State, consensus, why));
    }
    if let Some(why) = machine::defect(&protocol).or_else(|| machine::deadlock(&protocol, &roster)) {
        return Err(Finding::error(Code::State, pipe, why));
    }
    if let Some(glob) = who.0.iter().find(|glob| crate::canon::path::fold(glob.as_str()).split('/').next() == Some("canon")) {
        return Err(Finding::error(
            Code::State,
            identity,
            format!("the glob `{}` names paths under canon/, which are governed anyway", glob.as_str()),
        ));
    }
    let valid_ref = |name: &String| {
        name.strip_prefix("refs/heads/").is_some_and(|rest| !rest.is_empty() && !rest.contains(['*', ' ', '~', '^', ':', '\\']))
    };
    if core.protected_refs.is_empty() || !core.protected_refs.iter().all(valid_ref) {
        return Err(Finding::error(Code::State, security, "`protected_refs` names at least one branch, each as in `refs/heads/main`"));
    }
    let fixed = state.into_iter().filter(|(path, _)| is_fixed(path)).map(|(path, content)| (path.clone(), content)).collect();
    Ok(Law {
        roster,
        protocol,
        consensus: rules,
        who,
        protected_refs: core.protected_refs,
        presence: core.ruling_presence,
        documents,
        fixed,
    })
}

/// A key belongs to one owner for good, and never comes back; recovery keys are nobody else's.
fn check_keys(ledger: &Ledger, law: &Law) -> Result<(), Finding> {
    let before: BTreeSet<[u8; 32]> = ledger.law().map(|law| law.keys().map(|(key, _)| key.raw()).collect()).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (key, owner) in law.keys() {
        let path = owner.map_or_else(|| layout::document(&law.documents.consensus), layout::member);
        let refuse = |message: String| Err(Finding::error(Code::State, &path, message));
        if !seen.insert(key.raw()) {
            return refuse(format!("the key {} appears twice, under members or recovery keys", key.fingerprint()));
        }
        if let Some((_, known)) = ledger.keys.get(&key.raw())
            && (known.as_ref() != owner || !before.contains(&key.raw()))
        {
            return refuse(format!("the key {} was in force before, and a key that has left never comes back", key.fingerprint()));
        }
    }
    Ok(())
}

/// No two paths are one file on some system, and no path is a folder of another.
fn check_paths(ledger: &Ledger, changes: &BTreeMap<RepoPath, Option<Content>>) -> Result<(), Finding> {
    let added: Vec<&RepoPath> =
        changes.iter().filter(|(path, content)| content.is_some() && ledger.content(path).is_none()).map(|(path, _)| path).collect();
    if added.is_empty() {
        return Ok(());
    }
    let stays = ledger.paths().map(|(path, _)| path).filter(|path| !matches!(changes.get(*path), Some(None)));
    let mut folded: BTreeMap<String, &RepoPath> = BTreeMap::new();
    for path in stays.chain(added.iter().copied()) {
        if let Some(other) = folded.insert(path.folded(), path).filter(|other| *other != path) {
            return Err(Finding::error(Code::State, path, format!("on some systems this is the same file as `{other}`")));
        }
    }
    for (path, original) in &folded {
        let mut parent = path.as_str();
        while let Some(cut) = parent.rfind('/') {
            parent = &parent[..cut];
            if folded.contains_key(parent) {
                return Err(Finding::error(Code::State, *original, format!("`{parent}` is a file")));
            }
        }
    }
    Ok(())
}

/// Every path outside `canon/` is named by `who`, and exactly those that no longer are, are released.
fn check_who(ledger: &Ledger, changes: &BTreeMap<RepoPath, Option<Content>>, law: &Law, proposal: &Proposal) -> Result<(), Finding> {
    for (path, content) in changes.iter().filter(|(path, _)| !path.is_canon()) {
        if content.is_some() && !law.who.matches(path.as_str()) {
            return Err(Finding::error(Code::State, path, "no glob of `who` names this path, so it is not governed"));
        }
    }
    for change in proposal.changes.iter().filter(|change| !change.path.is_canon()) {
        match (change.is_release(), law.who.matches(change.path.as_str())) {
            (true, true) => return Err(Finding::error(Code::State, &change.path, "the path is released, and `who` still names it")),
            (false, false) => {
                return Err(Finding::error(Code::State, &change.path, "no glob of `who` names this path, so it can only be released"));
            }
            _ => {}
        }
    }
    if ledger.law().is_some_and(|before| before.who != law.who) {
        for (path, _) in ledger.paths().filter(|(path, _)| !path.is_canon()) {
            let leaves = matches!(changes.get(path), Some(None));
            if !law.who.matches(path.as_str()) && !leaves {
                return Err(Finding::error(Code::State, path, "`who` no longer names this path, and the proposal does not release it"));
            }
        }
    }
    Ok(())
}

/// Links lead to a governed file in one hop.
fn check_links(ledger: &Ledger, changes: &BTreeMap<RepoPath, Option<Content>>, bytes: &Bytes) -> Result<(), Finding> {
    let next = |path: &RepoPath| changes.get(path).copied().unwrap_or_else(|| ledger.content(path));
    let linking = |content: Option<Content>| content.filter(|content| content.mode == FileMode::Link);
    let links = ledger
        .links
        .iter()
        .filter(|path| !changes.contains_key(*path))
        .filter_map(|path| Some((path, linking(ledger.content(path))?)))
        .chain(changes.iter().filter_map(|(path, content)| Some((path, linking(*content)?))));
    for (path, content) in links {
        let Some(target) = bytes.get(&content.digest) else { continue };
        let refuse = |why: &str| Err(Finding::error(Code::Link, path, why));
        let Some(target) = std::str::from_utf8(target).ok().and_then(|target| resolve(path.as_str(), target)) else {
            return refuse("the link is not relative, or leaves the repository");
        };
        let plain = |content: Option<Content>| content.is_some_and(|content| content.mode != FileMode::Link);
        if !target.parse().is_ok_and(|target: RepoPath| plain(next(&target))) {
            return refuse("the link does not lead to a governed file in one hop");
        }
    }
    Ok(())
}

/// The path that a relative link leads to.
pub fn resolve(link: &str, target: &str) -> Option<String> {
    let mut segments: Vec<&str> = link.split('/').collect();
    segments.pop();
    for part in target.split('/') {
        match part {
            "" => return None,
            "." => {}
            ".." => drop(segments.pop()?),
            part => segments.push(part),
        }
    }
    Some(segments.join("/"))
}
