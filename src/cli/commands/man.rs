use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};

use crate::cli::{Answer, Cli};
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{environment, manual};
use crate::workspace::Error;

/// Print the manual page, or write all pages into a folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega man | man -l -
  omega man --dir ~/.local/share/man/man1")]
pub struct Args {
    /// Write a page for every command into this folder.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Where the manual pages are.
#[derive(Debug, Default, serde::Serialize, schemars::JsonSchema)]
pub struct Page {
    /// The folder that they were written into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// The one page that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

pub fn run(args: Args) -> Result<Answer, Failure> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let date = manual::date(environment::variable("SOURCE_DATE_EPOCH").as_deref())?;
    match args.dir {
        Some(dir) => {
            std::fs::create_dir_all(&dir)
                .and_then(|()| write(&command, None, &date, &dir))
                .map_err(|error| Error::io("write in", &dir, &error))?;
            Ok(Answer::new(
                Exit::Done,
                format!("written to {}\n", dir.display()),
                &Page { dir: Some(dir.display().to_string()), page: None },
            ))
        }
        None => {
            let text = manual::page(&command, None, &date).map_err(|error| Error::io("render", Path::new("omega.1"), &error))?;
            Ok(Answer::exact(Exit::Done, text.clone(), &Page { page: Some(text), dir: None }))
        }
    }
}

/// Writes the page of a command, and those of all below it.
fn write(command: &Command, above: Option<&Command>, date: &str, dir: &Path) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        write(inner, Some(command), date, dir)?;
    }
    std::fs::write(dir.join(manual::file(command)), manual::page(command, above, date)?)
}
