//! The text rules that every file under `canon/` keeps: what one person reads is what another signs.

/// The most bytes a document, member, entry or record may have.
pub const MAX_TEXT: u64 = 1 << 20;

/// The most bytes any governed file may have.
pub const MAX_BYTES: u64 = 8 << 20;

/// Where and how a text breaks the rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct TextError {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The fact, as a lowercase fragment.
    pub what: String,
}

/// Says yes to characters that show nothing, or that change the order in which others show:
/// bidirectional controls, zero-width and filler characters, tags, variation selectors, and all
/// control characters.
///
/// Source of the classes: Unicode 16 `Default_Ignorable_Code_Point`, `Bidi_Control` and general
/// category Cc, plus the line and paragraph separators.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Checks the exact bytes of a text file: UTF-8, no more than [`MAX_TEXT`] bytes, LF line ends with
/// one at the end, no byte order mark, no hidden characters. Tabs may stand in the body of a text.
pub fn check(bytes: &[u8]) -> Result<&str, TextError> {
    let refuse = |line, column, what: &str| Err(TextError { line, column, what: what.to_owned() });
    if bytes.len() as u64 > MAX_TEXT {
        return refuse(1, 1, "the file is larger than 1 MiB");
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            return refuse(line, 1, "the file is not UTF-8");
        }
    };
    // Nearly all text is printable ASCII: look at it byte by byte before looking closer.
    let plain = text.bytes().all(|b| matches!(b, b'\n' | b'\t' | b' '..=b'~'));
    if !plain {
        for (number, line) in text.split('\n').enumerate() {
            if let Some((column, c)) = line.chars().enumerate().find(|(_, c)| is_hidden(*c) && *c != '\t') {
                let what = match c {
                    '\r' => "the line ends with CR LF: only LF is allowed".to_owned(),
                    _ => format!("the hidden character U+{:04X}", u32::from(c)),
                };
                return refuse(number + 1, column + 1, &what);
            }
        }
    }
    if !text.ends_with('\n') {
        return refuse(text.lines().count().max(1), 1, "the file does not end with a newline");
    }
    Ok(text)
}

/// Says yes to code points that are set aside for ever, such as U+FFFE: no font shows them, and no XML holds them. Records may
/// contain them, so they are no rule of the format.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// The text with its hidden characters as `\u{…}`: what the format puts into files. Those bytes never change with what a terminal
/// can show.
pub fn escaped(text: &str) -> String {
    escape(text, is_hidden)
}

/// Makes untrusted text safe to show: hidden characters and noncharacters become `\u{…}`.
pub fn visible(text: &str) -> String {
    escape(text, |c| is_hidden(c) || is_noncharacter(c))
}

/// A text of several lines with colours, made visible as a whole: the last guard of what is shown to people, behind which each
/// part is made visible where it is put in.
pub fn guarded(text: &str) -> String {
    escape(text, |c| !matches!(c, '\n' | '\t' | '\u{1b}') && (is_hidden(c) || is_noncharacter(c)))
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A document in JSON whose strings hold no character that does not show: each is spelled as `\uXXXX`, which every reader
/// of JSON takes for the same. Outside of strings JSON has no such character but line ends.
pub fn json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if c != '\n' && (is_hidden(c) || is_noncharacter(c)) {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Makes untrusted text safe to stand in a line of Markdown: no character in it means anything there.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#' | '&' | '~' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Untrusted text for a terminal or a build log: made [`visible`], and no line of it is taken for a command there. Runners of
/// forges obey lines that begin with `::`, and `##[` or `##word[` anywhere.
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = visible(text);
    let start = text.len() - text.trim_start().len();
    for (at, c) in text.char_indices() {
        let command = match c {
            ':' => at == start && text[at..].starts_with("::"),
            '#' => text[..at].ends_with('#') && text[at + 1..].starts_with(|next: char| next == '[' || next.is_ascii_alphabetic()),
            _ => false,
        };
        if command {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_be_seen() {
        for bad in ["a\r\n", "\u{feff}a\n", "a\u{202e}b\n", "a\u{200b}\n", "a\u{e0041}\n", "a\0\n", "a\u{1b}[0m\n", "a", ""] {
            assert!(check(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(check(b"\xff\n").is_err());
        assert_eq!(check("Ω — fine\tthis\n".as_bytes()), Ok("Ω — fine\tthis\n"));
    }

    #[test]
    fn says_where() {
        let error = check("ok\nab\u{202e}\n".as_bytes()).expect_err("bidi");
        assert_eq!((error.line, error.column), (2, 3));
        assert_eq!(visible("a\u{1b}[1mb"), "a\\u{1b}[1mb");
    }

    #[test]
    fn noncharacters_are_shown_and_are_no_rule_of_the_format() {
        assert_eq!(visible("a\u{fffe}\u{fdd0}\u{10ffff}\u{fffd}\u{fdf0}"), "a\\u{fffe}\\u{fdd0}\\u{10ffff}\u{fffd}\u{fdf0}");
        assert_eq!(escaped("a\u{fffe}\u{202e}"), "a\u{fffe}\\u{202e}");
        assert_eq!(check("a\u{fffe}\n".as_bytes()), Ok("a\u{fffe}\n"));
    }

    #[test]
    fn json_spells_what_does_not_show() {
        let text = "\u{202e}\u{7f}\u{85}\u{fffe}\u{e0041}\u{1fffe}Ω\n\t\u{1b}";
        let plain = json(&serde_json::to_string_pretty(&[text]).expect("a list"));
        assert_eq!(plain, "[\n  \"\\u202e\\u007f\\u0085\\ufffe\\udb40\\udc41\\ud83f\\udffeΩ\\n\\t\\u001b\"\n]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&plain).expect("JSON"), [text]);
    }

    #[test]
    fn is_no_command_to_a_build_log() {
        assert_eq!(shown(" ::error::x"), " \\u{3a}:error::x");
        assert_eq!(shown("a ##[error]x ##vso[task]"), "a #\\u{23}[error]x #\\u{23}vso[task]");
        for harmless in ["a::b", "## Heading", "#1", "C::D ::e", ""] {
            assert_eq!(shown(harmless), harmless);
        }
    }
}
