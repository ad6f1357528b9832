//! What no commit may hold in governed files, whatever becomes of it, and what is wrong with what people stage.

use std::collections::{BTreeMap, BTreeSet};

use crate::canon::text::MAX_TEXT;
use crate::canon::{Document, Member, Place, RepoPath, policy};
use crate::finding::Finding;
use crate::git::IndexTree;
use crate::ledger::evidence::{read_one, state_form};
use crate::phylactery;
use crate::secrets::{self, Secret};
use crate::shell;
use crate::tree::{Entry, Tree as _};

use crate::survey::verify::Report;
use crate::workspace::lint;

use super::governed::is_canon;
use super::{Error, Gate};

impl Gate<'_> {
    /// Why a staged text may not be committed whatever becomes of it, with what to do: a secret in it, or characters that do
    /// not show. What stood there before was let in before.
    pub(super) fn unfit(&self, index: &IndexTree, staged: &BTreeMap<String, Option<Entry>>) -> Result<Option<(String, String)>, Error> {
        let head = self.repo.head()?.commit.map(|commit| self.repo.revision(commit)).transpose()?;
        let mut reader = index.reader();
        let mut hidden = None;
        for (path, entry) in staged {
            // What is too large to read is refused when it is judged.
            let Some(bytes) = entry.as_ref().and_then(|entry| reader.read(entry, MAX_TEXT).ok()) else { continue };
            let valid: Option<RepoPath> = path.parse().ok();
            let found = secrets::find(&bytes);
            let before = match (&head, valid.as_ref().filter(|_| !found.is_empty())) {
                (Some(head), Some(path)) => read_one(head, path, MAX_TEXT)?.unwrap_or_default(),
                _ => Vec::new(),
            };
            let is_new = |secret: &Secret| !before.windows(secret.bytes.len()).any(|window| *window == bytes[secret.bytes.clone()]);
            if let Some(secret) = found.into_iter().find(is_new) {
                let service = if secret.service.is_empty() { String::new() } else { format!(" ({})", secret.service) };
                return Ok(Some((
                    format!("`{path}` holds {}{service} in line {}", secret.kind.as_str(), secret.line),
                    format!(
                        "take it out and stage the file again: git add -- {0}; or leave the file out: git rm --cached -- {0}; renew the secret if it was ever pushed; if it is not one: git commit --no-verify",
                        shell::pathspec(path)
                    ),
                )));
            }
            if hidden.is_none()
                && let Some(path) = &valid
            {
                hidden = lint::hidden(path, &bytes);
            }
        }
        Ok(hidden.map(|finding| {
            let fact = format!("`{}` holds {} in line {}", finding.path, finding.message, finding.line.unwrap_or(1));
            (fact, format!("remove what does not show, and stage it again: git add -- {}", shell::pathspec(&finding.path)))
        }))
    }

    /// The first staged change of what only omega writes that is among what is wrong, and what it is.
    pub(super) fn by_hand(
        &self,
        staged: &BTreeMap<String, Option<Entry>>,
        report: &Report,
    ) -> Result<Option<(String, &'static str)>, Error> {
        let Some(commit) = self.repo.head()?.commit else { return Ok(None) };
        let head = self.repo.revision(commit)?.list(&|folder| is_canon(folder))?;
        let was_there = |path: &str| head.entries.binary_search_by(|entry| entry.path.as_slice().cmp(path.as_bytes())).is_ok();
        let wrong: BTreeSet<&str> = report.findings.iter().filter(|finding| finding.is_error()).map(|finding| &*finding.path).collect();
        let changed = staged.keys().filter(|path| was_there(path)).filter_map(|path| Some((path, only_written_by_omega(path)?)));
        let (mut named, mut other) = (None, None);
        for (path, what) in changed {
            // The finding about a file can name the record that lost it instead.
            let place = if wrong.contains(path.as_str()) { &mut named } else { &mut other };
            place.get_or_insert((path.clone(), what));
        }
        let only = other.filter(|_| staged.keys().all(|path| only_written_by_omega(path).is_some()));
        Ok(named.or(only))
    }
}

/// What is wrong with the form of staged documents, members and entries, with its line.
pub(super) fn malformed(index: &IndexTree, staged: &BTreeMap<String, Option<Entry>>) -> Vec<Finding> {
    let mut reader = index.reader();
    let mut defect = |path: &String, entry: &Option<Entry>| {
        let path: RepoPath = path.parse().ok()?;
        let place = Place::of(&path).filter(Place::is_state)?;
        let bytes = reader.read(entry.as_ref()?, MAX_TEXT).ok()?;
        let parsed = match place {
            Place::Document(name) => Document::parse(&bytes).map(drop).and_then(|()| policy::check(&name, &bytes)),
            Place::Member(_) => Member::parse(&bytes).map(drop),
            Place::Entry(..) => phylactery::Entry::parse(&bytes).map(drop),
            _ => return None,
        };
        Some(state_form(&path, parsed.err()?))
    };
    staged.iter().filter_map(|(path, entry)| defect(path, entry)).collect()
}

/// Whether people change this path with their editors: what it holds now says all, and no ledger depends on it.
pub(super) fn is_written_by_people(path: &str) -> bool {
    match path.parse::<RepoPath>().ok().and_then(|path| Place::of(&path)) {
        Some(Place::Document(_) | Place::Member(_) | Place::Entry(..)) => true,
        Some(_) => false,
        None => !is_canon(path.as_bytes()),
    }
}

/// What nobody writes but omega, in words; nothing, if the file is one that people propose.
fn only_written_by_omega(path: &str) -> Option<&'static str> {
    Place::of(&path.parse().ok()?)?.written_by_omega()
}
