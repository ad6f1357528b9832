//! Names that some file system takes for another name: NTFS drops dots and spaces at the end, cuts a name at `:` and knows
//! short names, Windows parts paths at `\`, HFS+ skips characters that do not show.

use super::path::fold;
use super::text::is_hidden;

/// Whether a path could be another path on some system for more reasons than letter case and composition.
pub fn is_odd(path: &str) -> bool {
    path.bytes().any(|b| matches!(b, b'\\' | b':' | b'~') || b.is_ascii_control())
        || path.split('/').any(|segment| segment.ends_with(['.', ' ']))
        || (!path.is_ascii() && path.chars().any(is_hidden))
}

/// The segments of a path as the most forgiving system reads them, folded.
pub fn segments(path: &str) -> impl Iterator<Item = String> {
    path.split(['/', '\\']).map(bare)
}

/// A segment without characters that do not show, without a stream behind `:`, and without dots and spaces at its end, folded.
pub fn bare(segment: &str) -> String {
    let seen: String = segment.chars().filter(|c| !is_hidden(*c)).collect();
    let name = seen.split(':').next().unwrap_or_default();
    fold(name.trim_end_matches(['.', ' ']))
}

/// Whether the first segment of a path is `canon` on some system.
pub fn is_canon(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    if fold(first) == "canon" {
        return true;
    }
    is_odd(first) && segments(first).next().is_some_and(|first| first == "canon" || is_short_for(&first, "canon"))
}

/// Whether a [`bare`] segment may be the short name that Windows gives a file whose folded name matches the pattern of one
/// segment: `agents~1.md` for `agents.md`, also in the form with a checksum, `ag1b2c~1.md`.
pub fn is_short_for(short: &str, pattern: &str) -> bool {
    let Some((start, short_end)) = parts_of_short(short) else { return false };
    let pattern = pattern.trim_start_matches('.');
    let (stem, end) = pattern.rsplit_once('.').unwrap_or((pattern, ""));
    let wild = |c: char| matches!(c, '*' | '?');
    // Without a dot, `*` also stands for names with one.
    let end_fits = (end.is_empty() && stem.contains('*')) || end.contains(wild) || end.chars().take(3).eq(short_end.chars());
    let kept = |c: &char| !matches!(c, '.' | ' ');
    let written = |c: char| if matches!(c, '+' | ',' | ';' | '=' | '[' | ']') { '_' } else { c };
    let known: Vec<char> = stem.chars().filter(kept).take_while(|c| !wild(*c)).map(written).take(6).collect();
    let whole = !stem.contains(wild);
    let start: Vec<char> = start.chars().collect();
    // What a letter beyond ASCII becomes depends on the machine.
    let alike = |(a, b): (&char, &char)| a == b || !b.is_ascii();
    let begins = start.iter().zip(&known).all(alike) && (!whole || start.len() <= known.len());
    let hashed = start.len() > 4 && start[start.len() - 4..].iter().all(char::is_ascii_hexdigit) && {
        let lead = &start[..start.len() - 4];
        lead.len() <= 2 && lead.iter().zip(&known).all(alike)
    };
    end_fits && (begins || hashed)
}

/// Whether a segment has the form of a short name.
pub fn is_short(segment: &str) -> bool {
    parts_of_short(segment).is_some()
}

/// What stands before `~1` in a short name, and what behind the dot.
fn parts_of_short(short: &str) -> Option<(&str, &str)> {
    let (stem, end) = short.rsplit_once('.').unwrap_or((short, ""));
    let (start, number) = stem.rsplit_once('~')?;
    let is_short = !start.is_empty()
        && stem.chars().count() <= 8
        && end.chars().count() <= 3
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit());
    is_short.then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_other_systems_call_a_file() {
        for (name, wanted) in [
            ("AGENTS.md.", "agents.md"),
            ("AGENTS.md .. ", "agents.md"),
            ("AGENTS.md::$DATA", "agents.md"),
            ("AG\u{200b}ENTS.md", "agents.md"),
            ("É", "e\u{301}"),
        ] {
            assert_eq!(bare(name), fold(wanted), "{name:?}");
        }
        assert_eq!(segments("Prompts\\One.md").collect::<Vec<_>>(), ["prompts", "one.md"]);
        for canon in ["canon/x", "Canon", "canon./x", "ca\u{feff}non/x", "canon:s", "CANON~1/x", "canon\\x.md"] {
            assert!(is_canon(canon), "{canon:?}");
        }
        for other in ["canons/x", "x/canon", "canon~x", "kanon~1", ".canon"] {
            assert!(!is_canon(other), "{other:?}");
        }
    }

    #[test]
    fn knows_short_names() {
        for (short, pattern) in [
            ("agents~1.md", "agents.md"),
            ("claude~2.md", "claude.local.md"),
            ("ag1b2c~1.md", "agents.md"),
            ("cursor~1", ".cursorrules"),
            ("readme~1.mar", "*.markdown"),
            ("skills~1", "*"),
            ("ab~1", "a?"),
            ("copilo~1.md", "copilot-*.md"),
        ] {
            assert!(is_short_for(short, pattern), "{short} for {pattern}");
        }
        for (short, pattern) in [
            ("agents~1.txt", "agents.md"),
            ("agentur~1.md", "agents.md"),
            ("agentx~1.md", "agents.md"),
            ("agents.md.~1~", "agents.md"),
            ("agents~x.md", "agents.md"),
            ("readme~1.mar", "*.md"),
            ("~1.md", "agents.md"),
        ] {
            assert!(!is_short_for(short, pattern), "{short} for {pattern}");
        }
    }
}
