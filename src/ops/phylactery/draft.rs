//! A new entry or its next version as a file in the work tree: a draft that somebody still has to propose.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::canon::text::is_hidden;
use crate::canon::{Domain, EntryKey, RepoPath, front, layout};
use crate::git::{Repo, Sharing};
use crate::phylactery::{Artifact, Entry, EntryId};

use crate::survey::phylactery::{get, unknown};
use crate::workspace::assess::Assessment;
use crate::workspace::draft::refuse_foreign;
use crate::workspace::files::collect;
use crate::workspace::stamp::is_document_fact;
use crate::workspace::{Error, pin};

/// Whether an entry comes in, or one that is there goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is not ratified yet.
    New,
    /// It is, and this is its next version.
    Next,
}

/// What the entry shall say. The fields are written in this order.
#[derive(Clone, Debug, Serialize)]
pub struct Wish {
    /// What is so.
    pub value: String,
    /// Where it comes from.
    pub source: String,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// Evidence kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,
}

/// A draft in the work tree.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Drafted {
    /// Its domain.
    pub domain: Domain,
    /// Its key.
    pub key: EntryKey,
    /// The file.
    pub path: RepoPath,
    /// The version in force, which it would supersede.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<u32>,
    /// Other governed files that are edited too, and that a proposal would take along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<RepoPath>,
    #[serde(skip)]
    file: PathBuf,
    #[serde(skip)]
    before: Option<Vec<u8>>,
}

#[derive(Serialize)]
struct DraftFile<'a> {
    domain: Domain,
    key: &'a EntryKey,
    #[serde(flatten)]
    wish: &'a Wish,
}

/// Writes the draft of an entry. Versions, stamps and salt are written when it is proposed.
///
/// # Errors
/// Denied, if the entry is there or not there against what `turn` says, if a document's proposal alone writes it,
/// or if somebody's edits would be lost.
pub fn draft(repo: &Repo, assessment: &Assessment, id: &EntryId, turn: Turn, wish: &Wish) -> Result<Drafted, Error> {
    let root =
        repo.workdir().ok_or_else(|| Error::usage("a bare repository has no work tree for a draft", "run the command in a clone"))?;
    let path = layout::entry(id.domain, &id.key);
    refuse_foreign(repo, assessment, None)?;
    if is_document_fact(&path) {
        return Err(Error::denied(
            format!("`{id}` keeps the version of a document, and is written with it"),
            format!("edit canon/{}.md, and propose that: omega propose", id.key),
        ));
    }
    let ledger = &assessment.judgement.ledger;
    let current = get(assessment, id).ok();
    match (turn, &current) {
        (Turn::New, Some(current)) => {
            return Err(Error::denied(
                format!("`{id}` is ratified already, as version {}", current.version),
                format!("omega phylactery supersede {id} --value … --source …"),
            ));
        }
        (Turn::Next, None) if ledger.since(&path).is_none() => {
            let Error::Usage { fact, hint } = unknown(assessment, id, "supersede") else {
                return Err(unknown(assessment, id, "supersede"));
            };
            let near = if hint == "omega phylactery list" { String::new() } else { format!("; or {hint}") };
            return Err(Error::denied(fact, format!("omega phylactery set {id} --value … --source …{near}")));
        }
        (Turn::Next, None) => {
            return Err(Error::denied(
                format!("`{id}` was removed by ruling {}", ledger.since(&path).unwrap_or(0)),
                format!("omega phylactery set {id} --value … --source …"),
            ));
        }
        _ => {}
    }
    if let Some((other, _)) = ledger.paths().find(|(other, _)| **other != path && other.folded() == path.folded()) {
        return Err(Error::denied(format!("on some systems `{path}` and `{other}` are one file"), "choose another key"));
    }
    check(wish)?;
    let same = |current: &crate::survey::phylactery::EntryReport| {
        (&current.value, &current.source, current.confidence, &current.artifact)
            == (&wish.value, &wish.source, wish.confidence, &wish.artifact)
    };
    if let Some(current) = current.as_ref().filter(|current| same(current)) {
        return Err(Error::denied(format!("`{id}` says exactly this already, as version {}", current.version), "say what is new about it"));
    }
    let text = front::render(&DraftFile { domain: id.domain, key: &id.key, wish }, "");
    front::split(text.as_bytes()).map_err(|error| Error::usage(format!("the entry cannot be written: {error}"), "say it shorter"))?;
    let worktree = repo.worktree()?;
    if worktree.is_ignored(path.as_str())? {
        return Err(Error::denied(
            format!("git ignores `{path}`, so the draft could not be proposed"),
            format!("see which line does, and change it: git check-ignore -v {}", crate::shell::quote(path.as_str())),
        ));
    }
    let lying = collect(&worktree, &[&assessment.law()?.who])?;
    let edited = |path: &RepoPath| lying.get(path).map(crate::workspace::files::File::content) != ledger.content(path);
    let ours = lying.get(&path).map(|file| file.bytes.clone());
    if edited(&path) && ours.as_deref() != Some(text.as_bytes()) && ours.as_deref().is_none_or(|ours| !is_draft(ours)) {
        return Err(Error::denied(
            format!("`{path}` has edits that are not proposed"),
            format!("propose them: omega propose; or set them aside: git stash push -u -- {}", crate::shell::pathspec(path.as_str())),
        ));
    }
    let mut others: Vec<RepoPath> =
        lying.keys().chain(ledger.paths().map(|(path, _)| path)).filter(|other| edited(other)).cloned().collect();
    others.sort();
    others.dedup();
    others.retain(|other| *other != path);
    let file = write(root, &path, text.as_bytes())?;
    let supersedes = current.map(|current| current.version);
    Ok(Drafted { domain: id.domain, key: id.key.clone(), path, supersedes, others, file, before: ours })
}

