//! The settings of agents in a work tree: whether they call omega guard, and how that is put in and taken out.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::canon::{Who, alias};
use crate::git::Repo;
use crate::shell;
use crate::workspace::glance::{LedgerCache, glance};
use crate::workspace::{Error, pin};

use super::agent::Agent;

/// What each command of ours has in it.
const CALL: &str = "omega guard";

/// The hook of one agent in a work tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct AgentStatus {
    /// The agent.
    pub agent: Agent,
    /// Whether it asks omega before each tool call.
    pub installed: bool,
    /// The file that says so, from the top of the work tree.
    pub file: String,
    /// Whether that file is governed, so that an edit of it is a draft.
    pub governed: bool,
}

/// The file of an agent's settings, and the hooks in it that omega answers.
fn place(agent: Agent) -> (&'static str, &'static [&'static str]) {
    match agent {
        Agent::Claude => (".claude/settings.json", &["PreToolUse"]),
        Agent::Codex => (".codex/hooks.json", &["PreToolUse"]),
        Agent::Gemini => (".gemini/settings.json", &["BeforeTool"]),
        Agent::Cursor => (".cursor/hooks.json", &["beforeShellExecution", "preToolUse"]),
    }
}

/// What the agent runs. Where omega is not found, or ends in any other way than it should, the exit code refuses the call.
fn command(agent: Agent) -> String {
    let call = format!("{CALL} --agent {agent}");
    match agent {
        // It has a setting for that, and takes no shell for granted.
        Agent::Cursor => call,
        _ => format!("PATH=\"$PATH:$HOME/.cargo/bin:$HOME/.local/bin:/usr/local/bin:/opt/homebrew/bin\" {call} || exit 2"),
    }
}

/// What is added to a hook.
fn entry(agent: Agent) -> Value {
    let command = command(agent);
    match agent {
        Agent::Claude => json!({ "matcher": "*", "hooks": [{ "type": "command", "command": command }] }),
        Agent::Codex => json!({ "hooks": [{ "type": "command", "command": command }] }),
        Agent::Gemini => json!({ "matcher": ".*", "hooks": [{ "name": "omega-guard", "type": "command", "command": command }] }),
        Agent::Cursor => json!({ "command": command, "failClosed": true }),
    }
}

/// Whether a path of a work tree is a file of settings that starts omega guard.
pub(super) fn starts_guard(workdir: &Path, path: &str) -> bool {
    let same = |name: &str| alias::segments(path).eq(alias::segments(name));
    Agent::ALL.into_iter().any(|agent| same(place(agent).0) && fs::read_to_string(workdir.join(path)).is_ok_and(|text| text.contains(CALL)))
}

/// The paths outside `canon/` that are governed at HEAD; nothing, where that cannot be known.
fn governed(repo: &Repo, threads: usize) -> Option<Who> {
    let tree = repo.revision(repo.head().ok()?.commit?).ok()?;
    let assessment = glance(&tree, &LedgerCache::of(repo), threads).ok()?;
    assessment.judgement.ledger.law().map(|law| law.who.clone())
}

/// Whether each agent asks omega here; none, where there is no work tree.
///
/// # Errors
/// When a file cannot be read. One that is no JSON has no hook of omega's.
pub fn standing(repo: &Repo, threads: usize) -> Result<Vec<AgentStatus>, Error> {
    let Some(workdir) = repo.workdir() else { return Ok(Vec::new()) };
    let who = governed(repo, threads);
    let status = |agent| -> Result<AgentStatus, Error> {
        let (file, hooks) = place(agent);
        let settings = read(&workdir.join(file))?.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let installed = hooks.iter().all(|hook| settings.as_ref().and_then(|all| all.get("hooks")?.get(*hook)).is_some_and(calls));
        let governed = who.as_ref().is_some_and(|who| who.names(file));
        Ok(AgentStatus { agent, installed, file: file.to_owned(), governed })
    };
    Agent::ALL.into_iter().map(status).collect()
}

/// A change of an agent's settings: [`install`] or [`uninstall`].
pub type Change = fn(&Repo, Agent) -> Result<(), Error>;

/// Changes the settings of one agent, if that is wanted; gives how they were and how they are.
///
/// # Errors
/// As for the change.
pub fn changed(repo: &Repo, agent: Agent, change: Option<Change>, threads: usize) -> Result<(Vec<AgentStatus>, Vec<AgentStatus>), Error> {
    let of = || -> Result<Vec<AgentStatus>, Error> {
        let all = standing(repo, threads)?;
        Ok(all.into_iter().filter(|at| at.agent == agent).collect())
    };
    let before = of()?;
    if let Some(change) = change {
        change(repo, agent)?;
    }
    Ok((before, of()?))
}

/// Whether a command in these settings is ours.
fn calls(settings: &Value) -> bool {
    match settings {
        Value::String(text) => text.contains(CALL),
        Value::Array(items) => items.iter().any(calls),
        Value::Object(fields) => fields.iter().any(|(name, value)| (name == "command" || !value.is_string()) && calls(value)),
        _ => false,
    }
}

/// Puts the call into an agent's settings, beside whatever is there. What is there already stays as it is.
///
/// # Errors
/// Denied, where the file is not what the agent could read, or a link; and when it cannot be written.
pub fn install(repo: &Repo, agent: Agent) -> Result<(), Error> {
    let (path, text) = open(repo, agent)?;
    let mut settings = parse(&path, text.as_deref().unwrap_or("{}"))?;
    let (_, hooks) = place(agent);
    if agent == Agent::Cursor {
        settings.entry("version").or_insert_with(|| json!(1));
    }
    let mut changed = false;
    for hook in hooks {
        let all = settings.entry("hooks").or_insert_with(|| json!({}));
        let all = all.as_object_mut().ok_or_else(|| unfit(&path, "`hooks` is no object"))?;
        let entries = all.entry(*hook).or_insert_with(|| json!([]));
        let entries = entries.as_array_mut().ok_or_else(|| unfit(&path, &format!("`hooks.{hook}` is no list")))?;
        if !entries.iter().any(calls) {
            entries.push(entry(agent));
            changed = true;
        }
    }
    if changed { write(&path, text.as_deref(), &settings) } else { Ok(()) }
}

/// Takes the call out of an agent's settings again. A file in which nothing else is left is removed.
///
/// # Errors
/// As for [`install`].
pub fn uninstall(repo: &Repo, agent: Agent) -> Result<(), Error> {
    let (path, text) = open(repo, agent)?;
    let Some(text) = text else { return Ok(()) };
    let mut settings = parse(&path, &text)?;
    let Some(all) = settings.get_mut("hooks").and_then(Value::as_object_mut) else { return Ok(()) };
    let mut changed = false;
    for hook in place(agent).1 {
        let Some(entries) = all.get_mut(*hook).and_then(Value::as_array_mut) else { continue };
        let before = entries.clone();
        for entry in entries.iter_mut() {
            // People may have put other commands beside ours.
            if let Some(commands) = entry.get_mut("hooks").and_then(Value::as_array_mut) {
                commands.retain(|command| !calls(command));
            }
        }
        let is_left = |entry: &Value| !calls(entry) && entry.get("hooks").and_then(Value::as_array).is_none_or(|left| !left.is_empty());
        let kept: Vec<Value> = entries
            .iter()
            .zip(&before)
            .filter(|(entry, was)| *entry == *was && !calls(was) || is_left(entry))
            .map(|(entry, _)| entry.clone())
            .collect();
        changed |= kept != before;
        *entries = kept;
        if entries.is_empty() && !before.is_empty() {
            all.shift_remove(*hook);
        }
    }
    if !changed {
        return Ok(());
    }
    if all.is_empty() {
        settings.shift_remove("hooks");
    }
    if settings.iter().all(|(name, _)| agent == Agent::Cursor && name == "version") {
        return fs::remove_file(&path).map_err(|error| Error::io("remove", &path, &error));
    }
    write(&path, Some(&text), &settings)
}

/// The file of an agent's settings, and its text.
fn open(repo: &Repo, agent: Agent) -> Result<(PathBuf, Option<String>), Error> {
    if !repo.is_trusted() {
        return Err(pin::foreign(repo, "no settings are written to it"));
    }
    let (file, _) = place(agent);
    let workdir = repo.workdir().ok_or_else(|| {
        Error::usage(
            "a bare repository has no work tree in which an agent works",
            "run it in a clone: omega -C DIR hooks install --agent claude",
        )
    })?;
    let path = workdir.join(file);
    let folder = path.parent().unwrap_or(workdir);
    if path.is_symlink() || folder.is_symlink() {
        return Err(unfit(&path, "it is a link, or is in a folder that is one"));
    }
    let text = read(&path)?;
    Ok((path, text))
}

/// The text of a file; nothing, if there is none.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::io("read", path, &error)),
    }
}

