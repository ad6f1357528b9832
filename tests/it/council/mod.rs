//! The council at work: deliberation in the open and sealed, the count, and what the Chief does alone.

mod clones;
mod convene;
mod emergency;
mod machine;
mod machine_laws;
mod open;
mod sealed;
mod tally;
mod tally_laws;

use serde_json::Value;

use crate::world::{Ran, World};

/// Runs omega as a member, which must succeed, and gives the report.
#[track_caller]
fn report(world: &World, by: &str, args: &[&str]) -> Value {
    let ran = world.by(by, &[args, &["--format", "json"]].concat()).exits(0);
    ran.json()["report"].clone()
}

/// Runs omega as a member, which must refuse with exit code 10 and these words, and leave no trace.
#[track_caller]
pub fn denied(world: &World, by: &str, args: &[&str], fact: &str, hint: &str) {
    refuses(world, by, args, 10, fact, hint);
}

/// The same with another exit code.
#[track_caller]
pub fn refuses(world: &World, by: &str, args: &[&str], code: i32, fact: &str, hint: &str) {
    let before = world.traces();
    let ran = world.by(by, args).exits(code);
    assert_eq!(world.plain(&ran.err), format!("error: {fact}\nhint: {hint}\n"));
    assert_eq!((ran.out.as_str(), world.traces()), ("", before), "a refused command left something");
}

/// The commands that come next, as `member: command`.
fn next(shown: &Value) -> Vec<String> {
    let steps = shown["next"].as_array().unwrap();
    steps.iter().map(|step| format!("{}: {}", step["member"].as_str().unwrap(), step["command"].as_str().unwrap())).collect()
}

/// Says what a resolution looks like.
#[track_caller]
fn shown(world: &World, id: &str) -> Value {
    world.omega(&["canon", "show", id, "--format", "json"]).exits(0).json()["report"].clone()
}

/// Runs a command line as a hint gives it, by a member.
fn types(world: &World, by: &str, line: &str) -> Ran {
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[0], "omega", "{line}");
    world.by(by, &words[1..])
}
