//! The picture in ARCHITECTURE.md is true: who may use whom, and what stays out of which room.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// Every source file with its room and its code; tests inside the rooms are left out.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut rooms = Vec::new();
    for file in files {
        let inner = file.strip_prefix(&src).unwrap().to_owned();
        if inner.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let room = inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
        rooms.push((room, inner, code));
    }
    rooms
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let may = |room: &str| -> &[&str] {
        match room {
            "clock" | "digest" | "finding" | "secrets" | "shell" | "tree" => &[],
            "keys" => &["digest"],
            "canon" => &["keys", "digest", "clock"],
            "council" => &["keys", "canon", "clock"],
            "economy" | "identity" | "memory" | "resonance" => &["canon"],
            "security" => &["canon", "secrets"],
            "enforcement" => &["keys", "canon", "clock", "council", "economy", "identity", "memory", "resonance", "security", "watch"],
            "daemon" => &["ops", "clock"],
            "phylactery" => &["canon", "clock", "digest"],
            "watch" => &["canon", "clock"],
            "ledger" => &["clock", "digest", "finding", "tree", "keys", "canon", "council", "phylactery"],
            "git" => &["tree", "clock", "process"],
            "keyring" => &["keys", "digest"],
            "net" | "process" => &[],
            "store" => &["clock", "digest"],
            "ops" => &[
                "clock",
                "digest",
                "finding",
                "secrets",
                "tree",
                "keys",
                "canon",
                "council",
                "phylactery",
                "watch",
                "economy",
                "identity",
                "security",
                "enforcement",
                "ledger",
                "git",
                "keyring",
                "net",
                "process",
                "store",
            ],
            "render" => &["ops", "clock", "digest", "finding", "canon", "council", "watch", "ledger", "enforcement", "resonance"],
            "cli" => &[
                "render",
                "daemon",
                "ops",
                "clock",
                "digest",
                "finding",
                "secrets",
                "tree",
                "keys",
                "canon",
                "council",
                "phylactery",
                "watch",
                "resonance",
                "enforcement",
                "ledger",
                "git",
                "keyring",
            ],
            "main" => &["cli"],
            "lib" => &[],
            other => panic!("the room `{other}` is not in the picture"),
        }
    };
    let mut uses = 0;
    for (room, file, code) in rooms() {
        for (at, _) in code.match_indices("crate::") {
            let used: String = code[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            // Every room may put a name into a command.
            if used.is_empty() || used == room || used == "shell" {
                continue;
            }
            uses += 1;
            assert!(may(&room).contains(&used.as_str()), "{}: `{room}` uses `{used}`", file.display());
        }
    }
    assert!(uses > 100, "only {uses} uses were found");
}

#[test]
fn outside_things_have_one_room_each() {
    let only = [
        ("gix::", &["git"][..]),
        ("std::env::var", &["cli", "process"]),
        ("SystemTime::now", &["cli"]),
        ("println!", &[]),
        ("Command::new", &["cli", "keyring", "process"]),
        ("reqwest::", &["net"]),
        ("hyper::", &["net"]),
        ("rusqlite::", &["store"]),
        ("rustix::", &["git", "process", "net"]),
        ("anstyle::", &["render"]),
        ("regex::", &["secrets"]),
        ("UnixStream", &["keyring"]),
    ];
    for (room, file, code) in rooms() {
        for (what, allowed) in &only {
            assert!(!code.contains(what) || allowed.contains(&room.as_str()), "{}: `{what}` has no place in `{room}`", file.display());
        }
    }
}
