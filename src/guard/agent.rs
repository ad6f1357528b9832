//! The forms of the agents: how each says what it is about to do, and how it is answered.
//!
//! | agent | hook | "ask" | source |
//! |---|---|---|---|
//! | Claude Code | `PreToolUse` | yes; not in the modes in which it asks nobody | <https://code.claude.com/docs/en/hooks>; anthropics/claude-code#77212: with `bypassPermissions`, "ask" runs the tool |
//! | Codex | `PreToolUse` | no: "unsupported", and the tool runs | <https://developers.openai.com/codex/hooks>; openai/codex, `codex-rs/hooks/src/engine/output_parser.rs` |
//! | Gemini CLI | `BeforeTool` | no: the reference knows `allow` and `deny` | <https://geminicli.com/docs/hooks/reference> |
//! | Cursor | `beforeShellExecution`, `beforeMCPExecution` | yes | <https://cursor.com/docs/hooks> |
//! | Cursor | `preToolUse`, `beforeReadFile` | no: `preToolUse` takes it and does not obey it | the same |
//!
//! All four take exit code 2 as a refusal, with what is on standard error as the reason. Where a rule speaks against nothing, Claude
//! Code, Codex and Gemini CLI are given no answer, so that their own questions are asked as ever; Cursor is told `allow`, because
//! with `failClosed` it takes silence for a failure.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Value, json};

use crate::workspace::Error;

use super::{Act, Call, Decision, Tool};

/// A program that works for a person and asks a hook before it uses a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Agent {
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// Gemini CLI.
    Gemini,
    /// Cursor.
    Cursor,
}

impl Agent {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Claude, Self::Codex, Self::Gemini, Self::Cursor];

    /// The word for it on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Cursor => "cursor",
        }
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
            Self::Gemini => "Gemini CLI",
            Self::Cursor => "Cursor",
        }
    }

    /// The agent that sends such a call.
    fn of(input: &Value) -> Option<Self> {
        match input.get("hook_event_name")?.as_str()? {
            "BeforeTool" => Some(Self::Gemini),
            "PreToolUse" if input.get("turn_id").is_some() || input.get("model").is_some() => Some(Self::Codex),
            "PreToolUse" => Some(Self::Claude),
            event if CURSOR.contains(&event) => Some(Self::Cursor),
            _ => None,
        }
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Agent {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL.into_iter().find(|agent| agent.as_str() == word).ok_or_else(|| format!("the agents are: {}", known()))
    }
}

/// The hooks of Cursor that can stop something.
const CURSOR: [&str; 5] = ["beforeShellExecution", "beforeMCPExecution", "beforeReadFile", "beforeTabFileRead", "preToolUse"];

/// A call that was read, with what is needed to answer it.
#[derive(Debug)]
pub struct Asked {
    /// The agent that asks.
    pub agent: Agent,
    /// What it is about to do.
    pub call: Call,
    /// Why nobody can be asked, if so.
    unasked: Option<&'static str>,
}

/// An answer in the form of an agent.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// What is written to standard output.
    pub text: String,
    /// Whether the exit code says no, and standard error why.
    pub by_exit: bool,
}

