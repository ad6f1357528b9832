//! The front: arguments in, text and an exit code out. Only here are the environment, the terminal
//! and the clock asked.

mod args;
mod choices;
mod commands;
#[cfg(feature = "services")]
pub mod schemas;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

pub use args::Cli;

use args::Format;

use crate::canon::text::guarded;
use crate::git::GitError;
use crate::render::{human, json, prose, sync};
use crate::sync::Exchanged;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::settings::Network;
use crate::terminal::{ask, complete, environment, exchange, mistyped, pager};
use crate::workspace::{Error, advice, here};

/// What a command says when it is done.
pub struct Answer {
    exit: Exit,
    human: String,
    report: serde_json::Value,
    warnings: Vec<String>,
}

impl Answer {
    fn new(exit: Exit, human: String, report: &impl serde::Serialize) -> Self {
        Self::exact(exit, guarded(&human), report)
    }

    /// An answer whose text is read by programs, or signed: it is printed byte for byte.
    fn exact(exit: Exit, human: String, report: &impl serde::Serialize) -> Self {
        Self { exit, human, report: serde_json::to_value(report).expect("reports are maps with string keys"), warnings: Vec::new() }
    }

    /// The same, with a text before what it says.
    fn after(mut self, text: &str) -> Self {
        self.human = guarded(text) + &self.human;
        self
    }

    /// The resolution that the answer is about.
    fn about(&self) -> Option<String> {
        Some(self.report.get("resolution")?.as_str()?.to_owned())
    }

    /// Says of what was only read that nothing of it is verified, where no root is pinned.
    fn read_only(mut self, context: &Context, repo: &crate::git::Repo) -> Result<Self, Failure> {
        if context.pin(Some(repo), None)?.is_none() {
            self.warnings.push("nothing here is verified, because no root is pinned".to_owned());
        }
        Ok(self)
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    if let Some(code) = complete::answer(Cli::command) {
        return ExitCode::from(code);
    }
    // A panic must never look like success, nor like a verdict.
    let outcome = std::panic::catch_unwind(run);
    ExitCode::from(outcome.unwrap_or(Exit::Failed as u8))
}

fn run() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
            let misplaced = mistyped::instead(&Cli::command(), &args, &error);
            if error.use_stderr() && wants_json() {
                return report_failure(&misplaced.unwrap_or_else(|| mistyped::misunderstood(&error)), Format::Json, "omega", None);
            }
            if let Some(failure) = misplaced {
                return report_failure(&failure, Format::Human, "omega", None);
            }
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let text = error.render();
            let written = if error.use_stderr() {
                write!(anstream::stderr(), "{}", text.ansi())
            } else {
                write!(anstream::stdout(), "{}", text.ansi())
            };
            return if written.is_ok() { code as u8 } else { Exit::Failed as u8 };
        }
    };
    // The loop finishes the act in hand by itself; every other command may be writing to the repository.
    if !cli.command.hears_signals() {
        crate::git::on_signal();
    }
    let (format, name) = (cli.format, cli.command.name());
    cli.color.write_global();
    crate::workspace::glance::folded_by(environment::binary());
    let network = Network::of(cli.offline, cli.no_push);
    let context = Context::new(cli.directory.as_deref(), cli.member.clone(), cli.key.as_deref(), network);
    let (acts, pages) = (cli.command.acts(), cli.command.is_read() && !cli.no_pager);
    prose::set_width(pager::width().filter(|_| format == Format::Human));
    let (outcome, exchanged) = exchange::around(&context, acts, || cli.command.run(&context, format), Answer::about);
    if let Some(done) = exchanged.as_ref().filter(|_| format == Format::Human) {
        ask::tell(&sync::notes(done));
    }
    match outcome {
        Ok(answer) => {
            let exit = answer.exit;
            match format {
                Format::Human => {
                    for warning in &answer.warnings {
                        ask::tell(&human::warning(warning, "omega verify shows the root; if its people confirm it: omega trust pin ROOT"));
                    }
                    if pages && exit == Exit::Done {
                        pager::become_it(&context, &answer.human);
                    }
                    print(&answer.human, exit as u8)
                }
                Format::Json => print(
                    &json::render(&json::Answer {
                        omega: json::VERSION,
                        command: name.to_owned(),
                        exit: exit as u8,
                        warnings: answer.warnings,
                        exchanged,
                        report: Some(answer.report),
                        error: None,
                    }),
                    exit as u8,
                ),
            }
        }
        Err(failure) => report_failure(&located(failure, &context), format, name, exchanged),
    }
}

/// The same failure with what the repository says to it: the branch that has the canon which is not here, and the commands that
/// set aside what is in the way.
fn located(failure: Failure, context: &Context) -> Failure {
    let better = |repo: &crate::git::Repo| match failure.error() {
        Error::Usage { hint, .. } if hint == "omega init" => {
            let (branch, hint) = here::elsewhere(repo).ok()??;
            Some(Error::usage(format!("there is no canon here; it is on `{branch}`"), hint))
        }
        Error::Git(GitError::WouldOverwrite(paths)) => {
            let command = advice::set_aside(repo, paths).ok()?;
            Some(Error::unready(failure.error().to_string(), format!("{command}; then repeat the command")))
        }
        _ => None,
    };
    match context.repo().ok().and_then(|repo| better(&repo)) {
        Some(error) => failure.because(error),
        None => failure,
    }
}

/// Whether the command line asks for JSON, as far as that can be said of one that is not understood.
fn wants_json() -> bool {
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    args.iter().any(|arg| arg == "--format=json") || args.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
}

fn report_failure(failure: &Failure, format: Format, name: &str, exchanged: Option<Exchanged>) -> u8 {
    match format {
        Format::Human => {
            // Where even stderr is gone, the exit code still says it.
            let _ = write!(anstream::stderr(), "{}", guarded(&failure.human()));
            failure.code()
        }
        Format::Json => print(
            &json::render(&json::Answer::<()> {
                omega: json::VERSION,
                command: name.to_owned(),
                exit: failure.code(),
                warnings: Vec::new(),
                exchanged,
                report: None,
                error: Some(failure.json()),
            }),
            failure.code(),
        ),
    }
}

/// Writes a part of the answer at once; says no if nobody reads it any more.
#[cfg(feature = "services")]
fn say(text: &str) -> bool {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

/// Writes to standard output. A reader that went away is no error; anything else is.
fn print(text: &str, exit: u8) -> u8 {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => exit,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => exit,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: cannot write the output: {error}");
            Exit::Failed as u8
        }
    }
}
