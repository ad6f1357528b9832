//! A quick reader for the form that omega itself writes, which nearly all records have. It either
//! reads exactly what [`super::yaml`] would read, positions included, or declines.
//!
//! A ledger has thousands of records, and YAML as a whole costs ten times what this part of it does.

use super::node::{Node, Value, integer, is_ambiguous, repeated_key};

/// Lines of `key: value` at the top, below a key either `  key: value`, or `  - value`, or
/// `  - key: value` with further `    key: value`. Values are on one line, without escapes.
pub fn read(text: &str) -> Option<Node<'_>> {
    let mut lines = Lines { rest: text, number: 0 };
    let mut pairs = Vec::new();
    while let Some(line) = lines.next_at(0)? {
        let (key, value) = pair(line, lines.number, 0)?;
        let value = match value {
            Some(value) => value,
            None => lines.block()?,
        };
        pairs.push((key, value));
    }
    map(pairs, 1, 1)
}

struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    /// The next line, if it has this indentation; nothing, if it has less or there is none. Declines
    /// lines that are indented more, or unevenly.
    fn next_at(&mut self, indent: usize) -> Option<Option<&'a str>> {
        let Some((line, rest)) = self.rest.split_once('\n') else {
            return self.rest.is_empty().then_some(None);
        };
        let found = line.bytes().take_while(|b| *b == b' ').count();
        if found < indent {
            return Some(None);
        }
        if found > indent || line.len() == found {
            return None;
        }
        self.rest = rest;
        self.number += 1;
        Some(Some(&line[indent..]))
    }

    /// What stands below a key: a map or a list, two columns in.
    fn block(&mut self) -> Option<Node<'a>> {
        let (first, line) = (self.next_at(2)??, self.number + 1);
        self.number = line - 1;
        if !first.starts_with("- ") {
            let mut pairs = vec![inner_pair(first, self.number, 2)?];
            while let Some(next) = self.next_at(2)? {
                pairs.push(inner_pair(next, self.number, 2)?);
            }
            return map(pairs, line - 1, 3);
        }
        let mut items = vec![self.item(first)?];
        while let Some(next) = self.next_at(2)? {
            items.push(self.item(next)?);
        }
        Some(Node { value: Value::List(items), line: line - 1, column: 3 })
    }

    fn item(&mut self, line: &'a str) -> Option<Node<'a>> {
        let content = line.strip_prefix("- ")?;
        let number = self.number;
        if content.starts_with('"') || !content.contains(": ") {
            return scalar(content, number, 5);
        }
        let mut pairs = vec![inner_pair(content, number, 4)?];
        while let Some(next) = self.next_at(4)? {
            pairs.push(inner_pair(next, self.number, 4)?);
        }
        map(pairs, number, 5)
    }
}

fn map<'a>(pairs: Vec<(Node<'a>, Node<'a>)>, line: usize, column: usize) -> Option<Node<'a>> {
    (!pairs.is_empty() && repeated_key(&pairs).is_none()).then_some(Node { value: Value::Map(pairs), line, column })
}

/// A key with its value on the same line.
fn inner_pair(line: &str, number: usize, indent: usize) -> Option<(Node<'_>, Node<'_>)> {
    let (key, value) = pair(line, number, indent)?;
    Some((key, value?))
}

fn pair(line: &str, number: usize, indent: usize) -> Option<(Node<'_>, Option<Node<'_>>)> {
    let (key, value) = match line.split_once(": ") {
        Some((key, value)) => (key, Some(scalar(value, number, indent + key.len() + 3)?)),
        None => (line.strip_suffix(':')?, None),
    };
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.len() <= 512
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-'));
    if !plain || is_ambiguous(key) {
        return None;
    }
    Some((Node { value: Value::String(key.into()), line: number, column: indent + 1 }, value))
}

fn scalar(text: &str, line: usize, column: usize) -> Option<Node<'_>> {
    let value = if let Some(quoted) = text.strip_prefix('"') {
        let inner = quoted.strip_suffix('"')?;
        // Escapes, and all that is not printable ASCII, are left to the full reader.
        inner.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\').then(|| Value::String(inner.into()))?
    } else {
        let plain = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+' | b':' | b'@' | b'='))
            && !text.ends_with(':');
        if !plain {
            return None;
        }
        match (text, integer(text)) {
            ("true", _) => Value::Bool(true),
            ("false", _) => Value::Bool(false),
            (_, Some(number)) => Value::Integer(number),
            _ if is_ambiguous(text) => return None,
            _ => Value::String(text.into()),
        }
    };
    Some(Node { value, line, column })
}

#[cfg(test)]
mod tests {
    use super::super::yaml::read_fully;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_omega_writes() {
        let text = "omega: 1\nkind: ruling\nat: \"2026-02-26T12:00:00Z\"\nrecords:\n  canon/a.md: sha256:ab\n  canon/b.md: sha256:cd\nchanges:\n  - path: a\n    mode: file\n  - path: b\n    released: true\nturns:\n  - sha256:ab\n  - \"x\"\ntally:\n  cast: 1\n";
        assert_eq!(read(text).as_ref(), read_fully(text).ok().as_ref());
        assert!(read(text).is_some());
    }

    proptest! {
        #[test]
        fn agrees_with_the_full_reader_or_declines(text in r#"([ ]{0,5}(- )?[a-z1-9/.:"'#&*!~\-]{0,6}(: |:| )?[a-zA-Z0-9/.:"'#&*!~ \-{}\[\],]{0,8}\n){0,6}"#) {
            if let Some(node) = read(&text) {
                prop_assert_eq!(Ok(node), read_fully(&text));
            }
        }

        #[test]
        fn agrees_on_nearly_right_texts(lines in prop::collection::vec(prop::sample::select(vec![
            "a: 1", "b: x", "c:", "  d: e", "  - f", "  - g: h", "    i: j", "k: \"l m\"", "on: 1", "n: off", "o: 1.0", "- p", "  ", "", "q: r: s", "t: u #v",
            "w:x", "x: ", "  y:", "a: 2", "    - z", "aa: \"b\\n\"", "bb: 010", "cc: true", "dd: [1]", "ee: {}", "  - \"f: g\"", "  - h:", "i: -1", "j: =", "k: 2026-02-26", "  - - l",
        ]), 0..8)) {
            let text = lines.join("\n") + "\n";
            if let Some(node) = read(&text) {
                prop_assert_eq!(Ok(node), read_fully(&text), "{}", text);
            }
        }
    }
}
