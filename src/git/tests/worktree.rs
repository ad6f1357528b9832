//! The work tree against what `git add --all` stores of it.

use super::*;
use crate::git::LeftOut;
use crate::git::objects::blob_id;

/// What our work tree has: mode, object and path of each leaf; of submodules no object.
fn ours(repo: &Repo) -> Vec<String> {
    let tree = repo.worktree().unwrap();
    let mut reader = tree.reader();
    let listing = tree.list(&|_| true).unwrap();
    let line = |entry: &crate::tree::Entry, id: String| {
        let mode = match entry.mode {
            Mode::File => "100644",
            Mode::Exec => "100755",
            Mode::Link => "120000",
            Mode::Submodule => "160000",
            Mode::Other => "other",
        };
        format!("{mode} {id} {}", String::from_utf8_lossy(&entry.path))
    };
    let id = |entry: &crate::tree::Entry, reader: &mut dyn crate::tree::Reader| match entry.mode {
        Mode::Submodule => "-".to_owned(),
        _ => blob_id(gix::hash::Kind::Sha1, &reader.read(entry, 1 << 20).unwrap()).unwrap().to_string(),
    };
    listing.entries.iter().map(|entry| line(entry, id(entry, reader.as_mut()))).collect()
}

/// What git would store, from a copy of the index.
fn theirs(sandbox: &Sandbox) -> Vec<String> {
    let copy = sandbox.home().join("index");
    let _ = std::fs::remove_file(&copy);
    let index = sandbox.git(&["rev-parse", "--path-format=absolute", "--git-path", "index"]);
    if std::fs::copy(&index, &copy).is_ok() {
        // By its time git knows which files it has to look at again.
        let written = std::fs::metadata(&index).unwrap().modified().unwrap();
        std::fs::File::options().write(true).open(&copy).unwrap().set_modified(written).unwrap();
    }
    let git = |args: &[&str]| {
        let mut command = sandbox.command("git");
        command.args(args).env("GIT_INDEX_FILE", &copy);
        let (ok, text) = sandbox.run(command, b"");
        assert!(ok, "git {args:?}: {text}");
        text
    };
    git(&["add", "--all", "--sparse"]);
    let line = |line: &str| {
        // What git warns of has no tab.
        let (fields, path) = line.split_once('\t')?;
        let mut fields = fields.split(' ');
        let (mode, id) = (fields.next().unwrap(), fields.next().unwrap());
        Some(format!("{mode} {} {path}", if mode == "160000" { "-" } else { id }))
    };
    git(&["ls-files", "--stage"]).lines().filter_map(line).collect()
}

#[track_caller]
fn same(sandbox: &Sandbox) -> Vec<String> {
    let found = ours(&Repo::discover(&sandbox.path(), Some(&[])).unwrap());
    assert_eq!(found, theirs(sandbox));
    found
}

fn has(found: &[String], path: &str) -> bool {
    found.iter().any(|line| line.ends_with(&format!(" {path}")))
}

#[test]
fn ignored_files_are_not_there_unless_they_are_tracked() {
    let sandbox = Sandbox::new();
    sandbox.write("tracked.log", "1");
    sandbox.write("out/kept", "1");
    sandbox.git(&["add", "-f", "."]);
    sandbox.git(&["commit", "-qm", "1"]);
    sandbox.write(".gitignore", "*.log\nout/\n!keep.log\n/root-only\ndeep/**/x\n");
    sandbox.write("a/.gitignore", "*\n!.gitignore\n!b\n!b/**\n");
    sandbox.write(".git/info/exclude", "excluded\n");
    for file in ["new.log", "keep.log", "out/new", "out/sub/new", "root-only", "a/root-only", "a/b/root-only", "a/b/c", "a/d"] {
        sandbox.write(file, "2");
    }
    for file in ["deep/1/2/x", "deep/x", "deep/y", "excluded", "sub/excluded", "tracked.log", "plain", "a/b/.gitignore"] {
        sandbox.write(file, "3");
    }
    let found = same(&sandbox);
    for path in ["tracked.log", "out/kept", "keep.log", "a/b/c", "deep/y", "plain"] {
        assert!(has(&found, path), "{path}: {found:#?}");
    }
    for path in ["new.log", "out/new", "out/sub/new", "root-only", "a/d", "deep/x", "excluded", "sub/excluded"] {
        assert!(!has(&found, path), "{path}: {found:#?}");
    }
    // A folder that is not entered is not looked at.
    let tree = sandbox.open();
    let top = tree.worktree().unwrap().list(&|_| false).unwrap();
    assert!(top.entries.iter().all(|entry| !entry.path.contains(&b'/')));
}

