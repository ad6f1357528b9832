//! Which `.gitattributes` files a tree has.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::git::rev_tree::join;
use crate::tree::{Entry, Mode, Tree, TreeError};

pub(super) const NAME: &str = ".gitattributes";

/// One file and the folder for which it speaks.
pub(super) struct Source {
    pub(super) folder: String,
    pub(super) entry: Entry,
}

type Defects = Vec<(Vec<u8>, String)>;

/// The files of `folders` and of the folders above them, the outer before the inner.
pub(super) fn find(tree: &dyn Tree, folders: &BTreeSet<String>) -> Result<(Vec<Source>, Defects), TreeError> {
    let wanted = with_parents(folders);
    let subfolders = RefCell::new(BTreeSet::new());
    let listing = tree.list(&|folder| {
        if is_named(last(folder)) {
            subfolders.borrow_mut().insert(folder.to_vec());
        }
        std::str::from_utf8(folder).is_ok_and(|folder| wanted.contains(folder))
    })?;
    let mut defects: Defects = listing.defects;
    defects.retain(|(path, _)| is_named(last(path)));
    for path in subfolders.into_inner() {
        defects.push((path, format!("a folder where git looks for `{NAME}`")));
    }
    let mut sources = Vec::new();
    for folder in wanted {
        let exact = join(folder.as_bytes(), NAME.as_bytes());
        for entry in listing.entries.iter().filter(|entry| entry.path == exact) {
            if let Some(why) = mode_defect(entry.mode) {
                defects.push((entry.path.clone(), why.to_owned()));
            }
            sources.push(Source { folder: folder.to_owned(), entry: entry.clone() });
        }
    }
    for entry in &listing.entries {
        let name = last(&entry.path);
        if is_named(name) && name != NAME.as_bytes() {
            let why = format!("taken for `{NAME}` where file names ignore case");
            defects.push((entry.path.clone(), why));
        }
    }
    Ok((sources, defects))
}

fn mode_defect(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::File | Mode::Exec => None,
        Mode::Link => Some("a symbolic link: git does not follow it, but takes its target for attributes"),
        Mode::Submodule => Some("a submodule, not a plain file"),
        Mode::Other => Some("not a plain file"),
    }
}

/// Git reads the files of all folders above a path.
fn with_parents(folders: &BTreeSet<String>) -> BTreeSet<&str> {
    let mut all = BTreeSet::from([""]);
    for folder in folders {
        all.insert(folder);
        all.extend(folder.match_indices('/').map(|(at, _)| &folder[..at]));
    }
    all
}

fn last(path: &[u8]) -> &[u8] {
    path.rsplit(|b| *b == b'/').next().unwrap_or_default()
}

fn is_named(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(NAME.as_bytes())
}
