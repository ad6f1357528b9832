//! What strict YAML is read into: values with their places, and what a plain scalar means.

use std::borrow::Cow;
use std::collections::HashSet;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// What it is.
    pub value: Value<'a>,
    /// Line within the YAML text, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A string, quoted or not.
    String(Cow<'a, str>),
    /// A whole number in canonical decimal form.
    Integer(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Node<'a>>),
    /// A map; keys are unique strings, in the order written.
    Map(Vec<(Node<'a>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// The string under `key`, if this is a map that has one.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(k, _)| matches!(&k.value, Value::String(s) if s == key)).map(|(_, v)| v),
            _ => None,
        }
    }

    /// How many nodes this is, with all below it.
    pub(super) fn count(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::count).sum(),
            Value::Map(pairs) => pairs.iter().map(|(_, value)| 1 + value.count()).sum::<usize>(),
            Value::String(_) | Value::Integer(_) | Value::Bool(_) => 0,
        }
    }
}

/// Says yes to a plain scalar that some YAML reader takes for a null, boolean, number, date or merge
/// key. `true`, `false` and canonical decimal integers are read before this is asked.
pub fn is_ambiguous(plain: &str) -> bool {
    const WORDS: [&str; 9] = ["", "~", "null", "y", "n", "yes", "no", "on", "off"];
    let lower = plain.to_ascii_lowercase();
    if WORDS.contains(&lower.as_str()) || matches!(lower.as_str(), "true" | "false" | "<<" | "=" | ".inf" | ".nan" | "+.inf" | "-.inf") {
        return true;
    }
    // A superset of the number and timestamp forms of YAML 1.1 (types int, float, timestamp) and of
    // the YAML 1.2 core schema: it starts like a number and holds nothing that no number holds.
    plain.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        && plain.bytes().all(|b| {
            b.is_ascii_hexdigit()
                || matches!(b, b'x' | b'X' | b'o' | b'O' | b'_' | b'.' | b':' | b'+' | b'-' | b't' | b'T' | b'z' | b'Z' | b' ')
        })
}

/// Reads an integer in its one canonical form.
pub(super) fn integer(plain: &str) -> Option<i64> {
    let digits = plain.strip_prefix('-').unwrap_or(plain);
    let canonical = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && (plain == "0" || !digits.starts_with('0'));
    if canonical { plain.parse().ok() } else { None }
}

/// The first key that stands twice in a map.
pub(super) fn repeated_key<'n, 'a>(pairs: &'n [(Node<'a>, Node<'a>)]) -> Option<&'n Node<'a>> {
    let mut seen = HashSet::with_capacity(pairs.len());
    pairs.iter().map(|(key, _)| key).find(|key| match &key.value {
        Value::String(name) => !seen.insert(name.as_ref()),
        _ => true,
    })
}
