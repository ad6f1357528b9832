use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use super::*;
use crate::git::index_file::LockedIndex;
use crate::git::on_signal;

/// Runs in a process of its own; alone it does nothing.
#[test]
fn child_that_is_killed() {
    let Some(dir) = std::env::var_os("OMEGA_TEST_DIR") else {
        return;
    };
    on_signal();
    let repo = Repo::discover(Path::new(&dir), None).unwrap();
    let _held = LockedIndex::acquire(&repo.local(), repo.sharing()).unwrap();
    assert!(repo.git_dir().join("index.lock").exists());
    std::fs::write(repo.git_dir().join("reached"), "").unwrap();
    let signal = std::env::var("OMEGA_TEST_SIGNAL").unwrap();
    let kill = format!("kill -{signal} {}", std::process::id());
    let _ = Command::new("sh").args(["-c", &kill]).status();
    std::thread::sleep(Duration::from_secs(20));
}

#[test]
fn a_signal_ends_the_process_and_its_locks() {
    for (name, number) in [("TERM", 15), ("INT", 2)] {
        let sandbox = Sandbox::new();
        let mut child = sandbox.command(std::env::current_exe().unwrap().to_str().unwrap());
        child
            .args(["--exact", "git::tests::signal::child_that_is_killed"])
            .env("OMEGA_TEST_DIR", sandbox.path())
            .env("OMEGA_TEST_SIGNAL", name);
        let out = child.output().unwrap();
        assert_eq!(out.status.signal(), Some(number), "{out:?}");
        assert!(sandbox.path().join(".git/reached").exists());
        assert!(!sandbox.path().join(".git/index.lock").exists());
    }
}
