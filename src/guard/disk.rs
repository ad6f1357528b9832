//! Paths as the system follows them.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::script::{Part, Word};

/// So many links are followed for one path, as on Linux.
const MOST_LINKS: usize = 40;
/// So many names of one folder are compared with a pattern, and so many files come of it.
const MOST_NAMES: usize = 4_000;

/// An absolute path without links, `.` and `..`, of which the end need not be there. The last name is followed only if it is said.
pub(super) fn real(path: &Path, follow_last: bool) -> PathBuf {
    let names = |path: &Path| -> Vec<OsString> {
        path.components()
            .rev()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_owned()),
                Component::ParentDir => Some("..".into()),
                _ => None,
            })
            .collect()
    };
    let (mut out, mut todo, mut links) = (PathBuf::from("/"), names(path), 0);
    while let Some(name) = todo.pop() {
        if name == ".." {
            out.pop();
            continue;
        }
        let next = out.join(&name);
        if (follow_last || !todo.is_empty())
            && links < MOST_LINKS
            && let Ok(target) = fs::read_link(&next)
        {
            links += 1;
            if target.is_absolute() {
                out = PathBuf::from("/");
            }
            todo.extend(names(&target));
        } else {
            out = next;
        }
    }
    // A system that folds case knows how the names are written.
    let there = existing(&out);
    match (fs::canonicalize(&there), out.strip_prefix(&there)) {
        (Ok(spelled), Ok(rest)) if there != out => spelled.join(rest),
        _ => out,
    }
}

/// The folder of a path that is there: itself, or the nearest above.
pub(super) fn existing(path: &Path) -> PathBuf {
    path.ancestors().find(|dir| dir.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

/// A path of the user, from a folder; `~/` is the home, as agents write it.
pub(super) fn absolute(dir: &Path, home: Option<&Path>, text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ if text == "~" => home.unwrap_or(dir).to_owned(),
        _ => dir.join(text),
    }
}

/// The paths that a word of a shell can mean, from a folder; nothing, where that cannot be known.
pub(super) fn paths(dir: &Path, home: Option<&Path>, word: &Word) -> Option<Vec<PathBuf>> {
    // Each name of the path as a pattern, with what is special in it.
    let (mut names, mut rooted): (Vec<Vec<(char, bool)>>, bool) = (vec![Vec::new()], false);
    let mut start = dir.to_owned();
    for (at, part) in word.parts.iter().enumerate() {
        let (text, special) = match part {
            Part::Text(text) => (text.as_str(), false),
            Part::Glob(text) => (text.as_str(), true),
            Part::Home if at == 0 => {
                start = home?.to_owned();
                rooted = true;
                continue;
            }
            Part::Here if at == 0 => {
                rooted = true;
                continue;
            }
            Part::Home | Part::Here | Part::Unknown { .. } => return None,
        };
        for (index, c) in text.char_indices() {
            match c {
                '/' => {
                    if at == 0 && index == 0 && !rooted {
                        start = PathBuf::from("/");
                    }
                    names.push(Vec::new());
                }
                c => names.last_mut()?.push((c, special)),
            }
        }
    }
    let mut found = vec![start];
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        let plain: String = name.iter().map(|(c, _)| *c).collect();
        if !name.iter().any(|(_, special)| *special) {
            found.iter_mut().for_each(|path| path.push(&plain));
            continue;
        }
        let mut next = Vec::new();
        for folder in &found {
            // A pattern that no file matches stays as it is.
            next.push(folder.join(&plain));
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for (count, entry) in entries.flatten().enumerate() {
                if count >= MOST_NAMES || next.len() >= MOST_NAMES {
                    return None;
                }
                let file = entry.file_name();
                let text = file.to_str()?;
                if matches(&name, &text.chars().collect::<Vec<_>>()) {
                    next.push(folder.join(text));
                }
            }
        }
        found = next;
    }
    Some(found)
}

/// Whether a name fits a pattern of a shell. A class in brackets fits every character: it is better to look at one file too many.
fn matches(pattern: &[(char, bool)], name: &[char]) -> bool {
    let mut signs: Vec<Sign> = Vec::new();
    let mut rest = pattern;
    while let Some(((c, special), more)) = rest.split_first() {
        rest = more;
        signs.push(match c {
            '*' if *special => Sign::Any,
            '?' if *special => Sign::One,
            '[' if *special => {
                let end = more.iter().skip(1).position(|(c, _)| *c == ']').map_or(more.len(), |at| at + 2);
                rest = &more[end..];
                Sign::One
            }
            c => Sign::Just(c.to_ascii_lowercase()),
        });
    }
    // The last `*` can be tried again, one character further on.
    let (mut at, mut sign, mut again) = (0, 0, None);
    while at < name.len() {
        match signs.get(sign) {
            Some(Sign::Any) => {
                again = Some((sign, at));
                sign += 1;
            }
            Some(Sign::One) => (at, sign) = (at + 1, sign + 1),
            Some(Sign::Just(c)) if *c == name[at].to_ascii_lowercase() => (at, sign) = (at + 1, sign + 1),
            _ => match again {
                Some((star, from)) => {
                    again = Some((star, from + 1));
                    (at, sign) = (from + 1, star + 1);
                }
                None => return false,
            },
        }
    }
    signs[sign..].iter().all(|sign| matches!(sign, Sign::Any))
}

/// One sign of a pattern.
enum Sign {
    Any,
    One,
    Just(char),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        let fits = |pattern: &str, name: &str| {
            let pattern: Vec<(char, bool)> = pattern.chars().map(|c| (c, matches!(c, '*' | '?' | '['))).collect();
            matches(&pattern, &name.chars().collect::<Vec<_>>())
        };
        for (pattern, name) in
            [("*.md", "A.md"), ("A?.md", "AB.md"), ("[AB]*", "AGENTS.md"), ("*a*b*", "xaybz"), ("agents*", "AGENTS.md"), ("*", "")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.md", "A.txt"), ("A?", "A"), ("a*b", "abc"), ("", "x")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        assert!(!fits(&"*a".repeat(50), &"b".repeat(500)));
    }
}