#[test]
fn the_users_excludes_count_where_the_users_configuration_does() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1")]);
    std::fs::write(sandbox.home().join("ignore"), "mine\n").unwrap();
    sandbox.git(&["config", "core.excludesFile", sandbox.home().join("ignore").to_str().unwrap()]);
    sandbox.write("mine", "1");
    assert!(!has(&same(&sandbox), "mine"));
}

#[test]
fn modes_and_links_come_from_the_index_where_the_disk_cannot_say_them() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::new();
    sandbox.commit(&[("run", "1"), ("plain", "1"), ("target", "1")]);
    std::fs::set_permissions(sandbox.path().join("run"), std::fs::Permissions::from_mode(0o755)).unwrap();
    symlink("target", sandbox.path().join("link")).unwrap();
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-qm", "2"]);
    same(&sandbox);
    sandbox.git(&["config", "core.fileMode", "false"]);
    for name in ["run", "plain", "new"] {
        sandbox.write(name, "2");
        let mode = if name == "run" { 0o644 } else { 0o777 };
        std::fs::set_permissions(sandbox.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    sandbox.git(&["config", "core.symlinks", "false"]);
    std::fs::remove_file(sandbox.path().join("link")).unwrap();
    sandbox.write("link", "target");
    let found = same(&sandbox);
    assert!(found.iter().any(|line| line.starts_with("100755") && line.ends_with(" run")), "{found:#?}");
    assert!(found.iter().any(|line| line.starts_with("120000") && line.ends_with(" link")), "{found:#?}");
    assert!(found.iter().all(|line| !line.starts_with("100755") || line.ends_with(" run")), "{found:#?}");
}

#[test]
fn bytes_are_those_that_git_would_store() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.safecrlf", "false"]);
    sandbox.commit(&[("mixed.auto", "a\r\nb\r\n"), ("was.auto", "a\nb\n")]);
    sandbox.write(
        ".gitattributes",
        "*.auto text=auto\n*.crlf text eol=crlf\n*.bin -text\n*.id ident\n*.utf16 working-tree-encoding=UTF-16 text\n*.le working-tree-encoding=UTF-16LE text\n\
         *.up filter=up\n*.none filter=none\n*.long filter=long\n",
    );
    sandbox.git(&["config", "filter.up.clean", "tr a-z A-Z"]);
    sandbox.git(&["config", "filter.long.clean", "sed s/%f// | cat"]);
    for name in ["mixed.auto", "was.auto", "new.auto", "new.crlf", "new.bin", "plain", "sub/x.up", "x.none", "x.long"] {
        sandbox.write(name, "a\r\nc\r\n");
    }
    sandbox.write("x.id", "$Id: something else $ and $Id$\n");
    let utf16: Vec<u8> = "\u{feff}hallo\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(sandbox.path().join("x.le"), &utf16[2..]).unwrap();
    std::fs::write(sandbox.path().join("x.utf16"), utf16).unwrap();
    same(&sandbox);
    // The attributes of a folder count too.
    sandbox.write("sub/.gitattributes", "*.up -filter\n");
    same(&sandbox);
    for autocrlf in ["true", "input"] {
        sandbox.git(&["config", "core.autocrlf", autocrlf]);
        same(&sandbox);
    }
    // And those of the clone, before all others.
    std::fs::create_dir_all(sandbox.path().join(".git/info")).unwrap();
    std::fs::write(sandbox.path().join(".git/info/attributes"), "plain filter=up\nnew.bin text\n").unwrap();
    same(&sandbox);
    // What omega keeps is not converted: neither when it is read nor when it is written.
    sandbox.write("canon/x.crlf", "a\r\n");
    let tree = sandbox.open();
    let tree = tree.worktree().unwrap();
    let listing = tree.list(&|_| true).unwrap();
    let entry = listing.entries.iter().find(|entry| entry.path == b"canon/x.crlf").unwrap();
    assert_eq!(tree.reader().read(entry, 100).unwrap(), b"a\r\n");
}

