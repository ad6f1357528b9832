use clap::CommandFactory as _;

use crate::cli::{Answer, Cli};
use crate::terminal::failure::{Exit, Failure};

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega completions bash > ~/.local/share/bash-completion/completions/omega")]
pub struct Args {
    /// The shell.
    shell: clap_complete::Shell,
}

/// A script of completions.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Script {
    /// The text of the script.
    pub script: String,
}

pub fn run(args: Args) -> Result<Answer, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "omega", &mut out);
    let text = String::from_utf8_lossy(&out).into_owned();
    Ok(Answer::exact(Exit::Done, text.clone(), &Script { script: text }))
}
