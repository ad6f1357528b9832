//! The one file format: Markdown with strict YAML front matter.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::de::from_node;
use super::node::{self, Node, Value};
use super::text::{self, TextError};
use super::yaml::{self, YamlError};

/// The newest version of the rules that this build knows (`omega:` in the records).
pub const RULES: i64 = 1;

/// Why a file of the canon could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrontError {
    /// The bytes break the text rules or the form.
    #[error("{0}")]
    Form(#[from] TextError),
    /// The file follows rules that this build does not know.
    #[error("follows version {0} of the rules, and this omega knows {RULES}")]
    Newer(i64),
}

/// A file taken apart: its front matter as nodes, and the Markdown below.
#[derive(Debug)]
pub struct Front<'a> {
    /// The front matter.
    pub node: Node<'a>,
    /// All that follows the closing `---` line.
    pub body: &'a str,
}

/// Takes the exact bytes of a file apart, holding them to the text rules.
pub fn split(bytes: &[u8]) -> Result<Front<'_>, FrontError> {
    let text = text::check(bytes)?;
    let form = |line, what: &str| FrontError::Form(TextError { line, column: 1, what: what.to_owned() });
    let rest = text.strip_prefix("---\n").ok_or_else(|| form(1, "the file does not start with front matter (a line `---`)"))?;
    let end = if rest.starts_with("---\n") { Some(0) } else { rest.find("\n---\n").map(|at| at + 1) };
    let end = end.ok_or_else(|| form(1, "the front matter has no closing `---` line"))?;
    let node = yaml::read(&rest[..end]).map_err(place)?;
    if let Some(Node { value: Value::Integer(rules), .. }) = node.get("omega")
        && *rules > RULES
    {
        return Err(FrontError::Newer(*rules));
    }
    Ok(Front { node, body: &rest[end + 4..] })
}

/// The version of the rules that a file says it follows, if it is newer than this build and says so on a line of its own. The
/// file is not parsed.
pub fn says_newer(bytes: &[u8]) -> Option<i64> {
    let front = std::str::from_utf8(bytes).ok()?.strip_prefix("---\n")?;
    let mut lines = front.lines().take_while(|line| *line != "---");
    lines.find_map(|line| line.strip_prefix("omega: ")?.parse().ok()).filter(|rules| *rules > RULES)
}

/// Reads a whole file as a `T` and its body.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &str), FrontError> {
    let front = split(bytes)?;
    Ok((from_node(&front.node).map_err(place)?, front.body))
}

/// Reads the front matter that [`split`] found as a `T`.
pub fn typed<T: DeserializeOwned>(node: &Node<'_>) -> Result<T, FrontError> {
    from_node(node).map_err(place)
}

/// Reads one value as it could stand in front matter; nothing, if it could not.
pub fn value(text: &str) -> Option<serde_json::Value> {
    let text = format!("value: {text}\n");
    let node = yaml::read(&text).ok()?;
    from_node(node.get("value")?).ok()
}

// The YAML text begins on the file's second line.
fn place(error: YamlError) -> FrontError {
    FrontError::Form(TextError { line: error.line + 1, column: error.column, what: error.what })
}

/// Writes a file in the one form that omega itself produces. The result reads back as `head` and
/// `body`; the body gets a final newline and a blank line before it.
pub fn render<T: Serialize>(head: &T, body: &str) -> String {
    let value = serde_json::to_value(head).expect("heads are maps with string keys");
    let mut out = String::from("---\n");
    if let serde_json::Value::Object(map) = &value {
        emit_map(&mut out, map, 0);
    }
    out.push_str("---\n");
    let body = body.trim_matches('\n');
    if !body.is_empty() {
        out.push('\n');
        out.push_str(body);
        out.push('\n');
    }
    out
}

/// One field of a map in the same form, as lines that are indented by so many spaces.
pub fn field(name: &str, value: &serde_json::Value, indent: usize) -> String {
    let mut out = String::new();
    emit_map(&mut out, &serde_json::Map::from_iter([(name.to_owned(), value.clone())]), indent);
    out
}

fn emit_map(out: &mut String, map: &serde_json::Map<String, serde_json::Value>, indent: usize) {
    for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        out.extend(std::iter::repeat_n(' ', indent));
        emit_scalar(out, key);
        out.push(':');
        emit_value(out, value, indent + 2);
    }
}

/// Writes what stands after a `key:` or `-`, with the line end.
fn emit_value(out: &mut String, value: &serde_json::Value, indent: usize) {
    use serde_json::Value;
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            emit_map(out, map, indent);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            for item in items {
                out.extend(std::iter::repeat_n(' ', indent));
                out.push('-');
                match item {
                    Value::Object(map) if !map.is_empty() => {
                        // The first key stands on the line of the dash, the others below it.
                        let mut inner = String::new();
                        emit_map(&mut inner, map, indent + 2);
                        out.push(' ');
                        out.push_str(inner.trim_start());
                    }
                    _ => emit_value(out, item, indent + 2),
                }
            }
        }
        Value::Object(_) => out.push_str(" {}\n"),
        Value::Array(_) => out.push_str(" []\n"),
        Value::String(text) => {
            out.push(' ');
            emit_scalar(out, text);
            out.push('\n');
        }
        other => {
            out.push(' ');
            out.push_str(&other.to_string());
            out.push('\n');
        }
    }
}

/// A text as a YAML scalar on one line, quoted where it must be.
pub fn scalar(text: &str) -> String {
    let mut out = String::new();
    emit_scalar(&mut out, text);
    out
}

fn emit_scalar(out: &mut String, text: &str) {
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+' | b' ' | b':' | b'*' | b'@' | b'=');
    let plain = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        && text.bytes().all(safe)
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !node::is_ambiguous(text)
        && text.parse::<i64>().is_err();
    if plain {
        out.push_str(text);
    } else {
        // A JSON string is a YAML double-quoted scalar.
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        id: String,
        count: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        maybe: Option<String>,
        list: Vec<Item>,
        map: BTreeMap<String, String>,
        nested: Vec<Vec<u32>>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        path: String,
        truth: bool,
    }

    fn sample() -> Sample {
        Sample {
            id: "1.10".into(),
            count: 7,
            maybe: None,
            list: vec![Item { path: "a/b.md".into(), truth: true }, Item { path: "off".into(), truth: false }],
            map: BTreeMap::from([("k: v".into(), "x # y\n\"z\"".into()), ("p/q.md".into(), "sha256:ab".into())]),
            nested: vec![vec![], vec![1, 2]],
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = render(&sample(), "Body.\n");
        let (back, body): (Sample, _) = parse(text.as_bytes()).expect(&text);
        assert_eq!(back, sample());
        assert_eq!(body, "\nBody.\n");
    }

    #[test]
    fn errors_say_line_and_column_of_the_file() {
        let text = "---\nid: x\ncount: -1\nlist: []\nmap: {}\nnested: []\n---\n";
        let error = parse::<Sample>(text.as_bytes()).expect_err("negative");
        assert!(error.to_string().starts_with("line 3, column 8"), "{error}");
        let text = "---\nid: x\ncount: 1\nlist: []\nmap: {}\nnested: []\nextra: 1\n---\n";
        let error = parse::<Sample>(text.as_bytes()).expect_err("unknown");
        assert!(error.to_string().contains("line 7, column 1: unknown field `extra`"), "{error}");
        assert_eq!(parse::<Sample>(b"---\nomega: 2\nnew: 1\n---\n").expect_err("newer"), FrontError::Newer(2));
    }
}
