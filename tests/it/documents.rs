//! What is written about omega is what omega is: generated pages are fresh, and the README's tour runs.

use std::fs;
use std::path::{Path, PathBuf};

use omega::finding::Code;

use crate::world::{Ran, World};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Holds a generated file to its text; with OMEGA_UPDATE=1 it is written instead.
#[track_caller]
pub fn fresh(path: &str, text: &str) {
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
fn the_page_of_instruction_files_is_fresh() {
    let mut page = String::from(
        "# Instruction files\n\nFiles that agents read without being told to, by program, as of November 2026. `omega init` governs them with the \
         profile `files`: all patterns, so that a new file needs a ruling too. Patterns marked with * are added only if the repository \
         has such files. Binary files, large files of a folder, and those that a git filter changes (LFS), are left out; `init` lists them.\n\n\
         | read by | files | which one wins |\n|---|---|---|\n",
    );
    for kind in omega::canon::instructions::KINDS {
        let mark = if kind.only_if_found { " *" } else { "" };
        let files: Vec<String> = kind.patterns.iter().map(|pattern| format!("`{pattern}`{mark}")).collect();
        page.push_str(&format!("| {} | {} | {} |\n", kind.reader, files.join(", "), kind.precedence));
    }
    page.push_str(
        "\nTo govern more files, add a pattern to `who` in `canon/CONSTITUTION.md` (or `canon/OMEGA_IDENTITY.md`) and propose the \
         change. The generated table is in `src/canon/instructions.rs`; whoever knows another program adds a line there.\n",
    );
    fresh("docs/instructions.md", &page);
}

#[test]
fn the_page_of_policies_is_fresh() {
    let schemas: std::collections::BTreeMap<_, _> = omega::cli::schemas::all().into_iter().collect();
    let mut page = String::from(
        "# Policies\n\nEvery field of every policy, and every question that an enforcement case can ask, generated from the types that\nomega obeys. The same as JSON Schema: `schemas/policy/` and `schemas/question/`.\n\nA case stands in the front matter of its document:\n\n```yaml\nenforcement:\n  - case: \"high stakes with consent to act locally\"\n    given: { ask: authority, stakes: high, consent: local_actions }\n    expect: { level: 1, word: reflection }\n```\n\nOf a map that is expected, only the fields that it names count. `omega test` runs all cases, `omega ask` puts\na question to what is ratified.\n\n## What is only answered so far\n\nMost fields decide what commands do. For these, omega answers questions (`omega ask`, cases) but does not act on the\nanswers, because nothing that they are about goes through omega yet:\n\n- OMEGA_IDENTITY: `drift`. Nothing measures an output yet.\n- MEMORY_CONSTITUTION: all fields. Nothing stores memories yet.\n- SECURITY_AND_PRIVACY: `keys`, `audited`.\n\n`forbidden_commands` and `forbidden_paths` are obeyed by [`omega guard`](guard.md), where an agent's hook calls it.\n",
    );
    for (name, _) in omega::enforcement::schemas() {
        page.push_str(&format!("\n## {name}\n\n| field | type | meaning |\n|---|---|---|\n"));
        let schema = schemas[&format!("policy/{name}")].as_value();
        fields(schema, schema, "", &mut page);
        page.push_str("\n| question | given | answer |\n|---|---|---|\n");
        let schema = schemas[&format!("question/{name}")].as_value();
        for variant in schema["oneOf"].as_array().unwrap() {
            let given: Vec<String> = properties(schema, variant)
                .filter(|(name, _)| *name != "ask")
                .map(|(name, field)| format!("`{name}`: {}", text(field)))
                .collect();
            page.push_str(&format!(
                "| `{}` | {} | {} |\n",
                variant["properties"]["ask"]["const"].as_str().unwrap(),
                given.join("; "),
                text(variant)
            ));
        }
    }
    fresh("docs/policies.md", &page);
}

/// A schema without the reference that stands for it.
fn resolved<'s>(root: &'s serde_json::Value, schema: &'s serde_json::Value) -> &'s serde_json::Value {
    let of = schema["anyOf"].as_array().and_then(|options| options.iter().find(|option| option["type"] != "null"));
    let reference = schema["$ref"].as_str().or_else(|| of?["$ref"].as_str());
    reference.map_or(of.unwrap_or(schema), |reference| resolved(root, root.pointer(&reference[1..]).unwrap()))
}

fn properties<'s>(root: &'s serde_json::Value, schema: &'s serde_json::Value) -> impl Iterator<Item = (&'s String, &'s serde_json::Value)> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let shared = schema.get("$ref").and_then(|_| resolved(root, schema)["properties"].as_object());
    own.chain(shared.into_iter().flatten())
}

