//! Canonical documents: a text for people, a policy that the tool obeys, cases that prove it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::digest::Digest;

use super::front::{self, FrontError};
use super::names::{DocumentName, MemberName, ResolutionId, Version};

/// The front matter of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its name, equal to its file name.
    pub document: DocumentName,
    /// Rises with every ratified change.
    pub version: Version,
    /// The resolution that brought these bytes.
    pub council_resolution_id: ResolutionId,
    /// The Chief of the state by which that resolution is judged.
    pub ratified_by: MemberName,
    /// What the tool obeys. Typed by document: see the schema of each.
    pub policy: Map<String, Value>,
    /// Cases that show the policy at work.
    pub enforcement: Vec<Case>,
}

/// One enforcement case: what is given, and what the policy must then yield.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows, in a few words.
    pub case: String,
    /// The situation.
    pub given: Map<String, Value>,
    /// The outcome.
    pub expect: Value,
}

/// Documents by the digest of their bytes.
static KNOWN: LazyLock<Mutex<HashMap<Digest, Arc<Document>>>> = LazyLock::new(Mutex::default);

impl Document {
    /// The document with these exact bytes, read on the first call only: one run asks for the same few again and again.
    ///
    /// # Errors
    /// When the bytes are no document.
    pub fn known(bytes: &[u8]) -> Result<Arc<Self>, FrontError> {
        /// More than one state has; a long ledger begins anew now and then.
        const MOST: usize = 64;
        let digest = Digest::of(bytes);
        if let Some(known) = KNOWN.lock().ok().and_then(|known| known.get(&digest).cloned()) {
            return Ok(known);
        }
        let document = Arc::new(Self::parse(bytes)?.0);
        if let Ok(mut known) = KNOWN.lock() {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(digest, document.clone());
        }
        Ok(document)
    }

    /// Forgets all documents that are known, for whoever lives much longer than a run.
    pub fn forget() {
        if let Ok(mut known) = KNOWN.lock() {
            *known = HashMap::new();
        }
    }

    /// Reads a document from its exact bytes.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &str), FrontError> {
        front::parse(bytes)
    }

    /// Puts new stamps into a document's bytes, leaving every other byte as it is: version,
    /// resolution and Chief are single-line fields at the top level of the front matter.
    /// Nothing if the bytes have no such lines.
    pub fn restamp(bytes: &[u8], version: Version, resolution: &ResolutionId, chief: &MemberName) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(bytes).ok()?;
        set_fields(
            text,
            &[("version", &version.to_string()), ("council_resolution_id", resolution.as_str()), ("ratified_by", chief.as_str())],
        )
        .map(String::into_bytes)
    }
}

/// Replaces the values of top-level, single-line front matter fields by these texts. A field that is missing is an
/// answer of nothing.
pub fn set_fields(text: &str, fields: &[(&str, &str)]) -> Option<String> {
    let end = text.strip_prefix("---\n")?.find("\n---\n")? + 4;
    let (head, rest) = text.split_at(end);
    let mut lines: Vec<String> = head.split('\n').map(str::to_owned).collect();
    for (name, value) in fields {
        let line = lines.iter_mut().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))?;
        *line = format!("{name}: {}", front::scalar(value));
    }
    Some(lines.join("\n") + rest)
}

/// Writes one field of a document's policy, or takes it out, and leaves every other byte as it is. Nothing, if the
/// policy is not a map in block style.
pub fn set_policy(text: &str, name: &str, value: Option<&Value>) -> Option<String> {
    let end = text.strip_prefix("---\n")?.find("\n---\n")? + 5;
    let (head, rest) = text.split_at(end);
    let lines: Vec<&str> = head.split_inclusive('\n').collect();
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let says = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = lines.iter().position(|line| line.trim_end() == "policy:")? + 1;
    let last = lines[first..].iter().position(|line| says(line) && depth(line) == 0).map_or(lines.len(), |at| first + at);
    let indent = lines[first..last].iter().find(|line| says(line)).map(|line| depth(line))?;
    let starts = |line: &&str| depth(line) == indent && line[indent..].strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
    let from = lines[first..last].iter().position(starts).map_or(last, |at| first + at);
    let ends = |line: &&str| says(line) && depth(line) <= indent && !line[indent..].starts_with("- ");
    let until = lines.get(from + 1..last).and_then(|below| below.iter().position(ends)).map_or(last, |at| from + 1 + at);
    let written = value.map(|value| front::field(name, value, indent)).unwrap_or_default();
    Some(lines[..from].concat() + &written + &lines[until.max(from)..].concat() + rest)
}

