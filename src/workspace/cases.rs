//! The enforcement cases of documents: as they lie in a tree, in a draft, and in force.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use serde::Serialize;
use serde_json::Value;

use crate::canon::{DocumentName, Place, RepoPath, layout};
use crate::digest::Digest;
use crate::enforcement::{self, Outcome, Rule, Shift};
use crate::finding::{Code, Finding, Severity};
use crate::tree::{Mode, Tree};

use super::Error;
use super::assess::Assessment;
use crate::workspace::draft::Planned;

/// What the cases of one document say.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Tested {
    /// The document.
    pub document: DocumentName,
    /// Whether it is as ratified.
    pub ratified: bool,
    /// Its cases, in order.
    pub outcomes: Vec<Outcome>,
    /// The rules of its policy, with how many values of each some case depends on.
    pub rules: Vec<Rule>,
    /// Where it differs from what is ratified.
    pub shifts: Vec<Shift>,
}

impl Tested {
    /// Whether all cases hold, and hold every rule in place.
    pub fn holds(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.holds) && !self.rules.iter().any(Rule::is_free)
    }
}

/// What the cases of a tree's documents say.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct TestReport {
    /// Where the documents were read: a revision, `index` or `worktree`.
    pub subject: String,
    /// Each document, in the order of its name.
    pub documents: Vec<Tested>,
}

/// What the policy of a document in force answers.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Answered {
    /// The document.
    pub document: DocumentName,
    /// The resolution that brought it.
    pub resolution: String,
    /// The question.
    pub given: Value,
    /// The answer.
    pub answer: Value,
}

/// A document in whose cases a draft differs from what is ratified.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DocumentShifts {
    /// The document.
    pub document: DocumentName,
    /// The cases with another outcome.
    pub shifts: Vec<Shift>,
}

/// Runs the cases of all documents of a tree, or of one, and compares them with what is ratified.
///
/// # Errors
/// Usage, if there is no such document, or it is not valid.
pub fn test(tree: &dyn Tree, subject: &str, ratified: &Assessment, only: Option<&DocumentName>) -> Result<TestReport, Error> {
    let listing = tree.list(&|folder| folder == b"canon")?;
    let mut reader = tree.reader();
    let mut documents = Vec::new();
    for entry in listing.entries.iter().filter(|entry| matches!(entry.mode, Mode::File)) {
        let Some(path) = std::str::from_utf8(&entry.path).ok().and_then(|path| path.parse::<RepoPath>().ok()) else { continue };
        let Some(Place::Document(name)) = Place::of(&path) else { continue };
        if only.is_some_and(|only| *only != name) {
            continue;
        }
        let bytes = reader.read(entry, crate::canon::text::MAX_TEXT)?;
        let before = ratified.in_force(&path);
        let Some(outcomes) = enforcement::run(&name, &bytes).map_err(|error| invalid(&path, &error))? else {
            if only.is_some() {
                return Err(Error::usage(format!("omega obeys no document {name}, so it has no cases"), "omega test"));
            }
            continue;
        };
        let shifts = match before {
            Some(before) if *before != bytes => enforcement::shifts(&name, before, &bytes).map_err(|error| invalid(&path, &error))?,
            _ => Vec::new(),
        };
        let rules = enforcement::coverage(&name, &bytes).map_err(|error| invalid(&path, &error))?;
        documents.push(Tested { ratified: before == Some(&bytes), document: name, outcomes, rules, shifts });
    }
    match only {
        Some(only) if documents.is_empty() => Err(Error::usage(format!("there is no document {only} here"), "omega test")),
        // A test of nothing is no success.
        None if documents.is_empty() => {
            Err(Error::unknown(format!("no document with cases is in {subject}, so nothing was tested"), "omega test --rev HEAD"))
        }
        _ => Ok(TestReport { subject: subject.to_owned(), documents }),
    }
}

/// Asks the policy of a document in force one question.
///
/// # Errors
/// Usage, if there is no such document, or the question makes no sense.
pub fn ask(ratified: &Assessment, document: &DocumentName, given: &Value) -> Result<Answered, Error> {
    let path = layout::document(document);
    let unknown = || Error::usage(format!("omega obeys no document {document} here"), "omega test lists the documents with cases");
    let bytes = ratified.in_force(&path).ok_or_else(unknown)?;
    let answer = enforcement::ask(document, bytes, given).map_err(|error| invalid(&path, &error))?.ok_or_else(unknown)?;
    let answer = answer.map_err(|why| {
        Error::usage(format!("this cannot be asked of {document}: {why}"), "docs/policies.md lists the questions of each document")
    })?;
    let stamps = crate::canon::Document::parse(bytes).map_err(|error| invalid(&path, &error))?.0;
    Ok(Answered { document: document.clone(), resolution: stamps.council_resolution_id.to_string(), given: given.clone(), answer })
}