/// The description of a schema, on one line of a table.
fn text(schema: &serde_json::Value) -> String {
    let words = schema["description"].as_str().unwrap_or_default();
    words.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').replace('|', "\\|")
}

fn fields(root: &serde_json::Value, schema: &serde_json::Value, before: &str, page: &mut String) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let inner = resolved(root, field);
        let (mut kind, mut below) = (kind(root, inner), inner);
        if inner["type"] == "array" {
            below = resolved(root, &inner["items"]);
        }
        let is_optional = !schema["required"].as_array().is_some_and(|all| all.contains(&name.as_str().into()));
        if is_optional {
            kind.push_str(", optional");
        }
        page.push_str(&format!(
            "| `{before}{name}` | {kind} | {} |\n",
            if field["description"].is_null() { text(inner) } else { text(field) }
        ));
        let list = if inner["type"] == "array" { "[]" } else { "" };
        fields(root, below, &format!("{before}{name}{list}."), page);
    }
}

fn kind(root: &serde_json::Value, schema: &serde_json::Value) -> String {
    let words = |list: &serde_json::Value| -> Option<Vec<String>> {
        let items = list.as_array()?.iter().map(|item| item.as_str().or_else(|| item["const"].as_str()).map(|word| format!("`{word}`")));
        items.collect()
    };
    if let Some(words) = words(&schema["enum"]).or_else(|| words(&schema["oneOf"])) {
        return words.join(", ");
    }
    let name = match &schema["type"] {
        serde_json::Value::Array(types) => types[0].as_str().unwrap_or("value"),
        other => other.as_str().unwrap_or("value"),
    };
    match name {
        "array" => format!("list of {}", kind(root, resolved(root, &schema["items"]))),
        "string" => "text".to_owned(),
        "object" => "map".to_owned(),
        other => other.to_owned(),
    }
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
    fits("answer/canon-test", &json(world.omega(&["canon", "test", "--format", "json"])));
    let asked = world.omega(&["canon", "ask", "ECONOMY_MODEL", "credit", "event=ANOMALY", "--format", "json"]);
    fits("answer/canon-ask", &json(asked));
    fits("answer/resonance-check", &json(world.omega(&["resonance", "check", "-H", "X-Resonance-Stakes: high", "--format", "json"])));
    fits("answer/trust", &json(world.omega(&["trust", "show", "--format", "json"])));
    fits("answer/canon-verify", &json(world.omega(&["canon", "show", "nothing-like-it", "--format", "json"])));

    // The planted documents are read as YAML by their own schemas, too.
    let small = World::empty();
    let key = small.key("ry");
    fits("answer/init", &json(small.omega(&["init", "--chief", "ry", "--key", &key, "--format", "json"])));
    for name in [
        "OMEGA_IDENTITY",
        "OXYSPINE_TRINITY",
        "PEACE_PIPE_PROTOCOL",
        "MEMORY_CONSTITUTION",
        "SECURITY_AND_PRIVACY",
        "CONSENSUS_ENGINE",
        "ECONOMY_MODEL",
        "CONSTITUTION",
    ] {
        let world = if name == "CONSTITUTION" { &small } else { &world };
        let (document, _) = omega::canon::Document::parse(world.read(&format!("canon/{name}.md")).as_bytes()).unwrap();
        let value = serde_json::to_value(&document).unwrap();
        fits("file/document", &value);
        fits(&format!("policy/{name}"), &value["policy"]);
        for case in value["enforcement"].as_array().unwrap() {
            fits(&format!("question/{name}"), &case["given"]);
        }
    }
}

