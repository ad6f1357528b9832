use serde_json::{Map, Value};

use crate::canon::{DocumentName, front};
use crate::cli::Answer;
use crate::render;
use crate::survey::verify;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;
use crate::workspace::cases;

/// Ask the policy of a ratified document a question.
///
/// The questions are those of the enforcement cases; docs/policies.md lists them. A draft answers nothing here: what is not
/// ratified has no effect.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega ask OXYSPINE_TRINITY authority stakes=high consent=local_actions
  omega ask SECURITY_AND_PRIVACY command 'argv=[git, push, --force]'
  omega ask OMEGA_IDENTITY speech text='I am Gemini.'")]
pub struct Args {
    /// The document.
    #[arg(value_name = "DOC")]
    document: DocumentName,
    /// The question, as in `ask:` of a case.
    question: String,
    /// What is given, as YAML values.
    #[arg(value_name = "NAME=VALUE")]
    given: Vec<String>,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let mut given = Map::from_iter([("ask".to_owned(), Value::from(args.question.as_str()))]);
    for pair in &args.given {
        let (name, text) =
            pair.split_once('=').ok_or_else(|| Failure::usage(format!("`{pair}` is not of the form NAME=VALUE"), "omega ask --help"))?;
        // What is no YAML value is a text.
        given.insert(name.to_owned(), front::value(text).unwrap_or_else(|| Value::from(text)));
    }
    let repo = context.repo()?;
    let ratified = signing::in_force(context, &repo)?.sound()?;
    if let Some(pin) = context.pin(Some(&repo), None)? {
        verify::must_be_pinned(&ratified.judgement.ledger, Some(pin))?;
    }
    let answered = cases::ask(&ratified, &args.document, &Value::Object(given))?;
    Answer::new(Exit::Done, render::cases::answered(&answered), &answered).read_only(context, &repo)
}
