//! Calls as each agent's reference gives them, and the answers that it takes.

use serde_json::{Value, json};

use crate::world::World;

use super::{governed, guard};

/// As in <https://code.claude.com/docs/en/hooks>.
fn of_claude(world: &World, mode: &str, command: &str) -> String {
    json!({
        "session_id": "abc123",
        "transcript_path": "/home/user/.claude/projects/x/00893aaf.jsonl",
        "cwd": world.repo(),
        "permission_mode": mode,
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": { "command": command, "description": "Run it", "timeout": 120_000, "run_in_background": false },
        "tool_use_id": "toolu_01ABC123",
    })
    .to_string()
}

/// As in `pre-tool-use.command.input.schema.json` of openai/codex.
fn of_codex(world: &World, tool: &str, input: &Value) -> String {
    json!({
        "session_id": "019c", "turn_id": "turn-1", "transcript_path": null, "cwd": world.repo(), "hook_event_name": "PreToolUse",
        "model": "gpt-5", "permission_mode": "default", "tool_name": tool, "tool_input": input, "tool_use_id": "call-1",
    })
    .to_string()
}

/// As in <https://geminicli.com/docs/hooks/reference>.
fn of_gemini(world: &World, tool: &str, input: &Value) -> String {
    json!({
        "session_id": "s", "transcript_path": "/x.json", "cwd": world.repo(), "hook_event_name": "BeforeTool",
        "timestamp": "2026-02-26T12:00:00Z", "tool_name": tool, "tool_input": input,
    })
    .to_string()
}

/// As in <https://cursor.com/docs/hooks>.
fn of_cursor(world: &World, event: &str, more: &Value) -> String {
    let mut call = json!({
        "conversation_id": "conv-123", "generation_id": "gen-456", "model": "default", "hook_event_name": event,
        "cursor_version": "3.9.16", "workspace_roots": [world.repo()], "user_email": null, "transcript_path": null,
    });
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    call.to_string()
}

#[test]
fn claude_code_is_answered_in_its_form() {
    let world = governed();
    let answer = |mode: &str, command: &str| guard(&world, "claude", of_claude(&world, mode, command)).exits(0);
    assert_eq!(answer("default", "ls").out, "");
    let decision = |mode: &str, command: &str| answer(mode, command).json()["hookSpecificOutput"]["permissionDecision"].clone();
    assert_eq!(decision("default", "git push -f"), "deny");
    assert_eq!(decision("acceptEdits", "rm AGENTS.md"), "ask");
    // In these modes nobody is asked, and "ask" would run the tool.
    for mode in ["bypassPermissions", "dontAsk"] {
        assert_eq!(decision(mode, "rm AGENTS.md"), "deny");
        let reason = answer(mode, "rm AGENTS.md").json()["hookSpecificOutput"]["permissionDecisionReason"].clone();
        assert!(reason.as_str().unwrap().contains("asks nobody in this permission mode"), "{reason}");
    }
}

#[test]
fn codex_is_answered_in_its_form() {
    let world = governed();
    let answer = |tool: &str, input: Value| guard(&world, "codex", of_codex(&world, tool, &input)).exits(0);
    // Codex takes `allow` for a failure of the hook.
    assert_eq!(answer("Bash", json!({ "command": "ls" })).out, "");
    for (tool, input, why) in [
        ("Bash", json!({ "command": "git push -f" }), "is forbidden for agents"),
        ("Bash", json!({ "command": ["bash", "-lc", "git push -f"] }), "is forbidden for agents"),
        ("Bash", json!({ "command": "rm AGENTS.md" }), "a hook of Codex cannot ask a person"),
        (
            "apply_patch",
            json!({ "command": "*** Begin Patch\n*** Update File: AGENTS.md\n@@\n-a\n+b\n*** End Patch\n" }),
            "AGENTS.md is governed",
        ),
        (
            "apply_patch",
            json!({ "command": "*** Begin Patch\n*** Add File: src/x\n+a\n*** Move to: prompts/x.md\n*** End Patch\n" }),
            "is governed",
        ),
        ("apply_patch", json!({ "command": "*** Begin Patch\n*** Delete File: canon/ledger/000000.md\n*** End Patch\n" }), "is a ruling"),
        ("apply_patch", json!({ "command": "no patch" }), "names no file"),
        ("mcp__fs__write", json!({ "path": "AGENTS.md", "content": "x" }), "whether `mcp__fs__write` writes"),
    ] {
        let answer = answer(tool, input.clone()).json();
        // No field that Codex does not know: it would fail, and the tool would run.
        assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["hookSpecificOutput"], "{input}");
        let output = &answer["hookSpecificOutput"];
        assert_eq!((&output["hookEventName"], &output["permissionDecision"]), (&json!("PreToolUse"), &json!("deny")), "{input}");
        assert_eq!(output.as_object().unwrap().len(), 3);
        assert!(output["permissionDecisionReason"].as_str().unwrap().contains(why), "{output}");
    }
    assert_eq!(answer("apply_patch", json!({ "command": "*** Begin Patch\n*** Update File: src/main.rs\n*** End Patch\n" })).out, "");
    assert_eq!(answer("mcp__fs__read", json!({ "path": "src/main.rs" })).out, "");
}

