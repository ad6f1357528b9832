//! How services are, what the watch did and what it came to, as text for a terminal.

use anstyle::Style;
use serde_json::Value;

use crate::canon::text::visible;
use crate::clock::Timestamp;
use crate::monitor::Round;
use crate::monitor::check::Check;
use crate::monitor::read::{Acknowledged, ChainReport, Credits, EventReport, History, ServiceStatus, Status};
use crate::monitor::thoughts::Thoughts;
use crate::watch::{Health, Phase};

use super::style::{BAD, FAINT, GOOD, STRONG, WAITING, command, paint};

fn of_health(health: Health) -> Style {
    match health {
        Health::Healthy => GOOD,
        Health::Degraded => WAITING,
        Health::Blind | Health::Critical => BAD,
    }
}

fn of_phase(phase: Phase) -> Style {
    match phase {
        Phase::Up => GOOD,
        Phase::Unknown => FAINT,
        Phase::Suspect | Phase::Healing | Phase::Verifying => WAITING,
        Phase::Down | Phase::Crashloop => BAD,
    }
}

/// How things are.
pub fn status(status: &Status, now: Timestamp) -> String {
    let mut out = match status.health {
        Some(health) => paint(of_health(health), health.as_str()),
        None => paint(FAINT, "nothing is known yet"),
    };
    let written = status.at.map(|at| format!(", written {}", ago(at, now))).unwrap_or_default();
    match &status.running {
        Some(running) => out.push_str(&format!("  {} (process {}) runs since {}{written}\n", running.name, running.pid, running.since)),
        None => out.push_str(&format!("  the daemon is not running{written}\n")),
    }
    match &status.canon_detail {
        Some(why) => out.push_str(&format!("canon    {}: {}\n", paint(BAD, &status.canon), visible(why))),
        None => out.push_str(&format!("canon    {}\n", paint(if status.canon == "holds" { GOOD } else { FAINT }, &status.canon))),
    }
    let width = status.services.iter().map(|service| service.name.len()).max().unwrap_or(0);
    if !status.services.is_empty() {
        out.push_str(&format!("\n{}\n", paint(STRONG, "services")));
    }
    for one in &status.services {
        out.push_str(&service(one, width, now));
    }
    for copy in &status.drifted {
        out.push_str(&format!("  {} {}: {}\n", paint(BAD, "drifted"), visible(&copy.file), visible(&copy.why)));
    }
    if !status.incidents.is_empty() {
        out.push_str(&format!("\n{}\n", paint(STRONG, "wrong now")));
    }
    for incident in &status.incidents {
        let known = if incident.acknowledged { ", known" } else { "" };
        out.push_str(&format!("  {:>4}  {} ({}{known})\n", incident.id, visible(&incident.what), ago(incident.from, now)));
    }
    if !status.undelivered.is_empty() {
        out.push_str(&format!("\n{}\n", paint(STRONG, "not delivered yet")));
    }
    for waiting in &status.undelivered {
        let tried = if waiting.attempts == 1 { "tried once".to_owned() } else { format!("tried {} times", waiting.attempts) };
        out.push_str(&format!("  {} ({tried})  {}\n", waiting.channel, visible(&waiting.text)));
    }
    out.push_str(&lasting(status));
    out
}

fn service(service: &ServiceStatus, width: usize, now: Timestamp) -> String {
    let phase = format!("{:10}", service.phase.as_str());
    let name = format!("{:width$}", service.name);
    let took = service.took.map_or_else(String::new, |took| format!(", {} ms", took.total_ms));
    let critical = if service.critical { " critical" } else { "" };
    let flapping = if service.flapping { ", comes and goes" } else { "" };
    let detail = if service.detail.is_empty() { String::new() } else { format!("  {}", visible(&service.detail)) };
    let restarts = if service.restarts_day == 0 {
        String::new()
    } else {
        let window = format!("{} of {}", service.restarts, service.restarts_most);
        format!(", restarts {window} now, {} of {} today", service.restarts_day, service.restarts_day_most)
    };
    let line = format!("since {}{took}{restarts}{flapping}{critical}", ago(service.since, now));
    format!("  {} {} {}{detail}\n", paint(of_phase(service.phase), phase), paint(STRONG, name), paint(FAINT, line))
}

