//! What is written about omega is what omega is: generated pages are fresh, and the README's tour runs.

use std::fs;
use std::path::{Path, PathBuf};

use omega::finding::Code;

use crate::world::World;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Holds a generated file to its text; with OMEGA_UPDATE=1 it is written instead.
#[track_caller]
fn fresh(path: &str, text: &str) {
    let path = project(path);
    if std::env::var_os("OMEGA_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{} is not fresh: OMEGA_UPDATE=1 cargo test --test it documents", path.display());
}

#[test]
fn the_page_of_findings_is_fresh() {
    let mut page = String::from("# Findings\n\nEvery code that omega can print, generated from the source. Codes are never reused.\n");
    for code in Code::ALL {
        let meaning: Vec<&str> = code.meaning().split_whitespace().collect();
        page.push_str(&format!("\n## {code} {}\n\n{}\n\nWhat to do: {}\n", code.title(), meaning.join(" "), code.remedy()));
    }
    fresh("docs/findings.md", &page);
}

#[test]
fn the_schemas_are_fresh_and_valid() {
    let schemas = omega::cli::schemas::all();
    for (name, schema) in &schemas {
        jsonschema::meta::validate(schema.as_value()).unwrap_or_else(|error| panic!("{name}: {error}"));
        fresh(&format!("schemas/{name}.json"), &(serde_json::to_string_pretty(schema).unwrap() + "\n"));
    }
    let mut on_disk = 0;
    for folder in fs::read_dir(project("schemas")).unwrap() {
        on_disk += fs::read_dir(folder.unwrap().path()).unwrap().count();
    }
    assert_eq!(on_disk, schemas.len(), "schemas/ holds files that no type gives");
}

#[test]
fn what_commands_print_and_plant_fits_the_schemas() {
    let schemas: std::collections::BTreeMap<_, _> = omega::cli::schemas::all().into_iter().collect();
    let fits = |name: &str, value: &serde_json::Value| {
        let validator = jsonschema::validator_for(schemas[name].as_value()).unwrap();
        let errors: Vec<String> = validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{value:#}");
    };
    let world = World::planted(&["claude"]);
    let id = world.propose("claude", "Say it plainly");
    let json = |ran: crate::world::Ran| ran.json();
    fits("answer/canon-status", &json(world.omega(&["canon", "status", "--format", "json"])));
    fits("answer/canon-vote", &json(world.by("claude", &["canon", "vote", &id, "approve", "--reason", "Yes.", "--format", "json"])));
    fits("answer/canon-show", &json(world.omega(&["canon", "show", &id, "--format", "json"])));
    fits("answer/canon-diff", &json(world.omega(&["canon", "diff", &id, "--format", "json"])));
    fits("answer/canon-rule", &json(world.by("ry", &["canon", "ratify", &id, "--yes", "--format", "json"])));
    fits("answer/canon-verify", &json(world.omega(&["canon", "verify", "--format", "json"])));
    fits("answer/canon-list", &json(world.omega(&["canon", "list", "--format", "json"])));
    fits("answer/canon-log", &json(world.omega(&["canon", "log", "--format", "json"])));
    fits("answer/trust", &json(world.omega(&["trust", "show", "--format", "json"])));
    fits("answer/canon-verify", &json(world.omega(&["canon", "show", "nothing-like-it", "--format", "json"])));

    // The planted documents are read as YAML by their own schemas, too.
    for name in [
        "OMEGA_IDENTITY",
        "OXYSPINE_TRINITY",
        "PEACE_PIPE_PROTOCOL",
        "MEMORY_CONSTITUTION",
        "SECURITY_AND_PRIVACY",
        "CONSENSUS_ENGINE",
        "ECONOMY_MODEL",
    ] {
        let (document, _) = omega::canon::Document::parse(world.read(&format!("canon/{name}.md")).as_bytes()).unwrap();
        let value = serde_json::to_value(&document).unwrap();
        fits("file/document", &value);
        fits(&format!("policy/{name}"), &value["policy"]);
    }
}

#[test]
fn the_tour_of_the_readme_runs() {
    let world = World::empty();
    let readme = fs::read_to_string(project("README.md")).unwrap();
    let tour = readme.split_once("<!-- tour -->").expect("the README has a tour").1;
    let tour = tour.split("\n## ").next().unwrap();
    let (mut script, mut inside, mut commands) = (String::from("set -eu\n"), false, 0);
    for line in tour.lines() {
        match (line, inside) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (line, true) => {
                let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("`{line}` is no command"));
                script.push_str(&format!("{command}\n"));
                commands += 1;
            }
            _ => {}
        }
    }
    assert!(commands >= 15, "{commands} commands");
    let dir = world.path("tour");
    fs::create_dir(&dir).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap().display().to_string();
    let ran = world.run("bash", &["-c", &format!("PATH={bin}:$PATH\n{script}")], &dir, None).exits(0);
    assert!(ran.out.contains("exit code 11"), "{}", ran.out);
    assert!(ran.out.contains("proved: all "), "{}", ran.out);
}
