//! Convened agents, as text for a terminal.

use crate::canon::text::shown as visible;
use crate::ops::convene::{Act, Convened, Matter, Progress};

use super::human::choice_style;
use super::style::{BAD, FAINT, GOOD, NAME, STRONG, WAITING, paint};

/// A line while agents are asked.
pub fn progress(progress: &Progress<'_>) -> String {
    match progress {
        Progress::Asks(name, matter) => format!("{}\n", paint(FAINT, format!("asking {name} for a {} …", matter.as_str()))),
        Progress::Again(name, why) => format!("{}\n", paint(FAINT, format!("asking {name} once more: {}", visible(why)))),
        Progress::Recorded(act) => {
            format!("{}\n", chosen(act))
        }
    }
}

/// What came of it.
pub fn convened(convened: &Convened) -> String {
    let mut out = match convened.acts.len() {
        0 => format!("nothing recorded for {}\n", paint(STRONG, &convened.resolution)),
        1 => format!("{} 1 act for {}\n", paint(GOOD, "recorded"), paint(STRONG, &convened.resolution)),
        count => format!("{} {count} acts for {}\n", paint(GOOD, "recorded"), paint(STRONG, &convened.resolution)),
    };
    for act in &convened.acts {
        out.push_str(&format!("  {}\n", chosen(act)));
        if let Some(why) = &act.unusable {
            out.push_str(&format!("    {} {}\n", paint(WAITING, "no usable answer:"), visible(why)));
        }
    }
    for unasked in &convened.unasked {
        let style = if convened.prompt.is_some() { WAITING } else { BAD };
        out.push_str(&format!(
            "  {} {} {}: {}\n",
            paint(NAME, &unasked.member),
            unasked.matter.as_str(),
            paint(style, "not asked"),
            visible(&unasked.why)
        ));
    }
    if let Some(prompt) = &convened.prompt {
        out.push('\n');
        out.extend(prompt.lines().map(|line| format!("{}\n", visible(line))));
    }
    out
}

fn chosen(act: &Act) -> String {
    let what = format!("{} {}", paint(NAME, &act.member), act.matter.as_str());
    match (act.choice, act.confidence) {
        (Some(choice), Some(confidence)) => {
            format!("{what} {} {}", paint(choice_style(choice), choice.as_str()), paint(FAINT, format!("confidence {confidence}")))
        }
        (None, _) if act.matter == Matter::Turn => format!("{what} {}", paint(FAINT, "sealed")),
        _ => what,
    }
}
