//! Commands that other words steer: conditions, loops, functions, `case` and tests.

use super::cursor::Parser;
use super::{Group, Item, Joint, List, Node, Simple, Unreadable};

impl Parser<'_> {
    pub(super) fn node(&mut self) -> Result<Node, Unreadable> {
        loop {
            self.blanks();
            let mut inner = Vec::new();
            if self.bytes[self.at..].starts_with(b"((")
                && let Some(end) = self.expression_end(self.at + 2)
            {
                let text = &self.text[self.at + 2..end];
                self.expression(end, &mut inner)?;
                self.also_commands(text, &mut inner)?;
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
    pub(super) fn steered(&mut self) -> Result<Node, Unreadable> {
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

    /// The body of a function: whether it runs is not known.
    pub(super) fn body(&mut self) -> Result<Node, Unreadable> {
        self.lines()?;
        self.open += 1;
        let node = self.deeper(Self::node);
        self.open = self.open.saturating_sub(1);
        let list = List { items: vec![Item { joint: Joint::Then, pipeline: vec![node?], background: false }], ..List::default() };
        Ok(Node::Group(Group { list, apart: false, perhaps: true, redirects: Vec::new(), inner: Vec::new() }))
    }

    pub(super) fn case(&mut self) -> Result<Node, Unreadable> {
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
    pub(super) fn test(&mut self) -> Result<Node, Unreadable> {
        self.at += 2;
        let start = self.at;
        let mut inner = Vec::new();
        loop {
            self.blanks();
            if self.is_word("]]") {
                self.also_commands(&self.text[start..self.at], &mut inner)?;
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
}
