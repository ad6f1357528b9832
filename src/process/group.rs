//! A child and its process group: seeing that it has ended, and ending it.

use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::TICK;

/// How long a program that is asked to stop may take before it is killed, and then until it is gone.
const GRACE: Duration = Duration::from_secs(2);

/// Whether the child has ended. It is not reaped yet, so that its number, which is that of its group too, cannot pass
/// to somebody else meanwhile.
pub(super) fn has_ended(child: &mut Child) -> std::io::Result<bool> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let Some(pid) = number(child) else { return Ok(false) };
    let ended = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT)?;
    Ok(ended.is_some())
}

/// Ends the whole process group, and reaps the child. A child that not even a kill ends, because a disk or network holds
/// it, is reaped by a thread whenever that may be; then there is no status.
pub(super) fn stop(mut child: Child, has_ended: bool) -> Option<ExitStatus> {
    use rustix::process::{Signal, kill_process_group};
    let group = number(&child)?;
    // No such group: all of it has ended already.
    if !has_ended && kill_process_group(group, Signal::TERM).is_ok() {
        wait(&mut child);
    }
    let _ = kill_process_group(group, Signal::KILL);
    if wait(&mut child) {
        return child.wait().ok();
    }
    thread::spawn(move || drop(child.wait()));
    None
}

/// Ends and reaps a child that is in the group of this process. What it has started ends with its pipes.
pub(super) fn stop_one(mut child: Child) -> Option<ExitStatus> {
    use rustix::process::{Signal, kill_process};
    let pid = number(&child)?;
    // It is not reaped yet, so the number is still its own.
    if kill_process(pid, Signal::TERM).is_ok() && !wait(&mut child) {
        let _ = kill_process(pid, Signal::KILL);
    }
    if wait(&mut child) {
        return child.wait().ok();
    }
    thread::spawn(move || drop(child.wait()));
    None
}

/// Waits for the child to end, for a while.
fn wait(child: &mut Child) -> bool {
    let asked = Instant::now();
    loop {
        match has_ended(child) {
            Ok(false) if asked.elapsed() < GRACE => thread::sleep(TICK),
            ended => return ended.unwrap_or(true),
        }
    }
}

fn number(child: &Child) -> Option<rustix::process::Pid> {
    i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
}
