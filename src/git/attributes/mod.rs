//! What the `.gitattributes` files of a tree would do to the bytes of its paths.

mod lines;
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gix::attrs::search::{MetadataCollection, Outcome};
use gix::attrs::{AssignmentRef, Search, StateRef};
use gix::glob::pattern::Case;

use crate::tree::{Mode, Tree, TreeError};
use source::Source;

/// The most bytes of these files together. Nobody writes more by hand; git's own bound for one file is a hundred times higher.
const LIMIT: u64 = 1 << 20;

/// The attributes that can make git write other bytes than those of the tree, or none at all.
const NAMES: [&str; 8] = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding", "export-subst", "export-ignore"];

/// The attributes that a tree's own `.gitattributes` files give to its paths.
///
/// They are resolved as git resolves them in a tree or an index, with the built-in macro `binary`
/// and with case-sensitive patterns. Files outside of the tree (`$GIT_DIR/info/attributes`, those of
/// the user and of the system) have no say.
pub struct Attributes {
    search: Search,
    known: MetadataCollection,
    defects: Vec<(Vec<u8>, String)>,
    /// Whether there is no such file, so that nothing has to be looked up.
    is_empty: bool,
}

impl Attributes {
    /// Reads the `.gitattributes` files of `folders` and of all folders above them; the root is the
    /// empty name. Nothing else of the tree is read, and only these folders are listed.
    pub fn read(tree: &dyn Tree, folders: &BTreeSet<String>) -> Result<Self, TreeError> {
        let mut attributes = Self { search: Search::default(), known: MetadataCollection::default(), defects: Vec::new(), is_empty: true };
        attributes.add("", b"[attr]binary -diff -merge -text", &mut Vec::new())?;
        let (sources, defects) = source::find(tree, folders)?;
        attributes.defects = defects;
        let mut reader = tree.reader();
        let mut left = LIMIT;
        for Source { folder, entry } in sources {
            if matches!(entry.mode, Mode::Submodule | Mode::Other) {
                continue;
            }
            let bytes = reader.read(&entry, left)?;
            left -= bytes.len() as u64;
            let mut wrong = Vec::new();
            attributes.add(&folder, &bytes, &mut wrong)?;
            attributes.is_empty = false;
            let located = wrong.into_iter().map(|why| (entry.path.clone(), why));
            attributes.defects.extend(located);
        }
        Ok(attributes)
    }

    fn add(&mut self, folder: &str, bytes: &[u8], defects: &mut Vec<String>) -> Result<(), TreeError> {
        let source: PathBuf = [folder, source::NAME].iter().collect();
        let lines = lines::normalize(bytes, defects);
        // Macros are git's only at the top: in other folders their lines are ignored.
        let macros = folder.is_empty();
        self.search
            .add_patterns_buffer(&lines, source, Some(Path::new("")), &mut self.known, macros)
            .map_err(|e| TreeError::Io { path: folder.to_owned(), cause: e.to_string() })
    }

    /// Paths at which attributes cannot be told for sure, and why: a `.gitattributes` that is no plain
    /// file, or one that versions and settings of git read in different ways.
    pub fn defects(&self) -> &[(Vec<u8>, String)] {
        &self.defects
    }

    /// The attributes that would convert or hide the bytes of the file at `path`, as in `filter=lfs`,
    /// `text=auto` or `ident`. A file below a folder with `export-ignore` is hidden like one that has
    /// the attribute itself. Git matches patterns by the letter or regardless of it, as a clone's file system
    /// does (`core.ignoreCase`): what either way applies counts.
    pub fn conversions(&self, path: &str) -> Vec<String> {
        if self.is_empty {
            return Vec::new();
        }
        let mut list = self.conversions_by(path, Case::Sensitive);
        for more in self.conversions_by(path, Case::Fold) {
            if !list.contains(&more) {
                list.push(more);
            }
        }
        list
    }

    fn conversions_by(&self, path: &str, case: Case) -> Vec<String> {
        let found = self.search(path, false, case);
        let states: Vec<_> = found.iter_selected().map(|found| found.assignment).collect();
        let no_text = is_no_text(&states);
        let mut list: Vec<_> = states.iter().filter(|assignment| applies(assignment, no_text)).map(ToString::to_string).collect();
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        let hidden = "export-ignore".to_owned();
        if !list.contains(&hidden) && folders.into_iter().any(|folder| self.hides(folder, case)) {
            list.push(hidden);
        }
        list
    }

    fn hides(&self, folder: &str, case: Case) -> bool {
        let found = self.search(folder, true, case);
        found.iter_selected().any(|found| found.assignment.name.as_str() == "export-ignore" && found.assignment.state == StateRef::Set)
    }

    fn search(&self, path: &str, is_folder: bool, case: Case) -> Outcome {
        let mut found = Outcome::default();
        found.initialize_with_selection(&self.known, NAMES);
        self.search.pattern_matching_relative_path(path.into(), case, Some(is_folder), &mut found);
        found
    }
}

/// Whether git leaves line ends alone whatever `crlf` and `eol` say: `crlf` has a say only where `text`
/// has none, and `eol` only where neither is unset.
fn is_no_text(states: &[AssignmentRef<'_>]) -> bool {
    let state = |name| {
        let found = states.iter().find(|found| found.name.as_str() == name);
        found.map_or(StateRef::Unspecified, |found| found.state)
    };
    match state("text") {
        StateRef::Unset => true,
        StateRef::Unspecified => state("crlf") == StateRef::Unset,
        StateRef::Set | StateRef::Value(_) => false,
    }
}

/// Whether the attribute does something in the state that it has.
fn applies(assignment: &AssignmentRef<'_>, no_text: bool) -> bool {
    let state = assignment.state;
    let has_value = matches!(state, StateRef::Value(_));
    match assignment.name.as_str() {
        "text" => state.is_set(),
        "crlf" => !no_text && state.is_set(),
        "eol" => !no_text && has_value,
        "filter" => has_value,
        // Without a value git refuses to check the file out.
        "working-tree-encoding" => state.is_set(),
        _ => state == StateRef::Set,
    }
}
