//! Programs that leave something behind, as a restart does.

use super::*;

fn deed(argv: &[String]) -> Job<'_> {
    Job { purpose: Purpose::Deed(100), environment: Environment::Only(&[]), ..job(argv) }
}

/// A process that a test started, ended with it.
struct Left(u32);

impl Left {
    fn of(text: &[u8]) -> Self {
        Self(std::str::from_utf8(text).unwrap().trim().parse().unwrap())
    }

    fn lives(&self) -> bool {
        // A zombie does not.
        std::fs::read_to_string(format!("/proc/{}/stat", self.0)).is_ok_and(|stat| !stat.contains(") Z "))
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        let pid = i32::try_from(self.0).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

#[test]
fn what_was_started_in_passing_lives_on() {
    let argv = sh("/bin/sleep 60 & echo $!");
    let outcome = run(&deed(&argv)).unwrap();
    let left = Left::of(&outcome.output);
    assert_eq!(outcome.end, End::Exited(0));
    assert!(outcome.took < Duration::from_secs(5), "{:?}", outcome.took);
    assert!(left.lives());
}

#[test]
fn what_was_started_in_passing_may_still_write() {
    let dir = tempfile::tempdir().unwrap();
    let wrote = dir.path().join("wrote");
    let argv = sh(&format!("(/bin/sleep 0.5; echo late || exit; echo late; : > {}) & echo $!", wrote.display()));
    let _left = Left::of(&run(&deed(&argv)).unwrap().output);
    for _ in 0..500 {
        if wrote.exists() {
            return;
        }
        thread::sleep(TICK);
    }
    panic!("it was stopped by writing");
}

#[test]
fn an_answer_leaves_nothing_behind() {
    let argv = sh("/bin/sleep 60 & echo $!");
    let outcome = run(&job(&argv)).unwrap();
    let left = Left::of(&outcome.output);
    for _ in 0..500 {
        if !left.lives() {
            return;
        }
        thread::sleep(TICK);
    }
    panic!("it lives");
}

#[test]
fn the_end_of_both_outputs_is_kept() {
    let argv = sh("i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i + 1)); done; echo last >&2; exit 4");
    let outcome = run(&deed(&argv)).unwrap();
    let text = String::from_utf8(outcome.output).unwrap();
    assert_eq!((outcome.end, text.len()), (End::Exited(4), 100));
    assert!(text.ends_with("line 99\nlast\n"), "{text}");
}

#[test]
fn no_open_file_is_inherited() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let open = std::fs::File::create(dir.path().join("held-by-the-loop")).unwrap();
    let argv = sh("/bin/ls -l /proc/$$/fd");
    let seen = run(&Job { purpose: Purpose::Deed(10_000), ..deed(&argv) }).unwrap();
    let seen = String::from_utf8(seen.output).unwrap();
    assert!(seen.contains("0 -> /dev/null"), "{seen}");
    assert!(!seen.contains("held-by-the-loop"), "{seen}");
    drop(open);
}
