//! What a probe heard, and what it means.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canon::policy::{Expect, HealOn, Service};
use crate::words::words;

/// What a probe heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// How it ended.
    pub ended: Ended,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub took_ms: u64,
    /// What it said, up to a bound.
    #[serde(default)]
    pub body: String,
    /// Days until the certificate ends, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_days: Option<i64>,
    /// More about the end, for people.
    #[serde(default)]
    pub detail: String,
}

/// How long an answer took, and each part of it as far as it came, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Took {
    /// All together.
    pub total_ms: u64,
    /// Until its name was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolve_ms: Option<u64>,
    /// Until there was a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_ms: Option<u64>,
    /// Until both agreed on TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_ms: Option<u64>,
    /// From the request to the head of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_ms: Option<u64>,
    /// Until the answer was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_ms: Option<u64>,
}

impl Took {
    /// The parts that it came to, by name.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let parts = [
            ("resolve", self.resolve_ms),
            ("connect", self.connect_ms),
            ("tls", self.tls_ms),
            ("first_byte", self.first_byte_ms),
            ("body", self.body_ms),
        ];
        parts.into_iter().filter_map(|(name, took)| Some((name, took?)))
    }
}

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// With a whole HTTP answer of this status.
    Status(u16),
    /// With an HTTP answer that is no error, has begun and does not end in time.
    Endless,
    /// With a connection that was accepted.
    Accepted,
    /// With a program that ended with this status.
    Exited(i32),
    /// Nobody listens.
    Refused,
    /// Nothing came in time.
    Timeout,
    /// The name does not resolve.
    Dns,
    /// The certificate or the handshake is wrong.
    Tls,
    /// The answer was cut short, too large, or no HTTP.
    Body,
    /// The watcher itself was in trouble.
    WatcherFault,
}

words! {
    /// Why a service is down.
    pub enum Cause {
        /// Nobody listens.
        Refused = "refused",
        /// No answer in time.
        Timeout = "timeout",
        /// The name does not resolve.
        Dns = "dns",
        /// The certificate or the handshake is wrong.
        Tls = "tls",
        /// A status from 500 to 599.
        ServerError = "server_error",
        /// The answer was cut short, too large, or no HTTP.
        Body = "body",
        /// The probe's program ended with another status than 0.
        Exit = "exit",
    }
}

impl Cause {
    /// Whether a restart may help, by these causes.
    pub fn is_healed_by_restart(self, heal_on: &[HealOn]) -> bool {
        let on = match self {
            Self::Refused => HealOn::Refused,
            Self::Timeout => HealOn::Timeout,
            Self::ServerError => HealOn::ServerError,
            Self::Exit => HealOn::Exit,
            Self::Dns | Self::Tls | Self::Body => return false,
        };
        heal_on.contains(&on)
    }
}

words! {
    /// What an answer means, in one word.
    pub enum Grade {
        /// As expected.
        Healthy = "healthy",
        /// It answers, and not as expected.
        Degraded = "degraded",
        /// It does not answer, or with an error.
        Down = "down",
        /// Nothing is known: the watcher could not ask.
        Unknown = "unknown",
    }
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// As expected.
    Healthy,
    /// It answers, and not as expected.
    Degraded(String),
    /// It does not answer, or with an error.
    Down(Cause, String),
    /// Nothing is known: the watcher could not ask.
    Unknown(String),
}

impl Class {
    /// The same without why.
    pub fn grade(&self) -> Grade {
        match self {
            Self::Healthy => Grade::Healthy,
            Self::Degraded(_) => Grade::Degraded,
            Self::Down(..) => Grade::Down,
            Self::Unknown(_) => Grade::Unknown,
        }
    }

    /// The word for it.
    pub fn word(&self) -> &'static str {
        self.grade().as_str()
    }

    /// Why it is down.
    pub fn cause(&self) -> Option<Cause> {
        if let Self::Down(cause, _) = self { Some(*cause) } else { None }
    }

    /// More about it, for people.
    pub fn detail(&self) -> &str {
        match self {
            Self::Healthy => "",
            Self::Degraded(detail) | Self::Down(_, detail) | Self::Unknown(detail) => detail,
        }
    }
}

/// What an answer of a service means.
pub fn classify(service: &Service, answer: &Answer) -> Class {
    let none = Expect::default();
    let expect = service.expect.as_ref().unwrap_or(&none);
    let because = |fallback: &str| if answer.detail.is_empty() { fallback.to_owned() } else { answer.detail.clone() };
    match answer.ended {
        Ended::Refused => Class::Down(Cause::Refused, because("nobody listens")),
        Ended::Timeout => Class::Down(Cause::Timeout, because("no answer in time")),
        Ended::Dns => Class::Down(Cause::Dns, because("the name does not resolve")),
        Ended::Tls => Class::Down(Cause::Tls, because("the certificate or the handshake is wrong")),
        Ended::Body => Class::Down(Cause::Body, because("the answer is cut short, too large or not HTTP")),
        // It answers, so a restart would not help, and what ends a stream of events is its reader.
        Ended::Endless => Class::Degraded(because("its answer does not end")),
        Ended::WatcherFault => Class::Unknown(because("the watcher could not ask")),
        Ended::Exited(0) | Ended::Accepted => Class::Healthy,
        Ended::Exited(status) => Class::Down(Cause::Exit, because(&format!("the probe ended with status {status}"))),
        Ended::Status(status) if expect.allows_status(status) => unmet(expect, answer).map_or(Class::Healthy, Class::Degraded),
        Ended::Status(status @ 500..=599) => Class::Down(Cause::ServerError, format!("status {status}")),
        Ended::Status(status) => Class::Degraded(format!("status {status}")),
    }
}

