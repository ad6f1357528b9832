//! Keys: made, shown, and changed on the council.

mod recovery;
mod revoke;
mod rotate;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use crate::cli::Answer;
use crate::git::Repo;
use crate::keyring::KeyFile;
use crate::keys::PublicKey;
use crate::ops::key::Which;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment, signing};
use crate::workspace::Error;

/// Make and show keys, and propose changes of those on the council.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new ed25519 key in OpenSSH's format, readable by you alone.
    #[command(after_help = "Examples:
  omega key new                        the default key
  omega key new ~/keys/grok --no-passphrase")]
    New(New),
    /// Show the public half of a key, or all keys at hand.
    Show(Show),
    /// Propose a new key in the place of an old one.
    ///
    /// The old key signs the proposal; where it is the Chief's, it also rules on it. The new key enrols by
    /// signing the proposal too, and is in force from the ruling on. The old one is then denied for good.
    Rotate(rotate::Args),
    /// Propose to take one key from a member who has another one.
    ///
    /// It leaves for good: a revoked key never comes back, under no name. What it signed before stays valid.
    Revoke(revoke::Args),
    /// Prepare for the loss of the Chief's key, and replace it when it is lost.
    ///
    /// Recovery keys belong to no member. Name them while the Chief can still rule, and keep them offline,
    /// in different hands. When the Chief's key is lost, the Chief makes a new one and starts a recovery
    /// with it. Enough recovery keys sign it, and then the new key itself rules. Nobody votes.
    #[command(subcommand)]
    Recovery(recovery::Command),
}

#[derive(Debug, clap::Args)]
pub struct New {
    /// Where to put it; never inside a work tree.
    #[arg(value_name = "FILE")]
    path: Option<PathBuf>,
    /// The comment that stands behind the public key.
    #[arg(long, default_value = "omega")]
    comment: String,
    /// Protect it by file mode alone; for scripts and agents.
    #[arg(long)]
    no_passphrase: bool,
}

#[derive(Debug, clap::Args)]
pub struct Show {
    /// A private or public key file.
    #[arg(value_name = "FILE")]
    path: Option<PathBuf>,
}

/// A public key.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct KeyReport {
    /// The file, if it lies in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// As ssh shows it.
    pub fingerprint: String,
    /// The whole key, on one line.
    pub public: PublicKey,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::New(_) => "key new",
            Self::Show(_) => "key show",
            Self::Rotate(_) => "key rotate",
            Self::Revoke(_) => "key revoke",
            Self::Recovery(command) => command.name(),
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::New(args) => new(context, &args),
            Self::Show(args) => show(context, &args),
            Self::Rotate(args) => rotate::run(context, args),
            Self::Revoke(args) => revoke::run(context, args),
            Self::Recovery(command) => command.run(context),
        }
    }
}

fn new(context: &Context, args: &New) -> Result<Answer, Failure> {
    let path = match &args.path {
        Some(path) => context.dir.join(path),
        None => {
            let dir = environment::config_dir()
                .ok_or_else(|| Failure::usage("there is no home folder to put a key", "name a file: omega key new FILE"))?;
            std::fs::create_dir_all(&dir).map_err(|error| Error::io("make", &dir, &error))?;
            signing::default_key(&dir)
        }
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if Repo::discover(folder, None).is_ok_and(|repo| !repo.is_bare()) {
        return Err(Error::denied(
            format!("`{}` is inside a work tree, where a private key must never be", path.display()),
            "choose a folder outside, as in omega key new ~/keys/me",
        )
        .into());
    }
    let passphrase = match args.no_passphrase {
        true => None,
        false if ask::is_interactive() => Some(ask::new_passphrase()?).filter(|passphrase| !passphrase.is_empty()),
        false => return Err(Failure::usage("there is no terminal to ask for a passphrase", "say --no-passphrase")),
    };
    let public = KeyFile::generate(&path, &args.comment, passphrase.as_deref().map(String::as_str))?;
    answer(vec![(Some(path.display().to_string()), public)])
}

fn show(context: &Context, args: &Show) -> Result<Answer, Failure> {
    if let Some(path) = args.path.as_ref().map(|path| context.dir.join(path)).or_else(|| context.key.clone()) {
        let public = KeyFile::read_public(&path)?;
        return answer(vec![(Some(path.display().to_string()), public)]);
    }
    let keys = signing::all_at_hand(context.repo().ok().as_ref())?;
    if keys.is_empty() {
        return Err(Failure::usage("there is no key at hand", "omega key new"));
    }
    answer(keys)
}

fn answer(keys: Vec<(Option<String>, PublicKey)>) -> Result<Answer, Failure> {
    let reports: Vec<KeyReport> =
        keys.into_iter().map(|(path, public)| KeyReport { path, fingerprint: public.fingerprint(), public }).collect();
    let human: String = reports
        .iter()
        .map(|report| format!("{} {}\n{}\n", report.fingerprint, report.path.as_deref().unwrap_or("in the agent"), report.public))
        .collect();
    Ok(Answer::new(Exit::Done, human, &reports))
}

/// A key that is named by its fingerprint or its file.
fn which(context: &Context, text: &str) -> Result<Which, Failure> {
    if text.starts_with("SHA256:") {
        return Ok(Which::Fingerprint(text.to_owned()));
    }
    Ok(Which::Key(KeyFile::read_public(&context.dir.join(text))?))
}
