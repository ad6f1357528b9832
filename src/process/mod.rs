//! Running another program: an argument vector, never a shell; input and output bounded, in a process
//! group of its own that ends with it.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How often the child is looked at.
const TICK: Duration = Duration::from_millis(10);
/// How long a program that is asked to stop may take before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// How much of what it says on standard error is kept: the end.
const TAIL: usize = 4 << 10;

/// What is to be run.
pub struct Job<'a> {
    /// The program and its arguments.
    pub argv: &'a [String],
    /// Where it runs; a program with a relative path is looked for there.
    pub dir: &'a Path,
    /// What it reads.
    pub input: &'a [u8],
    /// Variables that it does not see.
    pub hidden: &'a [OsString],
    /// How long it may take.
    pub timeout: Duration,
    /// How many bytes it may say.
    pub limit: usize,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal that did not come from here.
    Signalled,
    /// It took too long, and was stopped.
    TimedOut,
    /// It said too much, and was stopped.
    TooMuch,
}

/// What it did.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// What it said, up to the limit.
    pub output: Vec<u8>,
    /// The end of what it said on standard error.
    pub complaint: String,
    /// How long it took.
    pub took: Duration,
}

/// Runs a program to its end, or until it takes too long or says too much. Then its whole process group is asked to
/// stop, and killed if it does not.
///
/// # Errors
/// When it cannot be started; `InvalidInput` for an empty argument vector.
pub fn run(job: &Job<'_>) -> std::io::Result<Outcome> {
    let (program, args) = job.argv.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    let mut command = Command::new(program);
    command.args(args).current_dir(job.dir).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in job.hidden {
        command.env_remove(name);
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let started = Instant::now();
    let mut child = command.spawn()?;
    let said = listen(child.stdout.take(), job.limit, Keep::Start);
    let complained = listen(child.stderr.take(), TAIL, Keep::End);
    if let Some(mut stdin) = child.stdin.take() {
        let input = job.input.to_vec();
        // A program that does not read all of it is no error.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let mut overflow = false;
    let mut output = None;
    let status = loop {
        if let Ok(heard) = said.try_recv() {
            overflow = heard.len() > job.limit;
            output = Some(heard);
        }
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if overflow || started.elapsed() >= job.timeout {
            break None;
        }
        thread::sleep(TICK);
    };
    let took = started.elapsed();
    stop(&mut child, status.is_some());
    // What has left the process group may hold the pipe for ever; nobody waits for it.
    let mut output = output.or_else(|| said.recv_timeout(GRACE).ok()).unwrap_or_default();
    overflow |= output.len() > job.limit;
    output.truncate(job.limit);
    let complaint = complained.recv_timeout(GRACE).unwrap_or_default();
    let end = match status {
        _ if overflow => End::TooMuch,
        None => End::TimedOut,
        Some(status) => of_status(status),
    };
    Ok(Outcome { end, output, complaint: String::from_utf8_lossy(&complaint).into_owned(), took })
}

fn of_status(status: ExitStatus) -> End {
    status.code().map_or(End::Signalled, End::Exited)
}

#[derive(Clone, Copy)]
enum Keep {
    /// Up to one byte more than the limit, then no more is read.
    Start,
    /// The last bytes.
    End,
}

/// Reads a pipe on a thread of its own.
fn listen(pipe: Option<impl Read + Send + 'static>, limit: usize, keep: Keep) -> mpsc::Receiver<Vec<u8>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut heard = Vec::new();
        if let Some(mut pipe) = pipe {
            let mut chunk = [0; 8 << 10];
            while let Ok(count @ 1..) = pipe.read(&mut chunk) {
                heard.extend_from_slice(&chunk[..count]);
                match keep {
                    Keep::Start if heard.len() > limit => break,
                    Keep::End if heard.len() > limit => drop(heard.drain(..heard.len() - limit)),
                    _ => {}
                }
            }
        }
        // Nobody listens any more if the program was given up.
        drop(tell.send(heard));
    });
    told
}

/// Ends the whole process group, and reaps the child.
#[cfg(unix)]
fn stop(child: &mut Child, has_ended: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    // The group has the child's number, and outlives it for as long as a member is there.
    let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
    if !has_ended && kill_process_group(group, Signal::TERM).is_ok() {
        let asked = Instant::now();
        while asked.elapsed() < GRACE && matches!(child.try_wait(), Ok(None)) {
            thread::sleep(TICK);
        }
    }
    // No such group: all of it has ended already.
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

#[cfg(not(unix))]
fn stop(child: &mut Child, _: bool) {
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job<'a>(argv: &'a [String], input: &'a [u8]) -> Job<'a> {
        Job { argv, dir: Path::new("/"), input, hidden: &[], timeout: Duration::from_secs(20), limit: 1000 }
    }

    fn words(text: &[&str]) -> Vec<String> {
        text.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn hears_what_a_program_says() {
        let argv = words(&["sh", "-c", "cat; echo problem >&2; exit 3"]);
        let outcome = run(&job(&argv, b"hello")).expect("it runs");
        assert_eq!((outcome.end, outcome.output.as_slice(), outcome.complaint.as_str()), (End::Exited(3), &b"hello"[..], "problem\n"));
    }

    #[test]
    fn gives_up_on_what_takes_too_long_and_on_all_that_it_started() {
        let dir = tempfile::tempdir().expect("a folder");
        let alive = dir.path().join("alive");
        let script = format!("(while :; do touch {0}; sleep 0.05; done) & trap '' TERM; sleep 60", alive.display());
        let argv = words(&["sh", "-c", &script]);
        let outcome = run(&Job { timeout: Duration::from_millis(300), ..job(&argv, b"") }).expect("it runs");
        assert_eq!(outcome.end, End::TimedOut);
        assert!(alive.exists());
        std::fs::remove_file(&alive).expect("it was there");
        thread::sleep(Duration::from_millis(300));
        assert!(!alive.exists());
    }

    #[test]
    fn stops_what_says_too_much() {
        let argv = words(&["sh", "-c", "yes"]);
        let outcome = run(&job(&argv, b"")).expect("it runs");
        assert_eq!((outcome.end, outcome.output.len()), (End::TooMuch, 1000));
    }

    #[test]
    fn does_not_show_what_is_hidden() {
        let argv = words(&["/bin/sh", "-c", "echo ${HOME-none}"]);
        let outcome = run(&Job { hidden: &["HOME".into()], ..job(&argv, b"") }).expect("it runs");
        assert_eq!(outcome.output, b"none\n");
    }

    #[test]
    fn says_that_a_program_is_not_there() {
        let argv = words(&["/nowhere/at/all"]);
        assert_eq!(run(&job(&argv, b"")).map(drop).expect_err("there is none").kind(), std::io::ErrorKind::NotFound);
        assert!(run(&job(&[], b"")).is_err());
    }
}
