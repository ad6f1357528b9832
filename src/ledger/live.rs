//! What lies in the tree against what is ratified: each governed path is the state, or a draft.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::alias::{is_canon, is_odd, segments};
use crate::canon::path::fold;
use crate::canon::{Place, RepoPath, ResolutionId, Who, layout};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::keys::{KeyCache, Namespace};
use crate::tree::{Listing, Mode, Tree, TreeError};

use super::digests::Digests;
use super::evidence::Evidence;
use super::kinds::{Content, FileMode};
use super::links::{Looked, astray};
use super::proposal;
use super::record::check_signature;
use super::signers;
use super::state::Ledger;

/// What a file system has and git does not keep.
const SPECIAL: &str = "neither a file nor a link (a pipe, socket or device?) where `who` looks";

/// What the live tree holds outside `canon/`.
#[derive(Debug, Default)]
pub struct Live {
    /// Governed files and links with their content.
    pub content: BTreeMap<RepoPath, Content>,
    /// What is wrong with the paths themselves.
    pub findings: Vec<Finding>,
}

/// A path that holds what an open proposal asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The path.
    pub path: RepoPath,
    /// The open proposal.
    pub resolution: ResolutionId,
}

/// Reads the live files outside `canon/` that `who` names, and finds paths that stand in the way.
///
/// # Errors
/// When an object is missing or unreadable.
pub fn survey(tree: &dyn Tree, who: &Who, ledger: &Ledger) -> Result<Live, TreeError> {
    let mut live = Live::default();
    let governed: BTreeMap<String, &RepoPath> = ledger.paths().filter(|(p, _)| !p.is_canon()).map(|(p, _)| (p.folded(), p)).collect();
    if who.0.is_empty() && governed.is_empty() {
        return Ok(live);
    }
    let mut above: BTreeSet<String> = BTreeSet::new();
    for path in governed.keys() {
        above.extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
    }
    for glob in &who.0 {
        let prefix = glob.literal_prefix();
        above.extend(prefix.match_indices('/').map(|(at, _)| prefix[..at].to_owned()));
        // Without wildcards the prefix is the governed path itself, which may be a link.
        if prefix != fold(glob.as_str()) {
            above.insert(prefix);
        }
    }
    // A name that is not UTF-8 cannot be ratified, and is looked at all the same.
    let listing: Listing = tree.list(&|folder| who.names_into(&String::from_utf8_lossy(folder)))?;
    for (path, what) in &listing.defects {
        let shown = String::from_utf8_lossy(path);
        if !is_canon(&shown) {
            live.findings.push(Finding::error(Code::TreeDefect, shown, what));
        }
    }
    let mut digests = Digests::of(tree);
    let mut links = Vec::new();
    for entry in &listing.entries {
        let path = &*String::from_utf8_lossy(&entry.path);
        if is_canon(path) {
            continue;
        }
        let folded = fold(path);
        let matches = who.matches(path);
        if !matches && who.names(path) {
            live.findings.push(Finding::error(Code::Collision, path, "on some systems this is the name of a path that `who` names"));
            continue;
        }
        if !matches!(entry.mode, Mode::File | Mode::Exec) {
            let known = if is_odd(path) { segments(path).collect::<Vec<_>>().join("/") } else { folded.clone() };
            if matches!(entry.mode, Mode::Link | Mode::Submodule) && above.contains(&known) {
                live.findings.push(Finding::error(Code::Link, path, "a link or submodule is above paths that `who` names"));
                continue;
            }
            let look = who.look_at(path);
            match entry.mode {
                Mode::Link if matches || who.goes_on(&look) => links.push(Looked { entry, matches }),
                Mode::Submodule if !matches && who.goes_on(&look) => {
                    live.findings.push(Finding::note(Code::Submodule, path, "a submodule where `who` looks is not entered"));
                }
                Mode::Other if !matches && who.goes_on_by_name(&look) => {
                    live.findings.push(Finding::error(Code::Ungoverned, path, SPECIAL))
                }
                _ => {}
            }
        }
        if !matches {
            continue;
        }
        let valid = match path.parse::<RepoPath>() {
            Ok(valid) if valid.as_str().as_bytes() == entry.path => valid,
            Ok(_) => {
                live.findings.push(Finding::error(Code::Collision, path, "the path is not UTF-8, so it cannot be governed"));
                continue;
            }
            Err(error) => {
                live.findings.push(Finding::error(Code::Collision, path, error));
                continue;
            }
        };
        if let Some(other) = governed.get(&folded).filter(|other| **other != &valid) {
            live.findings.push(Finding::error(Code::Collision, path, format!("on some systems this is the same file as `{other}`")));
            continue;
        }
        let mode = match entry.mode {
            Mode::File => FileMode::File,
            Mode::Exec => FileMode::Exec,
            Mode::Link => FileMode::Link,
            Mode::Submodule => {
                live.findings.push(Finding::note(Code::Submodule, path, "a submodule where `who` looks is not entered"));
                continue;
            }
            Mode::Other => {
                live.findings.push(Finding::error(Code::Ungoverned, path, SPECIAL));
                continue;
            }
        };
        match digests.get(entry) {
            Ok(digest) => drop(live.content.insert(valid, Content { mode, digest })),
            Err(TreeError::TooLarge { size, limit, .. }) => {
                live.findings.push(Finding::error(Code::Form, path, format!("{size} bytes, and at most {limit} are allowed")));
            }
            Err(error) => return Err(error),
        }
    }
    live.findings.extend(astray(tree, who, &links)?);
    Ok(live)
}

