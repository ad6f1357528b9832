use super::*;
use crate::git::{CheckoutReport, GitError};

fn refused(result: Result<CheckoutReport, GitError>) -> Vec<String> {
    match result {
        Err(GitError::WouldOverwrite(paths)) => paths.iter().map(|p| String::from_utf8_lossy(p).into_owned()).collect(),
        other => panic!("{other:?}"),
    }
}

/// A repository at `before`, and a commit on it.
fn at(files: &[(&str, &str)], edits: &BTreeMap<Vec<u8>, Edit>) -> (Sandbox, Oid, Oid) {
    let sandbox = Sandbox::new();
    let before = sandbox.commit(files);
    let after = commit_on(&sandbox.open(), Some(before), edits);
    (sandbox, before, after)
}

fn settle(sandbox: &Sandbox, to: Oid) -> String {
    sandbox.git(&["update-ref", "refs/heads/main", &to.to_string()]);
    sandbox.status()
}

#[test]
fn uncommitted_content_is_never_lost() {
    let edits = edits([("a", put("new")), ("del", Edit::Remove), ("fresh", put("new")), ("dir", put("file"))]);
    let (sandbox, before, after) = at(&[("a", "1"), ("del", "1"), ("dir/x", "1"), ("other", "1")], &edits);
    let edits = super::edits([("dir/x", Edit::Remove), ("dir", put("file"))]);
    let repo = sandbox.open();
    let after = repo.write_tree(Some(after), &edits).unwrap();
    sandbox.write("a", "mine");
    sandbox.write("del", "mine");
    sandbox.write("fresh", "mine");
    sandbox.write("dir/untracked", "mine");
    assert_eq!(refused(repo.checkout(Some(before), after, &|_| false)), ["a", "del", "dir/untracked", "fresh"]);
    assert_eq!(sandbox.read("a"), "mine");
    assert_eq!(sandbox.read("dir/x"), "1");
    std::fs::remove_file(sandbox.path().join("dir/untracked")).unwrap();
    let report = repo.checkout(Some(before), after, &|path| path != b"other").unwrap();
    assert_eq!(report, CheckoutReport { written: 3, removed: 2, refreshed: 0 });
    assert_eq!(sandbox.read("dir"), "file");
    assert!(!sandbox.path().join("del").exists());
}

#[test]
fn staged_content_of_the_paths_is_kept_and_other_stays_staged() {
    let (sandbox, before, after) = at(&[("a", "1"), ("other", "1")], &edits([("a", put("2")), ("canon/x", put("3"))]));
    let repo = sandbox.open();
    sandbox.write("a", "staged");
    sandbox.git(&["add", "a"]);
    sandbox.write("a", "1");
    assert_eq!(refused(repo.checkout(Some(before), after, &|_| false)), ["a"]);
    sandbox.git(&["add", "a"]);
    sandbox.write("other", "staged");
    sandbox.git(&["add", "other"]);
    sandbox.write("untracked", "x");
    repo.checkout(Some(before), after, &|_| false).unwrap();
    assert_eq!(settle(&sandbox, after), "M  other\n?? untracked");
    // Later commits record what the index says, not what an old cached tree said.
    sandbox.git(&["commit", "-qm", "next"]);
    assert_eq!(sandbox.git(&["diff", "--name-only", &after.to_string(), "HEAD"]), "other");
    sandbox.fsck();
}

#[test]
fn repeating_after_a_kill_finishes_the_work() {
    let edits = edits([("a", put("2")), ("b", Edit::Remove), ("canon/c", put("3"))]);
    let (sandbox, before, after) = at(&[("a", "1"), ("b", "1")], &edits);
    // Killed in the middle: one file written, one removed, the index untouched.
    sandbox.write("a", "2");
    std::fs::remove_file(sandbox.path().join("b")).unwrap();
    let report = sandbox.open().checkout(Some(before), after, &|_| false).unwrap();
    assert_eq!(report, CheckoutReport { written: 1, removed: 0, refreshed: 1 });
    assert_eq!(settle(&sandbox, after), "");
    let again = sandbox.open().checkout(Some(before), after, &|_| false).unwrap();
    assert_eq!(again, CheckoutReport { written: 0, removed: 0, refreshed: 2 });
    assert_eq!(sandbox.status(), "");
}

#[test]
fn folders_and_files_change_places() {
    let edits = edits([("f", Edit::Remove), ("f/in", put("1")), ("d/x/y", Edit::Remove), ("d", put("1"))]);
    let (sandbox, before, after) = at(&[("f", "0"), ("d/x/y", "0")], &edits);
    std::fs::create_dir_all(sandbox.path().join("d/empty/deep")).unwrap();
    let repo = sandbox.open();
    repo.checkout(Some(before), after, &|_| false).unwrap();
    assert_eq!(settle(&sandbox, after), "");
    repo.checkout(Some(after), before, &|_| false).unwrap();
    assert_eq!(settle(&sandbox, before), "");
    assert!(!sandbox.path().join(".git/omega/scratch").exists());
}

