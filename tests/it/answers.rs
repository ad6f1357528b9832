//! Each command has a schema for its answer in JSON, and none prints another.

use crate::world::World;
use crate::world::promise::{SCHEMAS, unfit};

/// The commands that do something, as they are typed.
pub fn commands() -> Vec<String> {
    fn below(command: &clap::Command, name: &str, all: &mut Vec<String>) {
        let inner: Vec<&clap::Command> = command.get_subcommands().filter(|inner| inner.get_name() != "help").collect();
        if inner.is_empty() || !command.is_subcommand_required_set() {
            all.push(name.to_owned());
        }
        for command in inner {
            below(command, format!("{name} {}", command.get_name()).trim(), all);
        }
    }
    let mut all = Vec::new();
    below(&<omega::cli::Cli as clap::CommandFactory>::command(), "", &mut all);
    // What has a short name keeps its long one in answers.
    let long: Vec<String> = all.iter().filter_map(|name| name.strip_prefix("canon ")).map(str::to_owned).collect();
    all.retain(|name| !name.is_empty() && !long.contains(name));
    all.sort();
    all
}

#[test]
fn every_command_has_a_schema_and_every_schema_a_command() {
    let mut known: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).filter(|name| *name != "omega").collect();
    known.sort_unstable();
    assert_eq!(commands(), known);
    let mut used: Vec<&str> = SCHEMAS.iter().flat_map(|(_, schemas)| schemas.iter().copied()).collect();
    used.sort_unstable();
    used.dedup();
    let all = omega::cli::schemas::all();
    let mut answers: Vec<&str> = all.iter().filter_map(|(name, _)| name.strip_prefix("answer/")).collect();
    answers.sort_unstable();
    assert_eq!(used, answers);
}

#[test]
fn an_answer_that_breaks_its_promise_is_found() {
    let answer = |report: &str| format!(r#"{{"omega":1,"command":"man","exit":0{report}}}"#);
    for (text, fits) in [
        (answer(r#","report":{"page":"x"}"#), true),
        (answer(r#","report":{"page":7}"#), false),
        (answer(""), false),
        (answer(r#","error":{"kind":"usage","message":"x"}"#), true),
        (answer(r#","error":{"kind":"usage"}"#), false),
        (answer(r#","error":{"kind":"usage","message":"x"}"#).replace("man", "women"), false),
    ] {
        assert_eq!(unfit(&serde_json::from_str(&text).unwrap()).is_none(), fits, "{text}");
    }
}

fn json<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["--format", "json"], args].concat()
}

#[test]
fn what_is_left_out_where_it_is_empty_is_not_required() {
    let world = World::planted(&["ann"]);
    world.omega(&json(&["why", "canon/OMEGA_IDENTITY.md:5"])).exits(0);
    world.omega(&json(&["phylactery", "set", "style/tone", "--value", "Plain", "--source", "ann", "--confidence", "80"])).exits(0);
    world.git(&["clean", "-fdq", "canon"]).exits(0);
    let (new, public) = (world.key("new"), format!("{}.pub", world.key("new")));
    world.by("ann", &json(&["key", "rotate", "--to", &public, "--enrol-key", &new, "--yes"])).exits(0);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    world.write("canon/OMEGA_IDENTITY.md", world.read("canon/OMEGA_IDENTITY.md") + "\nMore.\n");
    world.by("ann", &json(&["canon", "propose", "--title", "More", "--reason", "Because.", "--yes"])).exits(0);
    // Errors are answers too: of the command line, of a command, with findings.
    world.omega(&json(&["canon", "nothing"])).exits(2);
    world.omega(&json(&["canon", "show", "nothing"])).exits(2);
    world.omega(&json(&["man"])).exits(0);
    world.omega(&json(&["completions", "bash"])).exits(0);
}

#[test]
fn relative_folders_of_the_user_are_ignored() {
    let world = World::planted(&[]);
    let before = world.traces();
    for (args, code) in [(&["canon", "verify"][..], 0), (&["canon", "status"], 0), (&["key", "new", "--no-passphrase"], 0)] {
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &world.repo());
        command.env("XDG_STATE_HOME", "state").env("XDG_CONFIG_HOME", "config");
        crate::world::Ran::of(command.output().unwrap()).exits(code);
        assert_eq!(world.traces(), before, "{args:?}");
    }
    assert!(world.path("home/.local/state/omega").is_dir() && world.path("home/.config/omega/id_ed25519").is_file());
    // A relative home is not one either.
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["key", "new", "--no-passphrase"], &world.repo());
    crate::world::Ran::of(command.env("HOME", "home").output().unwrap()).exits(2);
    assert_eq!(world.traces(), before);
}
