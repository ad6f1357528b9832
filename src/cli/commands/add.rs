use std::path::{Path, PathBuf};

use crate::canon::text::MAX_TEXT;
use crate::cli::Answer;
use crate::ops::add;
use crate::render::added;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;
use crate::workspace::Error;
use crate::workspace::desk::Hand;

/// Add a record that was signed elsewhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega vote say-it approve --reason \"Short.\" --print --as ann > vote.md
  ssh-keygen -Y sign -n omega-vote-v1 -f ann.key vote.md
  omega add vote.md vote.md.sig

  omega enrol seat-bo --print > proposal.md
  ssh-keygen -Y sign -n omega-enrol-v1 -f bo.key proposal.md
  omega add proposal.md

The commit is signed with your own key, if you have one on the council, and is unsigned else: what counts is
the signature of the record.")]
pub struct Args {
    /// The record, byte for byte as --print wrote it.
    #[arg(value_name = "FILE")]
    record: PathBuf,
    /// Its signature, as ssh-keygen wrote it; FILE.sig where it is left out.
    #[arg(value_name = "SIG")]
    signature: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let record = context.dir.join(&args.record);
    let signature = args.signature.map_or_else(
        || {
            let mut name = record.clone().into_os_string();
            name.push(".sig");
            PathBuf::from(name)
        },
        |path| context.dir.join(path),
    );
    let (bytes, armor) = (read(&record)?, read(&signature)?);
    // Whoever adds need not be on the council. Only who says so by a flag must be.
    let named = context.key.is_some() || context.member.is_some();
    let signer = match signing::find(context, &repo, false) {
        Ok((signer, _)) => Some(signer),
        Err(failure) if named => return Err(failure),
        Err(_) => None,
    };
    let hand = signer.as_ref().map_or(Hand::Elsewhere { member: None, key: None }, Hand::Key);
    let desk = context.desk_for(&repo, hand, "omega")?;
    let report = add::add(&desk, &bytes, &armor)?;
    Ok(Answer::new(Exit::Done, added::added(&report), &report))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_TEXT + 1).read_to_end(&mut bytes));
    read.map_err(|error| Error::usage(format!("cannot read `{}`: {error}", path.display()), "omega add FILE SIG"))?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(Failure::usage(format!("`{}` is larger than any record", path.display()), "omega add FILE SIG"));
    }
    Ok(bytes)
}
