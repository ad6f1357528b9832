//! Credits, in tenths. A transfer takes from one account what it gives to another: all balances together are always zero.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::words::{count, number, stored, time};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::words::words;

/// The account that awards come from and penalties go to.
pub const MINT: &str = "mint";

words! {
    /// Which way credits go.
    pub enum Direction {
        /// From the mint to an account.
        Award = "award",
        /// From an account to the mint.
        Penalty = "penalty",
    }
}

stored!(Direction);

/// A credit or debit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Which way it goes.
    pub direction: Direction,
    /// For what, as in `CLEAN_CYCLE`.
    pub event: String,
    /// The account, which is not the mint.
    pub account: String,
    /// How much, in tenths.
    pub tenths: u64,
    /// The most that goes this way in one day in UTC, over all events and accounts, in tenths. What is over it is not booked.
    pub daily_cap: Option<u64>,
}

/// What an account holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: String,
    /// Tenths; below zero for the mint, as a rule.
    pub tenths: i64,
}

/// What was booked for one event on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditDay {
    /// The beginning of the day.
    pub day: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// For what.
    pub event: String,
    /// The account.
    pub account: String,
    /// How much, in tenths.
    pub tenths: u64,
    /// How often.
    pub times: u64,
}

impl Store {
    /// What every account holds, the mint too, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn balances(&self) -> Result<Vec<Balance>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT a.name, coalesce((SELECT sum(tenths) FROM transfer_days WHERE target = a.id), 0)
                  - coalesce((SELECT sum(tenths) FROM transfer_days WHERE source = a.id), 0)
             FROM accounts a ORDER BY a.name",
        )?;
        Ok(query.query_map([], |row| Ok(Balance { account: row.get(0)?, tenths: row.get(1)? }))?.collect::<Result<_, _>>()?)
    }

    /// What was booked day by day from one time on, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn credit_days(&self, from: Timestamp) -> Result<Vec<CreditDay>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT d.day * 86400, d.kind, d.event, a.name, d.tenths, d.times FROM transfer_days d
             JOIN accounts a ON a.id = CASE d.kind WHEN 'award' THEN d.target ELSE d.source END
             WHERE d.day >= ?1 ORDER BY d.day, d.kind, d.event, a.name",
        )?;
        let read = |row: &Row<'_>| {
            Ok(CreditDay {
                day: time(row, 0)?,
                direction: row.get(1)?,
                event: row.get(2)?,
                account: row.get(3)?,
                tenths: number(row, 4)?,
                times: number(row, 5)?,
            })
        };
        Ok(query.query_map([day(from)], read)?.collect::<Result<_, _>>()?)
    }

    /// Compares the days with the single transfers, as far as retention kept them, and says what does not add up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn check_credits(&self) -> Result<Vec<String>, StoreError> {
        // The day of the last transfer that was given up may be there in part.
        let mut query = self.db.prepare(
            "WITH kept AS (SELECT at / 86400 AS day, kind, event, source, target, sum(tenths) AS tenths, count(*) AS times
                           FROM transfers GROUP BY 1, 2, 3, 4, 5)
             SELECT k.day * 86400, k.kind, k.event FROM kept k
             LEFT JOIN transfer_days d USING (day, kind, event, source, target)
             WHERE d.tenths IS NULL OR d.tenths < k.tenths OR d.times < k.times
                OR ((d.tenths <> k.tenths OR d.times <> k.times) AND (SELECT id FROM kept_from WHERE what = 'transfers') = 0)
             UNION ALL
             SELECT d.day * 86400, d.kind, d.event FROM transfer_days d
             LEFT JOIN kept k USING (day, kind, event, source, target)
             WHERE k.day IS NULL AND (SELECT id FROM kept_from WHERE what = 'transfers') = 0",
        )?;
        let say = |row: &Row<'_>| {
            let (way, event): (String, String) = (row.get(1)?, row.get(2)?);
            Ok(format!("the sum of {way} {event} on {} is not that of its transfers", time(row, 0)?.date()))
        };
        Ok(query.query_map([], say)?.collect::<Result<_, _>>()?)
    }
}

fn day(at: Timestamp) -> i64 {
    at.unix() / 86_400
}

/// Books a credit as far as the cap allows, and says how much that was.
pub(super) fn book(db: &Connection, credit: &Credit, cycle: Option<i64>, at: Timestamp) -> Result<u64, StoreError> {
    if credit.account == MINT {
        return Err(StoreError::refused("the mint neither earns nor loses"));
    }
    let today = day(at);
    let mut tenths = credit.tenths;
    if let Some(cap) = credit.daily_cap {
        let booked: u64 = db
            .prepare_cached("SELECT coalesce(sum(tenths), 0) FROM transfer_days WHERE day = ?1 AND kind = ?2")?
            .query_row(params![today, credit.direction], |row| number(row, 0))?;
        tenths = tenths.min(cap.saturating_sub(booked));
    }
    if tenths == 0 {
        return Ok(0);
    }
    let (mint, account) = (account_id(db, MINT)?, account_id(db, &credit.account)?);
    let (source, target) = match credit.direction {
        Direction::Award => (mint, account),
        Direction::Penalty => (account, mint),
    };
    let amount = count(tenths, "an amount")?;
    db.prepare_cached("INSERT INTO transfers (at, kind, event, source, target, tenths, cycle_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![at.unix(), credit.direction, credit.event, source, target, amount, cycle])?;
    db.prepare_cached(
        "INSERT INTO transfer_days (day, kind, event, source, target, tenths, times) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
         ON CONFLICT DO UPDATE SET tenths = tenths + excluded.tenths, times = times + 1",
    )?
    .execute(params![today, credit.direction, credit.event, source, target, amount])?;
    Ok(tenths)
}

fn account_id(db: &Connection, name: &str) -> Result<i64, StoreError> {
    let known = db.prepare_cached("SELECT id FROM accounts WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO accounts (name) VALUES (?1)")?.execute([name])?;
    Ok(db.last_insert_rowid())
}
