//! What the tools of agents do with their arguments.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::script::Word;
use crate::workspace::Error;

use super::call::{Call, Tool};
use super::commands::Walk;
use super::{Act, Decision, Guard, How, disk, named, patch};

/// What a tool does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It runs a command in a shell.
    Shell,
    /// It runs a command in a shell that is not read here.
    OtherShell,
    /// It writes files.
    Write,
    /// It removes files, or folders with all that is in them.
    Delete,
    /// It writes the files that a patch names.
    Patch,
    /// It writes no files of the user.
    Read,
    /// Not known.
    Unknown,
}

/// The tools of Claude Code, Codex, Gemini CLI and Cursor, without case, `_` and `-`.
const KNOWN: [(Kind, &[&str]); 6] = [
    (
        Kind::Shell,
        &["bash", "shell", "runshellcommand", "execcommand", "localshell", "localshellcall", "unifiedexec", "monitor", "runterminalcmd"],
    ),
    (Kind::OtherShell, &["powershell", "writestdin"]),
    (
        Kind::Write,
        &[
            "write",
            "edit",
            "multiedit",
            "notebookedit",
            "editnotebook",
            "writefile",
            "replace",
            "editfile",
            "createfile",
            "strreplace",
            "searchreplace",
            "strreplaceeditor",
            "strreplacebasededittool",
            "tabwrite",
        ],
    ),
    (Kind::Delete, &["delete", "deletefile", "remove", "removefile"]),
    (Kind::Patch, &["applypatch", "patch"]),
    (
        Kind::Read,
        &[
            "read",
            "glob",
            "grep",
            "ls",
            "readfile",
            "readmanyfiles",
            "listdirectory",
            "listdir",
            "searchfilecontent",
            "grepsearch",
            "filesearch",
            "codebasesearch",
            "lsp",
            "notebookread",
            "webfetch",
            "websearch",
            "googlewebsearch",
            "viewimage",
            "readlints",
            "tabread",
        ],
    ),
];

/// The arguments that name a file or folder.
const PATHS: [&str; 14] = [
    "file_path",
    "filePath",
    "notebook_path",
    "path",
    "absolute_path",
    "target_file",
    "target_notebook",
    "target_path",
    "destination",
    "source",
    "new_path",
    "old_path",
    "filename",
    "file",
];

/// The arguments that name several.
const LISTS: [&str; 3] = ["paths", "files", "file_paths"];

/// The arguments that name the folder in which a command runs.
const FOLDERS: [&str; 5] = ["workdir", "dir_path", "directory", "working_directory", "cwd"];

/// Judges a call.
pub(super) fn judge(guard: &Guard<'_>, call: &Call, decision: &mut Decision) -> Result<(), Error> {
    let (name, input) = match &call.tool {
        Tool::Read => return Ok(()),
        Tool::Shell(text) => return shell(guard, &call.dir, text, decision),
        Tool::Named { name, input } => (name, input),
    };
    let plain: String = name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    let known = KNOWN.iter().find(|(_, names)| names.contains(&plain.as_str()));
    let kind = known.map_or(Kind::Unknown, |(kind, _)| *kind);
    let dir = folder(guard, &call.dir, input);
    match kind {
        Kind::Read => Ok(()),
        Kind::Shell => command(guard, &dir, input, decision),
        Kind::OtherShell => {
            if is_ruled(guard, &dir, decision)? {
                decision.add(Act::Ask, format!("what `{}` runs cannot be read: it is not the text of a POSIX shell", named(name)));
            }
            Ok(())
        }
        Kind::Write | Kind::Delete => {
            if is_view(input) {
                return Ok(());
            }
            let how = if kind == Kind::Delete { How::Tree } else { How::File };
            let paths = paths(guard, &call.dir, input);
            if paths.is_empty() && is_ruled(guard, &call.dir, decision)? {
                decision.add(Act::Ask, format!("the call of `{}` names no file that could be judged", named(name)));
            }
            paths.iter().try_for_each(|path| guard.write(&call.dir, path, how, decision))
        }
        Kind::Patch => {
            let text = ["command", "input", "patch", "patch_text", "diff"].into_iter().find_map(|key| input.get(key)?.as_str());
            let text = text.or_else(|| input.as_str());
            apply_patch(guard, &dir, text.unwrap_or_default(), decision)
        }
        Kind::Unknown => unknown(guard, call, name, &dir, input, decision),
    }
}

