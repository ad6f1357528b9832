use serde::Deserialize;
use serde_json::{Value, json};

use crate::canon::policy::Economy;
use crate::economy;
use crate::enforcement::question::{Answers, value};

/// What ECONOMY_MODEL can be asked.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "ask")]
pub(in crate::enforcement) enum Question {
    /// What an event moves: `tenths`, whether it is `capped`, and the `amount` in words; `none` where it has no amount.
    Credit {
        /// The event.
        event: String,
        /// What was awarded on the same day before, in tenths.
        #[serde(default)]
        awarded: u32,
        /// What was debited on the same day before, in tenths.
        #[serde(default)]
        debited: u32,
    },
    /// Whether a day tolerates so many of an event: `true`, `false`, or `none` where it has no budget.
    Budget {
        /// The event.
        event: String,
        /// How often it came on that day.
        count: u32,
    },
    /// Whether an agent may give credits to another: `true` or `false`.
    Transfer {},
}

impl Answers for Economy {
    type Question = Question;

    fn answer(&self, question: Question) -> Value {
        match question {
            Question::Credit { event, awarded, debited } => match economy::book(self, &event, awarded, debited) {
                Some(booking) => {
                    json!({ "tenths": booking.tenths, "capped": booking.capped, "amount": economy::amount(self, booking.tenths) })
                }
                None => value("none"),
            },
            Question::Budget { event, count } => economy::tolerates(self, &event, count).map_or_else(|| value("none"), value),
            Question::Transfer {} => value(self.transferable),
        }
    }
}