/// Reads what an agent gives its hook. `dir` is where the hook runs.
///
/// # Errors
/// Usage, if it is not what the agent's reference describes.
pub fn read(agent: Option<Agent>, input: &[u8], dir: &Path) -> Result<Asked, Error> {
    let broken = |what: &str| {
        let fact = format!("omega guard was not given a tool call as JSON: {what}");
        Error::usage(fact, "an agent's hook calls it by itself: omega hooks install --agent claude")
    };
    let input: Value = serde_json::from_slice(input).map_err(|error| broken(&error.to_string()))?;
    if !input.is_object() {
        return Err(broken("it is no object"));
    }
    let agent = agent.or_else(|| Agent::of(&input)).ok_or_else(|| broken("`hook_event_name` is that of no known agent"))?;
    let text = |key: &str| input.get(key).and_then(Value::as_str);
    let event = text("hook_event_name").ok_or_else(|| broken("`hook_event_name` is missing"))?;
    let roots = input.get("workspace_roots").and_then(Value::as_array);
    let root = roots.and_then(|roots| roots.first()).and_then(Value::as_str);
    let named = text("cwd").filter(|cwd| !cwd.is_empty()).or(root);
    let dir: PathBuf = named.map_or_else(|| dir.to_owned(), |named| dir.join(named));
    let tool = || -> Result<Tool, Error> {
        let name = text("tool_name").ok_or_else(|| broken("`tool_name` is missing"))?;
        let arguments = input.get("tool_input").ok_or_else(|| broken("`tool_input` is missing"))?;
        // Cursor gives the arguments of an MCP tool as a text.
        let parsed = arguments.as_str().and_then(|text| serde_json::from_str(text).ok());
        Ok(Tool::Named { name: name.to_owned(), input: parsed.unwrap_or_else(|| arguments.clone()) })
    };
    let (tool, unasked) = match (agent, event) {
        (Agent::Claude, "PreToolUse") => {
            let asks_nobody = matches!(text("permission_mode"), Some("bypassPermissions" | "dontAsk"));
            (
                tool()?,
                asks_nobody.then_some("Claude Code asks nobody in this permission mode, so what a person would have to allow is refused"),
            )
        }
        (Agent::Codex, "PreToolUse") => {
            (tool()?, Some("a hook of Codex cannot ask a person, so what a person would have to allow is refused"))
        }
        (Agent::Gemini, "BeforeTool") => {
            (tool()?, Some("a hook of Gemini CLI cannot ask a person, so what a person would have to allow is refused"))
        }
        (Agent::Cursor, "beforeShellExecution") => {
            let command = text("command").ok_or_else(|| broken("`command` is missing"))?;
            (Tool::Shell(command.to_owned()), None)
        }
        (Agent::Cursor, "beforeMCPExecution") => (tool()?, None),
        (Agent::Cursor, "preToolUse") => {
            let tool = match tool()? {
                // `beforeShellExecution` is asked about the same command, and can ask a person.
                Tool::Named { name, .. } if name == "Shell" => Tool::Read,
                tool => tool,
            };
            (tool, Some("the hook preToolUse of Cursor cannot ask a person, so what a person would have to allow is refused"))
        }
        (Agent::Cursor, "beforeReadFile" | "beforeTabFileRead") => (Tool::Read, None),
        _ => return Err(broken(&format!("`{}` is no hook of {} that omega guard answers", super::named(event), agent.title()))),
    };
    Ok(Asked { agent, call: Call { dir, tool }, unasked })
}

impl Asked {
    /// What becomes of the call, where a person may have to be asked and cannot be.
    pub fn settled(&self, decision: Decision) -> Decision {
        match self.unasked {
            Some(why) => decision.unasked(why),
            None => decision,
        }
    }
}

/// An answer in the form of an agent. Where the call could not be read, the agent may not be known.
pub fn reply(agent: Option<Agent>, decision: &Decision) -> Reply {
    let reason = decision.reason();
    let by_exit = Reply { text: String::new(), by_exit: decision.decision != Act::Allow };
    let answer = match (agent, decision.decision) {
        (Some(Agent::Cursor), Act::Allow) => json!({ "permission": "allow" }),
        (None | Some(_), Act::Allow) | (None, _) => return by_exit,
        (Some(Agent::Claude | Agent::Codex), act) => json!({ "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": if act == Act::Ask { "ask" } else { "deny" },
            "permissionDecisionReason": reason,
        } }),
        (Some(Agent::Gemini), _) => json!({ "decision": "deny", "reason": reason }),
        (Some(Agent::Cursor), act) => json!({
            "permission": if act == Act::Ask { "ask" } else { "deny" },
            "user_message": reason,
            "agent_message": reason,
        }),
    };
    Reply { text: format!("{answer}\n"), by_exit: false }
}
