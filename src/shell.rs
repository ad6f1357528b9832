//! Words for a shell: what is pasted is one argument, and nothing in it runs.

use std::path::Path;

/// A path or name as one word of a POSIX shell. Plain names stay as they are.
///
/// What a terminal would not show, or what a build log would take for a command, becomes an escape of `$'…'`. So the word
/// stays the same where it is made visible for a terminal, and it still means the same bytes.
pub fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// The same for a path of the file system, whatever its bytes are.
pub fn quote_path(path: &Path) -> String {
    quote_bytes(path.as_os_str().as_encoded_bytes())
}

/// The same for bytes that need not be UTF-8.
pub fn quote_bytes(bytes: &[u8]) -> String {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.chars().all(shows) && !text.contains("##")) else {
        return escaped(bytes);
    };
    match shlex::try_quote(text) {
        Ok(word) => word.into_owned(),
        Err(_) => escaped(bytes),
    }
}

/// A path as one word that git takes for this path alone, where it takes patterns: behind `--`.
pub fn pathspec(path: &str) -> String {
    if path.starts_with(':') || path.contains(['*', '?', '[', '\\']) { quote(&format!(":(literal){path}")) } else { quote(path) }
}

/// A template with each `PATH` in it replaced. Behind `-- ` git takes patterns, so there it is one.
pub fn fill(template: &str, path: &str) -> String {
    let mut parts = template.split("PATH");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(&if out.ends_with("-- ") { pathspec(path) } else { quote(path) });
        out.push_str(part);
    }
    out
}

/// Whether a character can stand in a word as it is: it shows, and does not change how others show.
fn shows(c: char) -> bool {
    // Letters that show nothing: the fillers of Hangul.
    let filler = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    matches!(c, ' '..='~') || (!c.is_ascii() && c.is_alphanumeric() && !filler)
}

/// The form `$'…'`, in which every other byte is written as `\xNN`.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            // A second quote or `!` would end the word for the history of an interactive shell.
            let plain = shows(c) && !matches!(c, '\'' | '\\' | '!' | '#');
            if plain {
                out.push(c);
            } else {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
            }
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay_and_others_are_one_word() {
        for plain in ["AGENTS.md", "canon/ledger/000001.md", "a-b_c.d/e@f", "feature/x"] {
            assert_eq!(quote(plain), plain);
        }
        for (name, word) in [
            ("a b", "'a b'"),
            ("x$(touch RAN)", "'x$(touch RAN)'"),
            ("", "''"),
            ("Ωμέγα", "'Ωμέγα'"),
            ("a\nb", "$'a\\x0ab'"),
            ("a\u{202e}b", "$'a\\xe2\\x80\\xaeb'"),
            ("\u{1b}[31m!", "$'\\x1b[31m\\x21'"),
            ("a\0b", "$'a\\x00b'"),
            ("##[error]", "$'\\x23\\x23[error]'"),
        ] {
            assert_eq!(quote(name), word, "{name:?}");
        }
        assert_eq!(quote_bytes(b"a\xffb"), "$'a\\xffb'");
    }

    #[test]
    fn what_is_made_visible_stays_the_same_word() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            let word = quote(&format!("a{c}b"));
            assert_eq!(crate::canon::text::shown(&word), word, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn git_takes_no_pattern_where_a_path_is_meant() {
        assert_eq!(pathspec("a b"), "'a b'");
        assert_eq!(pathspec("*.md"), "':(literal)*.md'");
        assert_eq!(pathspec(":x"), "':(literal):x'");
        assert_eq!(fill("git rm -- PATH; omega restore PATH", "*"), "git rm -- ':(literal)*'; omega restore '*'");
    }
}
