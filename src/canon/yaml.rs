//! Strict YAML: one document of maps, lists, strings, whole numbers and true/false, with positions.
//!
//! What YAML 1.1 and 1.2 readers could understand in two ways is refused here, so that whoever reads
//! a signed file with any tool reads what omega read.

use std::borrow::Cow;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span};

use super::node::{Node, Value, integer, is_ambiguous, repeated_key};

/// Deepest nesting of maps and lists.
const MAX_DEPTH: usize = 16;

/// Most maps, lists and scalars, keys included: a proposal of a mebibyte has fewer.
const MAX_NODES: usize = 1 << 16;

/// Why a YAML text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// Line within the YAML text, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// The fact, as a lowercase fragment.
    pub what: String,
}

/// Reads one strict YAML document.
pub fn read(text: &str) -> Result<Node<'_>, YamlError> {
    // What has too many nodes is left to the full reader, which says where there are too many.
    super::plain::read(text).filter(|node| node.count() <= MAX_NODES).map_or_else(|| read_fully(text), Ok)
}

/// The same, by a parser for all of YAML.
pub(super) fn read_fully(text: &str) -> Result<Node<'_>, YamlError> {
    if let Some((number, line)) = text.lines().enumerate().find(|(_, line)| line.contains('\t')) {
        let column = line.find('\t').unwrap_or(0) + 1;
        return Err(YamlError { line: number + 1, column, what: "a tab: indent with spaces".into() });
    }
    if let Some((number, _)) =
        text.lines().enumerate().find(|(_, line)| line.starts_with("...") || line.starts_with("---") || line.starts_with('%'))
    {
        return Err(YamlError {
            line: number + 1,
            column: 1,
            what: "one YAML document, without markers or directives, is expected".into(),
        });
    }
    let mut builder = Builder { lines: text.lines().collect(), stack: Vec::new(), root: None, nodes: 0 };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => {
                let marker = error.marker();
                return Err(YamlError {
                    line: marker.line().max(1),
                    column: marker.col() + 1,
                    what: format!("not YAML: {}", error.info()),
                });
            }
        }
    }
    builder.root.ok_or_else(|| YamlError { line: 1, column: 1, what: "the front matter is empty".into() })
}

