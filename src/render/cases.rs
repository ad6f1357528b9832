//! Enforcement cases as text for a terminal.

use serde_json::Value;

use crate::canon::text::shown as visible;
use crate::enforcement::{Outcome, Shift};
use crate::workspace::cases::{Answered, DocumentShifts, TestReport, Tested};

use super::style::{BAD, FAINT, GOOD, STRONG, WAITING, paint};

/// What the cases of a tree's documents say: all of them, or only those that do not hold.
pub fn report(report: &TestReport, all: bool) -> String {
    let mut out = String::new();
    for tested in &report.documents {
        out.push_str(&document(tested, all));
    }
    let (cases, broken) = report
        .documents
        .iter()
        .flat_map(|tested| &tested.outcomes)
        .fold((0, 0), |(cases, broken), outcome| (cases + 1, broken + usize::from(!outcome.holds)));
    let free = report.documents.iter().flat_map(|tested| &tested.rules).filter(|rule| rule.is_free()).count();
    let verdict = match (broken, free) {
        (0, 0) => paint(GOOD, "all hold"),
        (0, free) => paint(BAD, format!("{free} without a case")),
        (broken, _) => paint(BAD, format!("{broken} broken")),
    };
    out.push_str(&format!("{cases} cases in {} documents: {verdict}\n", report.documents.len()));
    out
}

fn document(tested: &Tested, all: bool) -> String {
    let broken = tested.outcomes.iter().filter(|outcome| !outcome.holds).count();
    let covered = tested.rules.iter().filter(|rule| !rule.is_free()).count();
    let (style, word) = if tested.holds() { (GOOD, "holds") } else { (BAD, "broken") };
    let draft = if tested.ratified { String::new() } else { paint(WAITING, "  not as ratified") };
    let mut out = format!(
        "{} {:22} {} of {} cases, {covered} of {} rules{draft}\n",
        paint(style, format!("{word:6}")),
        tested.document.as_str(),
        tested.outcomes.len() - broken,
        tested.outcomes.len(),
        tested.rules.len()
    );
    for outcome in tested.outcomes.iter().filter(|outcome| all || !outcome.holds) {
        out.push_str(&case(tested.document.as_str(), outcome));
    }
    for rule in &tested.rules {
        match (rule.is_free(), rule.covered < rule.values) {
            (true, _) => out.push_str(&format!("  {} {}: no case depends on it\n", paint(BAD, "rule"), visible(&rule.field))),
            (false, true) if all => out.push_str(&format!(
                "  {} {}: cases depend on {} of {} values\n",
                paint(FAINT, "rule"),
                visible(&rule.field),
                rule.covered,
                rule.values
            )),
            _ => {}
        }
    }
    out.push_str(&tested.shifts.iter().map(shift).collect::<String>());
    out
}

fn case(document: &str, outcome: &Outcome) -> String {
    let (style, word) = if outcome.holds { (GOOD, "ok  ") } else { (BAD, "fail") };
    let mut out =
        format!("  {} {} {}\n", paint(style, word), visible(&outcome.case), paint(FAINT, format!("canon/{document}.md:{}", outcome.line)));
    out.push_str(&format!("       given {}\n", plain(&outcome.given)));
    match (&outcome.got, &outcome.error, outcome.holds) {
        (Some(got), _, true) => out.push_str(&format!("       gives {}\n", plain(got))),
        (Some(got), _, false) => {
            out.push_str(&format!("    expected {}\n         got {}\n", plain(&outcome.expected), paint(STRONG, plain(got))));
        }
        (None, why, _) => out.push_str(&format!("         got no answer: {}\n", visible(why.as_deref().unwrap_or_default()))),
    }
    out
}

/// A value as it would stand in a case, on one line.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => crate::canon::front::scalar(&visible(text)),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let fields: Vec<String> = map.iter().map(|(name, value)| format!("{}: {}", visible(name), plain(value))).collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        other => other.to_string(),
    }
}

/// The cases whose outcome a draft changes.
pub fn shifts(documents: &[DocumentShifts]) -> String {
    let mut out = String::new();
    for of in documents {
        out.push_str(&format!("\n{} {}\n", paint(STRONG, of.document.as_str()), paint(FAINT, "cases with another outcome")));
        out.push_str(&of.shifts.iter().map(shift).collect::<String>());
    }
    out
}

fn shift(shift: &Shift) -> String {
    let side = |value: &Option<Value>| value.as_ref().map_or_else(|| "no answer".to_owned(), plain);
    format!(
        "  {} {}\n       given {}\n         was {}\n     becomes {}\n",
        paint(WAITING, "shift"),
        visible(&shift.case),
        plain(&shift.given),
        paint(BAD, side(&shift.before)),
        paint(GOOD, side(&shift.after))
    )
}

/// What a policy in force answers.
pub fn answered(answered: &Answered) -> String {
    format!("{}\n{}\n", plain(&answered.answer), paint(FAINT, format!("by {} as ratified by {}", answered.document, answered.resolution)))
}
