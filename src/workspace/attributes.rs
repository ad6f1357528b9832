//! The lines of `.gitattributes` that keep git from converting governed bytes.

use crate::canon::RepoPath;
use crate::canon::text::MAX_TEXT;
use crate::git::{Attributes, Edit, Oid, Repo};
use crate::tree::{Mode, Tree as _};

use super::Error;
use crate::workspace::edits::Edits;

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
    let of = |glob: &String| {
        let anchored = if glob.starts_with("**/") { glob.clone() } else { format!("/{glob}") };
        line(&anchored)
    };
    globs.iter().map(of).collect()
}

/// Whether git keeps a file by another form than the one that people read, where this is done to it.
pub fn rewrites(conversion: &str) -> bool {
    conversion.starts_with("filter=") || conversion.starts_with("working-tree-encoding=")
}

/// Adds lines at the end of the root's `.gitattributes`, and one for each of `paths` that they leave to conversion: `who` matches
/// names whatever their letter case is, and git does not.
///
/// # Errors
/// Denied, if the file of a folder below has the last word on a path.
pub fn cover<'p>(repo: &Repo, tree: Oid, lines: &str, paths: impl Iterator<Item = &'p RepoPath>, edits: &mut Edits) -> Result<(), Error> {
    let paths: Vec<&RepoPath> = paths.collect();
    if let Some((path, how)) = converted(repo, tree, &paths, edits)?.iter().find(|(_, how)| how.split(", ").any(rewrites)) {
        return Err(Error::denied(
            format!("git keeps `{path}` by another form than the one that people read ({how}), and governed files are kept as they are"),
            "take the file out of the attribute in .gitattributes, or out of the globs that are governed",
        ));
    }
    append(repo, tree, lines, edits)?;
    let left: String =
        converted(repo, tree, &paths, edits)?.iter().map(|(path, _)| line(&format!("/{}", escaped(path.as_str())))).collect();
    append(repo, tree, &left, edits)?;
    match converted(repo, tree, &paths, edits)?.first().filter(|_| !left.is_empty()) {
        Some((path, how)) => Err(Error::denied(
            format!("git attributes convert or hide `{path}` whatever the root's .gitattributes says: {how}"),
            "take the attribute out of the .gitattributes of the folder, and repeat the command",
        )),
        None => Ok(()),
    }
}

/// The paths that the attributes of a tree with these edits would convert or hide, and how.
fn converted<'p>(repo: &Repo, tree: Oid, paths: &[&'p RepoPath], edits: &Edits) -> Result<Vec<(&'p RepoPath, String)>, Error> {
    let edits: Edits = edits.iter().filter(|(path, _)| path.as_slice() == FILE).map(|(path, edit)| (path.clone(), edit.clone())).collect();
    let tree = repo.revision(repo.write_tree(Some(tree), &edits)?)?;
    let folder = |path: &RepoPath| path.as_str().rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let attributes = Attributes::read(&tree, &paths.iter().map(|path| folder(path)).collect())?;
    let of = |path: &&'p RepoPath| (*path, attributes.conversions(path.as_str()).join(", "));
    Ok(paths.iter().map(of).filter(|(_, how)| !how.is_empty()).collect())
}

/// A path as the pattern that matches it alone.
fn escaped(path: &str) -> String {
    path.chars().flat_map(|c| ['\\'].into_iter().filter(move |_| "*?[\\".contains(c)).chain([c])).collect()
}

fn line(pattern: &str) -> String {
    format!("{} {PLAIN}\n", serde_json::Value::from(pattern))
}

/// Adds lines at the end of the root's `.gitattributes`, where the last word is, unless they stand there.
pub fn append(repo: &Repo, tree: Oid, lines: &str, edits: &mut Edits) -> Result<(), Error> {
    let tree = repo.revision(tree)?;
    let listing = tree.list(&|_| false)?;
    let mut bytes = match (edits.get(FILE), listing.entries.iter().find(|entry| entry.path == FILE)) {
        (Some(Edit::Put { bytes, .. }), _) => bytes.clone(),
        (_, Some(entry)) => tree.reader().read(entry, MAX_TEXT)?,
        (_, None) => Vec::new(),
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
