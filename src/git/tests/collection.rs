//! Writing while git tidies up beside it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// Runs git commands again and again while `work` is done.
fn beside(sandbox: &Sandbox, commands: &[&[&str]], work: impl FnOnce()) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                for args in commands {
                    let mut command = sandbox.command("git");
                    command.args(*args);
                    // It may meet a lock of ours, and does it the next time.
                    let _ = sandbox.run(command, b"");
                }
            }
        });
        struct Stop<'a>(&'a AtomicBool);
        impl Drop for Stop<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let _stop = Stop(&done);
        work();
    });
}

#[test]
fn a_collection_beside_a_write_is_no_failure() {
    let sandbox = Sandbox::new();
    let mut head = sandbox.commit(&[("a", "1")]);
    let repo = sandbox.open();
    beside(&sandbox, &[&["gc", "-q"], &["prune-packed"]], || {
        for number in 0..30 {
            let text = format!("{number}\n");
            let list = edits([("b/c", put(&text)), ("d", put(&text)), (&format!("e/{number}"), put("same"))]);
            let next = commit_on(&repo, Some(head), &list);
            repo.update_ref("refs/heads/main", next, Some(head), &ada(), "x").unwrap();
            let (paths, defects) = shape(&repo.revision(next).unwrap());
            assert_eq!((paths.len(), defects.len()), (number + 4, 0));
            head = next;
        }
    });
    assert_eq!(sandbox.rev("main"), head);
    sandbox.fsck();
}

#[test]
fn an_object_that_was_packed_before_it_is_synced_is_there() {
    let sandbox = Sandbox::new();
    let head = sandbox.commit(&[("a", "1")]);
    let mut repo = sandbox.open();
    let (path, home) = (sandbox.path(), sandbox.home().to_owned());
    repo.set_step_hook(Box::new(move |step| {
        if step == "sync" {
            // All that is written so far goes into one pack, and its folders are removed.
            let git = |args: &[&str]| {
                let mut command = Command::new("git");
                command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &home).current_dir(&path);
                command.env("GIT_CONFIG_NOSYSTEM", "1");
                assert!(command.args(args).status().unwrap().success(), "{args:?}");
            };
            git(&["gc", "-q", "--no-cruft", "--keep-largest-pack"]);
            git(&["repack", "-q", "-a", "-d", "-k"]);
            let loose = std::fs::read_dir(path.join(".git/objects")).unwrap();
            assert!(loose.flatten().all(|item| item.file_name().len() != 2), "everything is packed");
        }
    }));
    let next = commit_on(&repo, Some(head), &edits([("b", put("2"))]));
    repo.update_ref("refs/heads/main", next, Some(head), &ada(), "x").unwrap();
    sandbox.fsck();
}

#[test]
fn an_object_is_found_however_many_packs_came_since_the_repository_was_opened() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1")]);
    let repo = sandbox.open();
    assert!(repo.revision(sandbox.rev("main")).is_ok());
    // More than the library keeps room for, which makes it say of each that it cannot be read.
    let mut head = sandbox.rev("main");
    for number in 0..40 {
        head = sandbox.commit(&[("a", &format!("{number}\n"))]);
        sandbox.git(&["repack", "-q", "-d"]);
    }
    let (paths, defects) = shape(&repo.revision(head).unwrap());
    assert_eq!((paths.len(), defects.len()), (1, 0));
}

#[test]
fn references_move_while_they_are_packed() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit(&[("a", "1")]);
    let second = sandbox.commit(&[("a", "2")]);
    let repo = sandbox.open();
    beside(&sandbox, &[&["pack-refs", "--all", "--prune"]], || {
        for number in 0..60 {
            let name = format!("refs/heads/canon/x{}", number % 3);
            repo.update_ref(&name, first, None, &ada(), "made").unwrap();
            assert_eq!(repo.find_ref(&name).unwrap(), Some(first));
            repo.update_ref(&name, second, Some(first), &ada(), "moved").unwrap();
            assert_eq!(repo.find_ref(&name).unwrap(), Some(second), "{number}");
            assert!(repo.branches("refs/heads/canon/").unwrap().contains(&(name.clone(), second)), "{number}");
            repo.delete_ref(&name, second, &ada()).unwrap();
            assert_eq!(repo.find_ref(&name).unwrap(), None, "{number}");
        }
    });
    sandbox.fsck();
}