/// Holds the documents of a plan to their cases, and says which cases change their outcome.
///
/// # Errors
/// Denied, if a case does not hold, or a rule is held in place by none.
pub(crate) fn of_plan(changes: &[Planned]) -> Result<Vec<DocumentShifts>, Error> {
    must_hold(changes.iter().filter_map(|planned| Some((&planned.change.path, planned.after.as_deref()?))))?;
    let sides = changes.iter().map(|planned| (&planned.change.path, planned.before.as_deref(), planned.after.as_deref()));
    Ok(shifts(sides))
}

/// Holds documents to their cases.
///
/// # Errors
/// Denied, if a case does not hold, or a rule is held in place by none.
pub(crate) fn must_hold<'b>(documents: impl Iterator<Item = (&'b RepoPath, &'b [u8])>) -> Result<(), Error> {
    for (path, bytes) in documents {
        let Some(Place::Document(name)) = Place::of(path) else { continue };
        let outcomes = enforcement::run(&name, bytes).map_err(|error| invalid(path, &error))?.unwrap_or_default();
        let hint = || format!("fix the policy or the case, and see all: omega test {name}");
        if let Some(outcome) = outcomes.iter().find(|outcome| !outcome.holds) {
            return Err(Error::denied(format!("{path}:{}: {}", outcome.line, broken(outcome)), hint()));
        }
        let free = enforcement::free(&name, bytes).map_err(|error| invalid(path, &error))?;
        if !free.is_empty() {
            return Err(Error::denied(
                format!("`{path}` has rules without any case: {}", free.join(", ")),
                format!("add a case below `enforcement` that depends on it, and see: omega test {name}"),
            ));
        }
    }
    Ok(())
}

/// In which cases documents differ from what was there before. One that is not valid differs in none.
pub fn shifts<'b>(sides: impl Iterator<Item = (&'b RepoPath, Option<&'b [u8]>, Option<&'b [u8]>)>) -> Vec<DocumentShifts> {
    let of = |(path, before, after): (&RepoPath, Option<&[u8]>, Option<&[u8]>)| {
        let Some(Place::Document(document)) = Place::of(path) else { return None };
        let shifts = enforcement::shifts(&document, before?, after?).ok()?;
        (!shifts.is_empty()).then_some(DocumentShifts { document, shifts })
    };
    sides.filter_map(of).collect()
}

/// What the cases say of the documents in force. The past is not judged by them, so these are no violations.
pub(crate) fn of_state(assessment: &Assessment) -> Vec<Finding> {
    let documents = assessment.judgement.ledger.paths().filter(|(path, _)| matches!(Place::of(path), Some(Place::Document(_))));
    documents
        .filter_map(|(path, content)| Some((path, content.digest, assessment.evidence.bytes.get(&content.digest)?)))
        .flat_map(|(path, digest, bytes)| of_document(path, digest, bytes))
        .collect()
}

/// The findings about one document. The same bytes always give the same, so they are found once.
fn of_document(path: &RepoPath, digest: Digest, bytes: &[u8]) -> Vec<Finding> {
    static KNOWN: LazyLock<Mutex<BTreeMap<Digest, Vec<Finding>>>> = LazyLock::new(Mutex::default);
    let Some(Place::Document(name)) = Place::of(path) else { return Vec::new() };
    if let Some(found) = KNOWN.lock().ok().and_then(|known| known.get(&digest).cloned()) {
        return found;
    }
    // A document that is not valid has a finding of its own already.
    let outcomes = enforcement::run(&name, bytes).ok().flatten().unwrap_or_default();
    let warn = |outcome: &Outcome| {
        let finding = Finding { severity: Severity::Warning, ..Finding::error(Code::Case, path, broken(outcome)) };
        finding.at_line(outcome.line)
    };
    let found: Vec<Finding> = outcomes.iter().filter(|outcome| !outcome.holds).map(warn).collect();
    if let Ok(mut known) = KNOWN.lock() {
        known.insert(digest, found.clone());
    }
    found
}

/// Why a case does not hold, in one line.
fn broken(outcome: &Outcome) -> String {
    match (&outcome.got, &outcome.error) {
        (Some(got), _) => format!("the case \"{}\" expects {} and gets {}", outcome.case, outcome.expected, got),
        (None, why) => format!("the case \"{}\" cannot be asked: {}", outcome.case, why.as_deref().unwrap_or_default()),
    }
}

fn invalid(path: &RepoPath, error: &dyn std::fmt::Display) -> Error {
    Error::usage(format!("`{path}` is not valid: {error}"), "docs/policies.md lists the fields of each policy")
}
