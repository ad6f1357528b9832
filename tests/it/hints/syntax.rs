//! Every command of omega that stands in a text of the source is one that omega takes.

use std::fs;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};
use omega::cli::Cli;

fn sources(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// A word as somebody would type it: what the text leaves open is filled in.
fn filled(word: &str) -> String {
    let word = word.trim_matches(['`', '(', ')', ',', ';', '.', ':']);
    match word {
        "ROOT" | "DIGEST" | "sha256:…" => format!("sha256:{}", "0".repeat(64)),
        "N" => "1".to_owned(),
        "…" | "\\\"…\\\"" => "x".to_owned(),
        _ if word.starts_with('{') || word.contains("{}") => "x".to_owned(),
        _ => word.trim_matches(['"', '\\', '\'']).to_owned(),
    }
}

/// Why omega would not take a command; nothing, if it would, up to where prose begins.
fn refused(words: &[&str]) -> Option<String> {
    let mut args: Vec<String> = std::iter::once("omega".to_owned()).chain(words.iter().map(|word| filled(word))).collect();
    loop {
        let error = match Cli::try_parse_from(&args) {
            Ok(_) => return None,
            Err(error) => error,
        };
        let named = match (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidSubcommand)) {
            (Some(ContextValue::String(arg)), _) | (_, Some(ContextValue::String(arg))) => arg.clone(),
            _ => String::new(),
        };
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
            // What is no option is the text that goes on behind the command.
            ErrorKind::UnknownArgument if !named.starts_with('-') => {
                let at = args.iter().rposition(|arg| *arg == named)?;
                args.truncate(at);
            }
            // A value that a person fills in, or a text that says less than it needs on purpose.
            ErrorKind::InvalidSubcommand if named == "x" || named.contains('{') => return None,
            ErrorKind::ValueValidation | ErrorKind::InvalidValue | ErrorKind::MissingRequiredArgument => return None,
            _ => return Some(format!("`{}`: {}", args.join(" "), error.kind())),
        }
    }
}

#[test]
fn every_command_that_is_named_is_one_that_omega_takes() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let command = Cli::command();
    let (mut looked, mut wrong) = (0, Vec::new());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//") && line.contains('"')) {
            for (at, _) in line.match_indices("omega ") {
                // Behind a letter it is a part of another word, as in a file name.
                if line[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '`')) {
                    continue;
                }
                let rest = line[at + 6..].split(['"', ';']).next().unwrap_or_default();
                let rest = rest.split(" && ").next().unwrap_or_default().split("\\n").next().unwrap_or_default();
                let words: Vec<&str> = rest.split_whitespace().collect();
                // Prose about omega names no verb.
                let Some(first) = words.first().filter(|word| command.find_subcommand(word).is_some()) else { continue };
                if *first == "watch" && words.get(1).is_some_and(|word| !word.starts_with('-')) && words.len() > 3 {
                    continue;
                }
                looked += 1;
                wrong.extend(refused(&words).map(|why| format!("{}:{}: {why}", file.display(), number + 1)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(looked > 150, "only {looked} commands were found");
}
