//! The workflows that `omega init --ci` writes, and the composite action: parsed, and run as runners do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::world::{Ran, World};

use super::{branch, commit};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Every value under a key, however deep.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if name == key {
                    found.push(inner);
                }
                all(inner, key, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| all(inner, key, found)),
        _ => {}
    }
}

/// Nothing of an event or input becomes a part of a script, and what others wrote is pinned by its whole id.
#[track_caller]
fn is_careful(text: &str) {
    let value = yaml(text);
    let (mut scripts, mut uses) = (Vec::new(), Vec::new());
    all(&value, "run", &mut scripts);
    all(&value, "script", &mut scripts);
    all(&value, "uses", &mut uses);
    assert!(!scripts.is_empty());
    for script in scripts {
        assert!(!script.to_string().contains("${{"), "{script}");
    }
    for used in uses {
        let used = used.as_str().unwrap();
        let pinned = used.split_once('@').is_some_and(|(_, id)| id.len() == 40 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(pinned || used.starts_with("./"), "{used}");
    }
    assert!(!text.contains("pull_request_target") && !text.contains("secrets."), "{text}");
}

#[test]
fn the_workflows_of_this_project_are_careful() {
    for file in std::fs::read_dir(project(".github/workflows")).unwrap() {
        is_careful(&std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
}

#[test]
fn each_forge_gets_its_workflow_once() {
    let world = World::planted(&[]);
    let root = world.root();
    let places = [
        ("github", ".github/workflows/canon.yml"),
        ("gitlab", ".gitlab-ci.yml"),
        ("forgejo", ".forgejo/workflows/canon.yml"),
        ("gitea", ".gitea/workflows/canon.yml"),
    ];
    for (forge, path) in places {
        let ran = world.omega(&["init", "--ci", forge]).exits(0);
        assert!(ran.out.starts_with(&format!("wrote {path}: ")) && ran.out.contains(&root), "{}", ran.out);
        let text = world.read(path);
        is_careful(&text);
        for left in ["@REPOSITORY@", "@BRANCHES@", "@RULES@", "@ERROR@", "@ROOT@"] {
            assert!(!text.contains(left), "{left}: {text}");
        }
        assert!(text.contains("--rev \"$OMEGA_REVISION\"") && !text.contains("--tag") && !text.contains("OMEGA_TAG"), "{text}");
        assert!(!text.contains(&root), "the root is no part of the tree");
    }
    let github = yaml(&world.read(".github/workflows/canon.yml"));
    assert_eq!(github["permissions"], serde_json::json!({ "contents": "read", "pull-requests": "write" }));
    assert!(github["on"].get("pull_request").is_some());
    // Nothing is overwritten; GitLab includes what does not fit at its root.
    world.write(".github/workflows/canon.yml", "mine\n");
    let ran = world.omega(&["init", "--ci", "github"]).exits(10);
    assert!(ran.err.starts_with("error: `.github/workflows/canon.yml` is there already, and nothing is overwritten\n"), "{}", ran.err);
    assert_eq!(world.read(".github/workflows/canon.yml"), "mine\n");
    let ran = world.omega(&["init", "--ci", "gitlab", "--format", "json"]).exits(0);
    assert_eq!(ran.json()["report"]["path"], ".gitlab/canon.gitlab-ci.yml");
    world.omega(&["init", "--ci", "gitlab"]).exits(10);
    // What was written is a change of what checks, and says so.
    branch(&world, "pr", "main");
    commit(&world, "Workflows");
    assert_eq!(super::codes(&super::judged(&world, "main", "pr").exits(0), "warning"), ["C070"]);
}

#[test]
fn a_new_canon_comes_with_its_workflow() {
    let world = World::empty();
    world.write(".github/workflows/canon.yml", "mine\n");
    let key = world.key("ry");
    let args = ["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--yes", "--ci", "github"];
    world.omega(&args).exits(10);
    assert!(!world.repo().join("canon").exists());
    std::fs::remove_file(world.repo().join(".github/workflows/canon.yml")).unwrap();
    let ran = world.omega(&args).exits(0);
    assert!(ran.out.contains("wrote .github/workflows/canon.yml: GitHub judges changes with it\n"), "{}", ran.out);
    world.omega(&["canon", "verify"]).exits(0);
    is_careful(&world.read(".github/workflows/canon.yml"));
}

/// The workflow's script that fetches, on a real remote, with the environment of a runner.
#[test]
fn what_the_workflow_of_forgejo_fetches_suffices() {
    let world = World::planted(&[]);
    world.omega(&["init", "--ci", "forgejo"]).exits(0);
    let workflow = yaml(&world.read(".forgejo/workflows/canon.yml"));
    let script = workflow["jobs"]["canon"]["steps"][0]["run"].as_str().unwrap().to_owned();
    std::fs::remove_dir_all(world.repo().join(".forgejo")).unwrap();
    branch(&world, "pr", "main");
    world.edit_identity("Sneaked");
    let head = commit(&world, "Sneak");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&["update-ref", "refs/pull/7/head", &head]).exits(0);
    world.git(&["branch", "-q", "-D", "pr"]).exits(0);
    let job = world.path("job");
    std::fs::create_dir(&job).unwrap();
    let mut command = world.command("bash", &["-euo", "pipefail", "-c", &script], &job);
    command.env("TOKEN", "none").env("GITHUB_SERVER_URL", format!("file://{}", world.path("").display()).trim_end_matches('/'));
    command.env("GITHUB_REPOSITORY", "repo").env("GITHUB_REF", "refs/pull/7/head");
    Ran::of(command.output().unwrap()).exits(0);
    let event = world.path("event.json");
    let text = serde_json::json!({ "number": 7, "pull_request": { "number": 7, "base": { "ref": "main" }, "head": { "sha": head } } });
    std::fs::write(&event, text.to_string()).unwrap();
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("FORGEJO_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
        ("OMEGA_ROOT", &world.root()),
    ];
    super::ci_in(&world, &job, &variables, &[]).exits(11);
}

/// The composite action with its inputs, run step by step as a runner does.
struct Action<'a> {
    world: &'a World,
    temp: PathBuf,
}

impl<'a> Action<'a> {
    fn new(world: &'a World) -> Self {
        let temp = world.path("runner temp");
        std::fs::create_dir_all(&temp).unwrap();
        Self { world, temp }
    }

    fn step(&self, number: usize, inputs: &[(&str, &str)]) -> Ran {
        self.step_with(number, inputs, &[])
    }

    fn step_with(&self, number: usize, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> Ran {
        let action = yaml(&std::fs::read_to_string(project(".github/actions/canon/action.yml")).unwrap());
        let inputs: BTreeMap<&str, &str> = inputs.iter().copied().collect();
        let step = &action["runs"]["steps"][number];
        let mut command = self.world.command("bash", &["-euo", "pipefail", "-c", step["run"].as_str().unwrap()], &self.world.repo());
        for (name, value) in step["env"].as_object().unwrap() {
            let input = value.as_str().unwrap().strip_prefix("${{ inputs.").unwrap().strip_suffix(" }}").unwrap();
            let default = action["inputs"][input]["default"].as_str().unwrap();
            command.env(name, inputs.get(input).copied().unwrap_or(default));
        }
        command.env("RUNNER_TEMP", &self.temp).env("GITHUB_ACTION_PATH", project(".github/actions/canon")).env("GITHUB_ACTIONS", "true");
        Ran::of(command.envs(variables.iter().copied()).output().unwrap())
    }
}

#[test]
fn the_action_installs_a_release_whose_digest_is_right_and_judges_with_it() {
    is_careful(&std::fs::read_to_string(project(".github/actions/canon/action.yml")).unwrap());
    let world = World::planted(&["ana"]);
    let root = world.root();
    let id = world.propose("ana", "Say it plainly");
    let release = world.path("omega-0.1.0");
    std::fs::create_dir(&release).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_omega"), release.join("omega")).unwrap();
    world.run("tar", &["-czf", "omega.tar.gz", "omega-0.1.0"], &world.path("."), None).exits(0);
    let tarball = world.path("omega.tar.gz");
    let tarball = tarball.to_str().unwrap();
    let digest = world.run("sha256sum", &[tarball], &world.path("."), None).out[..64].to_owned();
    let action = Action::new(&world);
    // Without a digest, with another one, or from nowhere nothing is installed.
    for inputs in [&[("tarball", tarball)][..], &[("tarball", tarball), ("sha256", &"0".repeat(64))], &[("revision", "main")], &[]] {
        let ran = action.step(0, inputs).exits(2);
        assert!(ran.out.starts_with("::error title=canon::"), "{}", ran.out);
    }
    assert!(!action.temp.join("omega/bin/omega").exists());
    action.step(0, &[("tarball", tarball), ("sha256", &digest)]).exits(0);
    let head = format!("canon/{id}");
    let sides = [("root", root.as_str()), ("base", "main"), ("head", &head), ("sarif", "../omega.sarif")];
    action.step(1, &sides).exits(12);
    action.step(1, &[&sides[..], &[("allow-pending", "true")]].concat()).exits(0);
    assert!(std::fs::read_to_string(world.path("omega.sarif")).unwrap().contains("\"2.1.0\""));
    action.step(1, &[&sides[..], &[("allow-pending", "yes")]].concat()).exits(2);
    // An input is an input, whatever it says.
    let canary = world.path("canary");
    let evil = format!("$(touch {0}); `touch {0}`; touch {0}", canary.display());
    for input in ["root", "base", "head", "directory", "sarif", "allow-pending"] {
        assert_ne!(action.step(1, &[("root", &root), ("base", "main"), (input, &evil)]).code, Some(0));
    }
    action.step(1, &[("root", &root), ("base", "--help")]).exits(2);
    assert!(!canary.exists());
}

/// A cargo that only says where it was called, and puts an omega where it was told to.
fn cargo(world: &World) -> (String, PathBuf) {
    let (folder, log) = (world.path("fake"), world.path("cargo.log"));
    std::fs::create_dir_all(&folder).unwrap();
    let script = format!(
        "#!/bin/sh\npwd -P >> '{}'\nwhile [ $# -gt 0 ]; do [ \"$1\" = --root ] && root=$2; shift; done\n\
         case $root in '{}'/*) mkdir -p \"$root/bin\" && cp '{}' \"$root/bin/omega\" ;; esac\n",
        log.display(),
        world.path("").display().to_string().trim_end_matches('/'),
        env!("CARGO_BIN_EXE_omega")
    );
    std::fs::write(folder.join("cargo"), script).unwrap();
    world.run("chmod", &["755", folder.join("cargo").to_str().unwrap()], &world.path("."), None).exits(0);
    (format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()), log)
}

/// The toolchain file of a pull request could name any program as its cargo.
#[test]
fn omega_is_built_outside_of_what_is_judged() {
    let world = World::planted(&[]);
    let (path, log) = cargo(&world);
    let action = Action::new(&world);
    for inputs in [&[("source", ".")][..], &[("revision", &"a".repeat(40))]] {
        action.step_with(0, inputs, &[("PATH", &path)]).exits(0);
    }
    let repo = world.repo();
    for forge in ["github", "forgejo", "gitlab"] {
        world.omega(&["init", "--ci", forge]).exits(0);
    }
    for file in [".github/workflows/canon.yml", ".forgejo/workflows/canon.yml"] {
        let workflow = yaml(&world.read(file));
        let steps = workflow["jobs"]["canon"]["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["run"].as_str().is_some_and(|run| run.contains("cargo install"))).unwrap();
        let folder = step["working-directory"].as_str().unwrap_or(".").replace("${{ runner.temp }}", action.temp.to_str().unwrap());
        let mut command = world.command("bash", &["-euo", "pipefail", "-c", step["run"].as_str().unwrap()], &repo.join(folder));
        Ran::of(command.env("PATH", &path).env("RUNNER_TEMP", &action.temp).env("OMEGA_REVISION", "a".repeat(40)).output().unwrap())
            .exits(0);
    }
    let pipeline = yaml(&world.read(".gitlab-ci.yml"));
    let mut scripts = Vec::new();
    all(&pipeline, "script", &mut scripts);
    let lines = scripts.iter().flat_map(|script| script.as_array().unwrap()).filter_map(Value::as_str);
    let script: Vec<&str> = lines.take_while(|line| !line.starts_with("target=")).collect();
    assert!(script.iter().any(|line| line.contains("cargo install")), "{script:?}");
    let mut command = world.command("bash", &["-euo", "pipefail", "-c", &script.join("\n")], &repo);
    Ran::of(command.env("PATH", &path).env("OMEGA_REVISION", "a".repeat(40)).output().unwrap()).exits(0);
    let called = std::fs::read_to_string(&log).unwrap();
    let checkout = repo.canonicalize().unwrap();
    assert_eq!(called.lines().count(), 5, "{called}");
    assert!(called.lines().all(|folder| !Path::new(folder).starts_with(&checkout)), "{called}");
}

/// Each script that installs omega, of each forge, with the folder that it runs in.
fn installing(world: &World) -> Vec<(&'static str, String)> {
    let mut scripts = Vec::new();
    for (forge, path) in [("github", ".github/workflows/canon.yml"), ("forgejo", ".forgejo/workflows/canon.yml")] {
        world.omega(&["init", "--ci", forge]).exits(0);
        let workflow = yaml(&world.read(path));
        let steps = workflow["jobs"]["canon"]["steps"].as_array().unwrap();
        let run = steps.iter().filter_map(|step| step["run"].as_str()).find(|run| run.contains("cargo install")).unwrap();
        scripts.push((forge, run.to_owned()));
    }
    world.omega(&["init", "--ci", "gitlab"]).exits(0);
    let pipeline = yaml(&world.read(".gitlab-ci.yml"));
    let lines = pipeline["canon"]["script"].as_array().unwrap().iter().filter_map(Value::as_str);
    scripts.push(("gitlab", lines.take_while(|line| !line.starts_with("target=")).collect::<Vec<_>>().join("\n")));
    scripts
}

#[test]
fn omega_is_installed_by_a_whole_commit_id_or_not_at_all() {
    let world = World::planted(&[]);
    let (path, log) = cargo(&world);
    let temp = world.path("runner");
    std::fs::create_dir(&temp).unwrap();
    let whole = "0123456789abcdef0123456789abcdef01234567";
    for (forge, script) in installing(&world) {
        for bad in ["", "main", "v0.1.0", &whole[1..], &whole.to_uppercase(), &format!("{whole}0"), &format!("{whole}\nv1"), "--tag=v1"] {
            let mut command = world.command("bash", &["-eu", "-c", &script], &temp);
            let ran = Ran::of(command.env("PATH", &path).env("RUNNER_TEMP", &temp).env("OMEGA_REVISION", bad).output().unwrap()).exits(2);
            assert!(ran.out.contains("OMEGA_REVISION") && ran.out.lines().count() == 1, "{forge} {bad}: {}", ran.out);
            assert!(!log.exists(), "{forge} {bad}");
        }
        let mut command = world.command("bash", &["-eu", "-c", &script], &temp);
        Ran::of(command.env("PATH", &path).env("RUNNER_TEMP", &temp).env("OMEGA_REVISION", whole).output().unwrap()).exits(0);
        std::fs::remove_file(&log).unwrap();
    }
}

#[test]
fn a_workflow_runs_for_the_branch_that_the_canon_protects() {
    for branch in ["master", "release/1.x", "a+b!c"] {
        let world = World::empty();
        world.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]).exits(0);
        let key = world.key("ry");
        world.omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &key, "--yes", "--ci", "github"]).exits(0);
        world.omega(&["init", "--ci", "gitea"]).exits(0);
        let said = world.omega(&["init", "--ci", "gitlab"]).exits(0);
        assert!(said.out.contains(&format!("require the check `canon` for {branch},")), "{}", said.out);
        let escaped = branch.replace('+', "\\+").replace('!', "\\!");
        for path in [".github/workflows/canon.yml", ".gitea/workflows/canon.yml"] {
            let workflow = yaml(&world.read(path));
            for event in ["push", "pull_request"] {
                assert_eq!(workflow["on"][event]["branches"], serde_json::json!([escaped]), "{path} {event}");
            }
        }
        let pipeline = yaml(&world.read(".gitlab-ci.yml"));
        assert_eq!(pipeline["canon"]["rules"][1]["if"], format!("$CI_COMMIT_BRANCH == \"{branch}\""));
    }
}
