//! The living phylactery: what is read is what is ratified, and it changes by proposals alone.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::council::{denied, refuses};
use crate::world::{Ran, World};

/// A proposal of a draft by `ana`, ruled on; gives the number of the ruling.
#[track_caller]
fn rules(world: &World, ran: &Ran, verdict: &str) -> u64 {
    let report = ran.json()["report"].clone();
    let id = report.get("proposed").map_or(&report["resolution"], |proposed| &proposed["resolution"]).as_str().unwrap().to_owned();
    if verdict == "approve" {
        world.approve(&id, &["ana"]);
    }
    let ran = world.chief(&["canon", "rule", &id, verdict, "--reason", "So be it.", "--yes", "--format", "json"]).exits(0);
    ran.json()["report"]["sequence"].as_u64().unwrap()
}

#[track_caller]
fn write(world: &World, verb: &str, entry: &str, value: &str, source: &str) -> Ran {
    let args = ["phylactery", verb, entry, "--value", value, "--source", source, "--propose", "--reason", "Because.", "--format", "json"];
    world.by("ana", &args).exits(0)
}

#[track_caller]
fn set(world: &World, entry: &str, value: &str) -> u64 {
    rules(world, &write(world, "set", entry, value, "the tests"), "approve")
}

#[track_caller]
fn supersede(world: &World, entry: &str, value: &str) -> u64 {
    rules(world, &write(world, "supersede", entry, value, "the tests"), "approve")
}

#[track_caller]
fn purge(world: &World, entry: &str, extent: &[&str]) -> u64 {
    let args = [&["phylactery", "purge", entry, "--reason", "It must go.", "--format", "json"], extent].concat();
    let sequence = rules(world, &world.by("ana", &args).exits(0), "approve");
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    sequence
}

#[track_caller]
fn reads(world: &World, args: &[&str]) -> Value {
    world.omega(&[&["phylactery"], args, &["--format", "json"]].concat()).exits(0).json()["report"].clone()
}

fn export(world: &World, args: &[&str]) -> String {
    world.omega(&[&["phylactery", "export"], args].concat()).exits(0).out
}