/// What an answer with a good status lacks.
fn unmet(expect: &Expect, answer: &Answer) -> Option<String> {
    if let Some(text) = expect.contains.as_ref().filter(|text| !answer.body.contains(text.as_str())) {
        return Some(format!("the body does not hold `{text}`"));
    }
    if !expect.json.is_empty() {
        let Ok(body) = serde_json::from_str::<Value>(&answer.body) else { return Some("the body is not JSON".to_owned()) };
        if let Some(wanted) = expect.json.iter().find(|wanted| !at(&body, &wanted.at).is_some_and(|found| same(found, &wanted.is))) {
            return Some(format!("`{}` of the body is not {}", wanted.at, wanted.is));
        }
    }
    if let Some(most) = expect.latency_ms.filter(|most| answer.took_ms > u64::from(*most)) {
        return Some(format!("it took {} ms, more than {most}", answer.took_ms));
    }
    match (expect.tls_days, answer.tls_days) {
        (Some(_), None) => Some("the days of its certificate are not known".to_owned()),
        (Some(least), Some(days)) if days < i64::from(least) => Some(format!("its certificate ends in {days} days")),
        _ => None,
    }
}

fn at<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, step| match value {
        Value::Object(map) => map.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Numbers are the same by value, however they are written.
fn same(found: &Value, wanted: &Value) -> bool {
    found == wanted || found.as_f64().zip(wanted.as_f64()).is_some_and(|(found, wanted)| found == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(expect: &str, ended: Ended, body: &str) -> String {
        let text = format!(r#"{{"name":"A","url":"https://a/","critical":true,"needs":[],"expect":{expect}}}"#);
        let service: Service = serde_json::from_str(&text).expect("valid");
        assert_eq!(service.defect(), None);
        let answer = Answer { ended, took_ms: 50, body: body.to_owned(), tls_days: Some(9), detail: String::new() };
        let class = classify(&service, &answer);
        class.cause().map_or_else(|| class.word().to_owned(), |cause| cause.to_string())
    }

    #[test]
    fn an_answer_means_what_the_document_says() {
        for (expect, ended, body, wanted) in [
            ("{}", Ended::Status(204), "", "healthy"),
            ("{}", Ended::Status(301), "", "degraded"),
            ("{}", Ended::Status(404), "", "degraded"),
            ("{}", Ended::Status(503), "", "server_error"),
            (r#"{"status":[503]}"#, Ended::Status(503), "", "healthy"),
            (r#"{"status":[200]}"#, Ended::Status(204), "", "degraded"),
            (r#"{"contains":"ok"}"#, Ended::Status(200), "not o.k.", "degraded"),
            (r#"{"contains":"ok"}"#, Ended::Status(200), "ok", "healthy"),
            (r#"{"json":[{"at":"a.1.b","is":"ok"}]}"#, Ended::Status(200), r#"{"a":[0,{"b":"ok"}]}"#, "healthy"),
            (r#"{"json":[{"at":"a.1.b","is":"ok"}]}"#, Ended::Status(200), r#"{"a":[{"b":"ok"}]}"#, "degraded"),
            (r#"{"json":[{"at":"a","is":true}]}"#, Ended::Status(200), r#"{"a":"true"}"#, "degraded"),
            (r#"{"json":[{"at":"a","is":1}]}"#, Ended::Status(200), "nonsense", "degraded"),
            (r#"{"json":[{"at":"a","is":1}]}"#, Ended::Status(200), r#"{"a":1.0}"#, "healthy"),
            (r#"{"json":[{"at":"a","is":1}]}"#, Ended::Status(200), r#"{"a":"1"}"#, "degraded"),
            (r#"{"json":[{"at":"a.0","is":"x"}]}"#, Ended::Status(200), r#"{"a":"x"}"#, "degraded"),
            (r#"{"latency_ms":49}"#, Ended::Status(200), "", "degraded"),
            (r#"{"latency_ms":50}"#, Ended::Status(200), "", "healthy"),
            (r#"{"tls_days":10}"#, Ended::Status(200), "", "degraded"),
            (r#"{"tls_days":9}"#, Ended::Status(200), "", "healthy"),
            ("{}", Ended::Refused, "", "refused"),
            ("{}", Ended::Timeout, "", "timeout"),
            ("{}", Ended::Dns, "", "dns"),
            ("{}", Ended::Tls, "", "tls"),
            ("{}", Ended::Body, "", "body"),
            ("{}", Ended::Endless, "ok", "degraded"),
            ("{}", Ended::Exited(1), "", "exit"),
            ("{}", Ended::Exited(0), "", "healthy"),
            ("{}", Ended::Accepted, "", "healthy"),
            ("{}", Ended::WatcherFault, "", "unknown"),
        ] {
            assert_eq!(class(expect, ended, body), wanted, "{expect} {ended:?}");
        }
    }

    #[test]
    fn only_some_causes_are_healed_by_a_restart() {
        let all = [HealOn::Refused, HealOn::Timeout, HealOn::ServerError, HealOn::Exit];
        let eligible = |causes: &[HealOn]| {
            [Cause::Refused, Cause::Timeout, Cause::Dns, Cause::Tls, Cause::ServerError, Cause::Body, Cause::Exit]
                .map(|cause| cause.is_healed_by_restart(causes))
        };
        assert_eq!(eligible(&all), [true, true, false, false, true, false, true]);
        assert_eq!(eligible(&[]), [false; 7]);
    }
}