/// The commands of a document from a mark to the end of that section, or of the document.
fn commands(document: &str, end: &str) -> Vec<String> {
    // A document with several tours is named with the heading above one of them.
    let (document, heading) = document.split_once('#').unwrap_or((document, ""));
    let text = fs::read_to_string(project(document)).unwrap();
    let text = text.split_once(heading).expect("the document has the heading").1;
    let tour = text.split_once("<!-- tour -->").expect("the document has a tour").1;
    let tour = if end.is_empty() { tour } else { tour.split(end).next().unwrap() };
    let (mut commands, mut inside) = (Vec::new(), false);
    for line in tour.lines() {
        match (line, inside) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (line, true) => commands.push(line.strip_prefix("$ ").unwrap_or_else(|| panic!("`{line}` is no command")).to_owned()),
            _ => {}
        }
    }
    commands
}

/// Runs the commands in a shell, one after the other, in an empty folder; each must do what it says.
fn run_tour(world: &World, commands: &[String]) -> Ran {
    let dir = world.path("tour");
    fs::create_dir(&dir).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap().display().to_string();
    let script = format!("set -eu\nPATH={bin}:$PATH\n{}\n", commands.join("\n"));
    world.run("bash", &["-c", &script], &dir, None).exits(0)
}

#[test]
fn the_tour_of_the_readme_runs() {
    let world = World::empty();
    let commands = commands("README.md", "\n## ");
    assert!(commands.len() >= 15, "{} commands", commands.len());
    let out = run_tour(&world, &commands).out;
    assert!(out.contains("exit code 11"), "{out}");
    assert!(out.contains("proved: all "), "{out}");
}

#[test]
fn the_tour_of_the_council_runs() {
    let world = World::empty();
    let commands = commands("docs/council.md", "\n## A team with a server");
    assert!(commands.len() >= 30, "{} commands", commands.len());
    let out = run_tour(&world, &commands).out;
    // What the text around the commands says, the commands say.
    for said in [
        "the pipe goes to ben",
        "to be approved by the council: 2 more of weight 1, such as `ann`, `ben`",
        "if so, the council approves",
        "[EMERGENCY_RULING] 2026-02-26-stop-the-greeting by ruling 2\n",
        "a council must open by 2026-02-27T12:00:00Z: omega propose --settles 2026-02-26-stop-the-greeting\n",
        "provisional until 2026-03-01T12:00:00Z",
        "confirmed by 2026-02-26-settle-the-emergency-of-ruling-2",
        "undone by 2026-02-26-expire-the-emergency-of-ruling-4: the bytes of before are back",
    ] {
        assert!(out.contains(said), "`{said}` is not in\n{out}");
    }
    assert!(out.trim_end().lines().last().unwrap().starts_with("checkpoint: root sha256:"), "{out}");
}

#[test]
fn the_guide_to_keys_runs() {
    let world = World::empty();
    let commands = commands("docs/keys.md", "");
    assert!(commands.len() >= 40, "{} commands", commands.len());
    let ran = run_tour(&world, &commands);
    assert!(ran.out.contains("exit code 10"), "{}", ran.out);
    assert!(ran.err.contains("was `ry`'s, and left by ruling 3"), "{}", ran.err);
    assert!(ran.out.contains("recovered ") && ran.out.contains("0 of 2 recovery keys have signed"), "{}", ran.out);
    assert!(ran.out.contains("proved: all 17 governed paths are exactly what ruling 8"), "{}", ran.out);
}

#[test]
fn the_tour_of_the_phylactery_runs() {
    let world = World::empty();
    let commands = commands("docs/phylactery.md", "");
    assert!(commands.len() >= 20, "{} commands", commands.len());
    let out = run_tour(&world, &commands).out;
    for said in [
        "not canon yet\n",
        "v1 superseded by v2 ruling 1 on 2026-02-26, 2026-02-26-set-style-tone\n",
        "canon by ruling 2: Shorter sentences\n",
        "canon by ruling 0: Plant the canon\n",
        "purged by ruling 3; what is left is its digest sha256:",
        "holds worktree\n",
        "- **tone**: Plain and warm.\n  Short sentences.\n",
    ] {
        assert!(out.contains(said), "`{said}` is not in\n{out}");
    }
}

