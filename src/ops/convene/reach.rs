//! Reaching an agent in the way that its member file names: a program, or a service.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::canon::Member;
use crate::canon::member::Endpoint;
use crate::canon::text::visible;
#[cfg(feature = "services")]
use crate::net::{self, Question};
use crate::process::{self, End, Environment, Job, Purpose};

use super::MOST;

/// What agents are reached with.
pub struct Reach<'a> {
    /// Where their programs run.
    pub dir: &'a Path,
    /// How long each may take.
    pub timeout: Duration,
    /// Variables that their programs do not see: what could sign, or holds somebody's key.
    pub hidden: &'a [OsString],
    /// The key of the service that a member is asked by.
    pub key: &'a dyn Fn(&Member) -> Option<String>,
}

/// Asks a member; gives what it says, or why it says nothing.
pub fn ask(reach: &Reach<'_>, member: &Member, prompt: &str) -> Result<String, String> {
    match (&member.command, &member.endpoint) {
        (Some(argv), _) => run(reach, argv, prompt),
        (None, Some(endpoint)) => call(reach, member, endpoint, prompt),
        (None, None) => Err("its member file names neither a command nor an endpoint".to_owned()),
    }
}

fn run(reach: &Reach<'_>, argv: &[String], prompt: &str) -> Result<String, String> {
    let name = argv.first().map_or("", String::as_str);
    let job = Job {
        argv,
        dir: reach.dir,
        input: Some(prompt.as_bytes()),
        environment: Environment::Without(reach.hidden),
        timeout: reach.timeout,
        purpose: Purpose::Answer(MOST),
    };
    let outcome = process::run(&job).map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    let last = outcome.complaint.lines().rev().find(|line| !line.trim().is_empty()).map(visible);
    let because = last.map_or_else(String::new, |line| format!(": {line}"));
    match outcome.end {
        End::Exited(0) => String::from_utf8(outcome.output).map_err(|_| format!("`{name}` wrote something that is not text")),
        End::Exited(code) => Err(format!("`{name}` ended with status {code}{because}")),
        End::Signalled(_) => Err(format!("`{name}` was killed{because}")),
        End::TimedOut => Err(format!("`{name}` took longer than {} s", reach.timeout.as_secs())),
        End::TooMuch => Err(format!("`{name}` wrote more than {MOST} bytes")),
    }
}

#[cfg(not(feature = "services"))]
fn call(_: &Reach<'_>, _: &Member, endpoint: &Endpoint, _: &str) -> Result<String, String> {
    Err(format!("this omega was built without its network parts, and cannot ask {}", visible(&endpoint.url)))
}

#[cfg(feature = "services")]
fn call(reach: &Reach<'_>, member: &Member, endpoint: &Endpoint, prompt: &str) -> Result<String, String> {
    let key = (reach.key)(member);
    let question =
        Question { url: &endpoint.url, model: &endpoint.model, key: key.as_deref(), prompt, timeout: reach.timeout, limit: MOST };
    net::ask(&question).map_err(|error| visible(&error.to_string()))
}
