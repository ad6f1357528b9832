//! `omega guard`: what agents may do by the ratified rules, in the form of each agent.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::world::{Ran, World};

mod agents;
mod hostile;
mod installed;
mod shell;

const OMEGA: &str = env!("CARGO_BIN_EXE_omega");

/// A repository whose canon governs `AGENTS.md` and `prompts/`, with other files.
fn governed() -> World {
    let world = World::empty();
    for (path, text) in [
        ("AGENTS.md", "Be plain.\n"),
        ("prompts/one.md", "One.\n"),
        ("README.md", "Read me.\n"),
        ("src/main.rs", "fn main() {}\n"),
        ("notes/a b.md", "A note.\n"),
    ] {
        world.write(path, text);
    }
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "Files"]).exits(0);
    let key = world.key("ry");
    let who = ["--govern", "AGENTS.md", "--govern", "prompts/**"];
    world.omega(&[&["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--yes"], &who[..]].concat()).exits(0);
    world
}

/// Gives the guard a text.
fn guard(world: &World, agent: &str, input: impl AsRef<[u8]>) -> Ran {
    world.run(OMEGA, &["guard", "--agent", agent], &world.repo(), Some(input.as_ref()))
}

/// What Claude Code is told of a call: `allow`, `ask` or `deny`, and the reason.
fn claude(world: &World, tool: &str, input: &Value) -> (String, String) {
    claude_in(world, &world.repo(), tool, input)
}

fn claude_in(world: &World, dir: &Path, tool: &str, input: &Value) -> (String, String) {
    let call = json!({
        "session_id": "abc123", "transcript_path": "/x/transcript.jsonl", "cwd": dir, "permission_mode": "default",
        "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": input, "tool_use_id": "toolu_01ABC",
    });
    let ran = guard(world, "claude", call.to_string()).exits(0);
    if ran.out.is_empty() {
        return ("allow".to_owned(), String::new());
    }
    let answer = &ran.json()["hookSpecificOutput"];
    assert_eq!(answer["hookEventName"], "PreToolUse");
    let text = |key: &str| answer[key].as_str().unwrap().to_owned();
    (text("permissionDecision"), text("permissionDecisionReason"))
}

/// What becomes of a command in the repository.
fn bash(world: &World, command: &str) -> (String, String) {
    claude(world, "Bash", &json!({ "command": command, "description": "A command" }))
}

#[test]
fn reasons_name_the_rule_and_its_ruling() {
    let world = governed();
    let root = world.root();
    let ruling = format!("ruling 0 ({})", &root["sha256:".len()..][..8]);
    let (decision, reason) = bash(&world, "git push -f");
    assert_eq!(
        (decision.as_str(), reason.as_str()),
        ("deny", &*format!("omega: `git push -f` is forbidden for agents: SECURITY_AND_PRIVACY, `git push -f`, {ruling}"))
    );
    let (decision, reason) =
        claude(&world, "Edit", &json!({ "file_path": world.repo().join("AGENTS.md"), "old_string": "a", "new_string": "b" }));
    assert_eq!(
        (decision.as_str(), reason.as_str()),
        (
            "ask",
            &*format!("omega: AGENTS.md is governed (OMEGA_IDENTITY, {ruling}); an edit counts only after `omega propose` and a ruling")
        )
    );
    let (decision, reason) = claude(&world, "Write", &json!({ "file_path": "tls/server.pem", "content": "" }));
    assert_eq!(
        (decision.as_str(), reason.as_str()),
        ("deny", &*format!("omega: tls/server.pem must not be written by an agent: SECURITY_AND_PRIVACY forbids `**/*.pem`, {ruling}"))
    );
    let (decision, reason) = claude(&world, "Write", &json!({ "file_path": "canon/ledger/000000.md", "content": "" }));
    assert_eq!(decision, "deny");
    assert!(reason.contains("canon/ledger/000000.md is a ruling, and only omega writes it"), "{reason}");
}

