//! Real programs, some of them unruly.

mod deeds;

use std::path::Path;
use std::thread;
use std::time::Duration;

use super::*;

pub(super) fn job(argv: &[String]) -> Job<'_> {
    Job {
        argv,
        dir: Path::new("/"),
        input: None,
        environment: Environment::Without(&[]),
        timeout: Duration::from_secs(20),
        purpose: Purpose::Answer(1000),
    }
}

pub(super) fn words(text: &[&str]) -> Vec<String> {
    text.iter().map(|word| (*word).to_owned()).collect()
}

pub(super) fn sh(script: &str) -> Vec<String> {
    words(&["/bin/sh", "-c", script])
}

#[test]
fn hears_what_a_program_says() {
    let argv = sh("cat; echo problem >&2; exit 3");
    let outcome = run(&Job { input: Some(b"hello"), ..job(&argv) }).unwrap();
    assert_eq!((outcome.end, outcome.output.as_slice(), outcome.complaint.as_str()), (End::Exited(3), &b"hello"[..], "problem\n"));
}

#[test]
fn gives_nothing_to_read_without_input() {
    let outcome = run(&job(&sh("cat; echo end"))).unwrap();
    assert_eq!((outcome.end, outcome.output.as_slice()), (End::Exited(0), &b"end\n"[..]));
}

#[test]
fn gives_up_on_what_takes_too_long_and_on_all_that_it_started() {
    for purpose in [Purpose::Answer(1000), Purpose::Deed(1000)] {
        let dir = tempfile::tempdir().unwrap();
        let alive = dir.path().join("alive");
        let argv = sh(&format!("(while :; do touch {0}; sleep 0.05; done) & trap '' TERM; sleep 60", alive.display()));
        let outcome = run(&Job { timeout: Duration::from_millis(300), purpose, ..job(&argv) }).unwrap();
        assert_eq!(outcome.end, End::TimedOut);
        assert!(alive.exists());
        std::fs::remove_file(&alive).unwrap();
        thread::sleep(Duration::from_millis(300));
        assert!(!alive.exists());
    }
}

#[test]
fn asks_before_it_kills() {
    let argv = sh("trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done");
    let outcome = run(&Job { timeout: Duration::from_millis(300), ..job(&argv) }).unwrap();
    assert_eq!((outcome.end, outcome.output.as_slice()), (End::TimedOut, &b"bye\n"[..]));
}

#[test]
fn stops_what_says_too_much() {
    let outcome = run(&job(&sh("yes"))).unwrap();
    assert_eq!((outcome.end, outcome.output.len()), (End::TooMuch, 1000));
}

#[test]
fn tells_a_signal_from_a_code() {
    assert_eq!(run(&job(&sh("kill -9 $$"))).unwrap().end, End::Signalled(9));
    assert_eq!(run(&job(&sh("exit 137"))).unwrap().end, End::Exited(137));
}

#[test]
fn shows_a_program_what_it_may_see() {
    let argv = sh("echo ${HOME-none}");
    let outcome = run(&Job { environment: Environment::Without(&["HOME".into()]), ..job(&argv) }).unwrap();
    assert_eq!(outcome.output, b"none\n");
    let only = [("PATH".into(), "/usr/bin:/bin".into()), ("GREETING".into(), "hi".into())];
    let argv = words(&["env"]);
    let outcome = run(&Job { environment: Environment::Only(&only), ..job(&argv) }).unwrap();
    let mut seen: Vec<_> = std::str::from_utf8(&outcome.output).unwrap().lines().collect();
    seen.sort_unstable();
    assert_eq!(seen, ["GREETING=hi", "PATH=/usr/bin:/bin"]);
}

#[test]
fn says_that_a_program_is_not_there() {
    let argv = words(&["/nowhere/at/all"]);
    assert_eq!(run(&job(&argv)).map(drop).unwrap_err().kind(), std::io::ErrorKind::NotFound);
    assert!(run(&job(&[])).is_err());
}

#[test]
fn knows_the_start_of_the_machine() {
    if !cfg!(target_os = "linux") {
        return;
    }
    assert_eq!(boot(), boot());
    let (slept, awoke) = (since_boot().unwrap(), awake().unwrap());
    thread::sleep(Duration::from_millis(20));
    let later = since_boot().unwrap();
    assert!(later - slept >= Duration::from_millis(20) && later - slept < Duration::from_secs(20));
    assert!(awoke <= later);
}

#[test]
fn what_is_attended_stays_in_the_group_and_is_stopped_alone() {
    let group = words(&["ps", "-o", "pgid=", "-p"]);
    let own = run(&job(&[group.clone(), vec![std::process::id().to_string()]].concat())).unwrap();
    let argv = sh("ps -o pgid= -p $$");
    let attended = run(&Job { purpose: Purpose::Attended(1000), ..job(&argv) }).unwrap();
    assert_eq!((attended.end, attended.output.trim_ascii()), (End::Exited(0), own.output.trim_ascii()));
    let argv = sh("trap '' TERM; sleep 60");
    let stopped = run(&Job { purpose: Purpose::Attended(1000), timeout: Duration::from_millis(100), ..job(&argv) }).unwrap();
    assert_eq!(stopped.end, End::TimedOut);
}

#[test]
fn variables_are_changed_beside_those_of_this_process() {
    let argv = sh("echo \"$ADDED ${HOME-none}\"; [ -n \"$PATH\" ]");
    let set = [("ADDED".into(), "yes".into())];
    let outcome = run(&Job { environment: Environment::But { without: &["HOME"], set: &set }, ..job(&argv) }).unwrap();
    assert_eq!((outcome.end, outcome.output.as_slice()), (End::Exited(0), &b"yes none\n"[..]));
}
