//! Repositories in a format that is not understood here, of which only git can say anything.

use std::ffi::OsStr;
use std::path::Path;

use super::ask::Ask;

/// Whether anything lies under `canon/` in a repository whose format is not understood: in one of `commits`, at HEAD or, where
/// a commit is about to be made, in the index. `told` are the variables by which git named the repository to its hook. Nothing
/// is the answer where git does not know either.
pub fn has_canon(dir: &Path, told: &[(&str, &OsStr)], staged: bool, commits: &[String]) -> Option<bool> {
    let ask = |args: &[&str]| Ask { dir, args, input: None, more: told }.answer().ok();
    let has = |names: &str| names.split('\0').any(|path| path.split('/').next().is_some_and(|first| first.to_lowercase() == "canon"));
    if staged {
        let index = ask(&["ls-files", "-z", "--full-name", "--", ":(top,icase)canon"])?;
        if index.code != 0 {
            return None;
        }
        if has(&index.text) {
            return Some(true);
        }
    }
    // An unborn branch has nothing.
    let head = ask(&["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let head = (head.code == 0).then(|| "HEAD".to_owned());
    for commit in head.iter().chain(commits) {
        let tree = ask(&["ls-tree", "-z", "--name-only", "--full-tree", commit])?;
        if tree.code != 0 {
            return None;
        }
        if has(&tree.text) {
            return Some(true);
        }
    }
    Some(false)
}
