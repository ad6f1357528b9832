//! Commands that run another command: what that is.

use crate::script::Word;

/// A program whose operands are a command.
struct Wrapper {
    name: &'static str,
    /// Options whose value is the next word.
    with_value: &'static [&'static str],
    /// How many operands stand before the command.
    operands: usize,
    /// Whether `NAME=VALUE` may stand before the command.
    assigns: bool,
}

const fn plain(name: &'static str, with_value: &'static [&'static str]) -> Wrapper {
    Wrapper { name, with_value, operands: 0, assigns: false }
}

const WRAPPERS: [Wrapper; 21] = [
    Wrapper { name: "env", with_value: &["-u", "-C", "-P", "--unset", "--chdir"], operands: 0, assigns: true },
    Wrapper {
        name: "sudo",
        with_value: &[
            "-u", "-g", "-h", "-p", "-C", "-T", "-r", "-t", "-D", "-R", "-U", "--user", "--group", "--chdir", "--host", "--prompt",
        ],
        operands: 0,
        assigns: true,
    },
    plain("doas", &["-u", "-C"]),
    plain("nohup", &[]),
    plain("setsid", &[]),
    plain("command", &[]),
    plain("builtin", &[]),
    plain("exec", &["-a"]),
    plain("time", &["-f", "-o", "--format", "--output"]),
    plain("nice", &["-n", "--adjustment"]),
    plain("ionice", &["-c", "-n", "-p", "--class", "--classdata"]),
    Wrapper { name: "timeout", with_value: &["-s", "-k", "--signal", "--kill-after"], operands: 1, assigns: false },
    plain("stdbuf", &["-i", "-o", "-e", "--input", "--output", "--error"]),
    plain("unbuffer", &[]),
    plain("noglob", &[]),
    plain("nocorrect", &[]),
    plain("busybox", &[]),
    plain("toybox", &[]),
    plain("caffeinate", &["-t", "-w"]),
    Wrapper { name: "flock", with_value: &["-w", "-E", "--timeout", "--conflict-exit-code"], operands: 1, assigns: false },
    plain(
        "xargs",
        &[
            "-I",
            "-n",
            "-P",
            "-L",
            "-s",
            "-d",
            "-E",
            "-a",
            "-J",
            "-R",
            "--arg-file",
            "--delimiter",
            "--max-args",
            "--max-procs",
            "--max-lines",
            "--max-chars",
        ],
    ),
];

/// A command within another one.
#[derive(Default)]
pub(super) struct Inner {
    /// The command, with its program; none, if the outer one runs nothing.
    pub(super) words: Vec<Word>,
    /// The variables that are set for it.
    pub(super) assigned: Vec<(String, Word)>,
    /// The folder in which it runs, if another one is named.
    pub(super) dir: Option<Word>,
    /// What could not be read of the outer one.
    pub(super) unread: Option<String>,
}

/// The command that a wrapper runs; nothing, if the program is none.
pub(super) fn unwrap(program: &str, args: &[Word]) -> Option<Inner> {
    let wrapper = WRAPPERS.iter().find(|wrapper| wrapper.name == program)?;
    let mut inner = Inner::default();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        let Some(text) = word.known() else {
            // What begins like an option could be any of them.
            if word.prefix().starts_with('-') {
                inner.unread = Some(word.raw.clone());
            }
            break;
        };
        if !text.starts_with('-') || text == "-" {
            break;
        }
        at += 1;
        if text == "--" {
            break;
        }
        let (name, value) = match text.split_once('=').filter(|_| text.starts_with("--")) {
            Some((name, _)) => (name.to_owned(), Some(word.without(name.len() + 1))),
            None if text.starts_with("--") => (text.clone(), None),
            // `-n5`, `-uroot`, `-0I`: the first letter with a value takes the rest of the word for it.
            None => {
                let takes = |(_, letter): &(usize, char)| wrapper.with_value.contains(&format!("-{letter}").as_str());
                let (at, letter) = text.char_indices().skip(1).find(takes).or(text.char_indices().nth(1)).unwrap_or((0, '-'));
                let end = at + letter.len_utf8();
                let name = format!("-{letter}");
                let has_rest = end < text.len() && wrapper.with_value.contains(&name.as_str());
                (name, has_rest.then(|| word.without(end)))
            }
        };
        let takes_next = value.is_none() && wrapper.with_value.contains(&name.as_str());
        let value = value.or_else(|| takes_next.then(|| args.get(at).cloned()).flatten());
        at += usize::from(takes_next);
        match (program, name.as_str()) {
            ("env", "-S" | "--split-string") => inner.unread = Some(text),
            ("env", "-C" | "--chdir") | ("sudo", "-D" | "--chdir") => inner.dir = value,
            // These only say where the program is.
            ("command", "-v" | "-V") => return Some(Inner::default()),
            // It runs a shell, or edits files as another user.
            ("sudo", "-e" | "--edit") => inner.unread = Some(text),
            _ => {}
        }
    }
    at += wrapper.operands;
    while wrapper.assigns
        && let Some(word) = args.get(at)
        && let Some((name, _)) = word.prefix().split_once('=')
    {
        inner.assigned.push((name.to_owned(), word.without(name.len() + 1)));
        at += 1;
    }
    inner.words = args.get(at..).unwrap_or_default().to_vec();
    if program == "xargs" && !inner.words.is_empty() {
        inner.words.push(Word::unknown("what xargs reads"));
    }
    Some(inner)
}
