use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::*;

#[test]
fn locks_are_cleared_where_they_lie_and_only_new_ones() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1")]);
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let repo = Repo::discover(&sandbox.home().join("linked"), None).unwrap();
    let since = SystemTime::now();
    let locks = [
        repo.git_dir().join("index.lock"),
        repo.git_dir().join("HEAD.lock"),
        repo.common_dir().join("packed-refs.lock"),
        repo.common_dir().join("refs/heads/canon/x.lock"),
        // Not ours to clear: of the main work tree, and of a branch that is not named.
        repo.common_dir().join("index.lock"),
        repo.common_dir().join("HEAD.lock"),
        repo.common_dir().join("refs/heads/main.lock"),
    ];
    let make = |time: SystemTime| {
        for lock in &locks {
            fs::create_dir_all(lock.parent().unwrap()).unwrap();
            File::create(lock).unwrap().set_modified(time).unwrap();
        }
    };
    let left = || locks.iter().filter(|lock| lock.exists()).count();
    let refs = ["refs/heads/canon/x", "refs/heads/never/made"];
    make(since - Duration::from_secs(1));
    repo.clear_locks_since(since, &refs).unwrap();
    assert_eq!(left(), 7);
    make(since);
    assert!(repo.clear_locks_since(since, &["../../a"]).is_err());
    assert_eq!(left(), 7);
    repo.clear_locks_since(since, &refs).unwrap();
    assert!(locks[..4].iter().all(|lock| !lock.exists()));
    assert!(locks[4..].iter().all(|lock| lock.exists()));
    repo.clear_locks_since(since, &refs).unwrap();
    sandbox.git(&["-C", "../linked", "add", "--all"]);
}

#[test]
fn what_is_no_plain_file_stays() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path().join(".git/index.lock")).unwrap();
    let repo = sandbox.open();
    repo.clear_locks_since(SystemTime::UNIX_EPOCH, &[]).unwrap();
    assert!(sandbox.path().join(".git/index.lock").is_dir());
}
