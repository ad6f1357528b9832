//! Commands: lists, pipelines, groups and what steers them.

use std::cell::OnceCell;
use std::rc::Rc;

use super::lexer::ends_word;
use super::{Group, Item, Joint, List, MAX_DEPTH, Node, Part, Redirect, Simple, Unreadable, Word};

/// A here-document whose text comes with the next line.
struct Awaited {
    text: Rc<OnceCell<Word>>,
    end: String,
    /// Whether tabs before its lines are no part of them.
    trims: bool,
    /// Whether nothing in it is expanded.
    is_literal: bool,
}

/// Reads a text from its beginning to its end.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    pub(super) depth: usize,
    awaited: Vec<Awaited>,
    in_documents: Vec<List>,
    /// How many conditions and loops are open: what stands in them may not run.
    open: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, depth: usize) -> Result<Self, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(Unreadable("it is nested more than 50 levels deep"));
        }
        Ok(Self { text, bytes: text.as_bytes(), at: 0, depth, awaited: Vec::new(), in_documents: Vec::new(), open: 0 })
    }

    /// The whole text.
    pub(super) fn all(mut self) -> Result<List, Unreadable> {
        let mut list = self.list(None)?;
        self.documents()?;
        list.in_documents = self.in_documents;
        Ok(list)
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
            return Err(Unreadable("it is nested more than 50 levels deep"));
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

    /// Reads the commands in an expression whose end is known, and goes on behind it.
    pub(super) fn expression(&mut self, end: usize, inner: &mut Vec<List>) -> Result<(), Unreadable> {
        let start = self.at + 2;
        self.expanded(&self.text[start..end], inner)?;
        self.at = end + 2;
        Ok(())
    }

    /// A text in which only `$` and backticks mean something.
    fn expanded(&mut self, text: &str, inner: &mut Vec<List>) -> Result<Word, Unreadable> {
        let mut parser = Parser::new(text, self.depth + 1)?;
        let word = parser.expansions(inner)?;
        parser.documents()?;
        self.in_documents.append(&mut parser.in_documents);
        Ok(word)
    }

    /// Blanks, continued lines and comments.
    fn blanks(&mut self) {
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
    fn newline(&mut self) -> Result<(), Unreadable> {
        self.at += 1;
        self.documents()
    }

    fn documents(&mut self) -> Result<(), Unreadable> {
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

    /// Commands up to a closing byte, which is taken, or to the end of the text.
    pub(super) fn list(&mut self, close: Option<u8>) -> Result<List, Unreadable> {
        let mut list = List::default();
        let mut joint = Joint::Then;
        loop {
            self.blanks();
            match self.peek() {
                None if close.is_none() => return Ok(list),
                None => return Err(Unreadable("a bracket or brace is not closed")),
                Some(b'\n') => self.newline()?,
                Some(b')') if close == Some(b')') => {
                    self.at += 1;
                    return Ok(list);
                }
                Some(b'}') if close == Some(b'}') && self.is_alone(1) => {
                    self.at += 1;
                    return Ok(list);
                }
                // The end of an arm of a `case`, which `arm` looks at.
                Some(b';') if close == Some(b';') && matches!(self.peek_at(1), Some(b';' | b'&')) => return Ok(list),
                Some(b'e') if close == Some(b';') && self.is_word("esac") => return Ok(list),
                Some(b';') => self.at += 1,
                Some(_) => {
                    let pipeline = self.pipeline()?;
                    self.blanks();
                    let next = match (self.peek(), self.peek_at(1)) {
                        (Some(b'&'), Some(b'&')) => Some(Joint::And),
                        (Some(b'|'), Some(b'|')) => Some(Joint::Or),
                        _ => None,
                    };
                    let background = next.is_none() && self.peek() == Some(b'&');
                    list.items.push(Item { joint, pipeline, background });
                    joint = next.unwrap_or(Joint::Then);
                    if next.is_some() {
                        self.at += 2;
                    } else if background {
                        self.at += 1;
                    } else if !matches!(self.peek(), None | Some(b'\n' | b';' | b')' | b'}')) {
                        return Err(Unreadable("a sign stands where none is expected"));
                    }
                }
            }
        }
    }

    /// Whether so many bytes here are a word of their own.
    fn is_alone(&self, length: usize) -> bool {
        self.peek_at(length).is_none_or(ends_word)
    }

    fn is_word(&self, word: &str) -> bool {
        self.bytes[self.at..].starts_with(word.as_bytes()) && self.is_alone(word.len())
    }

    fn pipeline(&mut self) -> Result<Vec<Node>, Unreadable> {
        let mut nodes = Vec::new();
        loop {
            let node = self.deeper(Self::node)?;
            nodes.push(node);
            self.blanks();
            if self.peek() != Some(b'|') || self.peek_at(1) == Some(b'|') {
                return Ok(nodes);
            }
            self.at += if self.peek_at(1) == Some(b'&') { 2 } else { 1 };
            self.lines()?;
        }
    }

    /// Blanks and ends of lines.
    fn lines(&mut self) -> Result<(), Unreadable> {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    fn node(&mut self) -> Result<Node, Unreadable> {
        loop {
            self.blanks();
            let mut inner = Vec::new();
            if self.bytes[self.at..].starts_with(b"((")
                && let Some(end) = self.expression_end(self.at + 2)
            {
                self.expression(end, &mut inner)?;
                return self.rest_of(Simple { inner, ..Simple::default() });
            }
            if self.peek() == Some(b'(') {
                self.at += 1;
                let list = self.list(Some(b')'))?;
                return self.group(list, true);
            }
            if self.peek() == Some(b'{') && self.is_alone(1) {
                self.at += 1;
                let list = self.list(Some(b'}'))?;
                return self.group(list, false);
            }
            if self.is_word("[[") {
                return self.test();
            }
            let Some(word) = ["!", "time", "if", "while", "until", "then", "elif", "else", "do"].into_iter().find(|w| self.is_word(w))
            else {
                return self.steered();
            };
            self.at += word.len();
            match word {
                "if" | "while" | "until" => self.open += 1,
                "time" => {
                    self.blanks();
                    while self.peek() == Some(b'-') {
                        self.word(&mut inner)?;
                        self.blanks();
                    }
                }
                _ => {}
            }
            self.lines()?;
            if matches!(self.peek(), None | Some(b';' | b'&' | b'|' | b')')) {
                return Ok(Node::Simple(Simple::default()));
            }
        }
    }

    /// What other words steer, or a simple command.
    fn steered(&mut self) -> Result<Node, Unreadable> {
        let found = ["fi", "done", "for", "select", "case", "function", "coproc"].into_iter().find(|word| self.is_word(word));
        let Some(word) = found else { return self.simple() };
        self.at += word.len();
        match word {
            "fi" | "done" => {
                self.open = self.open.saturating_sub(1);
                self.rest_of(Simple::default())
            }
            "case" => self.case(),
            "coproc" => Err(Unreadable("`coproc` is not read")),
            "function" => {
                let mut inner = Vec::new();
                self.blanks();
                self.word(&mut inner)?;
                self.blanks();
                if self.peek() == Some(b'(') {
                    self.at += 1;
                    self.blanks();
                    self.expect(b')')?;
                }
                self.body()
            }
            _ => {
                self.open += 1;
                let mut inner = Vec::new();
                self.blanks();
                if self.bytes[self.at..].starts_with(b"((") {
                    let end = self.expression_end(self.at + 2).ok_or(Unreadable("an expression is not closed"))?;
                    self.expression(end, &mut inner)?;
                    return Ok(Node::Simple(Simple { inner, ..Simple::default() }));
                }
                // The name, `in`, and the words: none of them is a program.
                self.word(&mut inner)?;
                self.blanks();
                if self.is_word("do") {
                    return self.node();
                }
                loop {
                    self.blanks();
                    if self.word(&mut inner)?.is_none() {
                        return Ok(Node::Simple(Simple { inner, ..Simple::default() }));
                    }
                }
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek() != Some(byte) {
            return Err(Unreadable("a sign stands where none is expected"));
        }
        self.at += 1;
        Ok(())
    }

    /// The body of a function: whether it runs is not known.
    fn body(&mut self) -> Result<Node, Unreadable> {
        self.lines()?;
        self.open += 1;
        let node = self.deeper(Self::node);
        self.open = self.open.saturating_sub(1);
        let list = List { items: vec![Item { joint: Joint::Then, pipeline: vec![node?], background: false }], ..List::default() };
        Ok(Node::Group(Group { list, apart: false, perhaps: true, redirects: Vec::new(), inner: Vec::new() }))
    }

    fn case(&mut self) -> Result<Node, Unreadable> {
        let mut inner = Vec::new();
        self.blanks();
        self.word(&mut inner)?;
        self.lines()?;
        if !self.is_word("in") {
            return Err(Unreadable("a `case` has no `in`"));
        }
        self.at += 2;
        self.open += 1;
        let mut all = List::default();
        loop {
            self.lines()?;
            if self.is_word("esac") {
                self.at += 4;
                break;
            }
            if self.peek() == Some(b'(') {
                self.at += 1;
            }
            loop {
                self.blanks();
                if self.word(&mut inner)?.is_none() && self.peek() != Some(b'|') {
                    break;
                }
                self.blanks();
                if self.peek() == Some(b'|') {
                    self.at += 1;
                }
            }
            self.expect(b')')?;
            all.items.extend(self.deeper(|parser| parser.list(Some(b';')))?.items);
            while matches!(self.peek(), Some(b';' | b'&')) {
                self.at += 1;
            }
        }
        self.open = self.open.saturating_sub(1);
        let Node::Group(mut group) = self.group(all, false)? else { return Err(Unreadable("a `case` is not understood")) };
        group.perhaps = true;
        group.inner.append(&mut inner);
        Ok(Node::Group(group))
    }

    /// A test in `[[ ]]`: signs in it are no redirections.
    fn test(&mut self) -> Result<Node, Unreadable> {
        self.at += 2;
        let mut inner = Vec::new();
        loop {
            self.blanks();
            if self.is_word("]]") {
                self.at += 2;
                return self.rest_of(Simple { inner, ..Simple::default() });
            }
            match self.peek() {
                None | Some(b';') => return Err(Unreadable("a test is not closed")),
                Some(b'\n') => self.newline()?,
                Some(b'<' | b'>') if self.peek_at(1) != Some(b'(') => self.at += 1,
                Some(b'&' | b'|' | b'(' | b')') => self.at += 1,
                _ => {
                    self.word(&mut inner)?;
                }
            }
        }
    }

    /// The redirections behind a group.
    fn group(&mut self, list: List, apart: bool) -> Result<Node, Unreadable> {
        let Node::Simple(rest) = self.rest_of(Simple::default())? else { return Err(Unreadable("a group is not understood")) };
        let Simple { redirects, inner, .. } = rest;
        Ok(Node::Group(Group { list, apart, perhaps: self.open > 0, redirects, inner }))
    }

    /// The redirections behind what is no program of its own.
    fn rest_of(&mut self, mut simple: Simple) -> Result<Node, Unreadable> {
        loop {
            self.blanks();
            if !self.redirect(&mut simple)? {
                break;
            }
        }
        Ok(Node::Simple(simple))
    }

    fn simple(&mut self) -> Result<Node, Unreadable> {
        let mut simple = Simple { perhaps: self.open > 0, ..Simple::default() };
        loop {
            self.blanks();
            if self.redirect(&mut simple)? {
                continue;
            }
            if self.peek() == Some(b'(') {
                // `name()` begins a function.
                self.at += 1;
                self.blanks();
                if simple.words.len() == 1 && simple.redirects.is_empty() && self.peek() == Some(b')') {
                    self.at += 1;
                    return self.body();
                }
                return Err(Unreadable("a bracket stands where none is expected"));
            }
            let mut inner = Vec::new();
            let start = self.at;
            let Some(word) = self.word(&mut inner)? else {
                // A continued line alone was read.
                if self.at > start {
                    continue;
                }
                break;
            };
            simple.inner.append(&mut inner);
            let assigned = name_of(&word).filter(|_| simple.words.is_empty());
            if self.peek() == Some(b'(') && word.raw.ends_with('=') {
                self.array(&mut simple.inner)?;
                if let Some(length) = assigned {
                    simple.assigned.push((word.raw[..length].to_owned(), Word::unknown(&word.raw)));
                    continue;
                }
            }
            match assigned {
                Some(length) => {
                    let name = word.raw[..length].to_owned();
                    let skipped = word.raw[length..].find('=').map_or(0, |at| length + at + 1);
                    simple.assigned.push((name, word.without(skipped)));
                }
                None => simple.words.push(word),
            }
        }
        if simple.words.is_empty() && simple.assigned.is_empty() && simple.redirects.is_empty() && simple.inner.is_empty() {
            return Err(Unreadable("a sign stands where none is expected"));
        }
        Ok(Node::Simple(simple))
    }

    /// The words of an array, behind `name=`.
    fn array(&mut self, inner: &mut Vec<List>) -> Result<(), Unreadable> {
        self.at += 1;
        loop {
            self.lines()?;
            if self.word(inner)?.is_none() {
                return self.expect(b')');
            }
        }
    }

    /// Reads one redirection, if there is one here.
    fn redirect(&mut self, simple: &mut Simple) -> Result<bool, Unreadable> {
        let start = self.at;
        // The number of what is redirected, or the name of a variable for it.
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.peek() == Some(b'{') {
            let name = self.bytes[self.at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            if name > 0 && self.peek_at(name + 1) == Some(b'}') && matches!(self.peek_at(name + 2), Some(b'<' | b'>')) {
                self.at += name + 2;
            }
        }
        let rest = &self.bytes[self.at..];
        let signs: [&[u8]; 13] = [b"&>>", b"&>", b"<<<", b"<<-", b"<<", b"<&", b"<>", b">>", b">&", b">|", b">!", b"<", b">"];
        let is_process = matches!(rest, [b'<' | b'>', b'(', ..]);
        let Some(sign) = signs
            .into_iter()
            .find(|sign| rest.starts_with(sign))
            .filter(|sign| !is_process && (!sign.starts_with(b"&") || self.at == start))
        else {
            self.at = start;
            return Ok(false);
        };
        // In zsh `>!` writes in any case; elsewhere `!` begins the name.
        let sign = if sign == b">!" && !matches!(rest.get(2), Some(b' ' | b'\t')) { b">" } else { sign };
        self.at += sign.len();
        self.blanks();
        let word = self.word(&mut simple.inner)?.ok_or(Unreadable("a redirection names no file"))?;
        // Another program, which is read with the word.
        if word.raw.starts_with("<(") || word.raw.starts_with(">(") {
            return Ok(true);
        }
        simple.redirects.push(match sign {
            b"<<<" => Redirect::Text(Rc::new(OnceCell::from(word))),
            b"<<" | b"<<-" => {
                let text = Rc::new(OnceCell::new());
                let is_literal = word.raw.contains(['\'', '"', '\\']);
                let end = if is_literal { word.known().ok_or(Unreadable("the end of a here-document is not plain"))? } else { word.raw };
                self.awaited.push(Awaited { text: text.clone(), end, trims: sign == b"<<-", is_literal });
                Redirect::Text(text)
            }
            b"<" | b"<&" => Redirect::Read(word),
            // Another descriptor, which is no file.
            b">&"
                if word.known().is_some_and(|name| name == "-" || name.trim_end_matches('-').bytes().all(|byte| byte.is_ascii_digit())) =>
            {
                return Ok(true);
            }
            _ => Redirect::Write(word),
        });
        Ok(true)
    }
}

/// The length of the name in front of `=`, where a word sets a variable.
fn name_of(word: &Word) -> Option<usize> {
    let length = word.raw.bytes().take_while(|byte| *byte == b'_' || byte.is_ascii_alphanumeric()).count();
    let rest = &word.raw[length..];
    let is_set = rest.starts_with('=') || rest.starts_with("+=") || (rest.starts_with('[') && rest.contains("]="));
    let plain = matches!(word.parts.first(), Some(Part::Text(_) | Part::Glob(_)));
    (length > 0 && !word.raw.as_bytes()[0].is_ascii_digit() && is_set && plain).then_some(length)
}
