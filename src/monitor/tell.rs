//! Running ratified commands, and telling people by the channels of this machine.

use super::channels::{Errand, PATIENCE, finish};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::canon::policy::{Channel, ChannelKind};
use crate::canon::text::visible;
use crate::net::{self, Receipt};
use crate::process::{self, End, Environment, Job, Purpose};
use crate::watch::heal::HealEnd;
use crate::watch::outbox::Message;
use crate::watch::{Heal, Rules};

use super::world::{World, beside};

/// How much of what a command says is kept.
const TAIL: usize = 2000;

/// Runs a heal command to its end. Gives how it ended, the end of what it said without secrets, and how long it took in
/// milliseconds.
pub(super) fn heal(world: &World<'_>, rules: &Rules, heal: &Heal) -> (HealEnd, String, Option<u64>) {
    let timeout = Duration::from_secs(u64::from(heal.timeout_s));
    // More than is kept, so that a secret at the edge is still seen as one.
    match ready(world, rules, &heal.argv).and_then(|ready| ready.run(None, timeout, Purpose::Deed(2 * TAIL))) {
        Err(why) => (HealEnd::NotStarted, why, None),
        Ok(outcome) => {
            let end = match outcome.end {
                End::Exited(status) => HealEnd::Exited(status),
                End::Signalled(signal) => HealEnd::Signalled(signal),
                End::TimedOut | End::TooMuch => HealEnd::TimedOut,
            };
            let said: Vec<String> = String::from_utf8_lossy(&outcome.output).lines().map(visible).collect();
            let said = crate::secrets::redact(&world.secrets.redact(&said.join("\n")));
            let over = said.chars().count().saturating_sub(TAIL);
            (end, said.chars().skip(over).collect(), u64::try_from(outcome.took.as_millis()).ok())
        }
    }
}

/// A ratified command that is ready to run: the program is found, the variables are read.
pub(super) struct Ready {
    name: String,
    argv: Vec<String>,
    variables: Vec<(OsString, OsString)>,
}

/// Makes a ratified command ready: it will see the ratified variables and no others.
pub(super) fn ready(world: &World<'_>, rules: &Rules, argv: &[String]) -> Result<Ready, String> {
    let watch = rules.watch();
    let (name, args) = argv.split_first().ok_or("the command is empty")?;
    let program = program(name, &watch.path)?;
    let mut argv = vec![program.display().to_string()];
    argv.extend(args.iter().cloned());
    let mut variables: Vec<(OsString, OsString)> = vec![("PATH".into(), watch.path.join(":").into())];
    variables.extend(watch.environment.iter().filter_map(|name| Some((name.into(), (world.variable)(name)?.into()))));
    Ok(Ready { name: name.clone(), argv, variables })
}

impl Ready {
    /// Runs it to its end.
    pub(super) fn run(&self, input: Option<&[u8]>, timeout: Duration, purpose: Purpose) -> Result<process::Outcome, String> {
        let environment = Environment::Only(&self.variables);
        let job = Job { argv: &self.argv, dir: Path::new("/"), input, environment, timeout, purpose };
        process::run(&job).map_err(|error| format!("`{}` cannot be started: {error}", self.name))
    }
}

/// An absolute path as it is; a bare name in the first of the ratified folders that holds a program of that name.
fn program(name: &str, folders: &[String]) -> Result<PathBuf, String> {
    if name.starts_with('/') {
        let path = PathBuf::from(name);
        return if process::is_program(&path) { Ok(path) } else { Err(format!("`{name}` is not an executable file on this machine")) };
    }
    let found = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| process::is_program(path));
    found.ok_or_else(|| format!("`{name}` is in none of {}", folders.join(", ")))
}

/// What this machine lacks to tell a channel; nothing, where it can be tried.
pub(super) fn lacks(world: &World<'_>, rules: &Rules, channel: &Channel) -> Option<String> {
    match channel.kind {
        ChannelKind::File => None,
        ChannelKind::Command => ready(world, rules, channel.command.as_deref().unwrap_or_default()).err(),
        ChannelKind::Telegram => world.channels.telegram.is_none().then(|| NO_TELEGRAM.to_owned()),
        ChannelKind::Webhook => world.channels.webhook.is_none().then(|| NO_WEBHOOK.to_owned()),
    }
}

const NO_TELEGRAM: &str = "OMEGA_TELEGRAM_TOKEN and OMEGA_TELEGRAM_CHAT are not set on this machine";
const NO_WEBHOOK: &str = "OMEGA_WEBHOOK_URL is not set on this machine";

/// What tells one channel. All that it needs of this machine is read now.
pub(super) fn errand(world: &World<'_>, rules: &Rules, store: &Path, channel: &Channel, message: &Message) -> Errand {
    let alert = serde_json::json!({ "at": (world.now)(), "level": message.level, "text": message.text });
    let text = message.text.clone();
    let unset = |why: &'static str| -> Errand { Box::new(move || again(why)) };
    match channel.kind {
        ChannelKind::File => {
            let place = place(store, channel);
            Box::new(move || net::append(&place, &alert))
        }
        ChannelKind::Command => {
            let ready = ready(world, rules, channel.command.as_deref().unwrap_or_default());
            Box::new(move || command(ready, &text))
        }
        ChannelKind::Telegram => match world.channels.telegram.clone() {
            Some(bot) => Box::new(move || finish(bot.send(&text))),
            None => unset(NO_TELEGRAM),
        },
        ChannelKind::Webhook => match world.channels.webhook.clone() {
            Some(hook) => Box::new(move || finish(hook.send(&alert))),
            None => unset(NO_WEBHOOK),
        },
    }
}

fn again(why: impl Into<String>) -> Receipt {
    Receipt::Again { after: None, why: why.into() }
}

fn place(store: &Path, channel: &Channel) -> PathBuf {
    let name = channel.file.as_deref().unwrap_or("alerts.log");
    if name.starts_with('/') { PathBuf::from(name) } else { beside(store, name) }
}

fn command(ready: Result<Ready, String>, text: &str) -> Receipt {
    match ready.and_then(|ready| ready.run(Some(text.as_bytes()), PATIENCE, Purpose::Answer(64 << 10))) {
        Err(why) => again(why),
        Ok(outcome) => match outcome.end {
            End::Exited(0) => Receipt::Sent,
            End::Exited(status) => again(format!("the command ended with status {status}")),
            End::Signalled(signal) => again(format!("the command was killed by signal {signal}")),
            End::TimedOut | End::TooMuch => again("the command took too long or wrote too much"),
        },
    }
}
