//! What `omega init` offers, and what it set up.

use crate::canon::Glob;
use crate::canon::planted::Profile;
use crate::canon::text::shown as visible;
use crate::ops::init::{Planted, Unread};
use crate::shell;

use super::human::{short_ref, workflow};
use super::style::{FAINT, GOOD, NAME, STRONG, command, paint};

/// As many lines of a list are shown, before it is cut.
const LISTED: usize = 20;

/// A canon that was set up.
pub fn report(planted: &Planted) -> String {
    let documents = if planted.documents.len() == 1 { "1 document".to_owned() } else { format!("{} documents", planted.documents.len()) };
    let on = short_ref(&planted.branch);
    let mut out = format!("{} governance on {on}: {documents} (profile {})\n", paint(GOOD, "set up"), planted.profile.as_str());
    out.push_str(&format!("  chief    {} {}\n", paint(NAME, &planted.chief), paint(FAINT, &planted.key)));
    for member in &planted.members {
        out.push_str(&format!("  member   {}\n", paint(NAME, member)));
    }
    out.push_str(&format!("  protects {}\n", short_ref(&planted.protected)));
    for path in planted.governed.iter().take(LISTED) {
        out.push_str(&format!("  governed {}\n", shell::quote(path.as_str())));
    }
    if planted.governed.len() > LISTED {
        out.push_str(&format!("  and {} more governed files\n", planted.governed.len() - LISTED));
    }
    out.push_str(&left_out(&planted.left_out));
    out.push_str(&format!("  root     {}\n", paint(STRONG, planted.root)));
    out.push_str("\nthis clone pins the root. other clones pin it once:\n");
    out.push_str(&format!("  {}\n", command(format!("omega trust pin {}", planted.root))));
    out.push_str("CI reads it from a variable:\n");
    out.push_str(&format!("  {}\n", command(format!("OMEGA_ROOT={} omega verify HEAD", planted.root))));
    if let Some(written) = &planted.workflow {
        out.push_str(&format!("\n{}", workflow(written)));
    }
    let what = if planted.profile == Profile::Files { "a governed file" } else { "a document under canon/" };
    out.push_str(&format!("\nnext: edit {what}, then {}\n", command("omega propose")));
    out
}

/// The globs that a new canon could govern, and the files that they leave out.
pub fn offer(globs: &[(Glob, usize)], left: &[Unread]) -> String {
    let found = globs.iter().filter(|(_, count)| *count > 0);
    let mut out = "agent instruction files:\n".to_owned();
    for (glob, count) in found {
        let files = if *count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        out.push_str(&format!("  {} ({files})\n", visible(glob.as_str())));
    }
    match globs.iter().filter(|(_, count)| *count == 0).count() {
        0 => {}
        more => out.push_str(&format!("  and {more} patterns without a file yet: a new one will need a ruling\n")),
    }
    out + &left_out(left)
}

/// Files that are not governed, because people cannot read them.
fn left_out(left: &[Unread]) -> String {
    let mut out = String::new();
    for file in left.iter().take(LISTED) {
        let size = if file.size < 1024 { format!("{} B", file.size) } else { format!("{} KiB", file.size / 1024) };
        out.push_str(&format!("  left out {} ({}, {size})\n", shell::quote(&file.path), file.why));
    }
    if left.len() > LISTED {
        out.push_str(&format!("  and {} more left out\n", left.len() - LISTED));
    }
    out
}
