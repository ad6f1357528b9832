//! What becomes of a call.

use serde::Serialize;

/// What becomes of a call; each is stricter than the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// No rule speaks against it.
    #[default]
    Allow,
    /// A person has to agree.
    Ask,
    /// It is refused.
    Deny,
}

/// What becomes of a call, and why.
#[derive(Clone, Debug, Default, Serialize, schemars::JsonSchema)]
pub struct Decision {
    /// What becomes of it.
    pub decision: Act,
    /// The strictest reasons; none, if it is allowed.
    pub reasons: Vec<String>,
}

/// More reasons than these help nobody.
const MOST: usize = 4;

impl Decision {
    /// Adds a reason. Of several reasons only the strictest count.
    pub fn add(&mut self, act: Act, reason: impl Into<String>) {
        if act > self.decision {
            self.decision = act;
            self.reasons.clear();
        }
        let reason = reason.into();
        if act == self.decision && act != Act::Allow && self.reasons.len() < MOST && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// The same, where nobody can be asked: what a person would have to agree to is refused, for this reason.
    #[must_use]
    pub fn unasked(mut self, why: &str) -> Self {
        if self.decision == Act::Ask {
            self.decision = Act::Deny;
            self.reasons.push(why.to_owned());
        }
        self
    }

    /// The reasons as one text.
    pub fn reason(&self) -> String {
        format!("omega: {}", self.reasons.join("\n"))
    }
}
