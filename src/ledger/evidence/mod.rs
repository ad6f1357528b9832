//! Everything under `canon/` of one tree, read, digested and checked for form and signature, on all
//! threads. Nothing here depends on the order of the ledger; the fold does.

mod budget;
mod load;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::canon::alias::is_canon;
use crate::canon::layout::RecordPlace;
use crate::canon::{Place, RepoPath, ResolutionId};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::tree::{Entry, Mode, Oid, Tree, TreeError};

use super::folder::{Folder, Proof};
use super::kinds::{FileMode, Ruling};
use super::record::{Refused, Signed, malformed};

use budget::{Budget, check_listed, check_open};
use load::{Job, Judged, Kind, Loaded, Outcome, Plan, run};

/// What a tree's `canon/` holds.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The digest of every file, by path.
    pub digests: BTreeMap<RepoPath, Digest>,
    /// The git object of every file, by path, where the tree knows it.
    pub objects: BTreeMap<RepoPath, Oid>,
    /// The resolutions.
    pub folders: BTreeMap<ResolutionId, Folder>,
    /// The rulings by number.
    pub rulings: BTreeMap<u32, Signed<Ruling>>,
    /// Proposed bytes by digest.
    pub bytes: BTreeMap<Digest, Vec<u8>>,
    /// Proposed bytes that are there as well, and were too many to be kept. None of them is of a path under `canon/` or of a link.
    pub dropped: BTreeSet<Digest>,
    /// Names in `canon/bytes` that no proposal names: these files were not read.
    pub unnamed: BTreeSet<Digest>,
    /// Armors beside state files, by the path of the state file.
    pub state_signatures: BTreeMap<RepoPath, Vec<u8>>,
    /// What is wrong with single files.
    pub findings: Vec<Finding>,
    /// A file that follows newer rules than this build knows, and which.
    pub newer: Option<(RepoPath, i64)>,
}

/// Which parts of `canon/` are read.
pub struct Scope<'a> {
    /// Folders of resolutions for which this says no are left out.
    pub resolution: &'a dyn Fn(&str) -> bool,
    /// Files for which this says no are listed and not read.
    pub reads: &'a dyn Fn(&RepoPath) -> bool,
    /// How many threads read and verify.
    pub threads: usize,
}

impl Scope<'_> {
    /// Everything.
    pub fn all(threads: usize) -> Self {
        Scope { resolution: &|_| true, reads: &|_| true, threads }
    }
}

impl Evidence {
    /// Whether these bytes are there, kept or not.
    pub fn has_bytes(&self, digest: &Digest) -> bool {
        self.bytes.contains_key(digest) || self.dropped.contains(digest)
    }
}

/// Reads what `scope` says of the tree's `canon/`.
///
/// # Errors
/// When an object is missing or unreadable: then nothing can be said about the tree.
pub fn gather(tree: &dyn Tree, scope: &Scope<'_>) -> Result<Evidence, TreeError> {
    let (mut evidence, placed) = place(tree, scope)?;
    read(tree, placed, scope, &mut evidence)?;
    Ok(evidence)
}

/// Reads what a tree's `canon/` holds beside what is known of it: a part of another tree, read before. Nothing, if this tree
/// does not hold the very same objects there.
///
/// # Errors
/// As for [`gather`].
pub fn gather_beside(tree: &dyn Tree, mut known: Evidence, threads: usize) -> Result<Option<Evidence>, TreeError> {
    let (listed, placed) = place(tree, &Scope::all(threads))?;
    let same = std::mem::take(&mut known.objects);
    if same.iter().any(|(path, object)| listed.objects.get(path) != Some(object)) {
        return Ok(None);
    }
    let reads = |path: &RepoPath| !same.contains_key(path);
    let mut evidence = Evidence { findings: listed.findings, objects: listed.objects, ..known };
    read(tree, placed, &Scope { reads: &reads, ..Scope::all(threads) }, &mut evidence)?;
    Ok(Some(evidence))
}

/// Every file under `canon/`, with its kind.
type Placed = BTreeMap<RepoPath, (Place, Entry)>;

/// Lists the tree's `canon/`, and finds what can be found without reading a file.
fn place(tree: &dyn Tree, scope: &Scope<'_>) -> Result<(Evidence, Placed), TreeError> {
    let listing = tree.list(&|folder| {
        // Names that are not UTF-8 are strays, and are found as such.
        let folder = String::from_utf8_lossy(folder);
        let in_scope =
            folder.strip_prefix("canon/resolutions/").is_none_or(|rest| (scope.resolution)(rest.split('/').next().unwrap_or_default()));
        is_canon(&folder) && in_scope
    })?;
    check_listed(listing.entries.iter().filter(|entry| is_canon(&String::from_utf8_lossy(&entry.path))))?;
    let mut evidence = Evidence::default();
    for (path, what) in &listing.defects {
        let path = String::from_utf8_lossy(path);
        if is_canon(&path) || !path.contains('/') {
            evidence.findings.push(Finding::error(Code::TreeDefect, path, what));
        }
    }
    let placed = place_all(&listing.entries, &mut evidence);
    evidence.objects = placed.iter().filter_map(|(path, (_, entry))| Some((path.clone(), entry.id?))).collect();
    Ok((evidence, placed))
}

