//! A folder `canon/` that was there before omega: its documents become the first drafts of the new canon.

use std::collections::BTreeMap;

use crate::canon::alias::is_canon;
use crate::canon::path::fold;
use crate::canon::{Document, DocumentName, FrontError, RepoPath, layout, policy, text};
use crate::git::Repo;
use crate::shell;
use crate::tree::{Entry, Mode, Tree};
use crate::workspace::Error;

/// More names are not read.
const SHOWN: usize = 20;

/// What a folder `canon/` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is none.
    Nothing,
    /// One with so many files and without a ledger: people put it there for their own ends.
    Ordinary(usize),
    /// One with a ledger.
    Canon,
}

/// What the `canon/` of a tree is.
pub(super) fn kind(tree: &dyn Tree) -> Result<Kind, Error> {
    let entries = entries(tree)?;
    let is_ruling = |entry: &Entry| fold(&String::from_utf8_lossy(&entry.path)) == fold(layout::ruling(0).as_str());
    Ok(match entries.len() {
        0 => Kind::Nothing,
        _ if entries.iter().any(is_ruling) => Kind::Canon,
        count => Kind::Ordinary(count),
    })
}

fn entries(tree: &dyn Tree) -> Result<Vec<Entry>, Error> {
    let is_canon = |path: &[u8]| is_canon(&String::from_utf8_lossy(path));
    let listing = tree.list(&|folder| is_canon(folder))?;
    Ok(listing.entries.into_iter().filter(|entry| is_canon(&entry.path)).collect())
}

/// The documents of the folder, as they are planted: their policy where they have one that is valid, else the planted policy above
/// their own prose.
///
/// # Errors
/// Denied, where the folder holds what is no document of a canon, names it in another way, or differs from the last commit.
pub(super) fn documents(
    repo: &Repo,
    planted: Vec<(DocumentName, Vec<u8>)>,
    stamp: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Vec<(DocumentName, Vec<u8>)>, Error> {
    let tree = match repo.head()?.commit {
        Some(commit) => repo.revision(commit)?,
        None => return Err(uncommitted(&[])),
    };
    let found: BTreeMap<String, Entry> =
        entries(&tree)?.into_iter().map(|entry| (String::from_utf8_lossy(&entry.path).into_owned(), entry)).collect();
    let foreign: Vec<&str> = found
        .iter()
        .filter(|(path, entry)| entry.mode != Mode::File || !planted.iter().any(|(name, _)| layout::document(name).as_str() == *path))
        .map(|(path, _)| path.as_str())
        .collect();
    if !foreign.is_empty() {
        let names: Vec<String> = foreign.iter().take(SHOWN).map(|path| format!("`{}`", text::visible(path))).collect();
        let more = if foreign.len() > SHOWN { format!(" and {} more", foreign.len() - SHOWN) } else { String::new() };
        return Err(Error::denied(
            format!("canon/ holds files that are not documents of a canon: {}{more}", names.join(", ")),
            format!("move them to another folder and commit, as in: mkdir -p docs && git mv {} docs/", shell::quote(foreign[0])),
        ));
    }
    // What lies in the work tree is what people see and mean.
    let lying: BTreeMap<String, Entry> =
        entries(&repo.worktree()?)?.into_iter().map(|entry| (String::from_utf8_lossy(&entry.path).into_owned(), entry)).collect();
    let worktree = repo.worktree()?;
    let read = |tree: &dyn Tree, entry: &Entry| tree.reader().read(entry, text::MAX_BYTES);
    let mut changed: Vec<String> = lying.keys().filter(|path| !found.contains_key(*path)).cloned().collect();
    let mut texts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (path, entry) in &found {
        let bytes = read(&tree, entry)?;
        let same = lying.get(path).is_some_and(|lying| read(&worktree, lying).is_ok_and(|lying| unix(&lying) == unix(&bytes)));
        if !same {
            changed.push(path.clone());
        }
        texts.insert(path.clone(), bytes);
    }
    if !changed.is_empty() {
        return Err(uncommitted(&changed));
    }
    planted
        .into_iter()
        .map(|(name, planted)| {
            let path = layout::document(&name);
            let bytes = match texts.get(path.as_str()) {
                Some(found) => adopted(&path, &name, &planted, found, stamp)?,
                None => planted,
            };
            Ok((name, bytes))
        })
        .collect()
}

fn uncommitted(changed: &[String]) -> Error {
    let names: Vec<String> = changed.iter().take(SHOWN).map(|path| format!("`{}`", text::visible(path))).collect();
    let which = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
    Error::denied(
        format!("canon/ has changes that are not committed{which}"),
        "git add canon && git commit, then repeat the command: what is adopted stays in the history",
    )
}

/// One document: whole, if it is valid as it is; else its prose under the planted front matter.
fn adopted(
    path: &RepoPath,
    name: &DocumentName,
    planted: &[u8],
    found: &[u8],
    stamp: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, Error> {
    let unfit =
        |why: String| Error::denied(format!("`{path}` cannot be adopted: {why}"), "fix the file, commit it, and repeat the command");
    let mut found = unix(found);
    if !found.ends_with(b"\n") {
        found.push(b'\n');
    }
    let is_valid = |bytes: &Vec<u8>| {
        Document::parse(bytes).is_ok_and(|(document, _)| document.document == *name) && policy::check(name, bytes).is_ok()
    };
    if let Some(whole) = stamp(&found).filter(is_valid) {
        return Ok(whole);
    }
    let text = text::check(&found).map_err(|error| unfit(error.to_string()))?;
    let head = head(std::str::from_utf8(planted).expect("planted documents are text"));
    let joined = format!("{head}\n{}", prose(text).trim_start_matches('\n')).into_bytes();
    let fits = |result: Result<_, FrontError>| result.map(drop).map_err(|error| unfit(error.to_string()));
    fits(Document::parse(&joined))?;
    Ok(joined)
}

/// The front matter with both of its lines `---`.
fn head(document: &str) -> &str {
    let end = document.strip_prefix("---\n").and_then(|rest| rest.find("\n---\n"));
    end.map_or("", |end| &document[..end + "---\n\n---\n".len()])
}

/// The text below front matter, if it has any.
fn prose(text: &str) -> &str {
    let head = head(text);
    &text[head.len()..]
}

/// The same bytes with the line ends that documents have.
fn unix(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(at + 1) == Some(&b'\n')) {
            out.push(*byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_and_prose_part_where_they_should() {
        for (text, front, below) in [
            ("---\na: 1\n---\nText\n", "---\na: 1\n---\n", "Text\n"),
            ("# Text\n---\nx\n---\n", "", "# Text\n---\nx\n---\n"),
            ("---\nno end\n", "", "---\nno end\n"),
            ("", "", ""),
        ] {
            assert_eq!((head(text), prose(text)), (front, below), "{text}");
        }
        assert_eq!(unix(b"a\r\nb\rc\r"), b"a\nb\rc\r");
    }
}
