//! What the gates say, as text for a terminal.

use crate::canon::text::shown as visible;
use crate::finding::Code;
use crate::gates::Gated;
use crate::gates::hooks::{HookStatus, State};
use crate::guard::settings::AgentStatus;
use crate::shell;
use crate::survey::verify::Report;

use super::human::{error_word, findings, hint_word};
use super::style::{FAINT, GOOD, STRONG, WAITING, command, paint};

/// Nothing where the gate is open, but for what comes along with a resolution: else git goes on in silence.
pub fn gated(gated: &Gated) -> String {
    let warnings: Vec<_> =
        gated.reports.iter().flat_map(|report| &report.findings).filter(|found| found.code == Code::Carried).cloned().collect();
    let Some(refused) = &gated.refused else { return findings(&warnings) };
    let mut out = format!("{}: {}\n", error_word(), visible(&refused.fact));
    for path in gated.changed.iter().take(10) {
        out.push_str(&format!("  {}\n", shell::quote(path)));
    }
    if gated.changed.len() > 10 {
        out.push_str(&format!("  … and {} more\n", gated.changed.len() - 10));
    }
    out.extend(gated.reports.iter().map(wrong));
    out.push_str(&format!("{}: {}\n", hint_word(), visible(&refused.hint)));
    out
}

fn wrong(report: &Report) -> String {
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
    findings(&errors)
}

/// Where each hook stands, and why none runs, if git runs none.
pub fn hooks(all: &[HookStatus], off: Option<&(String, String)>) -> String {
    let out: String = all.iter().map(|at| line(at, "")).collect();
    match off {
        Some((fact, on)) => out + &format!("\n{}\nswitch them on: {}\n", visible(fact), command(visible(on))),
        None => out + &missing(all),
    }
}

/// What an installation did, beside what was there.
pub fn installed(before: &[HookStatus], after: &[HookStatus]) -> String {
    let was = |at: &HookStatus| before.iter().any(|before| before.hook == at.hook && before.state == at.state && at.state.is_gated());
    let out: String = after.iter().map(|at| line(at, if was(at) { " as before" } else { "" })).collect();
    out + &missing(after)
}

/// What was taken out, and what is there now.
pub fn uninstalled(before: &[HookStatus], after: &[HookStatus]) -> String {
    let mut out = String::new();
    for at in after {
        let before = before.iter().find(|before| before.hook == at.hook).map(|before| before.state);
        match (before, at.state) {
            (Some(State::Chained), _) => {
                out.push_str(&format!(
                    "{} {}, and put back what was there before\n",
                    paint(GOOD, "removed"),
                    paint(STRONG, at.hook.as_str())
                ));
            }
            (Some(State::Installed), _) => out.push_str(&format!("{} {}\n", paint(GOOD, "removed"), paint(STRONG, at.hook.as_str()))),
            (_, State::Called) => out.push_str(&format!(
                "{} {}: remove the call of omega in {}\n",
                paint(WAITING, "left   "),
                paint(STRONG, at.hook.as_str()),
                shell::quote(&at.file)
            )),
            _ => {}
        }
    }
    if out.is_empty() { "no hooks of omega are here\n".to_owned() } else { out }
}

fn line(at: &HookStatus, more: &str) -> String {
    let style = match at.state {
        State::Installed | State::Chained | State::Called => GOOD,
        State::Foreign => WAITING,
        State::Absent => FAINT,
    };
    format!("{} {}{}\n", paint(style, format!("{:9}", at.state.as_str())), paint(STRONG, at.hook.as_str()), paint(FAINT, more))
}

/// What is left to do until omega is asked in all hooks.
fn missing(all: &[HookStatus]) -> String {
    let by_hand: Vec<(&HookStatus, &String)> = all.iter().filter_map(|at| Some((at, at.add.as_ref()?))).collect();
    if by_hand.is_empty() {
        let missing = all.iter().any(|at| !at.state.is_gated());
        return if missing { format!("\nput them in: {}\n", command("omega hooks install")) } else { String::new() };
    }
    let mut out = String::from("\nthe hooks are in files that are tracked or shared, which omega does not change. add:\n");
    let mut file = None;
    for (at, lines) in by_hand {
        if file != Some(&at.file) {
            out.push_str(&format!("\n  {}\n", paint(FAINT, format!("in {}", visible(&at.file)))));
            file = Some(&at.file);
        }
        out.extend(lines.lines().map(|line| format!("    {line}\n")));
    }
    if all.iter().any(|at| at.add.is_some() && at.file.contains("lefthook-local")) {
        out.push_str("\nthat file belongs to one work tree; the same lines in lefthook.yml hold for all. then: lefthook install\n");
    }
    out
}

/// What became of the hook of an agent.
pub fn agents(before: &[AgentStatus], after: &[AgentStatus]) -> String {
    let mut out = String::new();
    for (was, is) in before.iter().zip(after) {
        let (word, style) = match (was.installed, is.installed) {
            (_, true) => ("installed", GOOD),
            (true, false) => ("removed  ", GOOD),
            (false, false) => ("absent   ", FAINT),
        };
        let same = if was.installed && is.installed { " as before" } else { "" };
        let title = is.agent.title();
        out.push_str(&format!("{} {} in {}{}\n", paint(style, word), paint(STRONG, title), shell::quote(&is.file), paint(FAINT, same)));
        if was.installed == is.installed {
            if !is.installed {
                out.push_str(&format!("\nput it in: {}\n", command(format!("omega hooks install --agent {}", is.agent))));
            }
        } else if is.governed {
            out.push_str(&format!(
                "\n{} is governed, so this edit is a draft until it is ratified: {}\n",
                shell::quote(&is.file),
                command("omega propose")
            ));
        } else if is.installed {
            out.push_str(&format!(
                "\nit holds for everybody who has the file: {}\n",
                command(format!("git add -- {}", shell::pathspec(&is.file)))
            ));
        }
    }
    out
}

/// The agents that ask omega here, beside the hooks of git.
pub fn agents_shown(all: &[AgentStatus]) -> String {
    let mut installed = all.iter().filter(|at| at.installed).peekable();
    let head = if installed.peek().is_some() { "\n" } else { "" };
    let lines =
        installed.map(|at| format!("{} {} in {}\n", paint(GOOD, "installed"), paint(STRONG, at.agent.title()), shell::quote(&at.file)));
    lines.fold(head.to_owned(), |out, line| out + &line)
}

/// What is left of the hooks of agents, when those of git are taken out.
pub fn agents_left(all: &[AgentStatus]) -> String {
    let installed = all.iter().filter(|at| at.installed);
    installed.fold(String::new(), |out, at| {
        let command = command(format!("omega hooks uninstall --agent {}", at.agent));
        out + &format!("{} {}: {command}\n", paint(WAITING, "left   "), paint(STRONG, at.agent.title()))
    })
}
