//! What remotes call their branches, and where a clone keeps what it fetched of them.

use std::collections::BTreeMap;

use gix::remote::Direction;

use super::{GitError, Oid, Repo};

impl Repo {
    /// The branch that a remote calls its main one (`refs/remotes/NAME/HEAD`), by its short name; `origin` is asked first.
    pub fn remote_head(&self) -> Result<Option<String>, GitError> {
        for remote in self.remotes() {
            let folder = format!("refs/remotes/{remote}/");
            let meant = self.meant_by(&format!("{folder}HEAD"))?;
            // After a branch was renamed there, a fetch leaves this as it was, and it leads to nothing.
            if let Some(short) = meant.strip_prefix(&folder).filter(|short| *short != "HEAD")
                && self.find_ref(&meant)?.is_some()
            {
                return Ok(Some(short.to_owned()));
            }
        }
        Ok(None)
    }

    /// What was fetched of a branch, given by its full name: from every remote the branch with that name, and the one that it
    /// tracks. Each by its full name here.
    pub fn fetched(&self, branch: &str) -> Result<BTreeMap<String, Oid>, GitError> {
        let short = branch.strip_prefix("refs/heads/").unwrap_or(branch);
        let mut names: Vec<String> = self.remotes().iter().map(|remote| format!("refs/remotes/{remote}/{short}")).collect();
        let full = self.ref_name(branch)?;
        // A setting that makes no sense names nothing.
        if let Some(Ok(tracked)) = self.local().branch_remote_tracking_ref_name(full.as_ref(), Direction::Fetch) {
            names.push(tracked.as_bstr().to_string());
        }
        let mut fetched = BTreeMap::new();
        for name in names {
            if let Some(tip) = self.find_ref(&name)? {
                fetched.insert(name, tip);
            }
        }
        Ok(fetched)
    }

    /// The names of all remotes, `origin` first.
    pub fn remotes(&self) -> Vec<String> {
        let mut names: Vec<String> = self.local().remote_names().iter().map(ToString::to_string).collect();
        names.sort_by_key(|name| name != "origin");
        names
    }
}