#[test]
fn gemini_cli_is_answered_in_its_form() {
    let world = governed();
    let answer = |tool: &str, input: Value| guard(&world, "gemini", of_gemini(&world, tool, &input)).exits(0);
    assert_eq!(answer("run_shell_command", json!({ "command": "ls", "description": "List" })).out, "");
    assert_eq!(answer("read_file", json!({ "file_path": "AGENTS.md" })).out, "");
    assert_eq!(answer("run_shell_command", json!({ "command": "rm one.md", "dir_path": "notes" })).out, "");
    for (tool, input, why) in [
        ("run_shell_command", json!({ "command": "git push -f" }), "is forbidden for agents"),
        ("run_shell_command", json!({ "command": "rm one.md", "dir_path": "prompts" }), "a hook of Gemini CLI cannot ask a person"),
        ("write_file", json!({ "file_path": "AGENTS.md", "content": "x" }), "AGENTS.md is governed"),
        ("replace", json!({ "file_path": world.repo().join("AGENTS.md"), "old_string": "a", "new_string": "b" }), "AGENTS.md is governed"),
    ] {
        let answer = answer(tool, input.clone()).json();
        assert_eq!(answer["decision"], "deny", "{input}");
        assert!(answer["reason"].as_str().unwrap().contains(why), "{answer}");
    }
}

#[test]
fn cursor_is_answered_in_its_form() {
    let world = governed();
    let answer = |event: &str, more: Value| guard(&world, "cursor", of_cursor(&world, event, &more)).exits(0).json();
    let shell = |command: &str| answer("beforeShellExecution", json!({ "command": command, "cwd": world.repo(), "sandbox": false }));
    // With `failClosed`, silence would be a failure.
    assert_eq!(shell("ls"), json!({ "permission": "allow" }));
    assert_eq!(shell("git push -f")["permission"], "deny");
    let asked = shell("rm AGENTS.md");
    assert_eq!(asked["permission"], "ask");
    assert!(asked["user_message"].as_str().unwrap().contains("AGENTS.md is governed"), "{asked}");
    assert_eq!(asked["user_message"], asked["agent_message"]);
    let tool = |name: &str, input: Value| {
        answer("preToolUse", json!({ "tool_name": name, "tool_input": input, "tool_use_id": "x", "cwd": world.repo() }))
    };
    assert_eq!(tool("Write", json!({ "file_path": "src/main.rs", "content": "" }))["permission"], "allow");
    let refused = tool("Write", json!({ "file_path": world.repo().join("AGENTS.md"), "content": "" }));
    assert_eq!(refused["permission"], "deny");
    assert!(refused["user_message"].as_str().unwrap().contains("preToolUse of Cursor cannot ask a person"), "{refused}");
    assert_eq!(tool("Delete", json!({ "path": "canon" }))["permission"], "deny");
    // The same command is judged by beforeShellExecution, which can ask.
    assert_eq!(tool("Shell", json!({ "command": "rm AGENTS.md" }))["permission"], "allow");
    assert_eq!(answer("beforeReadFile", json!({ "file_path": "AGENTS.md", "content": "", "attachments": [] }))["permission"], "allow");
    let called =
        answer("beforeMCPExecution", json!({ "tool_name": "write_file", "tool_input": "{\"path\": \"AGENTS.md\"}", "command": "npx x" }));
    assert_eq!(called["permission"], "ask");
}

#[test]
fn the_agent_is_known_by_the_form_of_its_call() {
    let world = governed();
    let answer = |input: String| world.run(super::OMEGA, &["guard"], &world.repo(), Some(input.as_bytes())).exits(0).json();
    assert_eq!(answer(of_claude(&world, "default", "rm AGENTS.md"))["hookSpecificOutput"]["permissionDecision"], "ask");
    let codex = of_codex(&world, "Bash", &json!({ "command": "rm AGENTS.md" }));
    assert_eq!(answer(codex)["hookSpecificOutput"]["permissionDecision"], "deny");
    assert_eq!(answer(of_gemini(&world, "run_shell_command", &json!({ "command": "rm AGENTS.md" })))["decision"], "deny");
    assert_eq!(answer(of_cursor(&world, "beforeShellExecution", &json!({ "command": "rm AGENTS.md" })))["permission"], "ask");
}
