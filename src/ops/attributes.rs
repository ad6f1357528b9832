//! The lines of `.gitattributes` that keep git from converting governed bytes.

use crate::canon::text::MAX_TEXT;
use crate::git::{Edit, Oid, Repo};
use crate::tree::{Mode, Tree as _};

use super::Error;
use super::desk::Edits;

/// The file that omega adds lines to.
pub const FILE: &[u8] = b".gitattributes";

/// What git is told of each governed path. `-working-tree-encoding` means the same to git as the `!` here, and is an
/// error to the library that checks out.
const PLAIN: &str = "-text -ident -filter !working-tree-encoding -export-ignore -export-subst";

/// The lines for `canon/` itself.
pub fn canon_lines() -> String {
    format!("# governed bytes are never converted\n/canon/** {PLAIN}\n/canon/bytes/* linguist-generated\n")
}

/// A line for each glob of governed paths.
pub fn lines_for(globs: &[String]) -> String {
    let line = |glob: &String| {
        let anchored = if glob.starts_with("**/") { glob.clone() } else { format!("/{glob}") };
        format!("{} {PLAIN}\n", serde_json::Value::from(anchored))
    };
    globs.iter().map(line).collect()
}

/// Adds lines at the end of the root's `.gitattributes`, where the last word is, unless they stand there.
pub fn append(repo: &Repo, tree: Oid, lines: &str, edits: &mut Edits) -> Result<(), Error> {
    let tree = repo.revision(tree)?;
    let listing = tree.list(&|_| false)?;
    let mut bytes = match listing.entries.iter().find(|entry| entry.path == FILE) {
        Some(entry) => tree.reader().read(entry, MAX_TEXT)?,
        None => Vec::new(),
    };
    let known: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let missing: String = lines.lines().filter(|line| !known.contains(&line.as_bytes())).map(|line| format!("{line}\n")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(missing.as_bytes());
    edits.insert(FILE.to_vec(), Edit::Put { mode: Mode::File, bytes });
    Ok(())
}

/// Whether a file of attributes only gained lines that omega writes.
pub fn only_keeps(old: &[u8], new: &[u8]) -> bool {
    let Some(more) = new.strip_prefix(old) else { return false };
    let more = if old.is_empty() || old.ends_with(b"\n") { Some(more) } else { more.strip_prefix(b"\n") };
    let is_ours = |line: &str| line.strip_suffix(PLAIN).is_some_and(|glob| glob.ends_with(' '));
    more.and_then(|more| std::str::from_utf8(more).ok()).is_some_and(|more| more.ends_with('\n') && more.lines().all(is_ours))
}

#[cfg(test)]
mod tests {
    use super::{lines_for, only_keeps};

    #[test]
    fn only_lines_that_keep_bytes_as_they_are_count_as_omegas() {
        let line = lines_for(&["prompts/**".to_owned()]);
        for (old, new, keeps) in [
            ("", line.clone(), true),
            ("*.rs text", format!("*.rs text\n{line}"), true),
            ("*.rs text\n", format!("*.rs text\n{line}"), true),
            ("*.rs text\n", line.clone(), false),
            ("", format!("{line}*.rs -diff\n"), false),
            ("", format!("{} -diff\n", line.trim_end()), false),
            ("*.rs text\n", "*.rs text\n".to_owned(), false),
        ] {
            assert_eq!(only_keeps(old.as_bytes(), new.as_bytes()), keeps, "{new}");
        }
    }
}
