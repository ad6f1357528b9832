//! What a revision names: as git reads it, and never one of two things.

use gix::bstr::BStr;
use gix::revision::spec::parse::{ObjectKindHint, Options, RefsHint};

use super::error::chain;
use super::refs::beside_packing;
use super::{GitError, Oid, Repo};

/// One thing that a name can stand for: how it is written in full, and the commit, if it names one.
type Meaning = (String, Option<gix::ObjectId>);

impl Repo {
    /// The commit that `rev` names, in any of git's spellings; tags are peeled.
    ///
    /// Git takes the first of several refs with one name, and a ref before the abbreviated id of a commit: who may push tags or
    /// branches could choose what is judged. A name of different commits is refused.
    pub fn resolve(&self, rev: &str) -> Result<Oid, GitError> {
        let is_answer = |found: &Result<Oid, GitError>| !matches!(found, Err(GitError::NoRevision { .. } | GitError::Revision { .. }));
        self.database().again(is_answer, |repo| self.resolve_in(repo, rev))
    }

    fn resolve_in(&self, repo: &gix::Repository, rev: &str) -> Result<Oid, GitError> {
        let failed = |cause| GitError::Revision { rev: rev.to_owned(), cause };
        let name = rev.find(['~', '^', '@', ':']).map_or(rev, |end| &rev[..end]);
        let meanings = match gix::ObjectId::from_hex(name.as_bytes()) {
            // A whole id is the object, and never a ref of that name.
            Ok(id) if id.kind() == repo.object_hash() => {
                if !repo.has_object(id) {
                    return Err(GitError::NoRevision { rev: rev.to_owned() });
                }
                Vec::new()
            }
            _ => self.meanings(repo, name)?,
        };
        if let Some((first, other)) = meanings.first().zip(meanings.iter().find(|(_, commit)| *commit != meanings[0].1)) {
            return Err(GitError::Ambiguous { rev: rev.to_owned(), first: first.0.clone(), other: other.0.clone() });
        }
        let full = meanings.first().map_or_else(|| rev.to_owned(), |(full, _)| format!("{full}{}", &rev[name.len()..]));
        if let Some(refs) = self.reftable() {
            return refs.commit(&full)?.map_err(|_| GitError::NoRevision { rev: rev.to_owned() });
        }
        // Of objects whose ids begin alike, the one that can be meant.
        let options = Options { object_kind_hint: Some(ObjectKindHint::Committish), ..Options::default() };
        let spec = gix::revision::Spec::from_bstr(BStr::new(&full), repo, options).ok();
        let id = spec.and_then(|spec| spec.single()).ok_or_else(|| GitError::NoRevision { rev: rev.to_owned() })?;
        let object = id.object().map_err(|e| failed(chain(&e)))?;
        let commit = object.peel_to_kind(gix::objs::Kind::Commit).map_err(|e| failed(chain(&e)))?;
        Ok(Oid::of(&commit.id))
    }

    /// All that a name can stand for, in git's order (gitrevisions, "`<refname>`"), then as the beginning of an id.
    fn meanings(&self, repo: &gix::Repository, name: &str) -> Result<Vec<Meaning>, GitError> {
        let commit_at = |id: gix::Id<'_>| id.object().ok()?.peel_to_commit().ok().map(|commit| commit.id);
        let mut found: Vec<Meaning> = Vec::new();
        // Names like HEAD and FETCH_HEAD are files of git's own.
        let own = !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let folders = [if own || name.starts_with("refs/") { "" } else { "refs/" }, "refs/tags/", "refs/heads/", "refs/remotes/"];
        for full in folders.iter().map(|folder| format!("{folder}{name}")).chain([format!("refs/remotes/{name}/HEAD")]) {
            let commit = if self.reftable().is_some() {
                let Ok(Some(id)) = self.find_ref(&full) else { continue };
                repo.find_object(id.gix()).ok().and_then(|object| object.peel_to_commit().ok()).map(|commit| commit.id)
            } else {
                let found = beside_packing(repo, || format!("read `{full}`"), |repo| repo.try_find_reference(&*full));
                let Ok(Some(mut reference)) = found else { continue };
                // Only a ref of just this name counts: the library looks further by itself.
                if reference.name().as_bstr() != full {
                    continue;
                }
                reference.peel_to_id().ok().and_then(commit_at)
            };
            found.push((full.clone(), commit));
            if name == "HEAD" || name.starts_with("refs/") {
                return Ok(found);
            }
        }
        let described = name.rsplit_once("-g").map(|(_, id)| id).filter(|id| is_hex(id));
        if let Some(id) = described.or_else(|| is_hex(name).then_some(name)).filter(|_| !found.is_empty()) {
            let options = Options { refs_hint: RefsHint::PreferObject, object_kind_hint: Some(ObjectKindHint::Committish) };
            let spec = gix::revision::Spec::from_bstr(BStr::new(id), repo, options);
            if let Some(id) = spec.ok().and_then(|spec| spec.single()) {
                found.push((id.to_string(), commit_at(id)));
            }
        }
        Ok(found)
    }
}

/// Whether this could be an id, or the beginning of one.
fn is_hex(text: &str) -> bool {
    (4..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
