//! What a healthy answer looks like.

use std::time::Duration;

use serde_json::Value;

use super::{Cause, Fault, Trace, Verdict};

/// What a healthy answer looks like. By default any status from 200 to 299 will do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// The healthy statuses; 200 to 299 where there are none.
    pub status: Vec<u16>,
    /// What the body must hold.
    pub contains: Option<String>,
    /// Values that the body must have, read as JSON.
    pub json: Vec<JsonIs>,
    /// How long it may all take before it counts as slow.
    pub latency: Option<Duration>,
    /// Until when the certificate must be valid at least, in seconds since 1970-01-01T00:00:00Z.
    pub valid_until: Option<i64>,
    /// How many bytes of the body are read at most; 64 KiB where nothing is said.
    pub most: Option<usize>,
}

/// One value of a JSON body.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonIs {
    /// Where it stands: names and indexes, joined by dots, as in `checks.0.status`.
    pub at: String,
    /// What it must be.
    pub is: Value,
}

impl Expect {
    pub(super) fn most(&self) -> usize {
        self.most.unwrap_or(64 << 10)
    }

    pub(super) fn status(&self, status: u16) -> Result<(), Fault> {
        let fine = if self.status.is_empty() { (200..300).contains(&status) } else { self.status.contains(&status) };
        if fine { Ok(()) } else { Err(Fault::new(Cause::Status(status), format!("it answers with status {status}"))) }
    }

    /// Looks at as much of the body as was read.
    pub(super) fn body(&self, body: &[u8], is_whole: bool) -> Result<(), Fault> {
        let wrong = |what: String| Err(Fault::new(Cause::Body, what));
        let where_ = || if is_whole { String::new() } else { format!(" among the first {} bytes", self.most()) };
        if let Some(wanted) = &self.contains
            && !holds(body, wanted.as_bytes())
        {
            return wrong(format!("its answer does not hold `{wanted}`{}", where_()));
        }
        if self.json.is_empty() {
            return Ok(());
        }
        if !is_whole {
            return wrong(format!("its answer is longer than {} bytes", self.most()));
        }
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return wrong("its answer is no JSON".to_owned()) };
        for JsonIs { at, is } in &self.json {
            match find(&value, at) {
                None => return wrong(format!("its answer has no `{at}`")),
                Some(found) if !same(found, is) => return wrong(format!("`{at}` of its answer is not {is}")),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// What is to be said of an answer that is as expected.
    pub(super) fn finish(&self, trace: &Trace) -> (Verdict, Option<String>) {
        let took = trace.elapsed();
        if let Some((until, wanted)) = trace.tls_until.zip(self.valid_until)
            && until < wanted
        {
            return (Verdict::Expiring, Some("its certificate expires soon".to_owned()));
        }
        match self.latency {
            Some(most) if took > most => (Verdict::Slow, Some(format!("it took {} ms", took.as_millis()))),
            _ => (Verdict::Healthy, None),
        }
    }
}

fn holds(body: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || body.windows(wanted.len()).any(|part| part == wanted)
}

fn find<'a>(value: &'a Value, at: &str) -> Option<&'a Value> {
    at.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        Value::Object(members) => members.get(step),
        _ => None,
    })
}

/// Numbers are the same by value, however they are written.
fn same(found: &Value, wanted: &Value) -> bool {
    found == wanted || found.as_f64().zip(wanted.as_f64()).is_some_and(|(found, wanted)| found == wanted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_values_by_names_and_indexes() {
        let body = br#"{"status":"ok","checks":[{"up":true},{"n":3.0}],"a.b":1,"none":null}"#;
        for (at, is, fine) in [
            ("status", json!("ok"), true),
            ("status", json!("OK"), false),
            ("checks.0.up", json!(true), true),
            ("checks.1.n", json!(3), true),
            ("checks.1.n", json!("3"), false),
            ("checks.2.n", json!(3), false),
            ("checks.up", json!(true), false),
            ("status.0", json!("o"), false),
            ("a.b", json!(1), false),
            ("none", json!(null), true),
            ("absent", json!(null), false),
            ("", json!(null), false),
        ] {
            let expect = Expect { json: vec![JsonIs { at: at.to_owned(), is: is.clone() }], ..Expect::default() };
            assert_eq!(expect.body(body, true).is_ok(), fine, "{at} is {is}");
            assert!(expect.body(body, false).is_err());
        }
    }

    #[test]
    fn a_text_must_stand_in_what_was_read() {
        let expect = Expect { contains: Some("ok".to_owned()), ..Expect::default() };
        assert!(expect.body(b"all ok", false).is_ok());
        let fault = expect.body(b"all o", false).unwrap_err();
        assert!(fault.detail.contains("among the first 65536 bytes"), "{}", fault.detail);
        assert!(expect.body(b"", true).is_err());
    }
}