/// Reads the files that are in scope, and takes in what each is by itself: first the rulings, which say what is settled, then
/// the other records, which say what bytes are proposed, and of the bytes only those.
fn read(tree: &dyn Tree, placed: Placed, scope: &Scope<'_>, evidence: &mut Evidence) -> Result<(), TreeError> {
    let jobs = pair_all(&placed, scope, evidence);
    let (rulings, others): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| matches!(job.place, Place::Ruling(_)));
    let (settled, open) = (Budget::settled(), Budget::open());
    let threads = scope.threads;
    let plan = Plan { budget: &|_| &settled, keeps: None, threads };
    take(run(tree, &rulings, &plan)?, &rulings, evidence);
    let closed: BTreeSet<ResolutionId> = evidence
        .rulings
        .values()
        .flat_map(|ruling| ruling.record().records.keys())
        .filter_map(|path| Some(Place::of(path)?.resolution()?.clone()))
        .collect();
    let folders: BTreeSet<&ResolutionId> =
        placed.values().filter_map(|(place, _)| place.resolution()).filter(|id| !closed.contains(*id)).collect();
    check_open(folders.len())?;
    let budget = |job: &Job| if job.place.resolution().is_some_and(|id| !closed.contains(id)) { &open } else { &settled };
    take(run(tree, &others, &Plan { budget: &budget, keeps: None, threads })?, &others, evidence);
    read_bytes(tree, placed, scope, evidence)?;
    lacking(evidence);
    Ok(())
}

/// Reads the bytes that proposals name; all others are only listed.
fn read_bytes(tree: &dyn Tree, placed: Placed, scope: &Scope<'_>, evidence: &mut Evidence) -> Result<(), TreeError> {
    // Whether they are law: of a path under `canon/` or of a link.
    let mut named: BTreeMap<Digest, bool> = BTreeMap::new();
    let proposals = evidence.folders.values().filter_map(|folder| folder.proposal.as_ref());
    for change in proposals.flat_map(|proposal| &proposal.record().changes) {
        if let Some(after) = change.after {
            *named.entry(after).or_default() |= change.path.is_canon() || change.mode == Some(FileMode::Link);
        }
    }
    let (mut law, mut proposed) = (Vec::new(), Vec::new());
    for (path, (place, entry)) in placed {
        let Place::Bytes(digest) = place else { continue };
        if !(scope.reads)(&path) {
            continue;
        }
        match named.get(&digest) {
            None => drop(evidence.unnamed.insert(digest)),
            Some(is_law) => if *is_law { &mut law } else { &mut proposed }.push(Job { path, place, entry, other: None }),
        }
    }
    let threads = scope.threads;
    let (of_law, of_proposed, kept) = (Budget::law(), Budget::proposed(), Budget::kept());
    take(run(tree, &law, &Plan { budget: &|_| &of_law, keeps: None, threads })?, &law, evidence);
    take(run(tree, &proposed, &Plan { budget: &|_| &of_proposed, keeps: Some(&kept), threads })?, &proposed, evidence);
    Ok(())
}

/// Takes in what became of jobs.
fn take(mut results: Vec<Outcome>, jobs: &[Job], evidence: &mut Evidence) {
    results.sort_by_key(|(index, _)| *index);
    for (index, Judged { digest, signature, loaded }) in results {
        let job = &jobs[index];
        evidence.digests.insert(job.path.clone(), digest);
        if let Some(signature) = signature {
            evidence.digests.insert(job.path.signature(), signature);
        }
        match loaded {
            Loaded::Record(put) => put(evidence),
            Loaded::Bytes(digest, Some(bytes)) => drop(evidence.bytes.insert(digest, bytes)),
            Loaded::Bytes(digest, None) => drop(evidence.dropped.insert(digest)),
            Loaded::StateSignature(signed, armor) => drop(evidence.state_signatures.insert(signed, armor)),
            Loaded::Proof(id, kind, key) => {
                let proof = Proof { path: job.path.clone(), digest, key };
                let folder = evidence.folders.entry(id).or_default();
                let proofs = match kind {
                    Kind::Enrolment => &mut folder.enrolments,
                    Kind::Recovery => &mut folder.recovery,
                };
                proofs.insert(proof.key.id(), proof);
            }
            Loaded::Plain => match &job.place {
                Place::Transcript(id) => evidence.folders.entry(id.clone()).or_default().transcript = Some(digest),
                Place::Docket(id) => evidence.folders.entry(id.clone()).or_default().docket = Some(digest),
                _ => {}
            },
            Loaded::Refused(Refused::Newer(rules)) => drop(evidence.newer.get_or_insert((job.path.clone(), rules))),
            Loaded::Refused(Refused::Finding(finding)) => evidence.findings.push(*finding),
        }
    }
}

