use super::*;

/// Trees for base, ours and theirs; what results and what conflicts.
fn merged(base: &[(&str, &str)], ours: &[(&str, &str)], theirs: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let sandbox = Sandbox::new();
    let repo = sandbox.open();
    let tree = |files: &[(&str, &str)]| {
        let edits = files.iter().map(|(path, text)| (path.as_bytes().to_vec(), put(text))).collect();
        repo.write_tree(None, &edits).unwrap()
    };
    let (base, ours, theirs) = (tree(base), tree(ours), tree(theirs));
    let merge = repo.merge_trees(Some(base), ours, theirs).unwrap();
    let result = repo.write_tree(Some(ours), &merge.edits).unwrap();
    sandbox.fsck();
    let revision = repo.revision(result).unwrap();
    let mut reader = revision.reader();
    let files = revision.list(&|_| true).unwrap().entries;
    let show = |e: &crate::tree::Entry, bytes: Vec<u8>| format!("{}={}", String::from_utf8_lossy(&e.path), String::from_utf8_lossy(&bytes));
    (
        files.iter().map(|e| show(e, reader.read(e, 99).unwrap())).collect(),
        merge.conflicts.iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect(),
    )
}

fn clean(files: &[&str]) -> (Vec<String>, Vec<String>) {
    (files.iter().map(ToString::to_string).collect(), vec![])
}

#[test]
fn changes_of_one_side_are_taken() {
    let base = [("a", "1"), ("d/x", "1"), ("d/y", "1"), ("gone", "1")];
    let ours = [("a", "2"), ("d/x", "1"), ("d/y", "1"), ("gone", "1"), ("new/ours", "o")];
    let theirs = [("a", "1"), ("d/x", "2"), ("d/y", "1"), ("new/theirs", "t")];
    assert_eq!(merged(&base, &ours, &theirs), clean(&["a=2", "d/x=2", "d/y=1", "new/ours=o", "new/theirs=t"]));
}

#[test]
fn the_same_change_on_both_sides_is_no_conflict() {
    assert_eq!(merged(&[("a", "1"), ("b", "1")], &[("a", "2")], &[("a", "2")]), clean(&["a=2"]));
}

#[test]
fn different_changes_conflict_and_leave_ours() {
    let (files, conflicts) = merged(&[("a", "1"), ("b", "1"), ("c", "1")], &[("a", "2"), ("c", "2")], &[("a", "3"), ("b", "2")]);
    assert_eq!(files, ["a=2", "c=2"]);
    assert_eq!(conflicts, ["a", "b", "c"]);
}

#[test]
fn files_become_folders_and_back() {
    assert_eq!(merged(&[("a", "1")], &[("a", "1"), ("z", "1")], &[("a/b", "2")]), clean(&["a/b=2", "z=1"]));
    assert_eq!(merged(&[("a/b", "1")], &[("a/b", "1"), ("z", "1")], &[("a", "2")]), clean(&["a=2", "z=1"]));
    // Our new file keeps the folder that theirs replaced.
    let (_, conflicts) = merged(&[("a/b", "1")], &[("a/b", "1"), ("a/c", "1")], &[("a", "2")]);
    assert_eq!(conflicts, ["a"]);
}

#[test]
fn unrelated_histories_add_up() {
    let sandbox = Sandbox::new();
    let repo = sandbox.open();
    let one = repo.write_tree(None, &edits([("a", put("1")), ("same", put("s"))])).unwrap();
    let two = repo.write_tree(None, &edits([("b", put("1")), ("same", put("s"))])).unwrap();
    let merge = repo.merge_trees(None, one, two).unwrap();
    assert_eq!(merge.edits.keys().collect::<Vec<_>>(), [b"b"]);
    assert!(merge.conflicts.is_empty());
}
