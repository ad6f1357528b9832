//! What every governed path is to hold, by what is in force at HEAD.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::canon::path::fold;
use crate::canon::{Place, RepoPath, Who};
use crate::finding::Finding;
use crate::git::{Oid, Repo, Wanted};
use crate::ledger::verdict::check_pin;
use crate::tree::Tree;
use crate::workspace::Error;
use crate::workspace::assess::{Assessment, assess};
use crate::workspace::pin::Pin;

/// How many commits are looked at for one that holds.
const LOOKED_AT: usize = 500;

/// The state in force, and where the other files under `canon/` come from.
pub struct Ratified {
    /// The commit that is checked out; its attributes say how files are written.
    pub head: Oid,
    /// The ledger in force with the ratified bytes.
    pub assessment: Assessment,
    /// Where HEAD holds what an open proposal asks for.
    pub drafts: BTreeSet<RepoPath>,
    /// What each path is to hold.
    files: Wanted,
}

impl Ratified {
    /// Reads HEAD, and where that is damaged the newest commit before it that is not.
    ///
    /// # Errors
    /// Unknown, if no commit holds; violated, if it is another canon than the pinned one.
    pub fn of(repo: &Repo, pin: Option<&Pin>, threads: usize) -> Result<Self, Error> {
        let head = repo.head()?.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
        let here = assess(&repo.revision(head)?, threads)?;
        let drafts: BTreeSet<RepoPath> = here.judgement.drafts.iter().map(|draft| draft.path.clone()).collect();
        let damaged: Vec<&Finding> = here.judgement.findings.iter().filter(|finding| is_damage(finding)).collect();
        let mut files = records(repo, head)?;
        let assessment = if is_complete(&here) {
            if !damaged.is_empty() {
                let sound = newest_sound(repo, head, threads)?.map(|(commit, _)| records(repo, commit)).transpose()?.unwrap_or_default();
                for path in damaged.iter().flat_map(|finding| with_half(&finding.path)) {
                    match sound.get(path.as_bytes()) {
                        Some(file) => drop(files.insert(path.into_bytes(), *file)),
                        None => drop(files.remove(path.as_bytes())),
                    }
                }
            }
            here
        } else {
            let (commit, sound) = newest_sound(repo, head, threads)?.ok_or_else(|| match here.judgement.ledger.rulings.is_empty() {
                true => here.lawless(),
                false => Error::unknown(
                    "no commit of this branch holds a whole ledger, so what is ratified cannot be known",
                    "git fetch, and look at the main branch there: omega verify origin/main",
                ),
            })?;
            files = records(repo, commit)?;
            sound
        };
        if let Some(pin) = pin {
            let wrong = check_pin(&assessment.judgement.ledger, &pin.root(), None);
            if !wrong.is_empty() {
                return Err(Error::Violated(wrong));
            }
        }
        for (path, content) in assessment.judgement.ledger.paths() {
            let Some(bytes) = assessment.evidence.bytes.get(&content.digest) else { continue };
            files.insert(path.as_str().as_bytes().to_vec(), Some((content.mode.into(), repo.keep(bytes)?)));
        }
        Ok(Self { head, assessment, drafts, files })
    }

    /// What each path is to hold.
    pub fn files(&self) -> &Wanted {
        &self.files
    }