#[test]
fn attributes_by_which_git_rewrites_a_file_are_told() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a.bin", "1"), ("b.md", "1"), ("c.md", "$Id: x $"), ("d.ps1", "1"), ("e.txt", "1")]);
    sandbox.write(".gitattributes", "*.bin filter=lfs\n*.md ident\n*.ps1 working-tree-encoding=UTF-16\n*.txt text eol=crlf\n");
    let repo = sandbox.open();
    let tree = repo.worktree().unwrap();
    let told = tree.rewritten(&["a.bin", "b.md", "c.md", "d.ps1", "e.txt", "canon/x.bin"]).unwrap();
    let told: Vec<_> = told.iter().map(|(path, how)| format!("{path} {how}")).collect();
    assert_eq!(told, ["a.bin filter=lfs", "c.md ident", "d.ps1 working-tree-encoding=UTF-16"]);
}

#[test]
fn a_filter_of_a_repository_that_is_not_the_users_does_not_run() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1")]);
    // Where the attribute stands in the tree and no configuration names a program, nothing runs.
    sandbox.write(".gitattributes", "* filter=up\n[filter \"up\"]\nclean=false\n");
    sandbox.write("b", "x");
    same(&sandbox);
    // A program that fails leaves the bytes as they are, unless it is required.
    sandbox.git(&["config", "filter.up.clean", "false"]);
    same(&sandbox);
    sandbox.git(&["config", "filter.up.required", "true"]);
    let repo = sandbox.open();
    let tree = repo.worktree().unwrap();
    let listing = tree.list(&|_| true).unwrap();
    let entry = listing.entries.iter().find(|entry| entry.path == b"b").unwrap();
    // Git could not store it. What is on disk is judged as it is.
    assert_eq!(tree.reader().read(entry, 100).unwrap(), b"x");
}

#[test]
fn nested_repositories_and_submodules_are_not_entered() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1"), ("mixed/tracked", "1")]);
    for dir in ["nested", "mixed"] {
        sandbox.git(&["init", "-q", dir]);
        sandbox.write(&format!("{dir}/x"), "1");
        sandbox.git(&["-C", dir, "add", "x"]);
        sandbox.git(&["-C", dir, "commit", "-qm", "1"]);
    }
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./nested", "module"]);
    // None of these is a repository, and hides nothing.
    for fake in ["fake1/.git/x", "fake2/.git", "fake1/x", "fake2/x"] {
        sandbox.write(fake, "gitdir: nowhere\n");
    }
    let found = same(&sandbox);
    for path in ["nested", "module", "fake1/x", "fake2/x", "mixed/x", "mixed/tracked"] {
        assert!(has(&found, path), "{path}: {found:#?}");
    }
    assert!(!has(&found, "nested/x") && !has(&found, "module/x"));
    // Nor does an empty `.git` hide anything in a plain folder.
    let folder = crate::git::FolderTree::new(sandbox.path());
    let listed = shape(&folder).0;
    assert!(listed.contains(&"fake1/x File".to_owned()) && listed.contains(&"nested Submodule".to_owned()), "{listed:#?}");
}

#[test]
fn what_is_neither_a_file_nor_a_link_is_told() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1"), ("b/c", "1"), (".gitignore", "ignored\n")]);
    std::fs::remove_file(sandbox.path().join("a")).unwrap();
    for name in ["a", "pipe", "ignored"] {
        let mut command = sandbox.command("mkfifo");
        command.arg(name);
        assert!(sandbox.run(command, b"").0);
    }
    // Files and folders that changed places are what the disk says.
    std::fs::remove_dir_all(sandbox.path().join("b")).unwrap();
    sandbox.write("b", "1");
    let found = shape(&sandbox.open().worktree().unwrap()).0;
    assert_eq!(found, [".gitignore File", "a Other", "b File", "pipe Other"]);
}

#[test]
fn no_bit_of_the_index_hides_what_is_on_disk() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1"), ("b", "1"), ("c", "1")]);
    sandbox.git(&["update-index", "--skip-worktree", "a", "c"]);
    sandbox.git(&["update-index", "--assume-unchanged", "b"]);
    for name in ["a", "b"] {
        sandbox.write(name, "evil");
    }
    std::fs::remove_file(sandbox.path().join("c")).unwrap();
    let repo = sandbox.open();
    let evil = blob_id(gix::hash::Kind::Sha1, b"evil").unwrap();
    let one = blob_id(gix::hash::Kind::Sha1, b"1").unwrap();
    assert_eq!(ours(&repo), [format!("100644 {evil} a"), format!("100644 {evil} b"), format!("100644 {one} c")]);
    assert_eq!(repo.worktree().unwrap().left_out(&|_| true, &|_| true).unwrap(), Some(LeftOut::Skipped("c".into())));
    assert_eq!(repo.worktree().unwrap().left_out(&|_| true, &|path| path != "c").unwrap(), None);
}

