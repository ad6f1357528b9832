//! Signing elsewhere: the exact bytes of a record, and the commands that bring them back signed.

use serde::Serialize;

use crate::cli::Answer;
use crate::git::Repo;
use crate::keyring::KeyFile;
use crate::terminal::ask;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::workspace::desk::{Desk, Hand};
use crate::workspace::{Error, Unsigned};

/// Whether the record is printed instead of signed.
#[derive(Debug, clap::Args)]
pub struct Print {
    /// Write the record to standard output and sign nothing; needs no key, and `--as` says whose it is.
    #[arg(long)]
    pub print: bool,
}

/// What is to be signed elsewhere.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Printed {
    /// What the signature is for.
    pub namespace: String,
    /// The exact bytes to sign.
    pub record: String,
    /// How to sign them, with these bytes in FILE and the private key in KEY.
    pub sign: String,
    /// How to add both.
    pub add: String,
}

/// Goes through an act of the member that `--as` names up to its signature, and writes nothing to the repository.
pub fn record(context: &Context, repo: &Repo, act: impl FnOnce(&Desk<'_>) -> Result<(), Error>) -> Result<Answer, Failure> {
    let member = context.member.as_ref().ok_or_else(|| Failure::usage("cannot tell whose record to print", "--as NAME"))?;
    print(context, repo, Hand::Elsewhere { member: Some(member), key: None }, act)
}

/// The same for a signature over the proposal itself. The key that will sign is looked at, if `--key` names it.
pub fn proposal(context: &Context, repo: &Repo, act: impl FnOnce(&Desk<'_>) -> Result<(), Error>) -> Result<Answer, Failure> {
    let key = context.key.as_ref().map(|path| KeyFile::read_public(path)).transpose()?;
    print(context, repo, Hand::Elsewhere { member: None, key: key.as_ref() }, act)
}

fn print(context: &Context, repo: &Repo, hand: Hand<'_>, act: impl FnOnce(&Desk<'_>) -> Result<(), Error>) -> Result<Answer, Failure> {
    let desk = context.reading_desk(repo, hand, "omega")?;
    match act(&desk) {
        Err(Error::Unsigned(Unsigned { namespace, text })) => {
            let printed = Printed {
                sign: format!("ssh-keygen -Y sign -n {namespace} -f KEY FILE"),
                add: "omega add FILE FILE.sig".to_owned(),
                namespace: namespace.to_string(),
                record: text,
            };
            ask::tell(&format!("keep these bytes in a FILE, sign exactly them, and add both:\n  {}\n  {}\n", printed.sign, printed.add));
            Ok(Answer::exact(Exit::Done, printed.record.clone(), &printed))
        }
        Err(error) => Err(error.into()),
        Ok(()) => Err(Error::denied("the same is recorded already, and there is nothing to sign", "omega show ID").into()),
    }
}
