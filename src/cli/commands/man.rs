use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::cli::failure::{Exit, Failure};
use crate::cli::{Answer, Cli};
use crate::ops::Error;

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

pub fn run(args: Args) -> Result<Answer, Failure> {
    let command = Cli::command();
    match args.dir {
        Some(dir) => {
            std::fs::create_dir_all(&dir)
                .and_then(|()| clap_mangen::generate_to(command, &dir))
                .map_err(|error| Error::io("write in", &dir, &error))?;
            Ok(Answer::new(Exit::Done, format!("written to {}\n", dir.display()), &serde_json::json!({ "dir": dir.display().to_string() })))
        }
        None => {
            let mut out = Vec::new();
            clap_mangen::Man::new(command)
                .render(&mut out)
                .map_err(|error| Error::io("render", std::path::Path::new("omega.1"), &error))?;
            let text = String::from_utf8_lossy(&out).into_owned();
            Ok(Answer::new(Exit::Done, text.clone(), &serde_json::json!({ "page": text })))
        }
    }
}
