//! How the services are watched: when a failure counts, what may be restarted and how often, who is told.

use serde::{Deserialize, Serialize};

use super::service::{argv_defect, is_absolute, is_name};
use crate::canon::{Ratio, RepoPath};
use crate::words::words;

/// How the services are watched. Times are in seconds where the name ends with `_s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// From the start of one cycle to the start of the next.
    pub period_s: u32,
    /// What one probe may take, from the name to the last byte.
    pub deadline_s: u32,
    /// How many probes run at once.
    pub parallel: u32,
    /// Failures in a row until a service is down.
    pub failures: u32,
    /// Successes in a row until it is up again.
    pub successes: u32,
    /// What a restarted service is given before it is asked again.
    pub grace_s: u32,
    /// The causes for which a restart may help.
    pub heal_on: Vec<HealOn>,
    /// How often a service may be restarted.
    pub restarts: Restarts,
    /// When so much fails at once that a restart cannot be the answer.
    pub breaker: Breaker,
    /// How often an open alert is repeated.
    pub reminders: Reminders,
    /// When a service that comes and goes is reported as such, once.
    pub flapping: Flapping,
    /// Times at which failures are seen, and neither healed nor told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintenance: Vec<Maintenance>,
    /// Copies of governed files that must equal what is ratified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deployed: Vec<Deployed>,
    /// Who is told, and by which way. Tokens and addresses stand in no document.
    pub channels: Vec<Channel>,
    /// How long the store remembers.
    pub retention: Retention,
    /// The folders, in this order, in which a bare program name is looked for.
    pub path: Vec<String>,
    /// The names of the variables that commands see beside `PATH`; they see no other.
    pub environment: Vec<String>,
}

/// A cause for which a restart may help. There are no others: a name that does not resolve, a certificate or
/// a wrong request does not heal by a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealOn {
    /// Nobody listens.
    Refused,
    /// No answer in time.
    Timeout,
    /// A status from 500 to 599.
    ServerError,
    /// The probe's program ended with another status than 0.
    Exit,
}

/// How often a service may be restarted. What was tried counts, whatever came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restarts {
    /// At most so often within the window; after that the service is crash-looping.
    pub most: u32,
    /// The window.
    pub window_s: u32,
    /// At most so often within 24 hours.
    pub most_a_day: u32,
    /// The pause after a restart that did not help; it doubles each time.
    pub backoff_s: u32,
    /// The longest such pause.
    pub backoff_most_s: u32,
    /// How long a service must be healthy, not merely running, until the pause is short again.
    pub healthy_s: u32,
}

/// When so much fails at once that nothing is restarted and one alert is raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    /// At least so many services fail in one cycle,
    pub services: u32,
    /// and more than this part of all.
    pub more_than: Ratio,
}

/// How often an open alert is repeated until somebody acknowledges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reminders {
    /// After so long for the first time; the pause doubles each time.
    pub first_s: u32,
    /// The longest pause.
    pub most_s: u32,
}

/// When a service is flapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flapping {
    /// So many changes between up and down
    pub changes: u32,
    /// within so long.
    pub within_s: u32,
}

/// A time at which failures are expected. Hours are UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// The services; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// The day of the week; every day where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Weekday>,
    /// When it begins, as in `02:30`.
    pub from: String,
    /// How long it lasts; it may reach into the next day.
    pub minutes: u32,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// The first day.
    Monday,
    /// The second day.
    Tuesday,
    /// The third day.
    Wednesday,
    /// The fourth day.
    Thursday,
    /// The fifth day.
    Friday,
    /// The sixth day.
    Saturday,
    /// The seventh day.
    Sunday,
}

/// A copy of a governed file, where a program reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployed {
    /// The absolute path of the copy.
    pub file: String,
    /// The governed path that it must equal.
    pub is: RepoPath,
}

/// One way to tell somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its name, as it is shown.
    pub name: String,
    /// The way.
    pub kind: ChannelKind,
    /// The least level that it is told of.
    pub least: Level,
    /// For a command: the program and its arguments. It reads the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// For a file: its absolute path, or its name beside the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A way to tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// A Telegram bot; its token and chat are secrets of the machine.
    Telegram,
    /// A request to an address that is a secret of the machine.
    Webhook,
    /// A ratified program.
    Command,
    /// Lines at the end of a file.
    File,
}

words! {
    /// How much an alert matters, from least to most.
    pub enum Level {
        /// Worth knowing.
        Notice = "notice",
        /// Somebody should look.
        Warning = "warning",
        /// Somebody must look now.
        Critical = "critical",
    }
}

/// How long the store remembers, in days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Each cycle with every service.
    pub cycles_days: u32,
    /// The events.
    pub events_days: u32,
    /// Hours in sum.
    pub hours_days: u32,
}

impl Watch {
    /// What is wrong with these rules on their own.
    pub fn defect(&self) -> Option<String> {
        self.bounds().or_else(|| self.lists())
    }