fn unfit(path: &Path, why: &str) -> Error {
    let file = shell::quote_path(path);
    Error::denied(
        format!("{file} is left as it is: {why}"),
        format!("correct it, and repeat the command; see docs/guard.md for what to add: {file}"),
    )
}

fn parse(path: &Path, text: &str) -> Result<Map<String, Value>, Error> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    match serde_json::from_str(text) {
        Ok(Value::Object(settings)) => Ok(settings),
        Ok(_) => Err(unfit(path, "it is no JSON object")),
        Err(error) => Err(unfit(path, &format!("it is no JSON that omega can change without loss ({error})"))),
    }
}

/// Writes settings whole or not at all, indented as they were.
fn write(path: &Path, before: Option<&str>, settings: &Map<String, Value>) -> Result<(), Error> {
    let indent = before.and_then(|text| {
        let line = text.lines().find(|line| line.starts_with([' ', '\t']))?;
        Some(&line[..line.len() - line.trim_start().len()])
    });
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.unwrap_or("  ").as_bytes());
    let written = settings.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter));
    let failed = |error: std::io::Error| Error::io("write", path, &error);
    written.map_err(|error| failed(error.into()))?;
    if before.is_none_or(|text| text.ends_with('\n') || text.is_empty()) {
        bytes.push(b'\n');
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    let mode = fs::metadata(path).map(|meta| meta.permissions()).unwrap_or_else(|_| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::Permissions::from_mode(0o644)
    });
    file.as_file().set_permissions(mode).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