#[test]
fn what_sparse_checkout_leaves_out_is_read_from_the_index() {
    let files = [("in/a", "1"), ("out/b", "1"), ("out/deep/c", "1"), ("top", "1")];
    for (mode, args) in
        [("cone", &["--cone", "in"][..]), ("sparse index", &["--cone", "--sparse-index", "in"]), ("lines", &["--no-cone", "/in/"])]
    {
        let sandbox = Sandbox::new();
        sandbox.commit(&files);
        sandbox.git(&[&["sparse-checkout", "set"], args].concat());
        assert!(!sandbox.path().join("out").exists());
        sandbox.write("in/a", "changed");
        sandbox.write("new", "2");
        let found = same(&sandbox);
        assert!(has(&found, "out/deep/c"), "{mode}: {found:#?}");
        let left_out = |wanted: &dyn Fn(&str) -> bool| sandbox.open().worktree().unwrap().left_out(&|_| true, wanted).unwrap();
        assert_eq!(left_out(&|path| path != "top"), Some(LeftOut::Sparse(vec!["out".into()])), "{mode}");
        assert_eq!(left_out(&|path| path.starts_with("in/")), None, "{mode}");
        // What lies there all the same is what counts.
        sandbox.write("out/b", "mine");
        sandbox.write("out/d", "mine");
        let found = ours(&sandbox.open());
        let mine = blob_id(gix::hash::Kind::Sha1, b"mine").unwrap();
        assert!(found.contains(&format!("100644 {mine} out/b")) && found.contains(&format!("100644 {mine} out/d")), "{mode}: {found:#?}");
    }
}

#[test]
fn without_a_checkout_the_commit_is_what_is_there() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1"), ("b/c", "1")]);
    let repo = |name: &str| Repo::discover(&sandbox.home().join(name), None).unwrap();
    let clone = |args: &[&str], name: &str| {
        let from = format!("file://{}", sandbox.path().display());
        sandbox.git(&[&["clone", "-q"], args, &[&from, sandbox.home().join(name).to_str().unwrap()]].concat());
        repo(name)
    };
    let files = ["a File", "b/c File"];
    let plain = clone(&["--no-checkout"], "plain");
    assert_eq!(shape(&plain.worktree().unwrap()).0, files);
    assert_eq!(plain.worktree().unwrap().left_out(&|_| true, &|_| true).unwrap(), Some(LeftOut::NoCheckout));
    sandbox.git(&["worktree", "add", "-q", "--no-checkout", sandbox.home().join("linked").to_str().unwrap()]);
    let linked = repo("linked");
    assert_eq!(linked.worktree().unwrap().left_out(&|_| true, &|_| true).unwrap(), Some(LeftOut::NoCheckout));
    assert_eq!(shape(&linked.worktree().unwrap()).0, files);
    // A file that was deleted is deleted.
    std::fs::remove_file(sandbox.path().join("a")).unwrap();
    assert_eq!(shape(&sandbox.open().worktree().unwrap()).0, ["b/c File"]);
    assert_eq!(same(&sandbox).len(), 1);
    assert_eq!(sandbox.open().worktree().unwrap().left_out(&|_| true, &|_| true).unwrap(), None);
    // An object that a partial clone left out is missing, and nothing is fetched.
    sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
    let partial = clone(&["--no-checkout", "--filter=blob:none"], "partial");
    let tree = partial.worktree().unwrap();
    let listing = tree.list(&|_| true).unwrap();
    assert!(matches!(tree.reader().read(&listing.entries[0], 10), Err(crate::tree::TreeError::Missing { .. })));
}

#[test]
fn unmerged_and_intended_paths_are_what_lies_there() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1\n")]);
    sandbox.git(&["branch", "other"]);
    sandbox.commit(&[("a", "2\n")]);
    sandbox.git(&["switch", "-q", "other"]);
    sandbox.commit(&[("a", "3\n")]);
    let mut merge = sandbox.command("git");
    merge.args(["merge", "-q", "main"]);
    assert!(!sandbox.run(merge, b"").0);
    sandbox.write("intended", "1");
    sandbox.git(&["add", "-N", "intended"]);
    same(&sandbox);
}
