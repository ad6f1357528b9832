use clap::Subcommand;
use serde::Serialize;

use crate::canon::{layout, policy};
use crate::cli::Answer;
use crate::render;
use crate::resonance::{self, Claim, Consent, Decision, Token, TokenError};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment, signing};
use crate::workspace::Error;

/// See how much authority a request carries, by the ratified OXYSPINE_TRINITY.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Explain what the headers of a request give.
    Check(Check),
    /// Hash a new token of the Chief for the configuration.
    Token,
}

/// Explain what the headers of a request give: who answers, with which authority, and why.
///
/// Ends with exit code 10 where the request would be refused. The Chief's token is asked for, or read from standard
/// input, and held to the hash in OMEGA_CHIEF_TOKEN_HASH; it is never given as an argument, where others could see it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega resonance check -H 'X-Resonance-Stakes: high' -H 'X-Resonance-Consent: local_actions'
  omega resonance check -H 'X-Resonance-Mode: sovereign' --chief-token < token
  omega resonance check --granted read_only --doubt 1")]
pub struct Check {
    /// A header, as `Name: value`; may be given more than once.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// The widest consent that was granted to the one who asks.
    #[arg(long, value_name = "CONSENT", value_parser = consent)]
    granted: Option<Consent>,
    /// The caller that was authenticated.
    #[arg(long)]
    caller: Option<String>,
    /// By how many steps doubt lowers the authority.
    #[arg(long, default_value_t = 0, value_name = "STEPS")]
    doubt: u8,
    /// Show the Chief's token.
    #[arg(long)]
    chief_token: bool,
}

fn consent(text: &str) -> Result<Consent, String> {
    let known = || Consent::ALL.map(Consent::as_str).join(", ");
    text.parse().map_err(|_| format!("one of {} is expected", known()))
}

/// What a request comes to.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Checked {
    /// What may be done with it; nothing, if it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The HTTP status of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// The hash of a token.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Hashed {
    /// In PHC string form, for OMEGA_CHIEF_TOKEN_HASH.
    pub hash: String,
}

/// The variable that holds the hash of the Chief's token.
const HASH: &str = "OMEGA_CHIEF_TOKEN_HASH";

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "resonance check",
            Self::Token => "resonance token",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::Check(args) => check(context, args),
            Self::Token => token(),
        }
    }
}

fn check(context: &Context, args: Check) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let ratified = signing::in_force(context, &repo)?.sound()?;
    let path = layout::document(&"OXYSPINE_TRINITY".parse().expect("a document name"));
    let bytes = ratified.in_force(&path).ok_or_else(|| Failure::usage(format!("`{path}` is missing"), "omega verify"))?;
    let policy = policy::oxyspine(bytes)
        .map_err(|error| Error::unknown(format!("`{path}` cannot be obeyed: {error}"), "propose one that is valid: omega propose"))?;
    let is_chief = args.chief_token && {
        let token = configured()?;
        token.admits(&ask::secret("the Chief's token")?)
    };
    let claim = Claim { granted: args.granted, caller: args.caller, is_chief };
    let headers = args.headers.iter().map(|header| header.split_once(':').unwrap_or((header, "")));
    let outcome = resonance::read(&policy, headers).and_then(|request| resonance::decide(&policy, request, &claim, args.doubt));
    let (exit, checked) = match outcome {
        Ok(decision) => (Exit::Done, Checked { decision: Some(decision), status: None, refused: None }),
        Err(fault) => (Exit::Denied, Checked { decision: None, status: Some(fault.status()), refused: Some(fault.to_string()) }),
    };
    Ok(Answer::new(exit, render::resonance::checked(checked.decision.as_ref(), checked.status, checked.refused.as_deref()), &checked))
}

fn configured() -> Result<Token, Failure> {
    Token::configured(&environment::variable(HASH).unwrap_or_default()).map_err(|error| match error {
        TokenError::Unset => {
            Failure::usage(format!("{error}: {HASH} is not set"), format!("omega resonance token makes one; {HASH}=… omega …"))
        }
        _ => Failure::usage(error.to_string(), "omega resonance token makes one"),
    })
}

fn token() -> Result<Answer, Failure> {
    use rand_core::RngCore as _;
    let token = ask::secret("a new token of the Chief")?;
    let mut salt = [0; 16];
    rand_core::OsRng.fill_bytes(&mut salt);
    let hash = Token::hash(&token, &salt)
        .map_err(|error| Failure::usage(error.to_string(), "choose a longer one, such as 32 random characters"))?;
    Ok(Answer::exact(Exit::Done, format!("{HASH}='{hash}'\n"), &Hashed { hash }))
}
