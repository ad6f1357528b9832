//! What git does to the bytes of a file between disk and object: line ends, encodings, `$Id$`, filter programs.

use std::io::Read;
use std::path::Path;

use gix::attrs::StateRef;
use gix::bstr::ByteSlice;
use gix::filter::plumbing::pipeline::convert::ToGitOutcome;
use gix::worktree::stack::state::attributes::Source;

use super::GitError;
use super::database::Database;
use super::folder::resolve;

/// The attributes by which git stores other bytes than those on disk, line ends aside.
const REWRITING: [&str; 3] = ["filter", "ident", "working-tree-encoding"];

/// Converts as git does, by the attributes and the configuration of a clone. Programs run only where git would run them:
/// those that the configuration names, if the repository is the user's own.
pub(super) struct Conversion {
    database: Database,
    pipeline: gix::filter::plumbing::Pipeline,
    attributes: gix::worktree::Stack,
}

impl Conversion {
    /// By the `.gitattributes` of an index alone, or of the work tree first.
    pub(super) fn new(local: gix::Repository, index: &gix::index::State, source: Source) -> Result<Self, GitError> {
        let failed = |e: &gix::Error| GitError::git("read the attributes", e);
        let stack = local.attributes_only(index, source).map_err(|e| failed(&e))?.detach();
        let pipeline = gix::filter::Pipeline::new(&local, stack).map_err(|e| failed(&e))?;
        let (pipeline, attributes) = pipeline.into_parts();
        Ok(Self { pipeline, attributes, database: Database::new(local) })
    }

    /// What git would store of these bytes of a file. `index` is the one that the conversion was made for.
    pub(super) fn git_form(&mut self, path: &[u8], bytes: &[u8], index: &gix::index::State) -> Result<Vec<u8>, GitError> {
        let name = resolve(Path::new(""), path).map_err(|e| GitError::io("name", Path::new(""), &e))?;
        let failed = |e: &(dyn std::error::Error + 'static)| GitError::git(format!("convert `{}`", path.as_bstr()), e);
        let objects = &self.database;
        let place = self.attributes.at_entry(path.as_bstr(), None, objects).map_err(|e| failed(&e))?;
        let mut attributes = |_: &gix::bstr::BStr, out: &mut gix::attrs::search::Outcome| {
            place.matching_attributes(out);
        };
        // Automatic line ends depend on what is staged.
        let mut staged = |buffer: &mut Vec<u8>| {
            let Some(entry) = index.entry_by_path(path.as_bstr()) else { return Ok(None) };
            let object = gix::objs::Find::try_find(objects, &entry.id, buffer)?;
            Ok(object.filter(|object| object.kind == gix::objs::Kind::Blob).map(|_| ()))
        };
        let mut converted = Vec::new();
        match self.pipeline.convert_to_git(bytes, &name, &mut attributes, &mut staged).map_err(|e| failed(&e))? {
            ToGitOutcome::Unchanged(same) => converted.extend_from_slice(same),
            ToGitOutcome::Buffer(buffer) => converted.extend_from_slice(buffer),
            ToGitOutcome::Process(mut process) => {
                process.read_to_end(&mut converted).map_err(|e| failed(&e))?;
            }
        }
        Ok(converted)
    }

    /// What git would write to disk.
    pub(super) fn disk_form(&mut self, path: &[u8], bytes: &[u8]) -> Result<Vec<u8>, GitError> {
        let failed = |e: &(dyn std::error::Error + 'static)| GitError::git(format!("convert `{}`", path.as_bstr()), e);
        let place = self.attributes.at_entry(path.as_bstr(), None, &self.database).map_err(|e| failed(&e))?;
        let mut attributes = |_: &gix::bstr::BStr, out: &mut gix::attrs::search::Outcome| {
            place.matching_attributes(out);
        };
        let mut converted = Vec::new();
        self.pipeline
            .convert_to_worktree(bytes, path.as_bstr(), &mut attributes, Default::default())
            .map_err(|e| failed(&e))?
            .read_to_end(&mut converted)
            .map_err(|e| failed(&e))?;
        Ok(converted)
    }

    /// The attributes of a path by which git rewrites more than line ends, as in `filter=lfs`.
    pub(super) fn rewriting(&mut self, path: &[u8]) -> Result<Vec<String>, GitError> {
        let mut found = self.attributes.selected_attribute_matches(REWRITING);
        let place = self.attributes.at_entry(path.as_bstr(), None, &self.database);
        place.map_err(|e| GitError::git(format!("read the attributes of `{}`", path.as_bstr()), &e))?.matching_attributes(&mut found);
        let applies = |state: StateRef<'_>, name: &str| match name {
            "ident" => state == StateRef::Set,
            "filter" => matches!(state, StateRef::Value(_)),
            _ => matches!(state, StateRef::Value(value) if !value.as_bstr().eq_ignore_ascii_case(b"utf-8")),
        };
        let assignments = found.iter_selected().map(|found| found.assignment);
        Ok(assignments.filter(|a| applies(a.state, a.name.as_str())).map(|a| a.to_string()).collect())
    }
}

/// Whether a path is written and read byte for byte, whatever attributes or configuration say: all that omega itself keeps.
pub(super) fn is_raw(path: &[u8]) -> bool {
    path.starts_with(b"canon/")
}