/// Takes a draft back, and puts what lay there before it in its place.
///
/// # Errors
/// When the file cannot be written.
pub fn undo(drafted: &Drafted) -> Result<(), Error> {
    match &drafted.before {
        Some(before) => pin::write_whole(&drafted.file, before, Sharing::default()),
        None => std::fs::remove_file(&drafted.file).map_err(|error| Error::io("remove", &drafted.file, &error)),
    }
}

/// Whether these bytes are a draft that `set` or `supersede` wrote: it has no stamps yet.
fn is_draft(bytes: &[u8]) -> bool {
    Entry::parse(bytes).is_err() && front::split(bytes).is_ok_and(|front| front.node.get("salt").is_none() && front.body.is_empty())
}

fn check(wish: &Wish) -> Result<(), Error> {
    let refuse = |what: &str, flag: &str| Err(Error::usage(what, flag));
    if wish.value.trim().is_empty() {
        return refuse("the value is empty", "--value \"What is so\"");
    }
    if wish.source.trim().is_empty() {
        return refuse("an entry without a source is not taken", "--source \"Where it comes from\"");
    }
    let url = wish.artifact.iter().map(|artifact| artifact.url.as_str());
    for text in [wish.value.as_str(), wish.source.as_str()].into_iter().chain(url) {
        if let Some(c) = text.chars().find(|c| *c != '\n' && is_hidden(*c)) {
            return refuse(&format!("the entry holds the hidden character U+{:04X}", u32::from(c)), "remove it, and say it again");
        }
    }
    Ok(())
}

/// Writes a file of the work tree, and nowhere else.
fn write(root: &Path, path: &RepoPath, bytes: &[u8]) -> Result<PathBuf, Error> {
    let file = root.join(path.as_str());
    let folder = file.parent().expect("the path has a folder");
    std::fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, &error))?;
    let real = |path: &Path| path.canonicalize().map_err(|error| Error::io("find", path, &error));
    if real(folder)? != real(root)?.join(Path::new(path.as_str()).parent().expect("the path has a folder")) {
        return Err(Error::denied(format!("a link is above `{path}`"), "replace the link by a folder"));
    }
    pin::write_whole(&file, bytes, Sharing::default())?;
    Ok(file)
}
