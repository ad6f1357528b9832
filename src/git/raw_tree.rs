//! Tree objects, parsed without mercy: what git's own checks would complain about is told, not repaired.

use std::collections::HashSet;

use super::Oid;
use crate::tree::Mode;

/// One entry as it is written.
pub(super) struct RawEntry<'a> {
    /// The mode's number.
    pub(super) mode: u32,
    /// Whether the mode has leading zeros, which gives one tree several ids.
    pub(super) padded: bool,
    /// The name, which may be any bytes but NUL.
    pub(super) name: &'a [u8],
    /// The object.
    pub(super) id: Oid,
}

impl RawEntry<'_> {
    pub(super) fn is_tree(&self) -> bool {
        self.mode == 0o40000
    }

    pub(super) fn kind(&self) -> Mode {
        mode(self.mode)
    }
}

/// The mode that these bits stand for.
pub(super) fn mode(bits: u32) -> Mode {
    match bits {
        0o100644 => Mode::File,
        0o100755 => Mode::Exec,
        0o120000 => Mode::Link,
        0o160000 => Mode::Submodule,
        _ => Mode::Other,
    }
}

/// The entries of a tree object whose ids are made by `hash`. A tree that cannot be cut into entries is an error.
pub(super) fn parse(mut bytes: &[u8], hash: gix::hash::Kind) -> Result<Vec<RawEntry<'_>>, &'static str> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|b| *b == b' ').ok_or("an entry has no mode")?;
        let (digits, rest) = (&bytes[..space], &bytes[space + 1..]);
        let nul = rest.iter().position(|b| *b == 0).ok_or("an entry has no end of name")?;
        let (name, rest) = (&rest[..nul], &rest[nul + 1..]);
        let (id, rest) = rest.split_at_checked(hash.len_in_bytes()).ok_or("an entry has no whole object id")?;
        entries.push(RawEntry {
            mode: octal(digits).ok_or("a mode is not an octal number")?,
            padded: digits[0] == b'0',
            name,
            id: Oid::from_bytes(id).ok_or("an object id has another length")?,
        });
        bytes = rest;
    }
    Ok(entries)
}

fn octal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 7 {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| match digit {
        b'0'..=b'7' => Some(sum * 8 + u32::from(digit - b'0')),
        _ => None,
    })
}

/// What is wrong with the entries of one tree: index of the entry, and the broken rule.
pub(super) fn defects(entries: &[RawEntry<'_>]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut names = HashSet::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let mut tell = |what: String| found.push((at, what));
        if let Some(why) = name_defect(entry.name) {
            tell(why.to_owned());
        }
        if entry.padded {
            tell("the mode has leading zeros".to_owned());
        }
        if !entry.is_tree() && entry.kind() == Mode::Other {
            tell(format!("the mode {:o} is none that git writes", entry.mode));
        }
        if entry.id.is_null() {
            tell("the object id is null".to_owned());
        }
        if !names.insert(entry.name) {
            tell("the name occurs twice in its folder".to_owned());
        } else if at > 0 && sort_key(&entries[at - 1]).gt(sort_key(entry)) {
            tell("the entry is not in git's order".to_owned());
        }
    }
    found
}

/// Git sorts a folder as if its name ended in `/`.
fn sort_key<'a>(entry: &'a RawEntry<'_>) -> impl Iterator<Item = u8> + 'a {
    entry.name.iter().copied().chain(entry.is_tree().then_some(b'/'))
}

/// Why a name cannot be one segment of a path, if it cannot.
pub(super) fn name_defect(name: &[u8]) -> Option<&'static str> {
    if name.is_empty() {
        Some("the name is empty")
    } else if name.contains(&b'/') {
        Some("the name contains a slash")
    } else if name == b"." || name == b".." {
        Some("the name is a relative folder")
    } else if name.contains(&0) {
        Some("the name contains a NUL")
    } else if is_dot_git(name) {
        Some("the name means `.git` on some file system")
    } else {
        None
    }
}

/// Whether the name is a segment at all; if not, a path made of it would mean another file.
pub(super) fn is_segment(name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'/') && name != b"." && name != b".."
}

/// `.git` as some file system would take it: HFS+ skips invisible characters and ignores case, NTFS
/// drops trailing dots, spaces and streams, knows the short name `git~1` and splits at `\`.
fn is_dot_git(name: &[u8]) -> bool {
    let visible: String = String::from_utf8_lossy(name)
        .chars()
        .filter(|c| !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'))
        .collect();
    visible.split('\\').any(|segment| {
        let stem = segment.split(':').next().unwrap_or_default().trim_end_matches([' ', '.']);
        stem.eq_ignore_ascii_case(".git") || stem.eq_ignore_ascii_case("git~1")
    })
}

/// Why a path from the root cannot be written, if it cannot.
pub(super) fn path_defect(path: &[u8]) -> Option<&'static str> {
    path.split(|b| *b == b'/').find_map(name_defect)
}
