//! What depends on the hash of a repository, beside what the other tests try with every format.

use super::*;
use crate::git::GitError;
use crate::tree::TreeError;

#[test]
fn packed_objects_are_read_and_a_view_sees_those_of_another_folder() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let text = |n: usize| format!("{}\n{n}\n", "a line that all versions share\n".repeat(50));
        let first = sandbox.commit(&[("a", &text(1)), ("dir/b", "2"), ("dir/gone", "3")]);
        std::fs::remove_file(sandbox.path().join("dir/gone")).unwrap();
        let second = sandbox.commit(&[("a", &text(2))]);
        sandbox.git(&["repack", "-adq"]);
        let repo = sandbox.open();
        assert_eq!(shape(&repo.revision(first).unwrap()).0, ["a File", "dir/b File", "dir/gone File"]);
        let tree = repo.revision(second).unwrap();
        let entries = tree.list(&|_| true).unwrap().entries;
        assert_eq!(tree.reader().read(&entries[0], 1 << 20).unwrap(), text(2).into_bytes());
        assert_eq!(repo.index().unwrap().list(&|_| true).unwrap().entries.len(), 2);
        assert_eq!(repo.merge_base(first, second).unwrap(), Some(first));
        assert_eq!(repo.meeting(first, second).unwrap(), crate::git::Meeting::Contains);
        assert_eq!(repo.resolve("HEAD~1").unwrap(), first);
        assert_eq!(repo.resolve(&second.to_string()[..12]).unwrap(), second);

        sandbox.git(&["init", "-q", "--bare", format[0], "../other"]);
        let other = Repo::discover(&sandbox.home().join("other"), None).unwrap();
        let view = other.with_objects(&sandbox.path().join(".git/objects")).unwrap();
        assert_eq!(shape(&view.revision(second).unwrap()).0, ["a File", "dir/b File"]);
    }
}

#[test]
fn a_changed_byte_is_found() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let head = sandbox.commit(&[("a", "1"), ("b", "2")]);
        let loose = |id: Oid| {
            let hex = id.to_string();
            sandbox.path().join(".git/objects").join(&hex[..2]).join(&hex[2..])
        };
        let (a, b) = (loose(sandbox.rev("HEAD:a")), loose(sandbox.rev("HEAD:b")));
        std::fs::remove_file(&a).unwrap();
        std::fs::copy(&b, &a).unwrap();
        let repo = sandbox.open();
        let tree = repo.revision(head).unwrap();
        let entries = tree.list(&|_| true).unwrap().entries;
        let error = tree.reader().read(&entries[0], 99).unwrap_err();
        assert!(matches!(error, TreeError::Corrupt { .. }), "{error}");
        assert_eq!(tree.reader().read(&entries[1], 99).unwrap(), b"2");
    }
}

#[test]
fn an_id_of_the_other_hash_is_not_there() {
    for (format, other) in FORMATS.iter().zip([Oid::from([7; 32]), Oid::from([7; 20])].iter().copied().cycle()) {
        let sandbox = Sandbox::with(format);
        let head = sandbox.commit(&[("a", "1")]);
        let repo = sandbox.open();
        assert!(matches!(repo.revision(other), Err(GitError::Tree(TreeError::Missing { .. }))));
        assert!(matches!(repo.parents(other), Err(GitError::Tree(TreeError::Missing { .. }))));
        assert!(repo.resolve(&other.to_string()).is_err());
        assert!(repo.merge_base(head, other).is_err());
        assert!(repo.meeting(other, head).is_err());
        assert!(repo.brought(&[other], &[head], 9).is_err() && repo.brought(&[head], &[other], 9).is_err());
        let edits = edits([("copy", Edit::Keep { mode: Mode::File, id: other })]);
        assert!(repo.write_tree(None, &edits).is_err());
        assert!(repo.update_ref("refs/heads/main", other, Some(head), &ada(), "x").is_err());
        assert_eq!(sandbox.rev("main"), head);
    }
}

#[test]
fn locks_and_other_work_trees_are_seen_in_every_format() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        sandbox.commit(&[("a", "1")]);
        sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
        let repo = sandbox.open();
        assert!(repo.checked_out_elsewhere("refs/heads/side").is_some_and(|path| path.ends_with("linked")));
        assert_eq!(repo.checked_out_elsewhere("refs/heads/main"), None);
        // A rebase has HEAD detached, and moves its branch when it ends.
        let rebase = repo.common_dir().join("worktrees/linked/rebase-merge");
        std::fs::create_dir(&rebase).unwrap();
        std::fs::write(rebase.join("head-name"), "refs/heads/other\n").unwrap();
        assert!(repo.checked_out_elsewhere("refs/heads/other").is_some());

        assert_eq!(repo.held_lock("refs/heads/main", true).unwrap(), None);
        let tables = repo.common_dir().join("reftable");
        let lock = if tables.is_dir() { tables.join("tables.list.lock") } else { repo.common_dir().join("refs/heads/main.lock") };
        std::fs::write(&lock, "").unwrap();
        assert_eq!(repo.held_lock("refs/heads/main", true).unwrap().map(|held| held.path), Some(lock));
    }
}
