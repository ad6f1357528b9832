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

/// What an event moves, after so much was awarded and debited on the same day. An event without an amount moves
/// nothing.
pub fn book(policy: &Economy, event: &str, awarded: u32, debited: u32) -> Option<Booking> {
    let find = |amounts: &[Amount]| amounts.iter().find(|amount| amount.event == event).map(|amount| amount.tenths);
    let capped = |tenths: u32, so_far: u32, cap: u32| {
        let moved = tenths.min(cap.saturating_sub(so_far));
        (i64::from(moved), moved < tenths)
    };
    if let Some(tenths) = find(&policy.awards) {
        let (tenths, capped) = capped(tenths, awarded, policy.daily_award_cap_tenths);
        return Some(Booking { tenths, capped });
    }
    let (tenths, capped) = capped(find(&policy.penalties)?, debited, policy.daily_penalty_cap_tenths);
    Some(Booking { tenths: -tenths, capped })
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