/// Compares the live tree with the state. Gives the drafts, and a finding for everything else.
pub fn compare(ledger: &Ledger, evidence: &Evidence, live: &Live, open: &[&ResolutionId]) -> (Vec<Draft>, Vec<Finding>) {
    let state: BTreeMap<&RepoPath, Content> = ledger.paths().collect();
    let mut found: BTreeMap<&RepoPath, Content> = live.content.iter().map(|(path, content)| (path, *content)).collect();
    for (path, digest) in &evidence.digests {
        if Place::of(path).is_some_and(|place| place.is_state()) {
            found.insert(path, Content { mode: FileMode::File, digest: *digest });
        }
    }
    let mut asked: BTreeMap<(&RepoPath, Option<Content>), &ResolutionId> = BTreeMap::new();
    for id in open {
        let Some(proposal) = evidence.folders.get(*id).and_then(|folder| folder.proposal.as_ref()) else { continue };
        for draft in proposal::drafts(proposal.record()) {
            asked.entry(draft).or_insert(id);
        }
    }
    let (mut drafts, mut findings) = (Vec::new(), live.findings.clone());
    let folded: BTreeMap<String, &RepoPath> = state.keys().map(|path| (path.folded(), *path)).collect();
    let paths: BTreeSet<&RepoPath> = state.keys().chain(found.keys()).copied().collect();
    for path in paths {
        let (ratified, lies) = (state.get(path).copied(), found.get(path).copied());
        if ratified == lies {
            continue;
        }
        if let Some(other) = folded.get(&path.folded()).filter(|_| ratified.is_none()) {
            findings.push(Finding::error(Code::Collision, path, format!("on some systems this is the same file as `{other}`")));
            continue;
        }
        let purged = lies.is_some_and(|lies| ledger.purged.contains_key(&lies.digest));
        if let Some(resolution) = asked.get(&(path, lies)).filter(|_| !purged) {
            drafts.push(Draft { path: path.clone(), resolution: (*resolution).clone() });
            continue;
        }
        // A path that the proposal's own new `who` would govern is not governed yet.
        findings.push(match (ratified, lies) {
            (Some(_), None) => Finding::error(Code::Missing, path, "the ratified file is missing"),
            (None, Some(_)) => Finding::error(Code::Ungoverned, path, "no council ratified this file"),
            (Some(ratified), Some(lies)) if ratified.digest == lies.digest => {
                Finding::error(Code::Unratified, path, "the file mode is not the ratified one")
            }
            _ => Finding::error(Code::Unratified, path, "the bytes are not the ratified ones"),
        });
    }
    findings.extend(signatures(ledger, evidence, &found));
    findings.extend(derived(ledger, evidence));
    (drafts, findings)
}

/// The Chief's signatures beside state files. They let stock tools check one file alone, and are held
/// to the ratified bytes; beside a draft they may be missing.
fn signatures(ledger: &Ledger, evidence: &Evidence, found: &BTreeMap<&RepoPath, Content>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut keys = KeyCache::new();
    for (path, content) in ledger.paths().filter(|(path, _)| path.is_canon()) {
        let Some(armor) = evidence.state_signatures.get(path) else {
            if found.get(path) == Some(&content) {
                findings.push(Finding::error(
                    Code::StateSignature,
                    path.signature(),
                    format!("the Chief's signature of `{path}` is missing"),
                ));
            }
            continue;
        };
        // State's bytes are under canon/bytes; that they are there is held elsewhere.
        let Some(bytes) = evidence.bytes.get(&content.digest) else { continue };
        let refuse = |what: String| Finding::error(Code::StateSignature, path.signature(), what);
        match check_signature(path, Namespace::State, bytes, armor, &mut keys) {
            Err(finding) => findings.push(refuse(finding.message)),
            Ok((signer, _)) => {
                if !ledger.laws_around(path, &content.digest).any(|law| law.roster.chief().holds(&signer)) {
                    findings.push(refuse(format!("the signature of `{path}` is not by a Chief who had these bytes before him")));
                }
            }
        }
    }
    for signed in evidence.state_signatures.keys().filter(|path| ledger.content(path).is_none()) {
        findings.push(Finding::error(Code::StateSignature, signed.signature(), format!("`{signed}` is not ratified, and has a signature")));
    }
    findings
}

/// The renderings of the signers in force.
fn derived(ledger: &Ledger, evidence: &Evidence) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut hold = |path: RepoPath, rendered: Option<&String>| {
        let expected = rendered.map(|text| Digest::of(text.as_bytes()));
        let found = evidence.digests.get(&path).copied();
        if expected != found {
            findings.push(Finding::error(
                Code::Derived,
                path,
                match (expected, found) {
                    (Some(_), None) => "the rendering is missing",
                    (None, Some(_)) => "the signers did not change here, so this file is not due",
                    _ => "the file is not the rendering of the signers in force",
                },
            ));
        }
    };
    for (sequence, ruled) in (0..).zip(&ledger.rulings) {
        hold(layout::signers(sequence), ruled.signers.as_ref());
    }
    let git = ledger.law().map(|_| signers::render_for_git(ledger));
    hold(layout::allowed_signers(), git.as_ref());
    let last = ledger.last().unwrap_or(0);
    for path in evidence.digests.keys() {
        if let Some(Place::Signers(sequence)) = Place::of(path)
            && sequence > last
        {
            findings.push(Finding::error(Code::Derived, path, "no ruling has this number"));
        }
    }
    findings
}