    fn bounds(&self) -> Option<String> {
        let Restarts { most, window_s, most_a_day, backoff_s, backoff_most_s, healthy_s } = self.restarts;
        let bounds = [
            ("period_s", self.period_s, 1, 3600),
            ("deadline_s", self.deadline_s, 1, 60),
            ("parallel", self.parallel, 1, 1024),
            ("failures", self.failures, 1, 100),
            ("successes", self.successes, 1, 100),
            ("grace_s", self.grace_s, 0, 3600),
            ("restarts.most", most, 0, 100),
            ("restarts.window_s", window_s, 1, 86_400),
            ("restarts.most_a_day", most_a_day, 0, 1000),
            ("restarts.backoff_s", backoff_s, 1, 3600),
            ("restarts.backoff_most_s", backoff_most_s, 1, 86_400),
            ("restarts.healthy_s", healthy_s, 1, 86_400),
            ("breaker.services", self.breaker.services, 2, 1000),
            ("reminders.first_s", self.reminders.first_s, 60, 604_800),
            ("reminders.most_s", self.reminders.most_s, 60, 604_800),
            ("flapping.changes", self.flapping.changes, 2, 100),
            ("flapping.within_s", self.flapping.within_s, 60, 86_400),
            ("retention.cycles_days", self.retention.cycles_days, 1, 3650),
            ("retention.events_days", self.retention.events_days, 1, 3650),
            ("retention.hours_days", self.retention.hours_days, 1, 3650),
        ];
        if let Some((name, value, least, most)) = bounds.iter().find(|(_, value, least, most)| value < least || value > most) {
            return Some(format!("{name} is {value}, and must be between {least} and {most}"));
        }
        let orders = [
            ("deadline_s", self.deadline_s, "period_s", self.period_s),
            ("restarts.backoff_s", backoff_s, "restarts.backoff_most_s", backoff_most_s),
            ("restarts.most", most, "restarts.most_a_day", most_a_day),
            ("reminders.first_s", self.reminders.first_s, "reminders.most_s", self.reminders.most_s),
            ("retention.cycles_days", self.retention.cycles_days, "retention.hours_days", self.retention.hours_days),
        ];
        orders.iter().find(|(_, less, _, more)| less > more).map(|(less, _, more, _)| format!("{less} is greater than {more}"))
    }

    fn lists(&self) -> Option<String> {
        if let Some(on) = first_twice(&self.heal_on) {
            return Some(format!("heal_on names {on:?} twice"));
        }
        if let Some(window) = self.maintenance.iter().find(|window| window.starts().is_none() || !(1..=1440).contains(&window.minutes)) {
            return Some(format!("the maintenance at `{}` needs a time as in `02:30`, and 1 to 1440 minutes", window.from));
        }
        if let Some(copy) = self.deployed.iter().find(|copy| !is_absolute(&copy.file)) {
            return Some(format!("the deployed file `{}` is not an absolute path", copy.file));
        }
        if let Some(file) = first_twice(&self.deployed.iter().map(|copy| &copy.file).collect::<Vec<_>>()) {
            return Some(format!("the deployed file `{file}` appears twice"));
        }
        if let Some(name) = first_twice(&self.channels.iter().map(|channel| &channel.name).collect::<Vec<_>>()) {
            return Some(format!("the channel {name} appears twice"));
        }
        if let Some(folder) = self.path.iter().find(|folder| !is_absolute(folder)) {
            return Some(format!("the folder `{folder}` of path is not absolute"));
        }
        if let Some(name) = self.environment.iter().find(|name| !may_be_seen(name)) {
            return Some(format!(
                "commands may not see the variable `{name}`: it is not a plain name, it steers programs, or it may hold a secret"
            ));
        }
        self.channels.iter().find_map(Channel::defect)
    }
}

impl Maintenance {
    /// The minute of the day at which it begins.
    pub fn starts(&self) -> Option<u32> {
        let (hours, minutes) = self.from.split_once(':')?;
        let number = |text: &str, below: u32| {
            (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse().ok())
                .flatten()
                .filter(|number: &u32| *number < below)
        };
        Some(number(hours, 24)? * 60 + number(minutes, 60)?)
    }
}

impl Channel {
    fn defect(&self) -> Option<String> {
        let name = &self.name;
        if !is_name(name) {
            return Some(format!("the channel `{name}` needs a name of letters, digits, `-` and `_`, a letter first, at most 32"));
        }
        if self.command.is_some() != (self.kind == ChannelKind::Command) || self.file.is_some() != (self.kind == ChannelKind::File) {
            return Some(format!("the channel {name} needs a command, a file or neither, as its kind says"));
        }
        if let Some(why) = self.command.as_deref().and_then(argv_defect) {
            return Some(format!("the command of the channel {name} {why}"));
        }
        let is_plain = |file: &str| !file.is_empty() && !file.starts_with('.') && !file.contains('/');
        let file = self.file.as_deref().filter(|file| !is_absolute(file) && !is_plain(file));
        file.map(|file| format!("the file `{file}` of the channel {name} is neither an absolute path nor a plain name"))
    }
}

/// Whether commands may see a variable of this name.
fn may_be_seen(name: &str) -> bool {
    let plain = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let steers =
        name == "PATH" || name == "IFS" || name == "ENV" || name == "BASH_ENV" || name.starts_with("LD_") || name.starts_with("OMEGA_");
    let secret = ["TOKEN", "SECRET", "PASSWORD", "PASSPHRASE", "API_KEY", "PRIVATE", "CREDENTIAL"];
    plain && !steers && !secret.iter().any(|word| name.contains(word))
}

pub(super) fn first_twice<T: PartialEq>(items: &[T]) -> Option<&T> {
    items.iter().enumerate().find(|(at, item)| items[..*at].contains(item)).map(|(_, item)| item)
}
