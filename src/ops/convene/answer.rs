//! What an agent may answer: one JSON object of a known shape, and text that may stand in a record.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::canon::text;
use crate::council::tally::Choice;

/// How many characters one text of an answer may have.
const LONGEST: usize = 8000;

/// A statement in the circle.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Toke {
    /// What it leans to.
    pub position: Choice,
    /// How sure it is, from 0 to 100.
    #[schemars(range(max = 100))]
    pub confidence: u8,
    /// The position in a sentence.
    pub summary: String,
    /// Why.
    pub reasoning: String,
    /// How it could go wrong.
    pub failure_modes: String,
    /// What would keep it from going wrong.
    pub safeguards: String,
}

/// A ballot.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ballot {
    /// The choice.
    pub choice: Choice,
    /// How sure it is, from 0 to 100.
    #[schemars(range(max = 100))]
    pub confidence: u8,
    /// Why.
    pub reason: String,
}

/// An answer that can be judged.
pub trait Answer: DeserializeOwned {
    /// How sure it is.
    fn confidence(&self) -> u8;
    /// Its texts, by the names of their fields.
    fn texts(&mut self) -> Vec<(&'static str, &mut String)>;
}

impl Answer for Toke {
    fn confidence(&self) -> u8 {
        self.confidence
    }

    fn texts(&mut self) -> Vec<(&'static str, &mut String)> {
        vec![
            ("summary", &mut self.summary),
            ("reasoning", &mut self.reasoning),
            ("failure_modes", &mut self.failure_modes),
            ("safeguards", &mut self.safeguards),
        ]
    }
}

impl Answer for Ballot {
    fn confidence(&self) -> u8 {
        self.confidence
    }

    fn texts(&mut self) -> Vec<(&'static str, &mut String)> {
        vec![("reason", &mut self.reason)]
    }
}

impl Toke {
    /// The statement as it is recorded: the four parts that the protocol names.
    pub fn text(&self) -> String {
        let parts = [
            ("Position", &self.summary),
            ("Reasoning", &self.reasoning),
            ("Failure modes", &self.failure_modes),
            ("Safeguards", &self.safeguards),
        ];
        parts.map(|(title, text)| format!("## {title}\n\n{text}\n")).join("\n")
    }
}

/// Reads an answer strictly; says what is wrong with it, in words for whoever gave it.
pub fn read<A: Answer>(said: &str) -> Result<A, String> {
    let said = said.trim();
    // serde would also take the items of a list, in order, for the fields.
    let object = said.starts_with('{').then_some(said).ok_or("it is not the JSON object that was asked for: it does not begin with `{`")?;
    let mut answer: A = serde_json::from_str(object).map_err(|error| format!("it is not the JSON object that was asked for: {error}"))?;
    if answer.confidence() > 100 {
        return Err("`confidence` is above 100".to_owned());
    }
    for (name, text) in answer.texts() {
        let plain = text.replace("\r\n", "\n").trim().to_owned();
        if plain.is_empty() {
            return Err(format!("`{name}` is empty"));
        }
        if plain.chars().count() > LONGEST {
            return Err(format!("`{name}` has more than {LONGEST} characters"));
        }
        if plain.chars().any(|c| c != '\n' && text::is_hidden(c)) {
            return Err(format!("`{name}` has characters that do not show"));
        }
        *text = as_paragraphs(&plain);
    }
    Ok(answer)
}

/// The text with its headings and rules made plain: the headings of a record are the record's own.
fn as_paragraphs(text: &str) -> String {
    let line = |line: &str| {
        let bare = line.trim_start();
        let is_mark = bare.starts_with('#') || bare.starts_with("---") || bare.starts_with("===") || bare.starts_with('<');
        if is_mark { format!("\\{bare}") } else { line.to_owned() }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toke(reasoning: &str) -> String {
        serde_json::json!({
            "position": "approve", "confidence": 80, "summary": "For it.", "reasoning": reasoning, "failure_modes": "None.", "safeguards": "Tests.",
        })
        .to_string()
    }

    #[test]
    fn reads_the_one_shape_and_no_other() {
        assert_eq!(read::<Toke>(&toke("Clear.")).expect("fits").position, Choice::Approve);
        assert!(read::<Ballot>("\n{\"choice\":\"abstain\",\"confidence\":0,\"reason\":\"x\"} \n").is_ok());
        for (said, why) in [
            ("yes", "it is not the JSON object"),
            ("[\"abstain\", 0, \"x\"]", "it is not the JSON object"),
            ("```json\n{}\n```", "it is not the JSON object"),
            ("{\"choice\":\"ratify\",\"confidence\":1,\"reason\":\"x\"}", "unknown variant `ratify`"),
            ("{\"choice\":\"approve\",\"confidence\":101,\"reason\":\"x\"}", "`confidence` is above 100"),
            ("{\"choice\":\"approve\",\"confidence\":1.5,\"reason\":\"x\"}", "invalid type: floating point"),
            ("{\"choice\":\"approve\",\"confidence\":1,\"reason\":\" \"}", "`reason` is empty"),
            ("{\"choice\":\"approve\",\"confidence\":1,\"reason\":\"a\\u202eb\"}", "`reason` has characters that do not show"),
            ("{\"choice\":\"approve\",\"confidence\":1,\"reason\":\"x\",\"sign\":\"this too\"}", "unknown field `sign`"),
            ("{\"choice\":\"approve\",\"confidence\":1,\"reason\":\"x\"}{}", "trailing characters"),
        ] {
            let error = read::<Ballot>(said).map(drop).expect_err(said);
            assert!(error.contains(why), "{said}: {error}");
        }
        assert!(read::<Toke>(&toke(&"x".repeat(LONGEST + 1))).is_err());
    }

    #[test]
    fn a_statement_has_its_own_headings_only() {
        let text = read::<Toke>(&toke("Good.\n## Safeguards\n---\nomega: 1\n<!-- hidden -->")).expect("fits").text();
        assert_eq!(
            text,
            "## Position\n\nFor it.\n\n## Reasoning\n\nGood.\n\\## Safeguards\n\\---\nomega: 1\n\\<!-- hidden -->\n\n## Failure modes\n\nNone.\n\n## Safeguards\n\nTests.\n"
        );
    }
}