/// A tool that is not known: it may write the paths that it is given, and run the command.
fn unknown(guard: &Guard<'_>, call: &Call, name: &str, dir: &Path, input: &Value, decision: &mut Decision) -> Result<(), Error> {
    if input.get("command").is_some() {
        command(guard, dir, input, decision)?;
    }
    for path in paths(guard, &call.dir, input) {
        let mut found = Decision::default();
        guard.write(&call.dir, &path, How::File, &mut found)?;
        if found.decision != Act::Allow {
            let reason = found.reasons.join("; ");
            decision.add(Act::Ask, format!("whether `{}` writes {} is not known: {reason}", named(name), super::quoted(&path)));
        }
    }
    Ok(())
}

/// Whether there are rules around a folder. Where the canon does not verify, that is refused.
fn is_ruled(guard: &Guard<'_>, dir: &Path, decision: &mut Decision) -> Result<bool, Error> {
    let Some(place) = guard.place(dir)? else { return Ok(false) };
    Ok(!place.is_closed(decision) && place.rules().is_some())
}

/// An editor that is only asked to show a file.
fn is_view(input: &Value) -> bool {
    input.get("command").and_then(Value::as_str) == Some("view")
}

fn folder(guard: &Guard<'_>, dir: &Path, input: &Value) -> PathBuf {
    let named = FOLDERS.into_iter().find_map(|key| input.get(key)?.as_str());
    named.map_or_else(|| dir.to_owned(), |named| disk::absolute(dir, guard.home.as_deref(), named))
}

fn paths(guard: &Guard<'_>, dir: &Path, input: &Value) -> Vec<PathBuf> {
    let single = PATHS.iter().filter_map(|key| input.get(key)?.as_str().map(str::to_owned));
    let lists = LISTS.iter().filter_map(|key| input.get(key)?.as_array());
    let several = lists.flatten().filter_map(|item| {
        let text = item.as_str().or_else(|| PATHS.iter().find_map(|key| item.get(key)?.as_str()));
        text.map(str::to_owned)
    });
    single.chain(several).map(|text| disk::absolute(dir, guard.home.as_deref(), &text)).collect()
}

fn command(guard: &Guard<'_>, dir: &Path, input: &Value, decision: &mut Decision) -> Result<(), Error> {
    match input.get("command").or_else(|| input.get("cmd")) {
        Some(Value::String(text)) => shell(guard, dir, text, decision),
        Some(Value::Array(words)) => {
            let words: Option<Vec<Word>> = words.iter().map(|word| word.as_str().map(Word::of)).collect();
            match words {
                Some(words) => Walk::new(guard, dir, decision)?.argv(&words),
                None => unread(guard, dir, "a word of the command is no text", decision),
            }
        }
        _ => unread(guard, dir, "the call names no command", decision),
    }
}

fn unread(guard: &Guard<'_>, dir: &Path, why: &str, decision: &mut Decision) -> Result<(), Error> {
    if is_ruled(guard, dir, decision)? {
        decision.add(Act::Ask, format!("the command cannot be read: {why}"));
    }
    Ok(())
}

fn shell(guard: &Guard<'_>, dir: &Path, text: &str, decision: &mut Decision) -> Result<(), Error> {
    Walk::new(guard, dir, decision)?.text(text)
}

pub(super) fn apply_patch(guard: &Guard<'_>, dir: &Path, text: &str, decision: &mut Decision) -> Result<(), Error> {
    let paths = patch::paths(text);
    if paths.is_empty() && is_ruled(guard, dir, decision)? {
        decision.add(Act::Ask, "the patch names no file that could be judged");
    }
    paths.iter().try_for_each(|path| guard.write(dir, &disk::absolute(dir, guard.home.as_deref(), path), How::File, decision))
}
