//! From what is wrong to who is told: each incident once when it begins or gets worse, now and then while it lasts,
//! and once when it is over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rules::Rules;
use crate::canon::policy::{Level, Reminders};
use crate::clock::Timestamp;
use crate::words::words;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// How much it matters.
    pub level: Level,
    /// What is so, as a sentence without its end.
    pub what: String,
    /// Since when, by the wall clock.
    pub from: i64,
    /// Whether the watch has given it up: that is told, even where the level stays the same.
    pub given_up: bool,
    /// The outage that it is, by its number, where it is one. What begins and ends within one incident, as where a service comes and
    /// goes, is told each time.
    pub outage: Option<u64>,
    /// Whether it comes and goes, and did not last yet this time: then only what is worse than anything that was told is news.
    pub wavers: bool,
    /// Why nobody is told yet, or at all.
    pub quiet: Option<Quiet>,
}

/// Why nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// It is being healed, or may be a part of what fails all at once: what comes of that is told.
    Undecided,
    /// What it needs is down, or everything is: that is told.
    Covered,
    /// It is expected now.
    Maintenance,
}

/// Something that is wrong, since it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number, never used again.
    pub id: u64,
    /// When it began, by the wall clock.
    pub from: i64,
    /// What is so.
    pub what: String,
    /// The highest level that was told; nothing while nobody was told.
    pub told: Option<Level>,
    /// Whether it was told that the watch has given it up.
    pub told_given_up: bool,
    /// The outage that is under way within it, or was last looked at.
    #[serde(default)]
    pub outage: Option<u64>,
    /// What was told of that outage, or of the time since the last one: the highest level, and whether it was given up.
    #[serde(default)]
    pub known: Option<(Level, bool)>,
    /// Whether it ends without a word, since something else was told, or nobody had to be.
    pub covered: bool,
    /// The level that its end has, if nobody was told before.
    pub level: Level,
    /// How often it was repeated.
    pub reminders: u32,
    /// When it is repeated next, in the loop's own time.
    pub next_reminder: u64,
    /// Whether somebody said that they know.
    pub acknowledged: bool,
    /// What was said of that last, and taken in: its time, which is another one each time that somebody says so.
    #[serde(default)]
    pub heard: Option<i64>,
}

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The incident.
    pub incident: u64,
    /// What it is about, as in `service:Brain`.
    pub subject: String,
    /// What kind of news.
    pub kind: AlertKind,
    /// How much it matters.
    pub level: Level,
    /// What is so, with its times.
    pub text: String,
    /// When the incident began, by the wall clock.
    pub from: i64,
    /// When this was so, by the wall clock.
    pub at: i64,
}

words! {
    /// What kind of news.
    pub enum AlertKind {
        /// It began, or got worse.
        Firing = "firing",
        /// It goes on.
        Reminder = "reminder",
        /// It is over, and was told before.
        Resolved = "resolved",
        /// It is over, and was not told before.
        Over = "over",
        /// It happened, and does not last.
        Notice = "notice",
    }
}

/// The clocks of a step.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The loop's own time.
    pub t: u64,
    /// Seconds since 1970.
    pub wall: i64,
}

impl Incident {
    /// Notes that an outage began or ended within it. Who acknowledged it, did so of what was then: what comes is news again.
    fn turn(&mut self, trouble: &Trouble) {
        if self.outage == trouble.outage {
            return;
        }
        self.acknowledged = false;
        self.outage = trouble.outage;
        // That it got better by itself is no news, and that it falls again is.
        self.known = self.told.filter(|_| trouble.outage.is_none()).map(|_| (trouble.level, false));
    }

    /// Whether somebody has to be told what is so now.
    fn is_news(&self, trouble: &Trouble) -> bool {
        let Some(told) = self.told else { return true };
        let is_worse = |level: Level, given_up: bool| trouble.level > level || (trouble.given_up && !given_up);
        is_worse(told, self.told_given_up) || (!trouble.wavers && self.known.is_none_or(|(level, given_up)| is_worse(level, given_up)))
    }
}

/// Notes all that is wrong now, before anything is done about it, so that what is over a moment later is told all the
/// same.
pub fn open(incidents: &mut BTreeMap<String, Incident>, next: &mut u64, troubles: &BTreeMap<String, Trouble>) {
    for (subject, trouble) in troubles {
        let incident = incidents.entry(subject.clone()).or_insert_with(|| {
            let id = *next;
            *next += 1;
            Incident {
                id,
                from: trouble.from,
                what: String::new(),
                told: None,
                told_given_up: false,
                outage: trouble.outage,
                known: None,
                covered: false,
                level: trouble.level,
                reminders: 0,
                next_reminder: 0,
                acknowledged: false,
                heard: None,
            }
        });
        incident.turn(trouble);
        incident.what.clone_from(&trouble.what);
        incident.level = trouble.level;
        incident.covered = matches!(trouble.quiet, Some(Quiet::Covered | Quiet::Maintenance));
    }
}

