//! What an event is worth: the amounts and caps of ECONOMY_MODEL.md as pure functions.

use serde::Serialize;

use crate::canon::policy::{Amount, Economy};

/// What one event moves, in tenths of a credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Booking {
    /// What the balance moves by; below zero for a penalty.
    pub tenths: i64,
    /// Whether a daily cap cut it.
    pub capped: bool,
}

/// What an event is worth before any cap, and the cap of its side for one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Tenths of a credit; below zero for a penalty.
    pub tenths: i64,
    /// The most that its side moves in one day, in tenths.
    pub daily_cap: u32,
}

/// What an event is worth; nothing for an event without an amount.
pub fn worth(policy: &Economy, event: &str) -> Option<Worth> {
    let find = |amounts: &[Amount]| amounts.iter().find(|amount| amount.event == event).map(|amount| i64::from(amount.tenths));
    let award = find(&policy.awards).map(|tenths| Worth { tenths, daily_cap: policy.daily_award_cap_tenths });
    award.or_else(|| find(&policy.penalties).map(|tenths| Worth { tenths: -tenths, daily_cap: policy.daily_penalty_cap_tenths }))
}

/// What an event moves, after so much was awarded and debited on the same day. An event without an amount moves
/// nothing.
pub fn book(policy: &Economy, event: &str, awarded: u32, debited: u32) -> Option<Booking> {
    let worth = worth(policy, event)?;
    let so_far = if worth.tenths < 0 { debited } else { awarded };
    let moved = worth.tenths.abs().min(worth.daily_cap.saturating_sub(so_far).into());
    Some(Booking { tenths: worth.tenths.signum() * moved, capped: moved < worth.tenths.abs() })
}

/// Whether a day tolerates so many of an event; nothing, where it has no budget.
pub fn tolerates(policy: &Economy, event: &str, count: u32) -> Option<bool> {
    policy.budgets.iter().find(|budget| budget.event == event).map(|budget| count <= budget.per_day)
}

/// An amount in words: `9.5 Neuro-Credit`.
pub fn amount(policy: &Economy, tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let whole = tenths.unsigned_abs();
    let rest = if whole.is_multiple_of(10) { String::new() } else { format!(".{}", whole % 10) };
    format!("{sign}{}{rest} {}", whole / 10, policy.unit)
}
