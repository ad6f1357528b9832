//! A place in a text, and the steps from it that everything else takes.

use std::cell::OnceCell;
use std::rc::Rc;

use super::{DEEP, List, MAX_DEPTH, Unreadable, Word, read_at};

/// Whether a byte ends a word that is not quoted.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// A here-document whose text comes with the next line.
pub(super) struct Awaited {
    pub(super) text: Rc<OnceCell<Word>>,
    pub(super) end: String,
    /// Whether tabs before its lines are no part of them.
    pub(super) trims: bool,
    /// Whether nothing in it is expanded.
    pub(super) is_literal: bool,
}

/// Reads a text from its beginning to its end.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) awaited: Vec<Awaited>,
    pub(super) in_documents: Vec<List>,
    /// How many conditions and loops are open: what stands in them may not run.
    pub(super) open: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, depth: usize) -> Result<Self, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(DEEP);
        }
        Ok(Self { text, bytes: text.as_bytes(), at: 0, depth, awaited: Vec::new(), in_documents: Vec::new(), open: 0 })
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// The next character.
    pub(super) fn take_char(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let length = rest.chars().next().map_or(0, char::len_utf8);
        self.at += length;
        &rest[..length]
    }

    /// Reads one level deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Unreadable>) -> Result<T, Unreadable> {
        if self.depth >= MAX_DEPTH {
            return Err(DEEP);
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }

    /// Where an expression ends that begins here, behind `((`: before its `))`. What looks like one and closes otherwise is none.
    pub(super) fn expression_end(&self, from: usize) -> Option<usize> {
        let mut depth = 0usize;
        for (at, byte) in self.bytes.iter().enumerate().skip(from) {
            match byte {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' => return (self.bytes.get(at + 1) == Some(&b')')).then_some(at),
                _ => {}
            }
        }
        None
    }

    /// Blanks, continued lines and comments.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.at += 2,
                Some(b'#') => {
                    let rest = &self.bytes[self.at..];
                    self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// The end of a line: the here-documents of that line follow.
    pub(super) fn newline(&mut self) -> Result<(), Unreadable> {
        self.at += 1;
        self.documents()
    }

    pub(super) fn documents(&mut self) -> Result<(), Unreadable> {
        for awaited in std::mem::take(&mut self.awaited) {
            let mut body = String::new();
            while self.at < self.bytes.len() {
                let rest = &self.text[self.at..];
                let line = rest.split_inclusive('\n').next().unwrap_or(rest);
                self.at += line.len();
                let line = if awaited.trims { line.trim_start_matches('\t') } else { line };
                if line.strip_suffix('\n').unwrap_or(line) == awaited.end {
                    break;
                }
                body.push_str(line);
            }
            let word = if awaited.is_literal {
                Word::of(&body)
            } else {
                let mut inner = Vec::new();
                let word = self.expanded(&body, &mut inner)?;
                self.in_documents.append(&mut inner);
                word
            };
            let _ = awaited.text.set(word);
        }
        Ok(())
    }

    /// Blanks and ends of lines.
    pub(super) fn lines(&mut self) -> Result<(), Unreadable> {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    /// Whether so many bytes here are a word of their own.
    pub(super) fn is_alone(&self, length: usize) -> bool {
        self.peek_at(length).is_none_or(ends_word)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.bytes[self.at..].starts_with(word.as_bytes()) && self.is_alone(word.len())
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek() != Some(byte) {
            return Err(Unreadable("a sign stands where none is expected"));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads the commands in an expression whose end is known, and goes on behind it.
    pub(super) fn expression(&mut self, end: usize, inner: &mut Vec<List>) -> Result<(), Unreadable> {
        let start = self.at + 2;
        self.expanded(&self.text[start..end], inner)?;
        self.at = end + 2;
        Ok(())
    }

    /// A text in which only `$` and backticks mean something.
    pub(super) fn expanded(&mut self, text: &str, inner: &mut Vec<List>) -> Result<Word, Unreadable> {
        let mut parser = Parser::new(text, self.depth + 1)?;
        let word = parser.expansions(inner)?;
        parser.documents()?;
        self.in_documents.append(&mut parser.in_documents);
        Ok(word)
    }

    /// Commands in what bash takes for a test or an expression: to a shell that knows neither, they are commands.
    pub(super) fn also_commands(&self, text: &str, inner: &mut Vec<List>) -> Result<(), Unreadable> {
        match read_at(text, self.depth + 1) {
            Ok(list) => inner.push(list),
            Err(deep) if deep == DEEP => return Err(deep),
            Err(_) => {}
        }
        Ok(())
    }
}
