//! What an output says of the one who speaks. Only the first person counts: a quotation, or a name that the
//! question brought along, is no breach.

use serde::Serialize;

use crate::canon::policy::Identity;

/// One sentence that breaks the identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(tag = "kind", content = "phrase", rename_all = "snake_case")]
pub enum Breach {
    /// It calls itself by a name that is not its own.
    ClaimsToBe(String),
    /// It names another maker.
    ClaimsToBeMadeBy(String),
    /// A stock phrase of another product.
    StockPhrase(String),
    /// An opening that shows another identity answering.
    Contamination(String),
}

impl std::fmt::Display for Breach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ClaimsToBe(name) => write!(f, "claims to be {name}"),
            Self::ClaimsToBeMadeBy(maker) => write!(f, "claims to be made by {maker}"),
            Self::StockPhrase(phrase) => write!(f, "says a stock phrase: {phrase}"),
            Self::Contamination(phrase) => write!(f, "another voice: {phrase}"),
        }
    }
}

/// How somebody gives a name as their own.
const BEING: [&str; 9] =
    ["i am", "i'm", "my name is", "call me", "this is", "you are talking to", "you're talking to", "speaking as", "i remain"];
/// How somebody names a maker.
const MADE: [&str; 8] = ["made", "created", "built", "trained", "developed", "designed", "programmed", "released"];

/// Everything in an output that breaks the ratified identity, each once. `prompt` is what was asked.
pub fn breaches(policy: &Identity, output: &str, prompt: &str) -> Vec<Breach> {
    let said = plain(&unquoted(output));
    let asked = plain(prompt);
    let brought_along = |name: &str| has_words(&asked, &plain(name));
    let mut found = Vec::new();
    for name in &policy.never_claims.to_be {
        let word = plain(name);
        let claimed = |start: &str| {
            ["", "a ", "an ", "the ", "actually ", "really ", "just "]
                .iter()
                .any(|article| has_words(&said, &format!("{start} {article}{word}")))
        };
        if !brought_along(name) && BEING.iter().any(|start| claimed(start)) {
            found.push(Breach::ClaimsToBe(name.clone()));
        }
    }
    for maker in &policy.never_claims.to_be_made_by {
        let word = plain(maker);
        let made = MADE.iter().any(|verb| {
            ["i was", "i am", "i'm", "i have been", "i've been"].iter().any(|start| has_words(&said, &format!("{start} {verb} by {word}")))
                || has_words(&said, &format!("{word} {verb} me"))
        });
        if !brought_along(maker) && made {
            found.push(Breach::ClaimsToBeMadeBy(maker.clone()));
        }
    }
    let stands = |phrase: &&String| {
        let phrase = plain(phrase);
        !has_words(&asked, &phrase) && has_words(&said, &phrase)
    };
    found.extend(policy.never_claims.phrases.iter().filter(stands).cloned().map(Breach::StockPhrase));
    found.extend(policy.contamination.iter().filter(stands).cloned().map(Breach::Contamination));
    found
}

/// Lower case, one space between words, straight apostrophes; an end of a sentence stays one.
fn plain(text: &str) -> String {
    let text: String = text.to_lowercase().chars().map(|c| if matches!(c, '’' | '‘' | 'ʼ') { '\'' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether words stand in a text as whole words.
fn has_words(text: &str, words: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
    !words.is_empty()
        && text.match_indices(words).any(|(at, _)| {
            let (before, after) = (text[..at].chars().next_back(), text[at + words.len()..].chars().next());
            let starts = !is_word(before) || !is_word(words.chars().next());
            starts && (!is_word(after) || !is_word(words.chars().next_back()))
        })
}

/// The text without what stands in double quotes, in code or behind a mark of quotation.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut fenced = false;
    for line in text.lines() {
        let start = line.trim_start();
        if start.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !start.starts_with('>') {
            let mut quote: Option<char> = None;
            for c in line.chars() {
                match (quote, c) {
                    (None, '"' | '“' | '«' | '`') => {
                        quote = Some(match c {
                            '“' => '”',
                            '«' => '»',
                            other => other,
                        });
                        out.push(' ');
                    }
                    (Some(end), c) if c == end => quote = None,
                    (Some(_), _) => {}
                    (None, c) => out.push(c),
                }
            }
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canon::{planted, policy};

    fn identity() -> Identity {
        let (id, chief) = ("2026-02-26-x".parse().expect("valid"), "ry".parse().expect("valid"));
        policy::read(&planted::documents(&planted::Planting::whole(&id, &chief, &[]))[0].1).expect("planted")
    }

    fn of(output: &str, prompt: &str) -> Vec<String> {
        breaches(&identity(), output, prompt).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_first_person_breaks_the_identity() {
        assert_eq!(of("Hello! I’m  Gemini.", ""), ["claims to be Gemini"]);
        assert_eq!(of("I was created by OpenAI.", ""), ["claims to be made by OpenAI", "another voice: I was created by OpenAI"]);
        assert_eq!(of("As ChatGPT, I think so.", ""), ["another voice: As ChatGPT"]);
        assert_eq!(of("I am a human, trust me.", "")[0], "claims to be a human");
    }

    #[test]
    fn speaking_about_others_does_not() {
        for fine in [
            "Gemini is a model by Google.",
            "He said \"I am Gemini\" and left.",
            "> I am Claude\n\nThat is a quotation.",
            "```\nI am Claude\n```",
            "I am Geminids-watching tonight.",
            "Was GPT as good as that?",
        ] {
            assert_eq!(of(fine, ""), [""; 0], "{fine}");
        }
        assert_eq!(of("I am Claude, you say? No.", "Are you Claude?"), [""; 0]);
    }
}
