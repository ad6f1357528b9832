use clap::CommandFactory as _;

use crate::cli::{Answer, Cli};
use crate::terminal::complete;
use crate::terminal::failure::{Exit, Failure};

/// Print completions for a shell.
///
/// With --dynamic, the script asks omega itself at each press of the key: it then knows the ids of proposals and rulings and the
/// members of the repository that you work in, and stays right when omega is updated.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  source <(omega completions bash --dynamic)  in ~/.bashrc
  source <(omega completions zsh --dynamic)   in ~/.zshrc, after compinit
  omega completions fish --dynamic | source   in ~/.config/fish/config.fish
  omega completions bash > ~/.local/share/bash-completion/completions/omega")]
pub struct Args {
    /// The shell.
    shell: clap_complete::Shell,
    /// Know the ids and names of the repository.
    #[arg(long)]
    dynamic: bool,
}

/// A script of completions.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Script {
    /// The text of the script.
    pub script: String,
}

pub fn run(args: Args) -> Result<Answer, Failure> {
    let fixed = || {
        let mut out = Vec::new();
        clap_complete::generate(args.shell, &mut Cli::command(), "omega", &mut out);
        String::from_utf8_lossy(&out).into_owned()
    };
    let text = if args.dynamic { complete::script(&args.shell.to_string()) } else { Some(fixed()) };
    let text = text.ok_or_else(|| Failure::usage("this shell has no dynamic completions", "omega completions SHELL"))?;
    Ok(Answer::exact(Exit::Done, text.clone(), &Script { script: text }))
}