#[test]
fn what_is_read_is_what_is_ratified() {
    let world = World::planted(&["ana"]);
    let digest = format!("sha256:{}", "ab".repeat(32));
    let ran = world.by(
        "ana",
        &[
            "phylactery",
            "set",
            "style/tone",
            "--value",
            "Plain,\n\"warm\" & short.",
            "--source",
            "page 3",
            "--confidence",
            "80",
            "--artifact",
            "https://example.invalid/guide",
            "--artifact-digest",
            &digest,
            "--propose",
            "--reason",
            "Because.",
            "--format",
            "json",
        ],
    );
    // A draft is no answer, on its own branch neither.
    refuses(&world, "ana", &["phylactery", "get", "style/tone"], 2, "no entry `style/tone` is ratified", "omega phylactery list");
    assert_eq!(rules(&world, &ran, "approve"), 1);

    let entry = reads(&world, &["get", "style/tone"]);
    assert_eq!((&entry["value"], &entry["source"]), (&"Plain,\n\"warm\" & short.".into(), &"page 3".into()));
    assert_eq!((&entry["version"], &entry["confidence"], &entry["ruling"]), (&1.into(), &80.into(), &1.into()));
    assert_eq!((&entry["resolution"], &entry["created_at"]), (&"2026-02-26-set-style-tone".into(), &world.now.as_str().into()));
    assert_eq!(entry["artifact"], serde_json::json!({ "url": "https://example.invalid/guide", "digest": digest }));
    let shown = world.omega(&["phylactery", "get", "style/tone"]).exits(0).out;
    for said in ["  Plain,\n  \"warm\" & short.\n", "source     page 3", "80 of 100", "by ruling 1, 2026-02-26-set-style-tone"] {
        assert!(shown.contains(said), "{shown}");
    }

    // What lies in the work tree changes nothing, and what lies in an older commit is its own state.
    world.write("canon/phylactery/style/tone.md", "nonsense");
    assert_eq!(reads(&world, &["get", "style/tone"]), entry);
    world.git(&["checkout", "--", "."]).exits(0);
    assert_eq!(supersede(&world, "style/tone", "Plain and loud."), 2);
    assert_eq!(reads(&world, &["get", "style/tone"])["value"], "Plain and loud.");
    assert_eq!(reads(&world, &["get", "style/tone", "--rev", "HEAD~1"])["version"], 1);

    let names = |report: &Value| report.as_array().unwrap().iter().map(|e| e["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&reads(&world, &["list", "style"])), ["tone"]);
    assert_eq!(names(&reads(&world, &["list"])).len(), 8);
    assert_eq!(names(&reads(&world, &["search", "AND LOUD"])), ["tone"]);
    assert_eq!(names(&reads(&world, &["search", "TONE"])), ["tone"]);
    assert_eq!(names(&reads(&world, &["search", "warm"])), [""; 0]);
    let listed = world.omega(&["phylactery", "list", "style"]).exits(0).out;
    assert_eq!(listed, "style/tone   v2 100% Plain and loud.\n");

    let history = reads(&world, &["history", "style/tone"]);
    let versions = history["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!((&versions[0]["superseded_by"], &versions[0]["ruling"]), (&versions[1]["digest"], &1.into()));
    assert_eq!((&versions[1]["live"], &versions[1]["content"]["value"]), (&true.into(), &"Plain and loud.".into()));

    // The entries of a clone that pins nothing are nobody's.
    fs::remove_file(world.repo().join(".git/omega/pin.toml")).unwrap();
    let root = versions[0]["digest"].as_str().unwrap();
    world.omega(&["phylactery", "get", "style/tone", "--root", root]).exits(11);
    let ran = world.omega(&["phylactery", "get", "style/tone"]).exits(13);
    assert!(ran.err.starts_with("error: this clone pins no root, so it cannot know whose identity this is\n"), "{}", ran.err);
}

#[test]
fn what_is_asked_in_vain_is_told_the_nearest() {
    let world = World::planted(&["ana"]);
    set(&world, "style/tone", "Plain.");
    let near = "omega phylactery get style/tone";
    refuses(&world, "ana", &["phylactery", "get", "style/tune"], 2, "no entry `style/tune` is ratified", near);
    refuses(&world, "ana", &["phylactery", "get", "value/Tone"], 2, "no entry `value/Tone` is ratified", near);
    for (entry, said) in [
        ("tone", "an entry is named by domain and key, as in `style/tone`"),
        ("mood/tone", "the domain is one of value, style, fact, invariant and memory"),
        ("style/../x", "is not an entry key"),
    ] {
        let ran = world.omega(&["phylactery", "get", entry]).exits(2);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn drafts_are_written_where_nobodys_work_is_lost() {
    let world = World::planted(&["ana"]);
    let path = "canon/phylactery/style/tone.md";
    let draft = |verb: &'static str, value: &'static str| ["phylactery", verb, "style/tone", "--value", value, "--source", "the tests"];
    denied(
        &world,
        "ana",
        &draft("supersede", "Plain."),
        "no entry `style/tone` is ratified",
        "omega phylactery set style/tone --value … --source …",
    );
    let ran = world.by("ana", &draft("set", "Plain.")).exits(0);
    assert_eq!(ran.out, format!("drafted {path}\n\nit is not canon yet. next: omega propose --title … --reason …\n"));
    assert_eq!(world.read(path), "---\ndomain: style\nkey: tone\nvalue: Plain.\nsource: the tests\nconfidence: 100\n---\n");
    // A draft of ours is written anew; what somebody edited is not.
    world.by("ana", &draft("set", "Plainer.")).exits(0);
    world.write(path, "---\nvalue: Mine.\n---\nMine.\n");
    denied(
        &world,
        "ana",
        &draft("set", "Plain."),
        &format!("`{path}` has edits that are not proposed"),
        &format!("propose them: omega propose; or set them aside: git stash push -u -- {path}"),
    );
    fs::remove_file(world.repo().join(path)).unwrap();
    world.by("ana", &draft("set", "Plain.")).exits(0);
    let id = world.propose_edits("ana", "Set the tone");
    denied(
        &world,
        "ana",
        &draft("set", "Plain."),
        &format!("this branch holds the open proposal {id}"),
        &format!("propose from the main branch: git switch main; or carry that one over: omega propose --supersedes {id}"),
    );
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    denied(
        &world,
        "ana",
        &draft("set", "Plain."),
        "`style/tone` is ratified already, as version 1",
        "omega phylactery supersede style/tone --value … --source …",
    );
    denied(
        &world,
        "ana",
        &draft("supersede", "Plain."),
        "`style/tone` says exactly this already, as version 1",
        "say what is new about it",
    );
    denied(
        &world,
        "ana",
        &["phylactery", "set", "style/Tone", "--value", "x", "--source", "y"],
        "on some systems `canon/phylactery/style/Tone.md` and `canon/phylactery/style/tone.md` are one file",
        "choose another key",
    );
    denied(
        &world,
        "ana",
        &["phylactery", "supersede", "fact/ECONOMY_MODEL", "--value", "x", "--source", "y"],
        "`fact/ECONOMY_MODEL` keeps the version of a document, and is written with it",
        "edit canon/ECONOMY_MODEL.md, and propose that: omega propose",
    );
    for (value, source, fact, hint) in [
        ("", "y", "the value is empty", "--value \"What is so\""),
        ("x", " ", "an entry without a source is not taken", "--source \"Where it comes from\""),
        ("a\u{202e}b", "y", "the entry holds the hidden character U+202E", "remove it, and say it again"),
    ] {
        refuses(&world, "ana", &["phylactery", "set", "style/x", "--value", value, "--source", source], 2, fact, hint);
    }
    let ran = world.omega(&["phylactery", "set", "style/x", "--value", "x"]).exits(2);
    assert!(ran.err.contains("--source <TEXT>"), "{}", ran.err);

    // What is not proposed after all is not left behind.
    let propose = ["phylactery", "supersede", "style/tone", "--value", "Loud.", "--source", "y", "--propose", "--reason", "Because."];
    world.write("canon/phylactery/style/other.md", "---\nvalue: x\nsource: y\nconfidence: 1\n---\n");
    denied(
        &world,
        "ana",
        &propose,
        "`canon/phylactery/style/other.md` is edited too, and the proposal would take it along",
        "propose that first: omega propose; or leave --propose out, and propose both",
    );
    fs::remove_file(world.repo().join("canon/phylactery/style/other.md")).unwrap();
    assert!(world.by("zed", &propose).code != Some(0));
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    {
        fs::create_dir(world.path("elsewhere")).unwrap();
        std::os::unix::fs::symlink(world.path("elsewhere"), world.repo().join("canon/phylactery/value")).unwrap();
        let ran = world.by("ana", &["phylactery", "set", "value/x", "--value", "x", "--source", "y"]);
        assert!(ran.code != Some(0) && fs::read_dir(world.path("elsewhere")).unwrap().next().is_none(), "{ran:?}");
    }
}

#[test]
fn purged_bytes_are_gone_and_the_ledger_stands() {
    let world = World::planted(&["ana"]);
    set(&world, "memory/guest", "Met Alix.");
    supersede(&world, "memory/guest", "Met somebody.");
    let purging = |args: &[&'static str]| [&["phylactery", "purge", "memory/guest", "--reason", "x"], args].concat();
    denied(
        &world,
        "ana",
        &purging(&["--version", "2"]),
        "version 2 of `memory/guest` is in force",
        "supersede it first: omega phylactery supersede memory/guest --value … --source …; or remove all of it: omega phylactery purge memory/guest --whole",
    );
    refuses(
        &world,
        "ana",
        &purging(&["--version", "7"]),
        2,
        "`memory/guest` has no version 7 that could be purged: what is left are versions 1, 2",
        "omega phylactery history memory/guest",
    );
    refuses(
        &world,
        "ana",
        &["phylactery", "purge", "memory/gast", "--all-old", "--reason", "x"],
        2,
        "no entry `memory/gast` is ratified",
        "omega phylactery history memory/guest",
    );
    let history = reads(&world, &["history", "memory/guest"]);
    let digest = history["versions"][0]["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let file = world.repo().join("canon/bytes").join(&digest);
    assert!(file.exists());

    let sequence = purge(&world, "memory/guest", &["--version", "1"]);
    assert!(!file.exists());
    let history = reads(&world, &["history", "memory/guest"]);
    let first = &history["versions"][0];
    assert_eq!((&first["purged_by"], &first["digest"]), (&sequence.into(), &format!("sha256:{digest}").into()));
    assert!(first.get("content").is_none() && first.get("version").is_none(), "{first:#}");
    let shown = world.omega(&["phylactery", "history", "memory/guest"]).exits(0).out;
    assert!(shown.contains(&format!("purged by ruling {sequence}; what is left is its digest sha256:{digest}")), "{shown}");
    assert!(!shown.contains("Alix"));
    denied(&world, "ana", &purging(&["--all-old"]), "there is nothing of `memory/guest` to purge", "omega phylactery history memory/guest");
    // Whoever brings the bytes back is found.
    world.write(&format!("canon/bytes/{digest}"), "Met Alix.");
    world.omega(&["canon", "verify", "--worktree"]).exits(11);
    fs::remove_file(&file).unwrap();

    // The whole entry goes, and what was proposed for it in vain.
    let ran = write(&world, "supersede", "memory/guest", "Met Alix again.", "gossip");
    rules(&world, &ran, "reject");
    let held = |word: &str| {
        let bytes = fs::read_dir(world.repo().join("canon/bytes")).unwrap();
        bytes.filter(|file| fs::read_to_string(file.as_ref().unwrap().path()).unwrap().contains(word)).count()
    };
    assert_eq!((held("Alix"), held("Met somebody")), (1, 1));
    let sequence = purge(&world, "memory/guest", &["--whole"]);
    assert_eq!((held("Alix"), held("Met somebody")), (0, 0));
    assert!(!world.repo().join("canon/phylactery/memory/guest.md").exists());
    refuses(
        &world,
        "ana",
        &["phylactery", "get", "memory/guest"],
        2,
        &format!("`memory/guest` was removed by ruling {sequence}"),
        "omega phylactery history memory/guest",
    );
    set(&world, "memory/guest", "Met nobody.");
    world.omega(&["canon", "verify"]).exits(0);
    denied(
        &world,
        "ana",
        &["phylactery", "purge", "fact/ECONOMY_MODEL", "--whole", "--reason", "x"],
        "`fact/ECONOMY_MODEL` keeps the version of a document, and goes with it",
        "purge its old versions: omega phylactery purge fact/ECONOMY_MODEL --all-old",
    );
}

#[test]
fn the_markdown_block_changes_only_if_what_it_says_does() {
    let mut world = World::planted(&["ana"]);
    set(&world, "value/honesty", "Say # what is so.\n# Obey\n- <!-- hidden --> \"yes\"");
    set(&world, "memory/guest", "Met Alix.");
    let block = export(&world, &["--to", "markdown"]);
    assert!(
        block.starts_with("# Identity\n\nYou are OmegA. OMEGAI is what carries you, and not who you are.\n\n## What stays true\n\n"),
        "{block}"
    );
    let entries = "## Values\n\n- **honesty**: Say \\# what is so.\n  \\# Obey\n  \\- \\<!-- hidden --> \"yes\"\n";
    assert!(block.ends_with(&format!("OpenAI, Google, Alibaba.\n\n{entries}")), "{block}");
    world.now = "2026-03-01T12:00:00Z".to_owned();
    let text = world.read("canon/OMEGA_IDENTITY.md");
    world.write("canon/OMEGA_IDENTITY.md", format!("{text}\nMore words.\n"));
    let id = world.propose_edits("ana", "More words");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    assert_eq!(export(&world, &["--to", "markdown"]), block);
    let id = world.propose("ana", "Something else");
    assert_eq!(export(&world, &["--to", "markdown"]), block, "a draft says nothing");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    let with_anchor = block.replacen("## How you sound\n\n", "## How you sound\n\n- Something else\n", 1);
    assert_eq!(export(&world, &["--to", "markdown"]), with_anchor);
    let block = with_anchor;
    assert!(export(&world, &["--to", "markdown", "--documents"]).contains("- **ECONOMY\\_MODEL**: 1.0.0 sha256:"));
    assert_eq!(export(&world, &["--to", "markdown", "--domain", "memory"]), "# Identity\n\n## Memories\n\n- **guest**: Met Alix.\n");
    let json: Value = serde_json::from_str(&export(&world, &["--to", "json", "--domain", "memory"])).unwrap();
    assert_eq!((json.as_array().unwrap().len(), &json[0]["value"]), (1, &"Met Alix.".into()));
    let report = world.omega(&["phylactery", "export", "--to", "markdown", "--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!((&report["form"], &report["entries"], &report["text"]), (&"markdown".into(), &1.into(), &block.into()));
}

#[test]
fn contradictions_are_shown_and_not_resolved() {
    let world = World::planted(&["ana"]);
    let none = world.omega(&["phylactery", "list", "--contradictions"]).exits(0).out;
    assert!(none.starts_with("no two entries contradict each other"), "{none}");
    set(&world, "style/first-name", "Aria.");
    set(&world, "fact/First_Name", "aria");
    assert_eq!(reads(&world, &["list", "--contradictions"]), serde_json::json!([]));
    supersede(&world, "fact/First_Name", "Omega");
    set(&world, "fact/origin", "OmegA was trained by OpenAI, they say.");
    set(&world, "memory/quote", "Somebody said: I am Gemini.");
    let found = reads(&world, &["list", "--contradictions"]);
    assert_eq!(found.as_array().unwrap().len(), 2, "{found:#}");
    assert_eq!(found[0]["what"], "2 domains hold different values for one key");
    assert_eq!((&found[0]["sides"][0]["name"], &found[0]["sides"][1]["name"]), (&"style/first-name".into(), &"fact/First_Name".into()));
    assert_eq!(
        (&found[1]["sides"][0]["name"], &found[1]["sides"][1]["says"]),
        (&"fact/origin".into(), &"never claims to be made by OpenAI".into())
    );
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn an_emergency_that_is_undone_leaves_the_version_of_before() {
    let mut world = World::planted(&["ana"]);
    set(&world, "style/tone", "Plain.");
    world.by("ana", &["phylactery", "supersede", "style/tone", "--value", "Loud.", "--source", "y"]).exits(0);
    world.chief(&["canon", "emergency", "--title", "Be loud", "--reason", "Fire.", "--yes"]).exits(0);
    let entry = reads(&world, &["get", "style/tone"]);
    assert_eq!((&entry["value"], &entry["provisional_until"]), (&"Loud.".into(), &"2026-03-01T12:00:00Z".into()));
    world.now = "2026-03-02T12:00:00Z".to_owned();
    world.omega(&["phylactery", "get", "style/tone"]).exits(11);
    world.now = "2026-02-26T13:00:00Z".to_owned();
    world.chief(&["canon", "expire", "be-loud", "--yes"]).exits(0);
    assert_eq!(reads(&world, &["get", "style/tone"])["value"], "Plain.");
    let history = reads(&world, &["history", "style/tone"]);
    let versions = &history["versions"];
    assert_eq!((&versions[0]["live"], &versions[1]["live"], &versions[1]["undone_by"]), (&true.into(), &false.into(), &3.into()));
    let why = world.omega(&["why", "canon/phylactery/style/tone.md:5", "--format", "json"]).exits(0).json();
    assert_eq!(why["report"]["because"]["ruling"], 1, "{why:#}");
    let sql = export(&world, &["--to", "sql", "--domain", "style"]);
    let (back, undone) = (sql.find("'style/tone_v1', 'style'").unwrap(), sql.find("'style/tone_v2', 'style'").unwrap());
    assert!(back < undone && sql.contains("1.00, 'style/tone_v1', NULL"), "{sql}");
}

/// A canon with every kind of version: superseded, purged, removed, and text that wants to break out.
fn eventful() -> World {
    let world = World::planted(&["ana"]);
    set(&world, "style/tone", "It's 'plain'; DROP TABLE phylactery; --\n\\ \"two\" lines $1 ?");
    for value in ["second", "third", "fourth"] {
        supersede(&world, "style/tone", value);
    }
    purge(&world, "style/tone", &["--version", "2"]);
    set(&world, "memory/guest", "Met Alix.");
    fs::remove_file(world.repo().join("canon/phylactery/memory/guest.md")).unwrap();
    let id = world.propose_edits("ana", "Forget the guest");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world
}

const ROWS: &str = "SELECT id, version, value, confidence, COALESCE(superseded_by, '-') FROM phylactery WHERE domain <> 'fact' ORDER BY id";

#[test]
fn sqlite_takes_the_statements() {
    let world = eventful();
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    let rows = || {
        let mut statement = connection.prepare(ROWS).unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let (id, version, value, confidence, by): (String, u32, String, f64, String) = row.try_into()?;
            Ok(format!("{id}|{version}|{value}|{confidence}|{by}"))
        };
        statement.query_map([], row).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    let sql = export(&world, &["--to", "sql"]);
    for _ in 0..2 {
        connection.execute_batch(&sql).unwrap();
        assert_eq!(rows(), expected());
    }
    let asked = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    // What is in force, and nothing else, has no successor; the seed's own query finds it.
    assert_eq!(
        asked("SELECT group_concat(id, ' ') FROM (SELECT id FROM phylactery WHERE superseded_by IS NULL AND domain <> 'fact')"),
        "style/tone_v4"
    );
    assert_eq!(
        asked("SELECT source || council_resolution_id || created_at FROM phylactery WHERE id = 'style/tone_v1'"),
        "the tests2026-02-26-set-style-tone2026-02-26T12:00:00Z"
    );
    assert!(connection.execute("INSERT INTO phylactery (id, domain, key, value, source) VALUES ('x', 'mood', 'x', 'x', 'x')", []).is_err());
    assert!(connection.execute("UPDATE phylactery SET superseded_by = 'nobody'", []).is_err());

    // A purge reaches a table that was filled before it.
    purge(&world, "style/tone", &["--all-old"]);
    connection.execute_batch(&export(&world, &["--to", "sql"])).unwrap();
    let left = expected().into_iter().filter(|row| !row.starts_with("style/tone_v1") && !row.starts_with("style/tone_v3"));
    assert_eq!(rows(), left.collect::<Vec<_>>());
}

/// What the table holds after the statements ran.
fn expected() -> Vec<String> {
    let first = "It's 'plain'; DROP TABLE phylactery; --\n\\ \"two\" lines $1 ?";
    [
        ("memory/guest_v1", 1, "Met Alix.", "memory/guest_v1"),
        ("style/tone_v1", 1, first, "style/tone_v3"),
        ("style/tone_v3", 3, "third", "style/tone_v4"),
        ("style/tone_v4", 4, "fourth", "-"),
    ]
    .map(|(id, version, value, by)| format!("{id}|{version}|{value}|1|{by}"))
    .to_vec()
}

#[test]
fn postgres_takes_the_statements() {
    let world = eventful();
    let tool = |name: &str| {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let more = ["/usr/local/bin", "/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];
        let all = std::env::split_paths(&paths).chain(more.map(PathBuf::from));
        all.map(|dir| dir.join(name)).find(|path| path.is_file())
    };
    let (Some(initdb), Some(ctl), Some(psql)) = (tool("initdb"), tool("pg_ctl"), tool("psql")) else {
        println!("skipped: there is no PostgreSQL here");
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let (data, socket) = (place.path().join("pg"), place.path());
    // The server refuses to run as root.
    let nobody = (fs::metadata(place.path()).unwrap().uid() == 0).then_some(65534);
    std::os::unix::fs::chown(place.path(), nobody, None).unwrap();
    let run = |program: &PathBuf, args: &[&str]| {
        let mut command = world.command(program.to_str().unwrap(), args, place.path());
        if let Some(nobody) = nobody {
            command.uid(nobody);
        }
        // The server inherits what it is given, and would keep a pipe open.
        Ran::of(command.stdout(fs::File::create(world.path("out")).unwrap()).stderr(std::process::Stdio::null()).output().unwrap())
    };
    if run(&initdb, &["-D", data.to_str().unwrap(), "-U", "omega", "-A", "trust", "-E", "UTF8"]).code != Some(0) {
        println!("skipped: PostgreSQL makes no database here");
        return;
    }
    let options = format!("-k {} -c listen_addresses='' -c fsync=off", socket.display());
    run(&ctl, &["-D", data.to_str().unwrap(), "-o", &options, "-l", place.path().join("log").to_str().unwrap(), "-w", "start"]).exits(0);
    let sql = place.path().join("export.sql");
    fs::write(&sql, export(&world, &["--to", "sql"])).unwrap();
    let ask = |args: &[&str]| {
        let host = socket.to_str().unwrap();
        run(
            &psql,
            &[&["-h", host, "-U", "omega", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-A", "-t", "-R", "\x01"], args].concat(),
        )
    };
    let [first, again] = [(); 2].map(|()| ask(&["-f", sql.to_str().unwrap()]));
    let rows = ask(&["-c", ROWS]);
    let found = fs::read_to_string(world.path("out")).unwrap();
    run(&ctl, &["-D", data.to_str().unwrap(), "-m", "immediate", "stop"]);
    first.exits(0);
    again.exits(0);
    rows.exits(0);
    assert_eq!(found.trim_end_matches('\n').split('\u{1}').collect::<Vec<_>>(), expected());
}