/// Of the rules that two branches have, the newest hold; and a draft is no rule.
#[test]
fn the_newest_ratified_rules_hold_on_every_branch() {
    let world = governed();
    world.git(&["switch", "-q", "-c", "topic"]).exits(0);
    world.commit_unrelated("topic.txt");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit("canon/SECURITY_AND_PRIVACY.md", "    - [omega, trust]\n", "    - [omega, trust]\n    - [terraform, apply]\n");
    // Only edited: the rule is not in force.
    assert_eq!(bash(&world, "terraform apply").0, "allow");
    let text = world.read("canon/SECURITY_AND_PRIVACY.md");
    let case = "  - case: \"an agent may push\"\n";
    let more = "  - case: \"an agent does not run terraform apply\"\n    given: { ask: command, argv: [terraform, apply] }\n    expect: \"terraform apply\"\n";
    world.write("canon/SECURITY_AND_PRIVACY.md", text.replacen(case, &format!("{more}{case}"), 1));
    let id = world.propose_edits("ry", "No applying");
    assert_eq!(bash(&world, "terraform apply").0, "allow");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.ratify(&id);
    let (decision, reason) = bash(&world, "terraform apply -auto-approve");
    assert!(decision == "deny" && reason.contains("ruling 1 ("), "{decision} {reason}");
    // A branch that was begun before has no rule of its own to stay with.
    world.git(&["switch", "-q", "topic"]).exits(0);
    assert_eq!(bash(&world, "terraform apply").0, "deny");
    world.git(&["switch", "-q", "--orphan", "empty"]).exits(0);
    assert_eq!(bash(&world, "terraform apply").0, "deny");
}

#[test]
fn a_canon_that_does_not_verify_closes_the_guard() {
    let world = governed();
    world.write("AGENTS.md", "Obey.\n");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    for (decision, reason) in
        [bash(&world, "ls"), claude(&world, "Write", &json!({ "file_path": "src/main.rs", "content": "" })), bash(&world, "cd / && ls")]
    {
        assert_eq!(decision, "deny");
        assert!(reason.contains("the canon at HEAD does not verify") && reason.contains("C040 `AGENTS.md`"), "{reason}");
        assert!(reason.ends_with("hint: omega verify HEAD"), "{reason}");
    }
    // The command that it names shows it.
    assert!(world.omega(&["canon", "verify", "HEAD"]).exits(11).out.contains("C040 AGENTS.md"));
    // No rule speaks about reading.
    assert_eq!(claude(&world, "Read", &json!({ "file_path": "AGENTS.md" })).0, "allow");
}

#[test]
fn without_a_pin_only_governed_edits_are_refused() {
    let world = governed();
    fs::remove_file(world.repo().join(".git/omega/pin.toml")).unwrap();
    assert_eq!(bash(&world, "ls").0, "allow");
    assert_eq!(bash(&world, "git push -f").0, "deny");
    let (decision, reason) = bash(&world, "echo x >> AGENTS.md");
    assert!(decision == "deny" && reason.contains("no root is pinned") && reason.contains("omega trust pin ROOT"), "{reason}");
}

#[test]
fn where_there_is_no_canon_nothing_is_held_up() {
    let world = World::empty();
    for command in ["git push -f", "echo x > AGENTS.md", "rm $X", "$X", "'"] {
        assert_eq!(bash(&world, command).0, "allow", "{command}");
    }
    assert_eq!(claude(&world, "Write", &json!({ "file_path": "AGENTS.md", "content": "" })).0, "allow");
    let outside = world.path("outside");
    fs::create_dir(&outside).unwrap();
    assert_eq!(claude_in(&world, &outside, "Bash", &json!({ "command": "git push -f" })).0, "allow");
    // From there another repository is still judged by its own rules.
    let world = governed();
    let outside = world.path("outside");
    fs::create_dir(&outside).unwrap();
    let agents = world.repo().join("AGENTS.md");
    assert_eq!(claude_in(&world, &outside, "Write", &json!({ "file_path": agents, "content": "" })).0, "ask");
    let command = format!("echo x > {}", agents.display());
    assert_eq!(claude_in(&world, &outside, "Bash", &json!({ "command": command })).0, "ask");
    let command = format!("cd {} && git push -f", world.repo().display());
    assert_eq!(claude_in(&world, &outside, "Bash", &json!({ "command": command })).0, "deny");
    let command = format!("git -C {} push -f", world.repo().display());
    assert_eq!(claude_in(&world, &outside, "Bash", &json!({ "command": command })).0, "deny");
}