#[test]
fn the_tour_of_the_watch_runs() {
    let world = World::empty();
    let mut commands = commands("docs/watch.md", "\n## ");
    assert!(commands.len() >= 25, "{} commands", commands.len());
    // The loop compares clocks, and one that stands still was set. What was started is ended.
    commands.insert(0, "unset OMEGA_TEST_NOW; trap 'kill $(cat ../run/*.pid)' EXIT".to_owned());
    let out = run_tour(&world, &commands).out;
    assert!(out.contains("would do nothing") && out.contains("exit code 15"), "{out}");
    assert!(out.contains("Brain is well again") && out.contains("restart Brain"), "{out}");
    assert!(out.contains("+10.0") && out.contains("are what was written"), "{out}");
}

#[test]
fn the_threat_model_shows_how_to_verify_by_hand() {
    let world = World::empty();
    let commands = commands("docs/threat-model.md", "\n## ");
    assert!(commands.len() >= 20, "{} commands", commands.len());
    let ran = run_tour(&world, &commands);
    assert_eq!(ran.out.matches("Good \"omega-ruling-v1\" signature for ry").count(), 2, "{}", ran.out);
    for said in ["Good \"omega-vote-v1\" signature for ann", "Good \"omega-proposal-v1\"", "Good \"omega-state-v1\"", "exit code 255"] {
        assert!(ran.out.contains(said), "`{said}` is not in\n{}", ran.out);
    }
}

#[test]
fn the_tour_of_the_gates_runs() {
    let world = World::empty();
    let commands = commands("docs/gates.md", "\n## In a pull request");
    assert!(commands.len() >= 20, "{} commands", commands.len());
    let ran = run_tour(&world, &commands);
    assert!(ran.out.contains("installed pre-receive\n") && ran.out.contains("same both ledgers end with the same ruling\n"), "{}", ran.out);
    assert_eq!(
        (ran.out.matches("stopped with exit code 1\n").count(), ran.out.matches("stopped with exit code 11\n").count()),
        (3, 1),
        "{}\n{}",
        ran.out,
        ran.err
    );
    for said in [
        "error: governed files would be committed that the council did not ratify\n  canon/OMEGA_IDENTITY.md\n",
        "hint: propose them instead: git restore --staged .; omega propose\n",
        "error: `refs/heads/main` is protected, and would get what the council did not ratify\n  refs/heads/main\n",
        "remote: error: `refs/heads/main` is protected, and would get what the council did not ratify",
        "remote: hint: omega verify",
    ] {
        assert!(ran.err.contains(said), "`{said}` is not in\n{}", ran.err);
    }
    assert!(ran.out.contains("holds HEAD\n"), "{}", ran.out);
}

#[test]
fn the_tour_of_pull_requests_runs() {
    let world = World::empty();
    let commands = commands("docs/gates.md#\n## In a pull request", "");
    assert!(commands.len() >= 25, "{} commands", commands.len());
    let ran = run_tour(&world, &commands);
    for said in [
        "wrote .github/workflows/canon.yml: GitHub judges changes with it\n",
        "exit code 12\n",
        "pending, which is allowed here: ",
        "  ruling 1: ratified 2026-02-26-say-it-plainly: Say it plainly\n",
        "proved: nothing governed changes\n",
        "C040 canon/OMEGA_IDENTITY.md:",
        "C072 canon/ledger/000001.md: ",
        "exit code 11\n",
        "C070 .github/workflows/canon.yml:",
    ] {
        assert!(ran.out.contains(said), "`{said}` is not in\n{}", ran.out);
    }
    assert!(ran.err.contains("::error file=canon/ledger/000001.md,title=C072 "), "{}", ran.err);
}

#[test]
fn the_tour_of_the_guard_runs() {
    let world = World::empty();
    let commands = commands("docs/guard.md", "");
    assert!(commands.len() >= 14, "{} commands", commands.len());
    let out = run_tour(&world, &commands).out;
    for said in [
        ".claude/settings.json is governed, so this edit is a draft until it is ratified: omega propose",
        "installed Claude Code in .claude/settings.json as before",
        "\"permissionDecision\":\"deny\",\"permissionDecisionReason\":\"omega: `git push --force` is forbidden for agents",
        "\"permissionDecision\":\"ask\",\"permissionDecisionReason\":\"omega: AGENTS.md is governed",
        "a hook of Codex cannot ask a person",
    ] {
        assert!(out.contains(said), "`{said}` is not in\n{out}");
    }
    // What no rule speaks against is not answered.
    assert!(out.trim_end().ends_with("so what a person would have to allow is refused\"}}"), "{out}");
}