    /// Files of index and work tree where governed ones would be, and which were never ratified there.
    ///
    /// # Errors
    /// When the index or the work tree cannot be read.
    pub fn strangers(&self, repo: &Repo) -> Result<BTreeSet<Vec<u8>>, Error> {
        let nobody = Who::default();
        let law = self.assessment.judgement.ledger.law();
        let who = law.map_or(&nobody, |law| &law.who);
        let governed: BTreeSet<String> = self.assessment.judgement.ledger.paths().map(|(path, _)| path.folded()).collect();
        let enter = |folder: &[u8]| {
            let folder = String::from_utf8_lossy(folder);
            let above = format!("{}/", fold(&folder));
            is_canon(&folder) || who.reaches_into(&folder) || governed.iter().any(|path| path.starts_with(&above))
        };
        let mut found = BTreeSet::new();
        let mut look = |tree: &dyn Tree| -> Result<(), Error> {
            let listing = tree.list(&enter)?;
            let paths = listing.entries.into_iter().map(|entry| entry.path).chain(listing.defects.into_iter().map(|(path, _)| path));
            found.extend(paths.filter(|path| {
                let text = String::from_utf8_lossy(path);
                !self.files.contains_key(path) && (is_canon(&text) || who.matches(&text) || governed.contains(&fold(&text)))
            }));
            Ok(())
        };
        look(&repo.index()?)?;
        look(&repo.worktree()?)?;
        Ok(found)
    }
}

/// A record goes with its signature, and a signature with what it signs.
pub fn with_half(path: &str) -> Vec<String> {
    let half = match path.strip_suffix(".sig") {
        Some(signed) => signed.to_owned(),
        None => format!("{path}.sig"),
    };
    if is_canon(path) { vec![path.to_owned(), half] } else { vec![path.to_owned()] }
}

fn is_canon(path: &str) -> bool {
    fold(path.split('/').next().unwrap_or_default()) == "canon"
}

/// Whether something is wrong that the ratified bytes alone do not make good.
fn is_damage(finding: &Finding) -> bool {
    let is_state = || finding.path.parse::<RepoPath>().ok().and_then(|path| Place::of(&path)).is_some_and(|place| place.is_state());
    finding.is_error() && is_canon(&finding.path) && !is_state()
}

/// Whether the ledger holds to its end and all ratified bytes are there.
fn is_complete(assessment: &Assessment) -> bool {
    let (ledger, evidence) = (&assessment.judgement.ledger, &assessment.evidence);
    !ledger.rulings.is_empty()
        && ledger.rulings.len() == evidence.rulings.len()
        && ledger.paths().all(|(_, content)| evidence.bytes.contains_key(&content.digest))
}

/// The nearest commit before this one in which nothing under `canon/` is damaged.
fn newest_sound(repo: &Repo, head: Oid, threads: usize) -> Result<Option<(Oid, Assessment)>, Error> {
    let (mut seen, mut tried) = (BTreeSet::from([head]), BTreeSet::new());
    let mut queue = VecDeque::from([head]);
    while let Some(commit) = queue.pop_front() {
        // In a shallow clone history ends where the next commit is not there.
        let Ok(tree) = repo.revision(commit) else { continue };
        let canon = tree.folder_ids()(b"canon");
        if canon.is_some() && tried.insert(canon) {
            let assessment = assess(&tree, threads)?;
            if is_complete(&assessment) && !assessment.judgement.findings.iter().any(is_damage) {
                return Ok(Some((commit, assessment)));
            }
        }
        if seen.len() < LOOKED_AT {
            queue.extend(repo.parents(commit)?.into_iter().filter(|parent| seen.insert(*parent)));
        }
    }
    Ok(None)
}

/// The files under `canon/` of a commit, as they are there.
fn records(repo: &Repo, commit: Oid) -> Result<Wanted, Error> {
    let listing = repo.revision(commit)?.list(&|folder| folder == b"canon" || folder.starts_with(b"canon/"))?;
    let is_state = |path: &str| path.parse::<RepoPath>().ok().and_then(|path| Place::of(&path)).is_some_and(|place| place.is_state());
    let files = listing.entries.into_iter().filter_map(|entry| {
        let path = std::str::from_utf8(&entry.path).ok()?;
        let wanted = path.starts_with("canon/") && !is_state(path);
        wanted.then_some(())?;
        Some((entry.path.clone(), Some((entry.mode, entry.id?))))
    });
    Ok(files.collect::<BTreeMap<_, _>>())
}