enum Open<'a> {
    List(Vec<Node<'a>>),
    Map(Vec<(Node<'a>, Node<'a>)>, Option<Node<'a>>),
}

struct Builder<'a> {
    lines: Vec<&'a str>,
    stack: Vec<(Open<'a>, usize, usize)>,
    root: Option<Node<'a>>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), YamlError> {
        let (line, column) = (span.start.line().max(1), span.start.col() + 1);
        let refuse = |what: &str| Err(YamlError { line, column, what: what.to_owned() });
        self.nodes += usize::from(matches!(event, Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..)));
        if self.nodes > MAX_NODES {
            return refuse(&format!("more than {MAX_NODES} maps, lists and scalars"));
        }
        match event {
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) if anchor != 0 => {
                return refuse("anchors (`&`) are not allowed");
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, _, Some(_)) | Event::MappingStart(_, _, Some(_)) => {
                return refuse("tags (`!`) are not allowed");
            }
            Event::Alias(_) => return refuse("aliases (`*`) are not allowed"),
            Event::DocumentStart(explicit, version) if (explicit || version.is_some() || self.root.is_some()) => {
                return refuse("one YAML document, without directives, is expected");
            }
            Event::Scalar(text, ScalarStyle::Plain, ..) if self.in_flow() && (text.contains('?') || text.starts_with(':')) => {
                return refuse("within brackets some readers take `?` or a leading `:` for a key: put the text in double quotes");
            }
            Event::Scalar(text, style, _, _) => {
                let value = scalar(text, style).map_err(|what| YamlError { line, column, what })?;
                return self.put(Node { value, line, column });
            }
            Event::SequenceStart(..) => self.open(Open::List(Vec::new()), line, column)?,
            Event::MappingStart(..) => self.open(Open::Map(Vec::new(), None), line, column)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((open, line, column)) = self.stack.pop() {
                    let value = match open {
                        Open::List(items) => Value::List(items),
                        Open::Map(pairs, _) => {
                            if let Some(twice) = repeated_key(&pairs) {
                                return Err(YamlError { line: twice.line, column: twice.column, what: "the key appears twice".into() });
                            }
                            Value::Map(pairs)
                        }
                    };
                    return self.put(Node { value, line, column });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the innermost list or map is written in brackets.
    fn in_flow(&self) -> bool {
        let start = self.stack.last().and_then(|(_, line, column)| self.lines.get(line - 1)?.chars().nth(column - 1));
        matches!(start, Some('[' | '{'))
    }

    fn open(&mut self, open: Open<'a>, line: usize, column: usize) -> Result<(), YamlError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(YamlError { line, column, what: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        self.stack.push((open, line, column));
        Ok(())
    }

    fn put(&mut self, node: Node<'a>) -> Result<(), YamlError> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some((Open::List(items), ..)) => items.push(node),
            Some((Open::Map(pairs, pending), ..)) => match pending.take() {
                Some(key) => pairs.push((key, node)),
                None => {
                    if !matches!(node.value, Value::String(_)) {
                        return Err(YamlError { line: node.line, column: node.column, what: "a key that is not a string".into() });
                    }
                    *pending = Some(node);
                }
            },
        }
        Ok(())
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Result<Value<'_>, String> {
    if style != ScalarStyle::Plain {
        return match text.chars().find(|c| *c != '\n' && super::text::is_hidden(*c)) {
            Some(c) => Err(format!("the escape for the hidden character U+{:04X}", u32::from(c))),
            None => Ok(Value::String(text)),
        };
    }
    match text.as_ref() {
        "true" => return Ok(Value::Bool(true)),
        "false" => return Ok(Value::Bool(false)),
        "" => return Err("a value is missing (an empty text is written \"\")".into()),
        _ => {}
    }
    if let Some(number) = integer(&text) {
        return Ok(Value::Integer(number));
    }
    if is_ambiguous(&text) {
        return Err(format!("`{text}` can be read in two ways: put it in double quotes"));
    }
    Ok(Value::String(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_reads_two_ways() {
        let bad = [
            "a: yes",
            "a: No",
            "a: off",
            "a: 1.10",
            "a: 010",
            "a: 0x1f",
            "a: 1_000",
            "a: 1:30",
            "a: 2026-02-26",
            "a: ~",
            "a:",
            "a: null",
            "a: 1e3",
            "a: .5",
            "a: +1",
            "a: .inf",
            "a: True",
            "a: &x 1",
            "a: *x",
            "a: !!str x",
            "a: !x y",
            "<<: {a: 1}",
            "a: 1\na: 2",
            "a: 1\n---\nb: 2",
            "%YAML 1.2\n---\na: 1",
            "{1: 2}",
            "a: \"\\u202e\"",
            "a:\n\t- b",
            "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
            "a: {",
            "",
            "? [a]\n: b",
            "- &a [1]\n- *a",
            "a: 99999999999999999999",
            "a: [?,]",
            "a: [?]",
            "a: [? x]",
            "a: [?x]",
            "a: [x?y]",
            "a: {?x: y}",
            "a: {? x : y}",
            "a: [[x?]]",
            "a: [:x]",
            "a: [:]",
            "a: [-]",
            "a: [-,]",
            "a: [x,#y\n]",
            "a: [x,,y]",
        ];
        for text in bad {
            assert!(read(text).is_err(), "{text:?} was read as {:?}", read(text));
        }
    }

    #[test]
    fn reads_maps_with_positions() {
        let node = read("a: 1\nb:\n  - x y\n  - \"1.10\"\n  - true\n  - 2/3\nc: sha256:ab\nd: 2026-02-26-first\n").expect("valid");
        assert_eq!(node.get("a").map(|n| (&n.value, n.line, n.column)), Some((&Value::Integer(1), 1, 4)));
        let Some(Value::List(items)) = node.get("b").map(|n| &n.value) else { panic!("a list") };
        assert_eq!(items[1].value, Value::String("1.10".into()));
        assert_eq!(items[3].value, Value::String("2/3".into()));
        assert_eq!((items[1].line, items[1].column), (4, 5));
        assert_eq!(node.get("d").map(|n| &n.value), Some(&Value::String("2026-02-26-first".into())));
        for plain in ["a: why?", "a: ?x", "- x?", "a: [\"?\"]", "a: ['x?', -1, sha256:ab]", "a:\n  - [b]\n  - c?"] {
            assert!(read(plain).is_ok(), "{plain:?}: {:?}", read(plain));
        }
    }
}