/// Budgets, cycles and credits.
fn lasting(status: &Status) -> String {
    let mut out = String::from("\n");
    let budgets = status.budgets.iter().map(|budget| match budget.per_day {
        Some(most) if budget.count > most => paint(BAD, format!("{} {} of {most}", budget.event, budget.count)),
        Some(most) => format!("{} {} of {most}", budget.event, budget.count),
        None => format!("{} {}", budget.event, budget.count),
    });
    let budgets: Vec<String> = budgets.collect();
    if !budgets.is_empty() {
        out.push_str(&format!("today    {}\n", budgets.join(", ")));
    }
    if !status.cycles.is_empty() {
        let words = status.cycles.iter().rev().map(|cycle| cycle.health.as_deref().unwrap_or("cut short"));
        out.push_str(&format!("cycles   {}\n", words.collect::<Vec<_>>().join(" ")));
    }
    out.push_str(&format!("credits  {}\n", tenths(status.credits_tenths)));
    out
}

/// Tenths of a credit as credits.
fn tenths(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
}

fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = (now.unix() - then.unix()).max(0);
    match seconds {
        0..120 => format!("{seconds} s ago"),
        120..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// What going round once came to.
pub fn round(round: &Round, now: Option<&Status>) -> String {
    let mut out = match now {
        Some(found) => status(found, found.at.unwrap_or_else(|| Timestamp::from_unix(0).expect("a time"))),
        None => format!("{}\n", paint(of_health(round.health), round.health.as_str())),
    };
    if let Some(why) = &round.record.discarded {
        out.push_str(&format!("what this round saw does not count: {}\n", visible(why)));
    }
    for warning in &round.warnings {
        out.push_str(&self::warning(warning));
    }
    out
}

/// Something worth a warning.
pub fn warning(text: &str) -> String {
    format!("{}: {}\n", paint(WAITING, "warning"), visible(text))
}

/// How all of it changed.
pub fn changed(before: Option<Health>, round: &Round) -> String {
    let from = before.map_or_else(String::new, |health| format!("{} -> ", health.as_str()));
    let after = round.record.after.iter().filter(|(_, class)| class.word() != "healthy");
    let list: Vec<String> = after.map(|(name, class)| format!("{name} {}", class.word())).collect();
    let what = if list.is_empty() { String::new() } else { format!(": {}", list.join(", ")) };
    format!("{from}{}{}\n", paint(of_health(round.health), round.health.as_str()), visible(&what))
}

/// What the watch would do.
pub fn thoughts(thoughts: &Thoughts) -> String {
    let mut out = format!("{}  the canon {}\n", paint(of_health(thoughts.health), thoughts.health.as_str()), visible(&thoughts.canon));
    let width = thoughts.services.iter().map(|service| service.name.len()).max().unwrap_or(0);
    for service in &thoughts.services {
        let phase = paint(of_phase(service.phase), format!("{:10}", service.phase.as_str()));
        let name = paint(STRONG, format!("{:width$}", service.name));
        let parts: Vec<String> = service.took.parts().map(|(part, ms)| format!("{} {ms}", part.replace('_', " "))).collect();
        let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
        out.push_str(&format!("  {phase} {name} {}, {} ms{parts}  {}\n", service.seen, service.took.total_ms, visible(&service.detail)));
    }
    for copy in &thoughts.drifted {
        out.push_str(&format!("  {} {}: {}\n", paint(BAD, "drifted"), visible(&copy.file), visible(&copy.why)));
    }
    for heal in &thoughts.heal {
        out.push_str(&format!("would run, for {}: {}\n", heal.service, command(visible(&heal.argv.join(" ")))));
    }
    for text in &thoughts.tell {
        out.push_str(&format!("would tell: {}\n", visible(text)));
    }
    if thoughts.heal.is_empty() && thoughts.tell.is_empty() {
        out.push_str("would do nothing\n");
    }
    for why in &thoughts.lacking {
        out.push_str(&warning(why));
    }
    out
}

/// What was checked, and what is wrong with it.
pub fn checks(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or(0);
    let line = |check: &Check| {
        let (mark, why) = match &check.lacks {
            None => (paint(GOOD, "ready  "), String::new()),
            Some(why) => (paint(BAD, "lacking"), format!("  {}", visible(why))),
        };
        format!("{mark} {:8} {:width$}{why}", check.subject.as_str(), visible(&check.name)).trim_end().to_owned() + "\n"
    };
    checks.iter().map(line).collect()
}

/// What happened.
pub fn history(history: &History, by_hour: bool) -> String {
    let mut out = String::new();
    let width = history.spans.iter().map(|span| span.service.len()).max().unwrap_or(0);
    let from = |time: &Timestamp| paint(FAINT, time.to_string()[..if by_hour { 16 } else { 10 }].replace('T', " "));
    for span in &history.cycles {
        out.push_str(&format!(
            "{} {} {}, clean {}: healthy {}, degraded {}, critical {}, unknown {}\n",
            from(&span.from),
            paint(STRONG, "cycles"),
            span.cycles,
            span.clean,
            span.healthy,
            span.degraded,
            span.critical,
            span.unknown
        ));
    }
    for span in &history.spans {
        let known = span.healthy + span.degraded + span.down;
        let share = (span.healthy * 10_000).checked_div(known).map_or_else(|| "   -  ".to_owned(), percent);
        let mean = span.latency_mean_ms.map_or_else(String::new, |ms| format!(", {ms} ms"));
        out.push_str(&format!(
            "{} {} {share}  down {}, degraded {}, unknown {}{mean}\n",
            from(&span.from),
            paint(STRONG, format!("{:width$}", span.service)),
            span.down,
            span.degraded,
            span.unknown
        ));
    }
    for restart in &history.restarts {
        let end = match (&restart.end, restart.code) {
            (Some(end), Some(code)) => format!("{end} {code}"),
            (Some(end), None) => end.clone(),
            (None, _) => "not known yet".to_owned(),
        };
        let line = format!("restart {} at {} because of {}: {end}", restart.service, restart.at, restart.cause);
        out.push_str(&format!("{}  {}\n", visible(&line), paint(FAINT, visible(&restart.argv.join(" ")))));
    }
    if out.is_empty() { "nothing is remembered of that time\n".to_owned() } else { out }
}

/// Hundredths of a percent.
fn percent(parts: u64) -> String {
    format!("{:3}.{:02} %", parts / 100, parts % 100)
}

/// Events, a line each.
pub fn events(events: &[EventReport]) -> String {
    let line = |event: &EventReport| {
        format!("{:>6} {} {}{}\n", event.id, paint(FAINT, event.at), paint(STRONG, &event.kind), visible(&facts(&event.data)))
    };
    events.iter().map(line).collect()
}

/// What is said of an event, as in ` service=Brain cause="no answer"`.
fn facts(data: &Value) -> String {
    let is_plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"=".contains(c));
    let fact = |(name, value): (&String, &Value)| match value {
        Value::Null => String::new(),
        Value::String(text) if is_plain(text) => format!(" {name}={text}"),
        value => format!(" {name}={value}"),
    };
    match data {
        Value::Object(fields) => fields.iter().map(fact).collect(),
        other => format!(" {other}"),
    }
}

