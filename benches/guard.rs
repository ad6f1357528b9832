//! How long a tool call waits for the guard, as a whole process, beside `git status` in the same repository and the same run: with a
//! short and a long ledger.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench stops where it fails, and starts the programs that it measures"
)]

#[path = "ledger/mod.rs"]
#[allow(dead_code, reason = "other benches build more")]
mod ledger;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use omega::workspace::pin;
use omega::workspace::pin::Pin;

/// A program with nothing of the user's around it.
fn program(name: &str, args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("XDG_STATE_HOME", dir.join(".git/state"));
    command
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("guard");
    group.sample_size(20);
    for resolutions in [0, 1_000] {
        let dir = tempfile::tempdir().expect("a folder");
        let root = ledger::build(dir.path(), resolutions);
        pin::write(&omega::git::Repo::discover(dir.path(), None).expect("a repository"), &Pin::Root(root)).expect("a pin");
        let git = |args: &[&str]| assert!(program("git", args, dir.path()).status().expect("git").success(), "{args:?}");
        git(&["config", "gc.auto", "0"]);
        git(&["gc", "-q"]);
        git(&["reset", "-q", "--hard"]);
        for (name, command) in [("read", "git log -n 3"), ("write", "cd src && sed -i s/a/b/ main.rs > /dev/null && cp main.rs other.rs")] {
            let call = serde_json::json!({ "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": { "command": command } });
            fs::write(dir.path().join(format!(".git/{name}.json")), call.to_string()).expect("a file");
        }
        let mut measure = |what: &str, command: &dyn Fn() -> Command| {
            group.bench_function(BenchmarkId::new(what, format!("{resolutions} resolutions")), |b| {
                b.iter(|| assert!(command().status().expect("a program").success()));
            });
        };
        let guard = |name: &str| {
            let mut command = program(env!("CARGO_BIN_EXE_omega"), &["guard", "--agent", "claude"], dir.path());
            command.stdin(fs::File::open(dir.path().join(format!(".git/{name}.json"))).expect("a file"));
            command
        };
        measure("git status", &|| program("git", &["status"], dir.path()));
        measure("a command", &|| guard("read"));
        measure("a command that writes", &|| guard("write"));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