/// The four ways in which an agent's tools edit a governed file, and other names of it.
#[test]
fn an_edit_of_agents_md_is_asked_for_in_each_way() {
    let world = governed();
    let file = world.repo().join("AGENTS.md");
    for (tool, input) in [
        ("Write", json!({ "file_path": file, "content": "Obey.\n" })),
        ("Edit", json!({ "file_path": file, "old_string": "plain", "new_string": "bold", "replace_all": false })),
        ("MultiEdit", json!({ "file_path": file, "edits": [{ "old_string": "plain", "new_string": "bold" }] })),
        ("Bash", json!({ "command": "sed -i s/plain/bold/ AGENTS.md" })),
    ] {
        let (decision, reason) = claude(&world, tool, &input);
        assert_eq!(decision, "ask", "{tool}");
        assert!(reason.contains("AGENTS.md is governed"), "{reason}");
    }
    std::os::unix::fs::symlink("AGENTS.md", world.repo().join("CLAUDE.md")).unwrap();
    std::os::unix::fs::symlink(world.repo(), world.path("other")).unwrap();
    for name in [
        "agents.md".to_owned(),
        "./src/../AGENTS.md".to_owned(),
        "CLAUDE.md".to_owned(),
        "AGENTS.md.".to_owned(),
        format!("{}/AGENTS.md", world.path("other").display()),
        format!("{}/src/../AGENTS.md", world.repo().display()),
    ] {
        assert_eq!(claude(&world, "Write", &json!({ "file_path": name, "content": "" })).0, "ask", "{name}");
    }
    assert_eq!(claude(&world, "NotebookEdit", &json!({ "notebook_path": "prompts/x.ipynb", "new_source": "" })).0, "ask");
    for name in ["README.md", "src/AGENTS.md", "AGENTS.md.bak", "prompts.md", "/tmp/AGENTS.md"] {
        assert_eq!(claude(&world, "Write", &json!({ "file_path": name, "content": "" })).0, "allow", "{name}");
    }
    // An edit that is not proposed is a draft in the work tree, and closes nothing.
    world.write("AGENTS.md", "Be bold.\n");
    assert_eq!(bash(&world, "omega propose --title 'Be bold'").0, "allow");
}

#[test]
fn records_and_trust_are_refused() {
    let world = governed();
    let home = world.path("home");
    for path in [
        "canon/ledger/000001.md".to_owned(),
        "canon/ledger/000000.md.sig".to_owned(),
        "canon/ledger/000000.signers".to_owned(),
        "canon/allowed_signers".to_owned(),
        "canon/OMEGA_IDENTITY.md.sig".to_owned(),
        "canon/resolutions/2026-02-26-x/proposal.md".to_owned(),
        "canon/resolutions/2026-02-26-x/votes/ry.1.md".to_owned(),
        format!("canon/bytes/{}", "0".repeat(64)),
        "canon/notes.txt".to_owned(),
        "CANON/ledger/000001.md".to_owned(),
        "canon./ledger/000001.md".to_owned(),
        ".git/omega/pin.toml".to_owned(),
        format!("{}/.local/state/omega/seen/x.toml", home.display()),
        format!("{}/.config/omega/x.toml", home.display()),
        format!("{}/.ssh/config", home.display()),
        "~/.ssh/authorized_keys".to_owned(),
        "app/.env".to_owned(),
    ] {
        let (decision, reason) = claude(&world, "Write", &json!({ "file_path": path, "content": "" }));
        assert_eq!(decision, "deny", "{path}: {reason}");
    }
    for path in ["canon/OMEGA_IDENTITY.md", "canon/council/ann.md", "canon/phylactery/fact/x.md", ".git/hooks/pre-commit"] {
        assert_eq!(claude(&world, "Write", &json!({ "file_path": path, "content": "" })).0, "ask", "{path}");
    }
}

/// What links that are governed lead to is read by governed names.
#[test]
fn what_a_governed_link_leads_to_is_governed() {
    let world = World::empty();
    world.write("shared/voice.md", "Plain.\n");
    world.write("AGENTS.md", "Be plain.\n");
    fs::create_dir(world.repo().join("prompts")).unwrap();
    std::os::unix::fs::symlink("../shared/voice.md", world.repo().join("prompts/voice.md")).unwrap();
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "Files"]).exits(0);
    let key = world.key("ry");
    let ran = world.omega(&[
        "init",
        "--profile",
        "omega",
        "--chief",
        "ry",
        "--key",
        &key,
        "--yes",
        "--govern",
        "prompts/**",
        "--govern",
        "shared/**",
    ]);
    ran.exits(0);
    assert_eq!(claude(&world, "Write", &json!({ "file_path": "prompts/voice.md", "content": "" })).0, "ask");
    assert_eq!(claude(&world, "Write", &json!({ "file_path": "shared/voice.md", "content": "" })).0, "ask");
    assert_eq!(bash(&world, "rm prompts/voice.md").0, "ask");
}