/// Whether the events are what was written.
pub fn chain(report: &ChainReport) -> String {
    match (&report.broken_at, &report.why) {
        (Some(at), Some(why)) => format!("{} at event {at}: {why}\n", paint(BAD, "broken")),
        _ if report.outlived => format!(
            "{}  {} events after number {} are what was written; the end that was noted is older and was given up, so it cannot be checked\nnote this instead: {}\n",
            paint(WAITING, "unknown"),
            report.events,
            report.anchor,
            command(format!("omega events verify --head {}:{}", report.head, report.hash))
        ),
        _ => format!(
            "{}  {} events after number {} are what was written\nnote this elsewhere to find a cut end later: {}\n",
            paint(GOOD, "holds"),
            report.events,
            report.anchor,
            command(format!("omega events verify --head {}:{}", report.head, report.hash))
        ),
    }
}

/// What was earned and lost.
pub fn credits(credits: &Credits) -> String {
    let mut out = String::new();
    for day in &credits.days {
        let (sign, style) = if day.tenths < 0 { ("", BAD) } else { ("+", GOOD) };
        let amount = format!("{:>10}", format!("{sign}{}", tenths(day.tenths)));
        out.push_str(&format!("{} {} {} times {}\n", day.day, paint(style, amount), day.times, day.event));
    }
    for wrong in &credits.wrong {
        out.push_str(&format!("{}: {}\n", paint(BAD, "does not add up"), visible(wrong)));
    }
    out.push_str(&format!("balance  {}\n", tenths(credits.tenths)));
    out
}

/// Somebody knows.
pub fn acknowledged(done: &Acknowledged) -> String {
    if done.first {
        format!("incident {} is not repeated any more\n", done.incident)
    } else {
        format!("incident {} was acknowledged before\n", done.incident)
    }
}
