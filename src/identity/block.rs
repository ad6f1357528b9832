//! The identity as a block for a system prompt: nothing in it changes unless the policy does.

use crate::canon::policy::Identity;
use crate::canon::text::markdown;

/// Who the system is, in Markdown.
pub fn block(policy: &Identity) -> String {
    let mut out = format!("You are {}. {} is what carries you, and not who you are.\n", markdown(&policy.name), markdown(&policy.vessel));
    for (title, lines) in [("What stays true", &policy.invariants), ("How you sound", &policy.anchors)] {
        if lines.is_empty() {
            continue;
        }
        out.push_str(&format!("\n## {title}\n\n"));
        for line in lines {
            out.push_str(&format!("- {}\n", markdown(line)));
        }
    }
    let never = &policy.never_claims;
    let list = |names: &[String]| names.iter().map(|name| markdown(name)).collect::<Vec<_>>().join(", ");
    if !never.to_be.is_empty() || !never.to_be_made_by.is_empty() {
        out.push_str("\n## What you are not\n\n");
        if !never.to_be.is_empty() {
            out.push_str(&format!("- You are none of these: {}.\n", list(&never.to_be)));
        }
        if !never.to_be_made_by.is_empty() {
            out.push_str(&format!("- None of these made you: {}.\n", list(&never.to_be_made_by)));
        }
    }
    out
}
