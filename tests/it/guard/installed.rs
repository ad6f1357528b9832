//! `omega hooks install --agent`: the settings of each agent.

use std::fs;

use serde_json::{Value, json};

use super::governed;
use crate::world::World;

const FILES: [(&str, &str); 4] = [
    ("claude", ".claude/settings.json"),
    ("codex", ".codex/hooks.json"),
    ("gemini", ".gemini/settings.json"),
    ("cursor", ".cursor/hooks.json"),
];

fn settings(world: &World, file: &str) -> Value {
    serde_json::from_str(&world.read(file)).unwrap()
}

#[test]
fn settings_are_written_once_and_taken_out_again() {
    let world = governed();
    for (agent, file) in FILES {
        let ran = world.omega(&["hooks", "install", "--agent", agent]).exits(0);
        assert!(ran.out.starts_with("installed ") && ran.out.contains(file), "{}", ran.out);
        let text = world.read(file);
        assert!(text.contains(&format!("omega guard --agent {agent}")), "{text}");
        let again = world.omega(&["hooks", "install", "--agent", agent]).exits(0);
        assert!(again.out.contains("as before"), "{}", again.out);
        assert_eq!(world.read(file), text);
    }
    let shown = world.omega(&["hooks", "status"]).exits(0).out;
    for title in ["Claude Code in .claude/settings.json", "Codex in", "Gemini CLI in", "Cursor in"] {
        assert!(shown.contains(&format!("installed {title}")), "{shown}");
    }
    let one = world.omega(&["hooks", "status", "--agent", "codex", "--format", "json"]).exits(0).json();
    assert_eq!(one["report"], json!([{ "agent": "codex", "installed": true, "file": ".codex/hooks.json", "governed": false }]));
    for (agent, file) in FILES {
        let ran = world.omega(&["hooks", "uninstall", "--agent", agent]).exits(0);
        assert!(ran.out.starts_with("removed "), "{}", ran.out);
        assert!(!world.repo().join(file).exists(), "{file}");
        world.omega(&["hooks", "uninstall", "--agent", agent]).exits(0);
    }
}

#[test]
fn what_is_in_the_settings_stays() {
    let world = governed();
    let mine = json!({
        "permissions": { "allow": ["Bash(ls)"], "deny": [] },
        "hooks": {
            "Stop": [{ "hooks": [{ "type": "command", "command": "true" }] }],
            "PreToolUse": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "./mine.sh", "timeout": 5 }] }],
        },
        "zeta": 1.5,
        "alpha": null,
    });
    let text = serde_json::to_string_pretty(&mine).unwrap().replace("  ", "\t") + "\n";
    world.write(".claude/settings.json", &text);
    world.omega(&["hooks", "install", "--agent", "claude"]).exits(0);
    let mut expected = mine.clone();
    let after = settings(&world, ".claude/settings.json");
    let added = after["hooks"]["PreToolUse"][1].clone();
    assert!(added["hooks"][0]["command"].as_str().unwrap().contains("omega guard --agent claude || exit 2"), "{added}");
    expected["hooks"]["PreToolUse"].as_array_mut().unwrap().push(added);
    assert_eq!(after, expected);
    assert_eq!(after.as_object().unwrap().keys().collect::<Vec<_>>(), ["permissions", "hooks", "zeta", "alpha"]);
    assert!(world.read(".claude/settings.json").contains("\n\t\"permissions\""));
    world.omega(&["hooks", "uninstall", "--agent", "claude"]).exits(0);
    assert_eq!(world.read(".claude/settings.json"), text);
}

#[test]
fn settings_that_cannot_be_changed_without_loss_are_left() {
    let world = governed();
    for text in ["{ // mine\n}", "[]", "{\"hooks\": []}", "{\"hooks\": {\"PreToolUse\": {}}}", "{"] {
        world.write(".claude/settings.json", text);
        let ran = world.omega(&["hooks", "install", "--agent", "claude"]).exits(10);
        assert!(ran.err.contains("is left as it is") && ran.err.contains("hint: "), "{}", ran.err);
        assert_eq!(world.read(".claude/settings.json"), text);
    }
    fs::remove_file(world.repo().join(".claude/settings.json")).unwrap();
    std::os::unix::fs::symlink(world.path("elsewhere"), world.repo().join(".claude/settings.json")).unwrap();
    world.omega(&["hooks", "install", "--agent", "claude"]).exits(10);
    let ran = world.omega(&["hooks", "install", "--agent", "hal"]).exits(2);
    assert!(ran.err.contains("the agents are: claude, codex, gemini, cursor"), "{}", ran.err);
}

/// The command in the settings works as the agent's shell runs it, and refuses the call where omega is not there.
#[test]
fn the_command_in_the_settings_is_closed_where_omega_is_missing() {
    let world = governed();
    for (agent, file, pointer) in [
        ("claude", ".claude/settings.json", "/hooks/PreToolUse/0/hooks/0/command"),
        ("codex", ".codex/hooks.json", "/hooks/PreToolUse/0/hooks/0/command"),
        ("gemini", ".gemini/settings.json", "/hooks/BeforeTool/0/hooks/0/command"),
    ] {
        world.omega(&["hooks", "install", "--agent", agent]).exits(0);
        let command = settings(&world, file).pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let event = if agent == "gemini" { "BeforeTool" } else { "PreToolUse" };
        let call =
            json!({ "hook_event_name": event, "cwd": world.repo(), "tool_name": "Bash", "tool_input": { "command": "git push -f" } });
        let bin = world.path(format!("bin-{agent}"));
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(super::OMEGA, bin.join("omega")).unwrap();
        let with = format!("PATH={}:$PATH; {command}", bin.display());
        let ran = world.run("sh", &["-c", &with], &world.repo(), Some(call.to_string().as_bytes())).exits(0);
        assert!(ran.out.contains("\"deny\""), "{agent}: {}", ran.out);
        let without = command.replace("omega guard", "omega-that-is-not-there guard");
        // Nobody reads the call, so none is given.
        let ran = world.run("sh", &["-c", &without], &world.repo(), None).exits(2);
        assert!(!ran.err.is_empty());
    }
    let all = {
        world.omega(&["hooks", "install", "--agent", "cursor"]).exits(0);
        settings(&world, ".cursor/hooks.json")
    };
    assert_eq!(all["version"], 1);
    for event in ["beforeShellExecution", "preToolUse"] {
        assert_eq!(all["hooks"][event], json!([{ "command": "omega guard --agent cursor", "failClosed": true }]));
    }
}

/// Settings are governed where `who` says so; and an agent is asked before it changes those that start its guard.
#[test]
fn settings_can_be_governed() {
    let world = World::empty();
    world.write("AGENTS.md", "Be plain.\n");
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "Files"]).exits(0);
    let key = world.key("ry");
    world.omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--yes", "--govern", ".claude/**"]).exits(0);
    let ran = world.omega(&["hooks", "install", "--agent", "claude"]).exits(0);
    assert!(
        ran.out.contains(".claude/settings.json is governed, so this edit is a draft") && ran.out.contains("omega propose"),
        "{}",
        ran.out
    );
    world.omega(&["hooks", "install", "--agent", "codex"]).exits(0);
    for (file, why) in [(".claude/settings.json", "is governed"), (".codex/hooks.json", "starts omega guard")] {
        let (decision, reason) = super::claude(&world, "Write", &json!({ "file_path": file, "content": "{}" }));
        assert!(decision == "ask" && reason.contains(why), "{file}: {decision} {reason}");
    }
}
