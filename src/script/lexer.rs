//! Words: quotes, escapes and substitutions.

use super::cursor::{Parser, ends_word};
use super::{List, Part, Unreadable, Word, read_at};

fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

impl Parser<'_> {
    /// Reads one word; nothing, if none begins here. Commands in it are put into `inner`.
    pub(super) fn word(&mut self, inner: &mut Vec<List>) -> Result<Option<Word>, Unreadable> {
        let start = self.at;
        let mut word = Word::default();
        // Where an unquoted `{` stands, and whether what follows makes it several words.
        let (mut brace, mut braces) = (None, false);
        let mut quoted = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => {
                    self.at += 2;
                    inner.push(self.deeper(|parser| parser.list(Some(b')')))?);
                    word.parts.push(Part::Unknown { many: false });
                }
                _ if ends_word(byte) => break,
                b'\\' => match self.peek_at(1) {
                    Some(b'\n') => self.at += 2,
                    Some(_) => {
                        self.at += 1;
                        let escaped = self.take_char();
                        word.push(escaped);
                        quoted = true;
                    }
                    None => return Err(Unreadable("it ends with a backslash")),
                },
                b'\'' => {
                    self.at += 1;
                    let text = self.until(b'\'').ok_or(Unreadable("a quote is not closed"))?;
                    word.push(text);
                    quoted = true;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut word, inner)?;
                    quoted = true;
                }
                b'$' if self.peek_at(1) == Some(b'\'') => {
                    self.at += 2;
                    let text = self.ansi_quoted()?;
                    word.push(&text);
                    quoted = true;
                }
                b'$' if self.peek_at(1) == Some(b'"') => self.at += 1,
                b'$' => self.dollar(&mut word, inner, false)?,
                b'`' => self.backtick(&mut word, inner, false)?,
                b'*' | b'?' => {
                    self.at += 1;
                    word.push_glob(if byte == b'*' { "*" } else { "?" });
                }
                b'[' if self.closes_bracket() => {
                    self.at += 1;
                    word.push_glob("[");
                }
                b'~' if self.at == start => self.tilde(&mut word),
                _ => {
                    match (byte, &brace) {
                        (b'{', None) => brace = Some(word.parts.clone()),
                        (b',', Some(_)) => braces = true,
                        (b'.', Some(_)) if self.peek_at(1) == Some(b'.') => braces = true,
                        (b'}', Some(before)) if braces => {
                            word.parts.clone_from(before);
                            word.parts.push(Part::Unknown { many: true });
                            self.at += 1;
                            (brace, braces) = (None, false);
                            continue;
                        }
                        _ => {}
                    }
                    let text = self.take_char();
                    word.push(text);
                }
            }
        }
        if self.at == start {
            return Ok(None);
        }
        if word.parts.is_empty() && quoted {
            word.push("");
        }
        word.raw = self.text[start..self.at].to_owned();
        // A continued line alone is no word.
        Ok(Some(word).filter(|word| quoted || !word.parts.is_empty()))
    }

    /// The text up to a byte, which is taken, too.
    fn until(&mut self, end: u8) -> Option<&str> {
        let start = self.at;
        let length = self.bytes[start..].iter().position(|byte| *byte == end)?;
        self.at = start + length + 1;
        Some(&self.text[start..start + length])
    }

    fn tilde(&mut self, word: &mut Word) {
        self.at += 1;
        // Else it is the home of another user, or a folder where the shell was before.
        let is_home = self.peek().is_none_or(|byte| byte == b'/' || ends_word(byte));
        word.parts.push(if is_home { Part::Home } else { Part::Unknown { many: false } });
    }

    /// Whether a `]` follows in the same word, so that `[` begins a pattern.
    fn closes_bracket(&self) -> bool {
        let rest = self.bytes[self.at + 1..].iter().take_while(|byte| !ends_word(**byte));
        rest.skip(1).any(|byte| *byte == b']')
    }

    fn double_quoted(&mut self, word: &mut Word, inner: &mut Vec<List>) -> Result<(), Unreadable> {
        word.push("");
        loop {
            match self.peek().ok_or(Unreadable("a quote is not closed"))? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => match self.peek_at(1) {
                    Some(b'\n') => self.at += 2,
                    Some(b'$' | b'`' | b'"' | b'\\') => {
                        self.at += 1;
                        let escaped = self.take_char();
                        word.push(escaped);
                    }
                    _ => {
                        self.at += 1;
                        word.push("\\");
                    }
                },
                b'$' => self.dollar(word, inner, true)?,
                b'`' => self.backtick(word, inner, true)?,
                _ => {
                    let text = self.take_char();
                    word.push(text);
                }
            }
        }
    }

    /// All of a text in which only `$` and backticks mean something: a here-document, or an expression.
    pub(super) fn expansions(&mut self, inner: &mut Vec<List>) -> Result<Word, Unreadable> {
        let mut word = Word { raw: self.text.to_owned(), parts: Vec::new() };
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' if matches!(self.peek_at(1), Some(b'$' | b'`' | b'\\')) => {
                    self.at += 1;
                    let escaped = self.take_char();
                    word.push(escaped);
                }
                b'\\' if self.peek_at(1) == Some(b'\n') => self.at += 2,
                b'$' => self.dollar(&mut word, inner, true)?,
                b'`' => self.backtick(&mut word, inner, true)?,
                _ => {
                    let text = self.take_char();
                    word.push(text);
                }
            }
        }
        Ok(word)
    }

    /// What begins with a `$`.
    fn dollar(&mut self, word: &mut Word, inner: &mut Vec<List>, quoted: bool) -> Result<(), Unreadable> {
        let unknown = Part::Unknown { many: !quoted };
        self.at += 1;
        match self.peek() {
            Some(b'(') => {
                if self.peek_at(1) == Some(b'(')
                    && let Some(end) = self.expression_end(self.at + 2)
                {
                    self.expression(end, inner)?;
                    word.push("0");
                    return Ok(());
                }
                self.at += 1;
                inner.push(self.deeper(|parser| parser.list(Some(b')')))?);
                word.parts.push(unknown);
            }
            Some(b'{') => {
                self.at += 1;
                let name = self.deeper(|parser| parser.parameter(inner))?;
                word.parts.push(match name.as_str() {
                    "HOME" => Part::Home,
                    "PWD" => Part::Here,
                    "@" | "*" => Part::Unknown { many: true },
                    _ => unknown,
                });
            }
            Some(b'@' | b'*') => {
                self.at += 1;
                word.parts.push(Part::Unknown { many: true });
            }
            // Numbers.
            Some(b'?' | b'#' | b'$' | b'!') => {
                self.at += 1;
                word.push("0");
            }
            Some(byte) if is_name(byte) || byte == b'-' => {
                let start = self.at;
                self.at += 1;
                if !byte.is_ascii_digit() && byte != b'-' {
                    while self.peek().is_some_and(is_name) {
                        self.at += 1;
                    }
                }
                word.parts.push(match &self.text[start..self.at] {
                    "HOME" => Part::Home,
                    "PWD" => Part::Here,
                    _ => unknown,
                });
            }
            _ => word.push("$"),
        }
        Ok(())
    }

    /// A parameter in braces, behind `${`: gives what stands there; commands in it run.
    fn parameter(&mut self, inner: &mut Vec<List>) -> Result<String, Unreadable> {
        let start = self.at;
        let mut ignored = Word::default();
        loop {
            match self.peek().ok_or(Unreadable("a brace is not closed"))? {
                b'}' => {
                    self.at += 1;
                    return Ok(self.text[start..self.at - 1].to_owned());
                }
                b'\\' => {
                    self.at += 1;
                    if self.peek().is_some() {
                        self.take_char();
                    }
                }
                b'\'' => {
                    // Within double quotes it is a character like others; then a second one need not follow.
                    self.at += 1;
                    let close = self.bytes[self.at..].iter().position(|byte| *byte == b'\'');
                    let brace = self.bytes[self.at..].iter().position(|byte| *byte == b'}');
                    if let (Some(close), Some(brace)) = (close, brace)
                        && close < brace
                    {
                        let quoted = &self.bytes[self.at..self.at + close];
                        if quoted.iter().any(|byte| matches!(byte, b'$' | b'`')) {
                            return Err(Unreadable("a quote within `${…}` can mean two things"));
                        }
                        self.at += close + 1;
                    }
                }
                b'"' => {
                    self.at += 1;
                    self.deeper(|parser| parser.double_quoted(&mut ignored, inner))?;
                }
                b'$' => self.deeper(|parser| parser.dollar(&mut ignored, inner, true))?,
                b'`' => self.backtick(&mut ignored, inner, true)?,
                _ => {
                    self.take_char();
                }
            }
        }
    }

    /// Commands in backticks: the text in them is read once more.
    fn backtick(&mut self, word: &mut Word, inner: &mut Vec<List>, quoted: bool) -> Result<(), Unreadable> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek().ok_or(Unreadable("a backtick is not closed"))? {
                b'`' => break,
                b'\\' if matches!(self.peek_at(1), Some(b'`' | b'\\' | b'$')) || (quoted && self.peek_at(1) == Some(b'"')) => {
                    self.at += 1;
                    text.push_str(self.take_char());
                }
                _ => text.push_str(self.take_char()),
            }
        }
        self.at += 1;
        inner.push(read_at(&text, self.depth + 1)?);
        word.parts.push(Part::Unknown { many: !quoted });
        Ok(())
    }

    /// The text of `$'…'`, behind the first quote.
    fn ansi_quoted(&mut self) -> Result<String, Unreadable> {
        let mut out: Vec<u8> = Vec::new();
        loop {
            let c = self.peek().ok_or(Unreadable("a quote is not closed"))?;
            if c == b'\'' {
                self.at += 1;
                // What is behind a NUL is cut off.
                let end = out.iter().position(|byte| *byte == 0).unwrap_or(out.len());
                return String::from_utf8(out[..end].to_vec()).map_err(|_| Unreadable("a word is not UTF-8"));
            }
            if c != b'\\' {
                out.extend_from_slice(self.take_char().as_bytes());
                continue;
            }
            self.at += 1;
            let escaped = self.peek().ok_or(Unreadable("a quote is not closed"))?;
            let number = |parser: &mut Self, base: u32, most: usize| {
                let digits: String = parser.text[parser.at..].chars().take(most).take_while(|digit| digit.is_digit(base)).collect();
                parser.at += digits.len();
                u32::from_str_radix(&digits, base).ok()
            };
            match escaped {
                b'0'..=b'7' => out.push(number(self, 8, 3).unwrap_or_default() as u8),
                b'x' | b'u' | b'U' => {
                    self.at += 1;
                    let most = match escaped {
                        b'x' => 2,
                        b'u' => 4,
                        _ => 8,
                    };
                    match number(self, 16, most) {
                        Some(byte) if escaped == b'x' => out.push(byte as u8),
                        Some(code) => out.extend(char::from_u32(code).unwrap_or('\u{fffd}').to_string().bytes()),
                        None => out.extend([b'\\', escaped]),
                    }
                }
                b'c' => {
                    self.at += 1;
                    if self.peek().is_some() {
                        out.push(self.take_char().as_bytes()[0] & 0x1f);
                    }
                }
                _ => {
                    let plain = self.take_char();
                    match escaped {
                        b'a' => out.push(7),
                        b'b' => out.push(8),
                        b'e' | b'E' => out.push(27),
                        b'f' => out.push(12),
                        b'n' => out.push(10),
                        b'r' => out.push(13),
                        b't' => out.push(9),
                        b'v' => out.push(11),
                        b'\\' | b'\'' | b'"' | b'?' => out.push(escaped),
                        _ => {
                            out.push(b'\\');
                            out.extend_from_slice(plain.as_bytes());
                        }
                    }
                }
            }
        }
    }
}
