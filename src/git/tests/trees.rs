use super::*;
use crate::git::FolderTree;
use crate::tree::{Entry, TreeError};

type RawEntries<'a> = &'a [(&'a str, &'a [u8], Oid)];

fn raw_tree(sandbox: &Sandbox, entries: &[(&str, &[u8], Oid)]) -> Oid {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    let text = sandbox.git_with(&["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], &bytes);
    text.parse().unwrap()
}

fn blob(sandbox: &Sandbox, text: &str) -> Oid {
    sandbox.git_with(&["hash-object", "-w", "--stdin"], text.as_bytes()).parse().unwrap()
}

#[test]
fn malformed_trees_are_told_not_repaired() {
    let sandbox = Sandbox::new();
    let (one, two) = (blob(&sandbox, "1"), blob(&sandbox, "2"));
    let sub = raw_tree(&sandbox, &[("100644", b"x", one)]);
    let repo = sandbox.open();
    let cases: [(RawEntries<'_>, &str); 13] = [
        (&[("100644", b"a", one), ("100644", b"a", two)], "a: the name occurs twice in its folder"),
        (&[("100644", b"a", one), ("100644", b"a.b", two), ("40000", b"a", sub)], "a: the name occurs twice in its folder"),
        (&[("100644", b"b", one), ("100644", b"a", two)], "a: the entry is not in git's order"),
        (&[("40000", b"a", sub), ("100644", b"a.b", two)], "a.b: the entry is not in git's order"),
        (&[("040000", b"a", sub)], "a: the mode has leading zeros"),
        (&[("100664", b"a", one)], "a: the mode 100664 is none that git writes"),
        (&[("100644", b"a/b", one)], "a/b: the name contains a slash"),
        (&[("100644", b"", one)], ": the name is empty"),
        (&[("40000", b"..", sub)], "..: the name is a relative folder"),
        (&[("40000", b".GIT", sub)], ".GIT: the name means `.git` on some file system"),
        (&[("40000", b"git~1", sub)], "git~1: the name means `.git` on some file system"),
        (&[("40000", b".git .", sub)], ".git .: the name means `.git` on some file system"),
        (&[("100644", b"a", Oid::from([0; 20]))], "a: the object id is null"),
    ];
    for (entries, defect) in cases {
        let root = raw_tree(&sandbox, entries);
        let (_, defects) = shape(&repo.revision(root).unwrap());
        assert_eq!(defects, [defect]);
        // The same below a folder.
        let above = raw_tree(&sandbox, &[("40000", b"dir", root)]);
        assert_eq!(shape(&repo.revision(above).unwrap()).1, [format!("dir/{defect}")]);
    }
    let torn: Oid = sandbox.git_with(&["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], b"100644 a\0short").parse().unwrap();
    let error = repo.revision(torn).unwrap().list(&|_| true).unwrap_err();
    assert!(matches!(error, TreeError::Corrupt { .. }), "{error}");
}

#[test]
fn a_tree_bomb_is_refused() {
    let sandbox = Sandbox::new();
    let names: Vec<_> = (0..2_000).map(|n| format!("{n:04}").into_bytes()).collect();
    let mut tree = raw_tree(&sandbox, &[("100644", b"x", blob(&sandbox, "1"))]);
    for _ in 0..3 {
        let entries: Vec<_> = names.iter().map(|name| ("40000", name.as_slice(), tree)).collect();
        tree = raw_tree(&sandbox, &entries);
    }
    let revision = sandbox.open().revision(tree).unwrap();
    let error = revision.list(&|_| true).unwrap_err();
    assert!(matches!(error, TreeError::TooMuch { .. }), "{error}");
}

#[test]
fn long_names_count_for_each_file_below_them() {
    let sandbox = Sandbox::new();
    let id = blob(&sandbox, "1");
    let names: Vec<_> = (0..20_000).map(|n| format!("{n:05}").into_bytes()).collect();
    let entries: Vec<_> = names.iter().map(|name| ("100644", name.as_slice(), id)).collect();
    let (mut tree, long) = (raw_tree(&sandbox, &entries), vec![b'd'; 250]);
    let repo = sandbox.open();
    assert_eq!(repo.revision(tree).unwrap().list(&|_| true).unwrap().entries.len(), 20_000);
    for _ in 0..30 {
        tree = raw_tree(&sandbox, &[("40000", long.as_slice(), tree)]);
    }
    let error = repo.revision(tree).unwrap().list(&|_| true).unwrap_err();
    assert!(error.to_string().contains("the names of the tree's files take more than 128 MiB"), "{error}");
}

#[test]
fn the_views_of_one_commit_agree() {
    let sandbox = Sandbox::new();
    sandbox.write("tool", "#!");
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(sandbox.path().join("tool"), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("tool", sandbox.path().join("link")).unwrap();
    }
    let head = sandbox.commit(&[("a.b", "1"), ("a/b", "2"), ("a0", "3"), ("canon/x", "4")]);
    let repo = sandbox.open();
    let expected = ["a.b File", "a/b File", "a0 File", "canon/x File", "link Link", "tool Exec"];
    let (revision, index, disk) = (repo.revision(head).unwrap(), repo.index().unwrap(), repo.worktree().unwrap());
    for tree in [&revision as &dyn Tree, &index, &disk] {
        assert_eq!(shape(tree), (expected.map(String::from).to_vec(), vec![]));
        let listing = tree.list(&|folder| folder == b"canon").unwrap();
        assert_eq!(listing.entries.len(), 5, "only canon was to be entered");
        let mut reader = tree.reader();
        let read = |reader: &mut Box<dyn crate::tree::Reader + '_>, at: usize| {
            reader.read(&tree.list(&|_| true).unwrap().entries[at], 10).unwrap()
        };
        assert_eq!(read(&mut reader, 3), b"4");
        assert_eq!(read(&mut reader, 4), b"tool");
        let error = reader.read(&tree.list(&|_| true).unwrap().entries[4], 3).unwrap_err();
        assert!(matches!(error, TreeError::TooLarge { size: 4, limit: 3, .. }), "{error}");
    }
    assert!(repo.index_is_clean().unwrap());
    sandbox.write("canon/x", "staged");
    sandbox.git(&["add", "canon/x"]);
    assert!(!repo.index_is_clean().unwrap());
}

#[test]
fn folders_have_ids_where_they_are_known() {
    let sandbox = Sandbox::new();
    let (one, two) = (blob(&sandbox, "1"), blob(&sandbox, "2"));
    let deep = raw_tree(&sandbox, &[("100644", b"x", one)]);
    let a = raw_tree(&sandbox, &[("40000", b"deep", deep), ("100644", b"y", two)]);
    let root = raw_tree(&sandbox, &[("40000", b"a", a), ("100644", b"z", one)]);
    let repo = sandbox.open();
    let tree = repo.revision(root).unwrap();
    let mut ids = tree.folder_ids();
    for _ in 0..2 {
        assert_eq!(ids(b"a"), Some(a));
        assert_eq!(ids(b"a/deep"), Some(deep));
        assert!([&b"b"[..], b"z", b"a/y", b"a/deep/x", b"a/none/x", b""].iter().all(|path| ids(path).is_none()));
    }
    // Of a folder that is not in git's order nothing is said, nor of what lies in it.
    let torn = raw_tree(&sandbox, &[("100644", b"z", one), ("40000", b"a", a)]);
    assert_eq!(repo.revision(torn).unwrap().folder_ids()(b"a"), None);
    // The index knows a folder until something in it is staged.
    sandbox.git(&["read-tree", &root.to_string()]);
    assert_eq!(repo.index().unwrap().folder_ids()(b"a/deep"), Some(deep));
    sandbox.git(&["update-index", "--cacheinfo", &format!("100644,{two},a/deep/x")]);
    let index = repo.index().unwrap();
    assert_eq!((index.folder_ids()(b"a/deep"), index.folder_ids()(b"a")), (None, None));
}

#[test]
fn the_index_tells_conflicts_and_skips_intentions() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit(&[("a", "1")]);
    sandbox.git(&["switch", "-qc", "other"]);
    sandbox.commit(&[("a", "2")]);
    sandbox.git(&["switch", "-q", "main"]);
    sandbox.commit(&[("a", "3")]);
    let mut merge = sandbox.command("git");
    merge.args(["merge", "other"]);
    assert!(!sandbox.run(merge, b"").0);
    sandbox.write("later", "x");
    sandbox.git(&["add", "--intent-to-add", "later"]);
    let repo = sandbox.open();
    assert_eq!(shape(&repo.index().unwrap()), (vec![], vec!["a: the path is unmerged".into()]));
    assert!(!repo.index_is_clean().unwrap());
    assert!(repo.checkout(None, base, &|_| false).is_err());
}

#[test]
fn replaced_missing_and_corrupt_objects() {
    let sandbox = Sandbox::new();
    let head = sandbox.commit(&[("a", "true"), ("b", "gone")]);
    sandbox.git(&["config", "core.useReplaceRefs", "true"]);
    let (real, forged) = (sandbox.rev("HEAD:a"), blob(&sandbox, "forged"));
    sandbox.git(&["replace", &real.to_string(), &forged.to_string()]);
    sandbox.git(&["replace", &head.to_string(), &sandbox.git(&["commit-tree", "-m", "x", &sandbox.git(&["write-tree"])])]);
    let repo = sandbox.open();
    assert_eq!(sandbox.git(&["show", "HEAD:a"]), "forged");
    let revision = repo.revision(repo.resolve("HEAD").unwrap()).unwrap();
    let listing = revision.list(&|_| true).unwrap();
    assert_eq!(revision.reader().read(&listing.entries[0], 100).unwrap(), b"true");

    let hex = sandbox.rev("HEAD:b").to_string();
    let file = sandbox.path().join(".git/objects").join(&hex[..2]).join(&hex[2..]);
    let forged = forged.to_string();
    let other = sandbox.path().join(".git/objects").join(&forged[..2]).join(&forged[2..]);
    std::fs::remove_file(&file).unwrap();
    let error = sandbox.open().revision(head).unwrap().reader().read(&listing.entries[1], 100).unwrap_err();
    assert!(matches!(error, TreeError::Missing { .. }), "{error}");
    std::fs::copy(other, &file).unwrap();
    let error = sandbox.open().revision(head).unwrap().reader().read(&listing.entries[1], 100).unwrap_err();
    assert!(matches!(error, TreeError::Corrupt { .. }), "{error}");
}

#[test]
fn a_folder_is_not_left_by_links_pipes_or_nested_repositories() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let root = sandbox.home().join("plain");
    std::fs::create_dir_all(root.join(".git")).unwrap();
    sandbox.git(&["init", "-q", root.join("nested").to_str().unwrap()]);
    std::fs::create_dir_all(root.join(".git/modules")).unwrap();
    sandbox.git(&[
        "init",
        "-q",
        "--separate-git-dir",
        root.join(".git/modules/other").to_str().unwrap(),
        root.join("other").to_str().unwrap(),
    ]);
    // None of these is a repository, so none hides what is beside it.
    for (folder, text) in [("empty", ""), ("words", "gitdir: elsewhere\n"), ("back", "gitdir: .\n"), ("odd", "gitdir:\n")] {
        std::fs::create_dir(root.join(folder)).unwrap();
        std::fs::write(root.join(folder).join(".git"), text).unwrap();
    }
    std::fs::create_dir_all(root.join("hollow/.git/refs")).unwrap();
    std::fs::write(root.join("hollow/AGENTS.md"), "Seen.\n").unwrap();
    std::fs::write(root.join(std::ffi::OsStr::from_bytes(b"bad\xff")), "x").unwrap();
    std::os::unix::fs::symlink("/", root.join("out")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let tree = FolderTree::new(&root);
    let listing = tree.list(&|_| true).unwrap();
    let modes: Vec<_> = listing.entries.iter().map(|e| (e.path.as_slice(), e.mode)).collect();
    let expected: [(&[u8], Mode); 10] = [
        (b"back/.git", Mode::File),
        (b"bad\xff", Mode::File),
        (b"empty/.git", Mode::File),
        (b"hollow/AGENTS.md", Mode::File),
        (b"nested", Mode::Submodule),
        (b"odd/.git", Mode::File),
        (b"other", Mode::Submodule),
        (b"out", Mode::Link),
        (b"socket", Mode::Other),
        (b"words/.git", Mode::File),
    ];
    assert_eq!(modes, expected);
    let mut reader = tree.reader();
    assert_eq!(reader.read(&listing.entries[1], 9).unwrap(), b"x");
    assert!(reader.read(&listing.entries[8], 9).is_err());
    // A lying entry does not make the reader follow a link.
    let lie = Entry { path: b"out".to_vec(), mode: Mode::File, id: None };
    assert!(reader.read(&lie, 9).is_err());
    assert!(FolderTree::new(root.join("absent")).list(&|_| true).is_err());
}
