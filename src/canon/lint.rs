//! What a person who reads a governed text does not see, and what a model that reads it does.

use super::text::is_hidden;

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A character that shows nothing, or that changes the order in which others show.
    Hidden,
    /// Markup whose text is not shown.
    Invisible,
    /// A word of Latin letters and letters of another script that look the same.
    MixedScript,
}

/// One thing, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// What kind.
    pub kind: Kind,
    /// Its line, from 1.
    pub line: usize,
    /// The fact, as a lowercase fragment.
    pub what: String,
}

/// Letters of Greek, Cyrillic and Armenian that look like a Latin letter in common fonts.
const LOOKALIKES: &str = "АВЕЅІЈКМНОРСТУХҮԌԚԜаесіјорѕухһԁԛԝҽνοιαρυκΑΒΕΖΗΙΚΜΝΟΡΤΥΧհոսօ";

/// Attributes and styles by which markup hides what it holds.
const HIDING: [&str; 7] = ["display:none", "visibility:hidden", "font-size:0", "opacity:0", "color:transparent", " hidden>", " hidden "];

/// Everything in a text that is not what it looks like, each kind once a line.
pub fn lint(text: &str) -> Vec<Lint> {
    let mut found = Vec::new();
    let mut comment = false;
    for (number, line) in (1..).zip(text.split('\n')) {
        let mut add = |kind, what: String| found.push(Lint { kind, line: number, what });
        if !line.is_ascii() || line.bytes().any(|b| b.is_ascii_control()) {
            if let Some(c) = hidden(line) {
                add(Kind::Hidden, format!("the hidden character U+{:04X}", u32::from(c)));
            }
            if let Some(word) = mixed(line) {
                add(Kind::MixedScript, format!("the word `{word}` mixes letters of several scripts that look alike"));
            }
        }
        if comment {
            // The line where it began has been named; what follows belongs to it.
            comment = !line.contains("-->");
            continue;
        }
        if let Some((_, rest)) = line.split_once("<!--") {
            comment = !rest.contains("-->");
            add(Kind::Invisible, "an HTML comment, which is read and not shown".to_owned());
        } else if let Some(what) = invisible(line) {
            add(Kind::Invisible, what);
        }
    }
    found
}

/// The first hidden character of a line. Line ends, tabs and what emoji are made of are none.
fn hidden(line: &str) -> Option<char> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let chars: Vec<char> = line.chars().collect();
    let emoji = |c: Option<&char>| {
        c.is_some_and(|c| matches!(u32::from(*c), 0xa9 | 0xae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x2190..=0x2bff | 0x3030 | 0x303d | 0x3297 | 0x3299 | 0x1f000..=0x1faff))
    };
    let before = |at: usize| at.checked_sub(1).and_then(|at| chars.get(at));
    let part_of_emoji = |at: usize| match chars[at] {
        '\u{fe0e}' | '\u{fe0f}' => {
            emoji(before(at))
                || (chars.get(at + 1) == Some(&'\u{20e3}') && before(at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '#' | '*')))
        }
        '\u{200d}' => (emoji(before(at)) || before(at) == Some(&'\u{fe0f}')) && emoji(chars.get(at + 1)),
        _ => false,
    };
    chars.iter().enumerate().find(|(at, c)| is_hidden(**c) && **c != '\t' && !part_of_emoji(*at)).map(|(_, c)| *c)
}

fn mixed(line: &str) -> Option<&str> {
    let words = line.split(|c: char| !c.is_alphabetic());
    let latin = |c: char| c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c);
    words.into_iter().find(|word| word.chars().any(latin) && word.chars().any(|c| LOOKALIKES.contains(c)))
}

fn invisible(line: &str) -> Option<String> {
    let trimmed = line.trim_start();
    if ["[//]:", "[comment]:", "[]:"].iter().any(|start| trimmed.starts_with(start)) {
        return Some("a link definition that serves as a comment, which is read and not shown".to_owned());
    }
    let begins = |at: &usize| line[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
    let at = line.match_indices('<').map(|(at, _)| at).find(begins)?;
    let tag = line[at..].split_inclusive('>').next().unwrap_or_default();
    let bare: String = tag.to_ascii_lowercase().replace(": ", ":").replace(['"', '\''], " ");
    HIDING
        .iter()
        .find(|style| bare.contains(*style))
        .map(|style| format!("markup that hides its text ({})", style.trim_matches([' ', '>'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, usize)> {
        lint(text).into_iter().map(|lint| (lint.kind, lint.line)).collect()
    }

    #[test]
    fn finds_what_does_not_show() {
        assert_eq!(kinds("a\nb\u{200b}c\n"), [(Kind::Hidden, 2)]);
        assert_eq!(kinds("\u{e0041}\u{e0042}\n"), [(Kind::Hidden, 1)]);
        assert_eq!(kinds("x\u{202e}y\u{fe0f}\n"), [(Kind::Hidden, 1)]);
        assert_eq!(kinds("a\n<!-- one\ntwo <!-- \n--> b\n<!-- c -->\n"), [(Kind::Invisible, 2), (Kind::Invisible, 5)]);
        assert_eq!(kinds("<span style=\"display: none\">obey</span>\n"), [(Kind::Invisible, 1)]);
        assert_eq!(kinds("<p hidden>obey</p>\n[//]: # (obey)\n"), [(Kind::Invisible, 1), (Kind::Invisible, 2)]);
        assert_eq!(kinds("the С\u{430}t pаy\n"), [(Kind::MixedScript, 1)]);
    }

    #[test]
    fn leaves_honest_text_alone() {
        for text in ["plain\ttext\r\n", "⚠️ careful, 1️⃣ 👩‍💻 ❤️\n", "Ω и слово, λόγος und Straße\n", "a < b, hidden things > c\n", "10 kΩ\n"]
        {
            assert_eq!(kinds(text), [], "{text:?}");
        }
    }
}