/// Folders that have files and no proposal.
fn lacking(evidence: &mut Evidence) {
    let found: BTreeSet<&str> = evidence.findings.iter().map(|finding| finding.path.as_str()).collect();
    let mut lacking = Vec::new();
    for (id, _) in evidence.folders.iter().filter(|(_, folder)| folder.proposal.is_none()) {
        let path = crate::canon::layout::in_folder(id, RecordPlace::Proposal);
        if !found.contains(path.as_str()) && !found.contains(path.signature().as_str()) {
            let prefix = format!("{}/", crate::canon::layout::folder(id));
            let lies = evidence.digests.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded)).next();
            let lies = lies.map(|(path, _)| path.as_str()).filter(|path| path.starts_with(&prefix));
            let message = lies
                .map_or_else(|| "the resolution has no proposal".to_owned(), |lies| format!("`{lies}` needs this file, and it is missing"));
            lacking.push(Finding::error(Code::Unpaired, path, message).of_record(id));
        }
    }
    evidence.findings.extend(lacking);
}

/// Gives every file under `canon/` its kind; what has none, or is no plain file, is a finding.
fn place_all(entries: &[Entry], evidence: &mut Evidence) -> Placed {
    let mut placed = BTreeMap::new();
    for entry in entries {
        let shown = String::from_utf8_lossy(&entry.path);
        let first = shown.split('/').next().unwrap_or_default();
        if !is_canon(&shown) {
            continue;
        }
        let mut refuse = |code, message: &str| evidence.findings.push(Finding::error(code, &shown, message));
        if first != "canon" {
            refuse(Code::Collision, "on some systems this path is in canon/");
            continue;
        }
        if shown == "canon" {
            refuse(Code::Link, "`canon` is not a folder");
            continue;
        }
        if entry.mode != Mode::File {
            refuse(
                Code::CanonMode,
                match entry.mode {
                    Mode::Link => "a symbolic link where only plain files may be",
                    Mode::Submodule => "a submodule where only plain files may be",
                    Mode::Exec => "an executable file where only plain files may be",
                    _ => "no plain file",
                },
            );
            continue;
        }
        let path: Option<RepoPath> = std::str::from_utf8(&entry.path).ok().and_then(|path| path.parse().ok());
        match path.and_then(|path| Some((Place::of(&path)?, path))) {
            Some((place, path)) => drop(placed.insert(path, (place, entry.clone()))),
            None => refuse(Code::Stray, "no kind of canon file has this path"),
        }
    }
    placed
}

/// Puts each record beside its signature and each proof beside its proposal. Proposed bytes are read later, as far as they are named.
fn pair_all(placed: &Placed, scope: &Scope<'_>, evidence: &mut Evidence) -> Vec<Job> {
    let mut jobs = Vec::with_capacity(placed.len());
    for (path, (place, entry)) in placed {
        if !(scope.reads)(path) {
            continue;
        }
        // A record is read together with its signature, a proof together with the proposal.
        let needed = match place {
            Place::Record(..) | Place::Ruling(_) => Some(path.signature()),
            Place::Enrolment(id, _) | Place::Recovery(id, _) => Some(crate::canon::layout::in_folder(id, RecordPlace::Proposal)),
            Place::RecordSignature(..) | Place::RulingSignature(_) => {
                let record = path.as_str().strip_suffix(".sig").unwrap_or_default();
                if !placed.contains_key(record) {
                    evidence.findings.push(Finding::error(Code::Unpaired, record, format!("`{path}` needs this file, and it is missing")));
                }
                continue;
            }
            Place::Bytes(_) => continue,
            _ => None,
        };
        let other = needed.as_ref().and_then(|needed| placed.get(needed)).map(|(_, entry)| entry.clone());
        if let (Some(needed), None) = (&needed, &other) {
            evidence.findings.push(Finding::error(Code::Unpaired, needed, format!("`{path}` needs this file, and it is missing")));
            continue;
        }
        jobs.push(Job { path: path.clone(), place: place.clone(), entry: entry.clone(), other });
    }
    jobs
}

/// Reads single files of a tree, without judging them.
///
/// # Errors
/// As for [`gather`].
pub fn read_one(tree: &dyn Tree, path: &RepoPath, limit: u64) -> Result<Option<Vec<u8>>, TreeError> {
    let listing = tree.list(&|folder| path.as_str().as_bytes().starts_with(folder))?;
    let Some(entry) = listing.entries.iter().find(|e| e.path == path.as_str().as_bytes() && e.mode == Mode::File) else {
        return Ok(None);
    };
    tree.reader().read(entry, limit).map(Some)
}

/// The finding for a state file's form, or the version of rules that it follows.
pub fn state_form(path: &RepoPath, error: crate::canon::FrontError) -> Finding {
    match malformed(path, error) {
        Refused::Finding(finding) => *finding,
        Refused::Newer(rules) => Finding::error(Code::Form, path, format!("`omega: {rules}` has no place in a state file")),
    }
}