/// Takes the enforcement cases of these names out of a document, adds others at their end, and leaves every other byte as it
/// is. Nothing, if the bytes are no document whose cases are a list in block style.
pub fn set_cases(text: &str, gone: &[&str], added: &[Case]) -> Option<String> {
    let (document, _) = Document::parse(text.as_bytes()).ok()?;
    let end = text.strip_prefix("---\n")?.find("\n---\n")? + 5;
    let (head, rest) = text.split_at(end);
    let lines: Vec<&str> = head.split_inclusive('\n').collect();
    let title = lines.iter().position(|line| line.starts_with("enforcement:"))?;
    let last = lines[title + 1..]
        .iter()
        .position(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map_or(lines.len(), |at| title + 1 + at);
    let indent = lines[title + 1..last].iter().find_map(|line| line.find("- ")).unwrap_or(2);
    let is_start = |line: &str| line.get(..indent).is_some_and(|before| before.trim().is_empty()) && line[indent..].starts_with("- ");
    let starts: Vec<usize> = (title + 1..last).filter(|at| is_start(lines[*at])).collect();
    if starts.len() != document.enforcement.len() {
        return None;
    }
    let mut out = lines[..title].concat() + "enforcement:\n";
    let mut kept = 0;
    for (number, case) in document.enforcement.iter().enumerate().filter(|(_, case)| !gone.contains(&case.case.as_str())) {
        let until = starts.get(number + 1).copied().unwrap_or(last);
        out.push_str(&lines[starts[number]..until].concat());
        kept += usize::from(!case.case.is_empty());
    }
    for case in added {
        let value = serde_json::to_value([case]).expect("a case is a map with string keys");
        // The list is written below a name that is taken off again.
        out.push_str(front::field("x", &value, indent.saturating_sub(2)).split_once('\n')?.1);
    }
    if kept == 0 && added.is_empty() {
        out = lines[..title].concat() + "enforcement: []\n";
    }
    Some(out + &lines[last..].concat() + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_of_a_policy_changes_and_nothing_else() {
        let text = "---\ndocument: X\npolicy:\n  a: 1\n  # why\n  b:\n    - x\n    # deep\n\n  c:\n  - 2\n  - 3\nenforcement: []\n---\n\n  b: body\n";
        let set = |name, value: Option<Value>| set_policy(text, name, value.as_ref()).expect("block style");
        assert_eq!(set("b", Some(Value::from(7))), text.replace("  b:\n    - x\n    # deep\n\n", "  b: 7\n"));
        assert_eq!(set("b", None), text.replace("  b:\n    - x\n    # deep\n\n", ""));
        assert_eq!(set("c", None), text.replace("  c:\n  - 2\n  - 3\n", ""));
        let map = serde_json::json!({ "k": 2, "keys": ["m", "p"] });
        let written = "  d:\n    k: 2\n    keys:\n      - m\n      - p\n";
        assert_eq!(set("d", Some(map)), text.replace("enforcement", &format!("{written}enforcement")));
        assert_eq!(set("d", None), text);
        assert_eq!(set_policy("---\npolicy: {a: 1}\n---\n", "a", None), None);
    }

    #[test]
    fn cases_come_and_go_and_nothing_else() {
        let case = |name: &str| Case {
            case: name.to_owned(),
            given: Map::from_iter([("ask".to_owned(), Value::from("x"))]),
            expect: Value::from(true),
        };
        let head = "---\ndocument: GLOSSARY\nversion: \"1.0.0\"\ncouncil_resolution_id: 2026-01-01-work\nratified_by: ry\npolicy: {}\nenforcement:";
        let one = "  - case: \"one: a\"\n    given: { ask: x } # why\n    expect: true\n";
        let two = "  - case: two\n    given:\n      ask: x\n    expect: true\n";
        let text = format!("{head}\n{one}{two}---\n\n  - case: body\n");
        assert_eq!(set_cases(&text, &["two"], &[]).as_deref(), Some(&*format!("{head}\n{one}---\n\n  - case: body\n")));
        assert_eq!(
            set_cases(&text, &["one: a", "two"], &[case("two")]).as_deref(),
            Some(&*format!("{head}\n{two}---\n\n  - case: body\n"))
        );
        let none = format!("{head} []\n---\n\n  - case: body\n");
        assert_eq!(set_cases(&text, &["one: a", "two"], &[]).as_ref(), Some(&none));
        assert_eq!(set_cases(&none, &[], &[case("two")]).as_deref(), Some(&*format!("{head}\n{two}---\n\n  - case: body\n")));
    }

    #[test]
    fn stamps_change_nothing_else() {
        let text = "---\ndocument: X\nversion: \"1.0.0\"\ncouncil_resolution_id: 2026-01-01-a\nratified_by: ry\npolicy:\n  version: keep\nenforcement: []\n---\n\nversion: body\n";
        let out = Document::restamp(
            text.as_bytes(),
            "1.1.0".parse().expect("ok"),
            &"2026-02-02-work".parse().expect("ok"),
            &"zed".parse().expect("ok"),
        )
        .expect("has all fields");
        let expected = text
            .replace("version: \"1.0.0\"", "version: \"1.1.0\"")
            .replace("2026-01-01-a", "2026-02-02-work")
            .replace("ratified_by: ry", "ratified_by: zed");
        assert_eq!(String::from_utf8(out).expect("text"), expected);
        assert!(
            Document::restamp(b"no front matter", Version::FIRST, &"2026-02-02-work".parse().expect("ok"), &"z".parse().expect("ok"))
                .is_none()
        );
    }
}
