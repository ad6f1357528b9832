//! The enforcement cases of the documents, run against the engines that obey their policies.
//!
//! A case is a question that the policy must answer in one way. The question is put to the same functions that
//! decide when omega runs; nothing here knows an answer by itself.

mod coverage;
mod question;
mod questions;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::canon::document::Case;
use crate::canon::{Document, DocumentName, FrontError};

pub use coverage::{Rule, coverage, free};
pub use question::{Obeyed, obeyed, schemas};

use question::Engine;

/// One case, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Outcome {
    /// What the case shows.
    pub case: String,
    /// The line of the document that it begins in, from 1.
    pub line: usize,
    /// The situation.
    pub given: Value,
    /// What the document says that must come of it. Of a map, the fields that it names.
    pub expected: Value,
    /// What the policy yields; nothing, if the question could not be put.
    pub got: Option<Value>,
    /// Why the question could not be put.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether it is what was expected.
    pub holds: bool,
}

/// Runs all cases of a document, given its exact bytes. Nothing, if omega obeys no document of this name.
///
/// # Errors
/// When the bytes are no document, or its policy breaks its type.
pub fn run(name: &DocumentName, bytes: &[u8]) -> Result<Option<Vec<Outcome>>, FrontError> {
    let Some((engine, document)) = engine(name, bytes)? else { return Ok(None) };
    let text = String::from_utf8_lossy(bytes);
    let mut lines = case_lines(&text);
    Ok(Some(document.enforcement.iter().map(|case| outcome(&engine, case, lines.next().unwrap_or(1))).collect()))
}

/// Asks the policy of a document one question.
///
/// # Errors
/// When the bytes are no valid document; inside, when the question makes no sense.
pub fn ask(name: &DocumentName, bytes: &[u8], given: &Value) -> Result<Option<Result<Value, String>>, FrontError> {
    crate::canon::policy::check(name, bytes)?;
    Ok(engine(name, bytes)?.map(|(engine, _)| engine(given)))
}

fn engine(name: &DocumentName, bytes: &[u8]) -> Result<Option<(Engine, Arc<Document>)>, FrontError> {
    let document = Document::known(bytes)?;
    let Some(obeyed) = obeyed(name) else { return Ok(None) };
    match (obeyed.engine)(&Value::Object(document.policy.clone())) {
        Ok(engine) => Ok(Some((engine, document))),
        // Read once more by its own type: that gives line and column of what is wrong.
        Err(_) => crate::canon::policy::check(name, bytes).map(|()| None),
    }
}

fn outcome(engine: &Engine, case: &Case, line: usize) -> Outcome {
    let given = Value::Object(case.given.clone());
    let (got, error) = match engine(&given) {
        Ok(got) => (Some(got), None),
        Err(error) => (None, Some(error)),
    };
    let holds = got.as_ref().is_some_and(|got| meets(&case.expect, got));
    Outcome { case: case.case.clone(), line, given, expected: case.expect.clone(), got, error, holds }
}

/// Whether an answer is what was expected: of a map only the fields that are named count.
fn meets(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            expected.iter().all(|(name, value)| meets(value, got.get(name).unwrap_or(&Value::Null)))
        }
        _ => expected == got,
    }
}

/// The lines that cases begin in, in order.
fn case_lines(text: &str) -> impl Iterator<Item = usize> {
    let cases = (1..).zip(text.lines()).skip_while(|(_, line)| !line.starts_with("enforcement:"));
    cases.take_while(|(_, line)| *line != "---").filter(|(_, line)| line.trim_start().starts_with("- case:")).map(|(number, _)| number)
}

/// A situation in which two versions of a document differ.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Shift {
    /// The case that shows it.
    pub case: String,
    /// The situation.
    pub given: Value,
    /// What came of it before; nothing, if the question could not be put.
    pub before: Option<Value>,
    /// What comes of it after.
    pub after: Option<Value>,
}

/// In which of their cases two versions of a document differ. Both sides' cases are put to both sides. Where there was no
/// version before, nothing differs.
///
/// # Errors
/// When one of them is no valid document.
pub fn shifts(name: &DocumentName, before: &[u8], after: &[u8]) -> Result<Vec<Shift>, FrontError> {
    let (Some((old, old_document)), Some((new, new_document))) = (engine(name, before)?, engine(name, after)?) else {
        return Ok(Vec::new());
    };
    let mut cases: BTreeMap<String, (usize, &Case)> = BTreeMap::new();
    for (at, case) in new_document.enforcement.iter().chain(&old_document.enforcement).enumerate() {
        // One question may stand in both under different names.
        cases.entry(Value::Object(case.given.clone()).to_string()).or_insert((at, case));
    }
    let mut cases: Vec<(usize, &Case)> = cases.into_values().collect();
    cases.sort_by_key(|(at, _)| *at);
    let shift = |(_, case): (usize, &Case)| {
        let given = Value::Object(case.given.clone());
        let (before, after) = (old(&given).ok(), new(&given).ok());
        (before != after).then(|| Shift { case: case.case.clone(), given, before, after })
    };
    Ok(cases.into_iter().filter_map(shift).collect())
}

#[cfg(test)]
mod tests;
