//! Running another program: an argument vector, never a shell; input, output and time bounded, in a process group of its own.

mod group;
mod machine;
mod output;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use output::Ear;

pub use machine::{awake, boot, columns, since_boot};

/// How often the child is looked at.
const TICK: Duration = Duration::from_millis(10);

/// What is to be run.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The program and its arguments.
    pub argv: &'a [String],
    /// Where it runs; a program with a relative path is looked for there.
    pub dir: &'a Path,
    /// What it reads; nothing at all without it.
    pub input: Option<&'a [u8]>,
    /// The variables that it sees.
    pub environment: Environment<'a>,
    /// How long it may take.
    pub timeout: Duration,
    /// What it is run for.
    pub purpose: Purpose,
}

/// The variables that a program sees.
#[derive(Clone, Copy, Debug)]
pub enum Environment<'a> {
    /// Those of this process but these.
    Without(&'a [OsString]),
    /// These and no others. A program without a path is looked for in the `PATH` among them.
    Only(&'a [(OsString, OsString)]),
    /// Those of this process with a name in `kept`, and these beside them.
    Few {
        /// The names; a variable that this process does not have is no error.
        kept: &'a [&'a str],
        /// Further variables.
        set: &'a [(OsString, OsString)],
    },
    /// Those of this process but some, and further ones.
    But {
        /// The names of those that are left out.
        without: &'a [&'a str],
        /// Further variables.
        set: &'a [(OsString, OsString)],
    },
}

/// What a program is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// For what it says on standard output, of so many bytes at most. Whatever it leaves behind in its process group is killed.
    Answer(usize),
    /// For what it does. What it leaves behind lives on, unless it took too long; the last so many bytes of standard output and
    /// standard error together are kept. They go to a nameless file, not to a pipe: a server that was started in passing,
    /// and still writes there, does not stop when nobody listens any more.
    Deed(usize),
    /// For what it does while its user is there to be asked. It stays in the process group of this one, since only that may use
    /// the terminal, and standard error stays the terminal's. Standard output is kept, of so many bytes at most.
    Attended(usize),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal, which did not come from here.
    Signalled(i32),
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
    /// What it said: the beginning up to the limit, or, for a deed, the end.
    pub output: Vec<u8>,
    /// The end of what it said on standard error; empty for a deed, where it is part of the output.
    pub complaint: String,
    /// How long it took.
    pub took: Duration,
}

/// Whether this is a file that this process may run.
pub fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// Runs a program to its end, or until it takes too long or says too much. Then its whole process group is asked to
/// stop, and killed if it does not. It inherits no open file but its input and output.
///
/// # Errors
/// When it cannot be started; `InvalidInput` for an empty argument vector.
pub fn run(job: &Job<'_>) -> std::io::Result<Outcome> {
    let (program, args) = job.argv.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    let mut command = Command::new(program);
    command.args(args).current_dir(job.dir);
    match job.environment {
        Environment::Without(names) => {
            for name in names {
                command.env_remove(name);
            }
        }
        Environment::Only(all) => {
            command.env_clear().envs(all.iter().map(|(name, value)| (name, value)));
        }
        Environment::But { without, set } => {
            for name in without {
                command.env_remove(name);
            }
            command.envs(set.iter().map(|(name, value)| (name, value)));
        }
        Environment::Few { kept, set } => {
            // Handed on unseen: what they say decides nothing here.
            #[allow(clippy::disallowed_methods, reason = "what a program is given anew is what this process was given")]
            let kept = kept.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
            command.env_clear().envs(kept).envs(set.iter().map(|(name, value)| (name, value)));
        }
    }
    command.stdin(if job.input.is_some() { Stdio::piped() } else { Stdio::null() });
    let is_alone = !matches!(job.purpose, Purpose::Attended(_));
    if is_alone {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let mut ear = Ear::on(&mut command, job.purpose)?;
    let started = Instant::now();
    let mut child = command.spawn()?;
    // It holds the other ends of the pipes.
    drop(command);
    ear.listen(&mut child);
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), job.input) {
        let input = input.to_vec();
        // A program that does not read all of it is no error.
        thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &input)));
    }
    let stopped = loop {
        if group::has_ended(&mut child)? {
            break None;
        }
        if ear.is_full() {
            break Some(End::TooMuch);
        }
        if started.elapsed() >= job.timeout {
            break Some(End::TimedOut);
        }
        thread::sleep(TICK);
    };
    let took = started.elapsed();
    let status = match (stopped, job.purpose) {
        (None, Purpose::Deed(_) | Purpose::Attended(_)) => Some(child.wait()?),
        (Some(_), Purpose::Attended(_)) => group::stop_one(child),
        _ => group::stop(child, stopped.is_none()),
    };
    let heard = ear.heard()?;
    let end = match stopped {
        _ if heard.overflow => End::TooMuch,
        Some(end) => end,
        // It has ended, so it could be waited for.
        None => status.map_or(End::TimedOut, of_status),
    };
    Ok(Outcome { end, output: heard.output, complaint: String::from_utf8_lossy(&heard.complaint).into_owned(), took })
}

fn of_status(status: ExitStatus) -> End {
    let signal = std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default();
    status.code().map_or(End::Signalled(signal), End::Exited)
}
