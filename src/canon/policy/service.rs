//! One service: how its health is asked, what it needs, and how it may be restarted.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One service. Exactly one of `url`, `tcp` and `command` says how its health is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its canonical name.
    pub name: String,
    /// The http or https address where its health is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The `host:port` that must accept a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<String>,
    /// The program, with its arguments, that must end with status 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// What a healthy answer of `url` looks like; any status from 200 to 299 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
    /// Whether its failure is an emergency.
    pub critical: bool,
    /// Services that must be up before it.
    pub needs: Vec<String>,
    /// How it is restarted: a program and its arguments. Absent where only a person may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heal: Option<Vec<String>>,
    /// Seconds that `heal` may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heal_timeout_s: Option<u32>,
}

/// What a healthy answer looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The statuses that are healthy; 200 to 299 where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// What the first 64 KiB of the body must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Values that the body must have, read as JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub json: Vec<JsonValue>,
    /// Milliseconds above which an answer counts as slow, and the service as degraded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u32>,
    /// Days that the certificate must still be valid; fewer count as degraded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_days: Option<u32>,
}

/// One value of a JSON body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonValue {
    /// Where it stands: names and indexes, joined by dots, as in `checks.0.status`.
    pub at: String,
    /// What it must be: a text, an integer, true or false.
    pub is: Value,
}

/// How a service's health is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe<'a> {
    /// By an HTTP request.
    Http(&'a str),
    /// By a TCP connection.
    Tcp(&'a str),
    /// By a program.
    Command(&'a [String]),
}

impl Service {
    /// Seconds that `heal` may take where the document does not say.
    pub const HEAL_TIMEOUT_S: u32 = 60;

    /// How its health is asked; nothing, unless exactly one way is named.
    pub fn probe(&self) -> Option<Probe<'_>> {
        match (&self.url, &self.tcp, &self.command) {
            (Some(url), None, None) => Some(Probe::Http(url)),
            (None, Some(place), None) => Some(Probe::Tcp(place)),
            (None, None, Some(argv)) => Some(Probe::Command(argv)),
            _ => None,
        }
    }

    /// Seconds that `heal` may take.
    pub fn heal_timeout_s(&self) -> u32 {
        self.heal_timeout_s.unwrap_or(Self::HEAL_TIMEOUT_S)
    }

    /// What is wrong with this service on its own.
    pub fn defect(&self) -> Option<String> {
        let name = &self.name;
        if !is_name(name) {
            return Some(format!("the service `{name}` needs a name of letters, digits, `-` and `_`, a letter first, at most 32"));
        }
        match self.probe() {
            None => return Some(format!("{name} needs exactly one of `url`, `tcp` and `command`")),
            Some(Probe::Http(url)) => {
                if let Some(why) = url_defect(url) {
                    return Some(format!("the url of {name} {why}"));
                }
            }
            Some(Probe::Tcp(place)) if !is_place(place) => return Some(format!("the tcp of {name} is not `host:port`")),
            Some(Probe::Command(argv)) => {
                if let Some(why) = argv_defect(argv) {
                    return Some(format!("the command of {name} {why}"));
                }
            }
            Some(Probe::Tcp(_)) => {}
        }
        if let Some(expect) = &self.expect {
            if self.url.is_none() {
                return Some(format!("{name} says what to expect, and has no url"));
            }
            if let Some(why) = expect.defect(self.url.as_deref().is_some_and(|url| url.starts_with("https://"))) {
                return Some(format!("what {name} expects {why}"));
            }
        }
        match (&self.heal, self.heal_timeout_s) {
            (None, Some(_)) => return Some(format!("{name} has a heal_timeout_s and no heal")),
            (_, Some(seconds)) if !(1..=3600).contains(&seconds) => {
                return Some(format!("the heal_timeout_s of {name} is not between 1 and 3600"));
            }
            _ => {}
        }
        self.heal.as_deref().and_then(argv_defect).map(|why| format!("the heal of {name} {why}"))
    }
}

impl Expect {
    /// Whether a status is a healthy one.
    pub fn allows_status(&self, status: u16) -> bool {
        if self.status.is_empty() { (200..300).contains(&status) } else { self.status.contains(&status) }
    }

    fn defect(&self, has_tls: bool) -> Option<&'static str> {
        if self.status.iter().any(|status| !(200..600).contains(status)) {
            return Some("names a status that is not between 200 and 599");
        }
        if self.contains.as_ref().is_some_and(String::is_empty) {
            return Some("names an empty text");
        }
        if self.json.iter().any(|value| value.at.is_empty() || value.at.split('.').any(str::is_empty)) {
            return Some("names a JSON value without a place");
        }
        if self.json.iter().any(|value| !(value.is.is_string() || value.is.is_boolean() || value.is.is_i64())) {
            return Some("names a JSON value that is not a text, an integer, true or false");
        }
        if self.latency_ms == Some(0) {
            return Some("allows no time at all");
        }
        (self.tls_days.is_some() && !has_tls).then_some("names a certificate, and the url is not https")
    }
}

/// Whether a service or channel may be called this.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// What is wrong with an argument vector: the program is an absolute path, or a bare name that is looked
/// for in the ratified folders.
pub(super) fn argv_defect(argv: &[String]) -> Option<&'static str> {
    let Some(program) = argv.first() else { return Some("is empty") };
    let bare = !program.is_empty()
        && !program.starts_with('-')
        && program.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-'))
        && program != "."
        && program != "..";
    if bare || is_absolute(program) { None } else { Some("starts with neither an absolute path nor a bare program name") }
}

/// Whether this is an absolute path with one spelling.
pub(super) fn is_absolute(path: &str) -> bool {
    path.len() > 1 && path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|part| !matches!(part, "" | "." | "..")))
}

fn url_defect(url: &str) -> Option<&'static str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else { return Some("is neither http nor https") };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("holds a name or password; what is ratified is copied with every clone");
    }
    if authority.is_empty() || authority.starts_with(':') || url.chars().any(char::is_whitespace) || url.contains('#') {
        return Some("names no host, or holds a space or `#`");
    }
    None
}

fn is_place(place: &str) -> bool {
    place
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && !host.contains(['/', '@', ' ']) && port.parse::<u16>().is_ok_and(|port| port > 0))
}