/// Takes in all that is wrong now, and says who is to be told what.
pub fn settle(
    incidents: &mut BTreeMap<String, Incident>,
    next: &mut u64,
    troubles: &BTreeMap<String, Trouble>,
    rules: &Rules,
    now: Now,
) -> Vec<Alert> {
    let reminders = &rules.watch().reminders;
    open(incidents, next, troubles);
    let mut alerts = Vec::new();
    for (subject, trouble) in troubles {
        let Some(incident) = incidents.get_mut(subject) else { continue };
        if trouble.quiet.is_some() {
            continue;
        }
        let kind = match incident.told {
            _ if incident.is_news(trouble) => AlertKind::Firing,
            Some(_) if !incident.acknowledged && now.t >= incident.next_reminder => AlertKind::Reminder,
            _ => continue,
        };
        if kind == AlertKind::Firing {
            // Whoever knew of it before anybody was told knows of it still; that it got worse, nobody knows yet.
            incident.acknowledged &= incident.told.is_none();
            incident.reminders = 0;
            incident.told = incident.told.max(Some(trouble.level));
            incident.told_given_up |= trouble.given_up;
            let (level, given_up) = incident.known.unwrap_or((trouble.level, false));
            incident.known = Some((level.max(trouble.level), given_up || trouble.given_up));
        } else {
            incident.reminders = incident.reminders.saturating_add(1);
        }
        incident.next_reminder = now.t + reminder_pause(reminders, incident.reminders);
        let level = incident.known.map(|(level, _)| level).or(incident.told).unwrap_or(trouble.level);
        alerts.push(alert(subject, incident, kind, level, rules, now));
    }
    incidents.retain(|subject, incident| {
        if troubles.contains_key(subject) {
            return true;
        }
        let (kind, level) = match incident.told {
            Some(told) => (AlertKind::Resolved, told),
            None if incident.covered => return false,
            None => (AlertKind::Over, incident.level),
        };
        alerts.push(alert(subject, incident, kind, level, rules, now));
        false
    });
    alerts.sort_by_key(|alert| (std::cmp::Reverse(alert.level), alert.incident));
    alerts
}

fn alert(subject: &str, incident: &Incident, kind: AlertKind, level: Level, rules: &Rules, now: Now) -> Alert {
    let (what, from) = (&incident.what, time(incident.from));
    let text = match kind {
        AlertKind::Resolved | AlertKind::Over => format!("{}, {from} to {}: {what}", is_over(subject, rules), time(now.wall)),
        AlertKind::Firing | AlertKind::Reminder | AlertKind::Notice => format!("{what}, since {from}"),
    };
    Alert { incident: incident.id, subject: subject.to_owned(), kind, level, text, from: incident.from, at: now.wall }
}

fn is_over(subject: &str, rules: &Rules) -> String {
    match subject.split_once(':') {
        // Nobody knows how it is.
        Some(("service", name)) if rules.service(name).is_none() => format!("{name} is not watched any more"),
        Some(("copy", file)) if rules.watch().deployed.iter().all(|copy| copy.file != file) => format!("{file} is not watched any more"),
        Some(("service", name)) => format!("{name} is well again"),
        Some(("copy", file)) => format!("{file} is what is ratified again"),
        _ if subject == "canon" => "the canon holds again".to_owned(),
        _ if subject == "mass" => "services no longer fail all at once".to_owned(),
        _ if subject == "overlap" => "one watch runs alone again".to_owned(),
        _ if subject == "watcher" => "the watcher can ask again".to_owned(),
        _ => "the watch is well again".to_owned(),
    }
}

/// A time as people read it, with its date: an outage may be days old when it is told.
fn time(wall: i64) -> String {
    Timestamp::from_unix(wall).map_or_else(|| "an unknown time".to_owned(), |time| time.to_string()[..16].replace('T', " ") + " UTC")
}

/// The pause before the next reminder: doubled each time.
fn reminder_pause(reminders: &Reminders, sent: u32) -> u64 {
    let doubled = u64::from(reminders.first_s).saturating_mul(1 << sent.min(20));
    doubled.min(u64::from(reminders.most_s))
}