#[test]
fn nothing_is_written_through_a_link() {
    let (sandbox, before, after) = at(&[("a", "1")], &edits([("canon/x", put("evil"))]));
    let outside = sandbox.home().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.path().join("canon")).unwrap();
    let repo = sandbox.open();
    assert_eq!(refused(repo.checkout(Some(before), after, &|_| true)), ["canon"]);
    assert!(!outside.join("x").exists());
}

#[test]
fn modes_and_links_arrive() {
    use std::os::unix::fs::PermissionsExt;
    let edits = edits([
        ("a", Edit::Put { mode: Mode::Exec, bytes: b"1".to_vec() }),
        ("l", Edit::Put { mode: Mode::Link, bytes: b"a".to_vec() }),
        ("tool", put("1")),
    ]);
    let (sandbox, before, after) = at(&[("a", "1"), ("l", "was a file")], &edits);
    let repo = sandbox.open();
    repo.checkout(Some(before), after, &|_| false).unwrap();
    assert_eq!(settle(&sandbox, after), "");
    let mode = |name: &str| std::fs::symlink_metadata(sandbox.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("a") & 0o100, 0o100);
    assert_eq!(mode("tool") & 0o111, 0);
    assert_eq!(mode("tool") & 0o400, 0o400);
    assert_eq!(std::fs::read_link(sandbox.path().join("l")).unwrap(), Path::new("a"));
    // A mode that is neither the old nor the new one is somebody's work too.
    let other = commit_on(&repo, Some(after), &super::edits([("a", Edit::Put { mode: Mode::Exec, bytes: b"2".to_vec() })]));
    std::fs::set_permissions(sandbox.path().join("a"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(refused(repo.checkout(Some(after), other, &|_| false)), ["a"]);
    // This one is the new one.
    repo.checkout(Some(after), before, &|_| false).unwrap();
    assert_eq!(settle(&sandbox, before), "");
}

#[test]
fn attributes_convert_outside_of_the_canon_only() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.safecrlf", "false"]);
    let before = sandbox.commit(&[("a.txt", "1\n"), ("old.txt", "1\n")]);
    let repo = sandbox.open();
    let attributes = edits([(".gitattributes", put("*.txt text eol=crlf\n")), ("a.txt", put("2\n")), ("canon/a.txt", put("2\n"))]);
    let after = commit_on(&repo, Some(before), &attributes);
    repo.checkout(Some(before), after, &|_| false).unwrap();
    assert_eq!(sandbox.read("a.txt"), "2\r\n");
    assert_eq!(sandbox.read("canon/a.txt"), "2\n");
    assert_eq!(settle(&sandbox, after), "");
    // Converted content is recognised as committed.
    let next = commit_on(&repo, Some(after), &edits([("a.txt", put("3\n"))]));
    repo.checkout(Some(after), next, &|_| false).unwrap();
    assert_eq!(sandbox.read("a.txt"), "3\r\n");
    assert_eq!(settle(&sandbox, next), "");
}

#[test]
fn sparse_paths_stay_out_of_the_work_tree() {
    let sandbox = Sandbox::new();
    let before = sandbox.commit(&[("in/a", "1"), ("out/b", "1")]);
    sandbox.git(&["sparse-checkout", "set", "--no-cone", "/in/"]);
    let repo = sandbox.open();
    let after = commit_on(&repo, Some(before), &edits([("in/a", put("2")), ("out/b", put("2"))]));
    repo.checkout(Some(before), after, &|_| false).unwrap();
    assert!(!sandbox.path().join("out").exists());
    assert_eq!(settle(&sandbox, after), "");
    sandbox.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    assert_eq!(shape(&repo.index().unwrap()).0, ["in/a File", "out/b File"]);
    // A sparse index is spelled out where it has to be, and git folds it again.
    repo.checkout(Some(after), before, &|_| false).unwrap();
    assert!(!sandbox.path().join("out").exists());
    assert_eq!(sandbox.read("in/a"), "1");
    assert_eq!(settle(&sandbox, before), "");
    sandbox.git(&["sparse-checkout", "reapply"]);
    assert_eq!(sandbox.git(&["ls-files", "--sparse"]), "in/a\nout/");
    sandbox.git(&["config", "advice.sparseIndexExpanded", "false"]);
    sandbox.fsck();
}

#[test]
fn a_busy_index_is_an_error() {
    let (sandbox, before, after) = at(&[("a", "1")], &edits([("a", put("2"))]));
    std::fs::write(sandbox.path().join(".git/index.lock"), "").unwrap();
    assert!(matches!(sandbox.open().checkout(Some(before), after, &|_| false), Err(GitError::Git { .. })));
    assert_eq!(sandbox.read("a"), "1");
}
