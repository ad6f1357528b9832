//! Input that somebody made to break the guard: it is refused or asked about, and never let through.

use serde_json::json;

use crate::world::World;

use super::{bash, governed, guard};

#[test]
fn what_is_no_call_is_refused() {
    let world = governed();
    let deep = "[".repeat(10_000);
    let call = |more: &str| format!("{{\"hook_event_name\": \"PreToolUse\", \"cwd\": \"/\"{more}}}");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("no JSON", b"git push -f".to_vec()),
        ("half", b"{\"hook_event_name\": \"PreToolUse\", \"tool".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("deep", deep.into_bytes()),
        ("no UTF-8", b"{\"hook_event_name\": \"PreToolUse\", \"tool_name\": \"\xff\xfe\"}".to_vec()),
        ("half of a character", call(", \"tool_name\": \"Bash\", \"tool_input\": {\"command\": \"\\ud800\"}").into_bytes()),
        ("no tool", call("").into_bytes()),
        ("no input", call(", \"tool_name\": \"Bash\"").into_bytes()),
        ("another hook", call("").replace("PreToolUse", "PostToolUse").into_bytes()),
        ("no hook", b"{}".to_vec()),
        ("NUL", b"\0".to_vec()),
        ("two calls", call(", \"tool_name\": \"Bash\", \"tool_input\": {}").repeat(2).into_bytes()),
    ];
    for (what, input) in cases {
        let ran = guard(&world, "claude", &input).exits(0);
        assert_eq!(ran.json()["hookSpecificOutput"]["permissionDecision"], "deny", "{what}");
        // Where the agent is not known, the exit code is what all of them obey.
        let ran = world.run(super::OMEGA, &["guard"], &world.repo(), Some(&input)).exits(2);
        assert!(ran.out.is_empty() && ran.err.starts_with("omega: omega guard was not given a tool call as JSON: "), "{what}: {}", ran.err);
        let ran = guard(&world, "cursor", &input).exits(0);
        assert_eq!(ran.json()["permission"], "deny", "{what}");
    }
}

#[test]
fn texts_that_cannot_be_read_are_asked_about() {
    let world = governed();
    let nested = |open: &str, close: &str| format!("{}git push -f{}", open.repeat(10_000), close.repeat(10_000));
    for (what, text) in [
        ("brackets", nested("(", ")")),
        ("braces", nested("{ ", "; }")),
        ("substitutions", nested("$(", ")")),
        ("quoted substitutions", nested("\"$(", ")\"")),
        ("parameters", nested("${x:-", "}")),
        ("expressions", nested("$((", "))")),
        ("conditions", nested("if ", "")),
        ("a megabyte", format!("{}; git push -f", "a".repeat(1 << 20))),
        ("many commands", "a;".repeat(1 << 19)),
        ("a NUL", "git\0push -f".to_owned()),
        ("a quote", "echo 'git push -f".to_owned()),
        ("two quotes", "echo \"git push -f".to_owned()),
        ("a backtick", "echo `git push -f".to_owned()),
        ("a here-document in brackets", "$(cat <<E".to_owned()),
        ("a backslash", "git push -f \\".to_owned()),
    ] {
        let (decision, reason) = bash(&world, &text);
        assert!(decision == "ask" || decision == "deny", "{what}: {decision}");
        assert!(reason.len() < 1_500, "{what}: {}", reason.len());
    }
    // What a reason shows is one line, and nothing in it acts on a terminal.
    let (decision, reason) = bash(&world, "git push -f '\u{1b}[31m\u{202e}\n::error::x'");
    assert_eq!(decision, "deny");
    assert!(!reason.contains(['\u{1b}', '\u{202e}', '\n']), "{reason:?}");
}

#[test]
fn paths_that_cannot_be_are_no_way_around() {
    let world = governed();
    std::os::unix::fs::symlink("loop", world.repo().join("loop")).unwrap();
    for (path, expected) in [
        (format!("{}AGENTS.md", "./".repeat(5_000)), "ask"),
        (format!("{}AGENTS.md", "src/../".repeat(500)), "ask"),
        ("loop/AGENTS.md".to_owned(), "allow"),
        ("nowhere/../AGENTS.md".to_owned(), "ask"),
        (format!("{}/x", "a".repeat(10_000)), "allow"),
    ] {
        let decision = super::claude(&world, "Write", &json!({ "file_path": path, "content": "" })).0;
        assert_eq!(decision, expected, "{}", &path[..path.len().min(60)]);
    }
}

/// The guard answers for a repository of a form that omega does not know as git's hooks do.
#[test]
fn a_bare_repository_has_no_files_to_guard() {
    let world = World::empty();
    world.git(&["init", "-q", "--bare", "../bare.git"]).exits(0);
    let call = json!({ "hook_event_name": "PreToolUse", "cwd": world.path("bare.git"), "tool_name": "Bash", "tool_input": { "command": "ls > x" } });
    assert_eq!(guard(&world, "claude", call.to_string()).exits(0).out, "");
}
