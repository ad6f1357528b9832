//! A password that is assigned to a name that says so, in whatever language: `password = "…"`, `API_KEY: …`.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::plausible::{is_random, stands_for_one};
use super::{Hit, Kind};

/// A name, a sign, and a value with or without quotes.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        \b(?<name> [a-z0-9_.-]{0,60}?
            (?: (?<strong> pass (?: word | wd | phrase ) | pwd )
              | secret (?: [_-]? (?:access[_-]?)? key )? | (?: api | access | auth | private | signing ) [_-]? (?: key | token ) | token | credential ) )
        ["']? [\x20\t]* (?: = | : | := | => ) [\x20\t]*
        (?: "(?<double> [^"\s]{4,300} )" | '(?<single> [^'\s]{4,300} )' | (?<bare> [^\s"'`,;\#&|]{7,300} ) (?: [\x20\t]* [\#,;&"'] | [\x20\t]* \r?$ | [\x20\t]* \r?\n ) )
        "#,
    )
    .expect("a pattern that the tests compile")
});

/// Words that a value may have without being a secret: types, states, and what documents say of secrets.
const WORDS: [&[u8]; 12] =
    [b"string", b"text", b"required", b"optional", b"never", b"always", b"token", b"password", b"passphrase", b"true", b"false", b"hidden"];

pub(super) fn find(text: &[u8], hits: &mut Vec<Hit>) {
    if !mentions(text) {
        return;
    }
    for found in ASSIGNED.captures_iter(text) {
        let quoted = found.name("double").or_else(|| found.name("single"));
        let Some(value) = quoted.or_else(|| found.name("bare")) else { continue };
        let bytes = value.as_bytes();
        if stands_for_one(bytes) || WORDS.iter().any(|word| bytes.eq_ignore_ascii_case(word)) {
            continue;
        }
        let plain = bytes.iter().all(u8::is_ascii_alphabetic);
        // Paths, addresses and calls name the place of a secret.
        let elsewhere = bytes.first().is_some_and(|first| b"/.~@-".contains(first)) || bytes.windows(3).any(|window| window == b"://");
        let secret = match (found.name("strong").is_some(), quoted.is_some()) {
            (true, true) => !elsewhere,
            // Without quotes a word is prose.
            (true, false) => !elsewhere && !plain && bytes.iter().any(u8::is_ascii_digit),
            (false, _) => !elsewhere && bytes.len() >= 16 && is_random(bytes) && !bytes.contains(&b'.'),
        };
        if secret {
            hits.push(Hit { kind: Kind::Password, service: "", bytes: value.range() });
        }
    }
}

/// Whether one of the names is there at all: most texts are done with this.
fn mentions(text: &[u8]) -> bool {
    static NAMES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("(?i-u)pass(?:w|ph)|pwd|secret|token|credential|[_-]?key").expect("a pattern that the tests compile"));
    NAMES.is_match(text)
}
