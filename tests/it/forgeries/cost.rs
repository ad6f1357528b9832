//! Hostile amounts: what anybody can put into a repository must not stop whoever verifies it.

use std::time::{Duration, Instant};

use omega::finding::Code;
use omega::keys::Namespace;
use omega::tree::Mode;

use crate::forge::{Edit, Forge, Key};

/// Far more than a slow machine needs, and far less than the square of the amounts below.
const ENOUGH: Duration = Duration::from_secs(20);

#[track_caller]
fn in_time<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = run();
    let took = start.elapsed();
    assert!(took < ENOUGH, "{what} took {took:?}");
    done
}

/// What is not signed is not parsed where it is large; anybody can sign.
fn signed(forge: &mut Forge, place: &str, text: String) {
    forge.put(&format!("{place}.sig"), Key::of("stranger").sign(Namespace::Proposal, text.as_bytes()));
    forge.put(place, text);
}

#[test]
fn a_record_of_very_many_keys() {
    let mut forge = Forge::planted();
    let text: String = (0..120_000).map(|n| format!("k{n}: 1\n")).collect();
    signed(&mut forge, "canon/resolutions/2026-01-01-many/proposal.md", format!("---\n{text}---\n"));
    in_time("many keys", || forge.violates(Code::Form, "canon/resolutions/2026-01-01-many/proposal.md"));
}

#[test]
fn records_of_very_deep_or_odd_yaml() {
    let deep = 200_000;
    for text in [
        "[".repeat(deep),
        "{a: ".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
        "a: [".repeat(deep),
        format!("a: {}", "\"\\u0041\"".repeat(deep / 8)),
        "a:\n".repeat(deep),
        format!("a: |\n{}", "  x\n".repeat(deep)),
        format!("a: {}", "x ".repeat(deep)),
        "#\n".repeat(deep),
        "&a ".repeat(deep),
        "!a ".repeat(deep),
        "---\n".repeat(deep),
        (0..8_000).map(|n| format!("{}k{n}:\n", " ".repeat(n % 100))).collect(),
    ] {
        let mut forge = Forge::planted();
        let place = "canon/resolutions/2026-01-01-odd/proposal.md";
        signed(&mut forge, place, format!("---\n{text}\n---\n"));
        in_time(&text[..20.min(text.len())], || forge.violates(Code::Form, place));
    }
}

#[test]
fn very_many_small_files() {
    // As many open resolutions as are read, and far more.
    for (many, code, path) in
        [(1_000, Code::Unpaired, "canon/resolutions/2026-01-01-n999/proposal.md"), (100_000, Code::Limit, "canon/resolutions")]
    {
        let mut forge = Forge::planted();
        for n in 0..many {
            forge.put(&format!("canon/resolutions/2026-01-01-n{n}/transcript.md"), "");
        }
        in_time("many folders", || forge.violates(code, path));
    }
    let mut forge = Forge::planted();
    for n in 0..100_000 {
        forge.put(&format!("prompts/{n}.md"), "");
    }
    in_time("many prompts", || forge.violates(Code::Ungoverned, "prompts/99999.md"));
}

#[test]
fn very_many_links() {
    let mut forge = Forge::planted();
    let edits = (0..2_000).map(|n| Edit::file(Box::leak(format!("prompts/{n}.md").into_boxed_str()), "x\n")).collect();
    forge.ratify("many", edits);
    for n in 0..100_000 {
        forge.tree.0.insert(format!("link-{n}").into_bytes(), (Mode::Link, b"x".to_vec()));
    }
    in_time("many links", || forge.holds());
}

#[test]
fn very_many_attributes() {
    let mut forge = Forge::planted();
    let lines: String = (0..40_000).map(|n| format!("**/x{n}/**/y* text\n")).collect();
    forge.put(".gitattributes", lines);
    in_time("many attributes", || forge.verify());
}

#[test]
fn a_long_chain_of_superseded_proposals() {
    let mut forge = Forge::planted();
    let mut last = forge.propose("claude", "n0", vec![Edit::file("AGENTS.md", "0\n")]);
    let seen = forge.judged();
    let first = seen.0.folders[&last].proposal.as_ref().unwrap().record().clone();
    for n in 1..500 {
        let mut next = first.clone();
        next.resolution = crate::forge::resolution(&format!("n{n}"));
        next.supersedes = Some(last);
        last = next.resolution.clone();
        forge.record(&next, "Again.", "claude");
    }
    in_time("many open", || forge.pends());
    forge.approve(&last);
    in_time("a long chain", || {
        forge.rule(&last, omega::ledger::kinds::Verdict::Approve);
        forge.holds()
    });
}
