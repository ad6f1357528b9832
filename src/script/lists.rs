//! Lists, pipelines and simple commands with their redirections.

use std::cell::OnceCell;
use std::rc::Rc;

use super::cursor::{Awaited, Parser};
use super::{Group, Item, Joint, List, Node, Part, Redirect, Simple, Unreadable, Word};

impl Parser<'_> {
    /// The whole text.
    pub(super) fn all(mut self) -> Result<List, Unreadable> {
        let mut list = self.list(None)?;
        self.documents()?;
        list.in_documents = self.in_documents;
        Ok(list)
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

    pub(super) fn pipeline(&mut self) -> Result<Vec<Node>, Unreadable> {
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

    /// The redirections behind a group.
    pub(super) fn group(&mut self, list: List, apart: bool) -> Result<Node, Unreadable> {
        let Node::Simple(rest) = self.rest_of(Simple::default())? else { return Err(Unreadable("a group is not understood")) };
        let Simple { redirects, inner, .. } = rest;
        Ok(Node::Group(Group { list, apart, perhaps: self.open > 0, redirects, inner }))
    }

    /// The redirections behind what is no program of its own.
    pub(super) fn rest_of(&mut self, mut simple: Simple) -> Result<Node, Unreadable> {
        loop {
            self.blanks();
            if !self.redirect(&mut simple)? {
                break;
            }
        }
        Ok(Node::Simple(simple))
    }

    pub(super) fn simple(&mut self) -> Result<Node, Unreadable> {
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
    pub(super) fn array(&mut self, inner: &mut Vec<List>) -> Result<(), Unreadable> {
        self.at += 1;
        loop {
            self.lines()?;
            if self.word(inner)?.is_none() {
                return self.expect(b')');
            }
        }
    }

    /// Reads one redirection, if there is one here.
    pub(super) fn redirect(&mut self, simple: &mut Simple) -> Result<bool, Unreadable> {
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
