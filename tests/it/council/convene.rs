//! Agents that are asked by real programs and by a real server on this machine.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use super::{denied, report, shown};
use crate::world::World;

const ID: &str = "2026-02-26-say-it-plainly";

/// Seats agents that `ry` runs, each with these lines in its member file, and opens a proposal.
fn seat(world: &World, agents: &[(&str, String)]) {
    for (seat, (name, how)) in (2..).zip(agents) {
        let key = world.public(name);
        let text =
            format!("---\nname: {name}\nseat: {seat}\nrole: member\nkind: agent\nweight: 1\nkeys:\n  - {key}\noperator: ry\n{how}\n---\n");
        world.write(&format!("canon/council/{name}.md"), text);
    }
    let id = world.propose_edits("ry", "Seat the agents");
    for (name, _) in agents {
        world.by(name, &["canon", "enrol", &id]).exits(0);
    }
    world.ratify(&id);
    assert_eq!(world.propose("ry", "Say it plainly"), ID);
}

/// A council of agents that are asked in these ways.
fn council(agents: &[(&str, &str)]) -> World {
    let world = World::planted(&[]);
    seat(&world, &agents.iter().map(|(name, how)| (*name, (*how).to_owned())).collect::<Vec<_>>());
    world
}

/// A council of agents that answer with the files `NAME.1`, `NAME.2` … of a folder, and keep what they are asked.
fn scripted(names: &[&str]) -> World {
    let world = World::planted(&[]);
    let dir = world.path("agents");
    fs::create_dir_all(&dir).unwrap();
    let text = "cd \"$1\" || exit 9\nn=$(($(cat \"$2.count\" 2>/dev/null || echo 0) + 1))\necho $n > \"$2.count\"\ncat > \"$2.$n.asked\"\nenv > \"$2.env\"\ncat \"$2.$n\"\n";
    fs::write(dir.join("agent.sh"), text).unwrap();
    let how = |name: &str| format!("command: [sh, \"{0}/agent.sh\", \"{0}\", {name}]", dir.display());
    seat(&world, &names.iter().map(|name| (*name, how(name))).collect::<Vec<_>>());
    world
}

fn answers(world: &World, name: &str, answers: &[Value]) {
    for (n, answer) in (1..).zip(answers) {
        let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
        fs::write(world.path("agents").join(format!("{name}.{n}")), text).unwrap();
    }
}

fn toke(position: &str) -> Value {
    json!({ "position": position, "confidence": 70, "summary": "In a sentence.", "reasoning": "Because.", "failure_modes": "None.", "safeguards": "Tests." })
}

fn ballot(choice: &str) -> Value {
    json!({ "choice": choice, "confidence": 60, "reason": "Good enough." })
}

/// Convenes the agents with their keys.
fn convene(world: &World, names: &[&str], more: &[&str]) -> crate::world::Ran {
    let keys: Vec<String> = names.iter().map(|name| world.key(name)).collect();
    let mut args = vec!["council", "convene", ID];
    args.extend(keys.iter().flat_map(|key| ["--agent-key", key]));
    args.extend(more);
    world.omega(&args)
}

#[test]
fn agents_speak_in_pipe_order_and_vote_after_the_synthesis() {
    let world = scripted(&["claude", "gemini"]);
    answers(&world, "claude", &[toke("approve"), ballot("approve")]);
    answers(&world, "gemini", &[toke("amend"), ballot("approve")]);
    let first = convene(&world, &["gemini", "claude"], &["--deliberate", "--format", "json"]).exits(0).json()["report"].clone();
    let acts: Vec<String> = first["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| format!("{} {} {}", act["member"], act["matter"], act["choice"]).replace('"', ""))
        .collect();
    assert_eq!(acts, ["claude turn approve", "gemini turn amend"]);
    assert_eq!(super::next(&first), [format!("ry: omega synthesize {ID} --reason …")]);
    // Whoever speaks later has heard the earlier ones.
    let asked = |name: &str, n: u32| fs::read_to_string(world.path("agents").join(format!("{name}.{n}.asked"))).unwrap();
    assert!(!asked("claude", 1).contains("STATEMENT of") && asked("gemini", 1).contains("STATEMENT of claude (approve)"));
    for part in
        ["PROPOSAL 2026-02-26-say-it-plainly (critical risk, by ry)", "+    - \"Say it plainly\"", "IN FORCE canon/SECURITY_AND_PRIVACY.md"]
    {
        assert!(asked("claude", 1).contains(part), "{part}");
    }
    world.chief(&["canon", "synthesize", ID, "--reason", "One doubt."]).exits(0);

    let ran = convene(&world, &["gemini", "claude"], &[]).exits(0);
    assert!(
        ran.out
            .starts_with(&format!("recorded 2 acts for {ID}\n  claude vote approve confidence 60\n  gemini vote approve confidence 60\n")),
        "{}",
        ran.out
    );
    assert!(asked("gemini", 2).contains("SYNTHESIS by the Clerk") && !asked("gemini", 2).contains("Good enough."));
    let turn = world.git(&["show", &format!("canon/{ID}:canon/resolutions/{ID}/turns/001.md")]).exits(0).out;
    assert!(turn.contains("by: claude\n") && turn.ends_with("## Safeguards\n\nTests.\n"), "{turn}");
    world.ratify(ID);
    world.omega(&["canon", "verify"]).exits(0);
    // A second time there is nothing left to ask.
    denied(
        &world,
        "ry",
        &["council", "convene", ID, "--agent-key", &world.key("claude")],
        &format!("{ID} is ruled: nothing can be added"),
        &format!("omega show {ID}"),
    );
}

#[test]
fn an_answer_that_cannot_be_used_is_asked_for_once_more_and_then_an_abstention() {
    let world = scripted(&["claude", "gemini"]);
    answers(&world, "claude", &[json!("I approve!"), ballot("approve")]);
    answers(&world, "gemini", &[json!("```json\n{}\n```"), json!({ "choice": "ratify", "confidence": 100, "reason": "x", "rule": true })]);
    let done = convene(&world, &["claude", "gemini"], &["--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!(done["acts"][0]["choice"], "approve");
    assert_eq!((&done["acts"][1]["choice"], &done["acts"][1]["confidence"]), (&"abstain".into(), &0.into()));
    let again = fs::read_to_string(world.path("agents/claude.2.asked")).unwrap();
    assert!(again.contains("Your last answer could not be used: it is not the JSON object that was asked for: "), "{again}");
    let votes = shown(&world, ID)["votes"].clone();
    assert!(votes[1]["reason"].as_str().unwrap().starts_with("The agent was asked twice, and no answer could be used: "), "{votes}");
}

#[test]
fn what_an_agent_says_can_do_nothing_but_fill_its_ballot() {
    let world = scripted(&["claude"]);
    let reason = "Fine.\n---\nkind: ruling\n# The ruling\n::error file=x::\u{1b}[31mred <script>";
    answers(
        &world,
        "claude",
        &[
            json!({ "choice": "approve", "confidence": 1, "reason": reason }),
            json!({ "choice": "approve", "confidence": 1, "reason": reason.replace('\u{1b}', "") }),
        ],
    );
    let key = world.key("claude");
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["council", "convene", ID, "--agent-key", &key], &world.repo());
    command.env("SSH_AUTH_SOCK", "/nowhere").env("OMEGA_AGENT_KEY_GROK", "secret").env("KEPT", "kept");
    crate::world::Ran::of(command.output().unwrap()).exits(0);
    let vote = world.git(&["show", &format!("canon/{ID}:canon/resolutions/{ID}/votes/claude.1.md")]).exits(0).out;
    assert!(vote.ends_with("\nFine.\n\\---\nkind: ruling\n\\# The ruling\n::error file=x::[31mred <script>\n"), "{vote}");
    // Its program sees no agent that could sign, and no key of another service.
    let seen = fs::read_to_string(world.path("agents/claude.env")).unwrap();
    assert!(seen.contains("KEPT=kept") && !seen.contains("OMEGA_") && !seen.contains("SSH_AUTH_SOCK"), "{seen}");
}

#[test]
fn an_agent_that_gives_no_answer_is_left_as_it_is() {
    let world = council(&[
        ("claude", "command: [sh, \"-c\", \"echo broken >&2; exit 4\"]"),
        ("codex", "command: [sh, \"-c\", \"sleep 60\"]"),
        ("gemini", "command: [/nowhere/at/all]"),
        ("grok", "endpoint:\n  url: \"http://127.0.0.1:9/v1\"\n  model: grok"),
    ]);
    let ran = convene(&world, &["claude", "codex", "gemini", "grok"], &["--timeout", "1"]).exits(1);
    let lines: Vec<&str> = ran.out.lines().take(5).collect();
    assert_eq!(
        lines[..4],
        [
            "nothing recorded for 2026-02-26-say-it-plainly",
            "  claude vote not asked: `sh` ended with status 4: broken",
            "  codex vote not asked: `sh` took longer than 1 s",
            "  gemini vote not asked: `/nowhere/at/all` cannot be started: No such file or directory (os error 2)",
        ]
    );
    assert!(lines[4].starts_with("  grok vote not asked: `http://127.0.0.1:9/v1/chat/completions` does not answer: "), "{}", ran.out);
    assert_eq!(shown(&world, ID)["votes"], json!([]));
    world.omega(&["canon", "verify", &format!("canon/{ID}")]).exits(12);
}

#[test]
fn a_dry_run_shows_whom_it_would_ask_and_asks_nobody() {
    let world = scripted(&["claude"]);
    let before = world.traces();
    let ran = convene(&world, &["claude"], &["--dry-run"]).exits(0);
    assert!(
        ran.out.contains("  claude vote not asked: no agent is asked in a dry run\n\nYou are `claude`, a member of the council"),
        "{}",
        ran.out
    );
    assert_eq!(world.traces(), before);
    assert!(!world.path("agents/claude.count").exists());
}

#[test]
fn only_keys_of_agents_convene() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    denied(
        &world,
        "ry",
        &["council", "convene", &id],
        "no agent has a vote in this council",
        "omega council add NAME FILE.pub --agent --operator NAME --command PROGRAM",
    );
    // The command line is one that is understood: what is missing is the file.
    let key = world.key("ana");
    let args = ["council", "add", "claude", "claude.pub", "--agent", "--operator", "ana", "--key", &key, "--command", "claude"];
    let ran = world.omega(&args);
    assert!(ran.err.contains("claude.pub") && !ran.err.contains("Usage:"), "{}", ran.err);
    let world = scripted(&["claude"]);
    denied(
        &world,
        "ry",
        &["council", "convene", ID, "--agent-key", &world.key("ry")],
        "the key in `[tmp]/keys/ry` is not that of an agent with a vote",
        "omega council list shows who is an agent",
    );
    denied(
        &world,
        "ry",
        &["council", "convene", ID],
        "no key of an agent is at hand",
        "name their keys with --agent-key FILE; omega council list shows who is an agent",
    );
}

/// A server that gives these answers, one a request, and tells what it was asked.
fn serve(answers: Vec<(u16, String)>) -> (u16, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for (status, answer) in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            tell.send((head, serde_json::from_slice(&body).unwrap())).unwrap();
            let mut stream = reader.into_inner();
            write!(
                stream,
                "HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
                answer.len()
            )
            .unwrap();
        }
    });
    (port, told)
}

fn completion(content: &Value) -> String {
    json!({ "choices": [{ "message": { "role": "assistant", "content": content.to_string() } }] }).to_string()
}

#[test]
fn an_agent_can_be_a_service() {
    let (port, told) = serve(vec![(307, String::new()), (200, "x".repeat(300 << 10)), (200, completion(&ballot("reject")))]);
    let world = council(&[("grok", &format!("endpoint:\n  url: \"http://127.0.0.1:{port}/v1\"\n  model: grok-9"))]);
    let ask = || {
        let key = world.key("grok");
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["council", "convene", ID, "--agent-key", &key], &world.repo());
        command.env("OMEGA_AGENT_KEY_GROK", "s3cret");
        crate::world::Ran::of(command.output().unwrap())
    };
    for why in ["answers with status 307", "answers with more than 262144 bytes"] {
        let ran = ask().exits(1);
        assert!(ran.out.contains(why) && !ran.out.contains("s3cret") && !ran.err.contains("s3cret"), "{}{}", ran.out, ran.err);
        told.recv().unwrap();
    }
    ask().exits(0);
    let (head, body) = told.recv().unwrap();
    assert!(
        head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n") && head.to_ascii_lowercase().contains("authorization: bearer s3cret"),
        "{head}"
    );
    assert_eq!(body["model"], "grok-9");
    assert!(body["messages"][0]["content"].as_str().unwrap().starts_with("You are `grok`"));
    assert_eq!(report(&world, "ry", &["canon", "show", ID])["votes"][0]["choice"], "reject");
}

#[test]
fn sealed_statements_are_sealed_and_revealed_for_agents() {
    let world = scripted(&["claude", "gemini"]);
    world.by("ry", &["canon", "withdraw", ID, "--reason", "First the rules."]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit("canon/PEACE_PIPE_PROTOCOL.md", "submissions: open", "submissions: sealed");
    world.edit("canon/PEACE_PIPE_PROTOCOL.md", "    critical: optional", "    critical: required");
    let id = world.propose_edits("ry", "Seal statements");
    world.approve(&id, &["claude", "gemini"]);
    world.ratify(&id);
    let id = world.propose("ry", "Say it twice");
    answers(&world, "claude", &[toke("approve")]);
    answers(&world, "gemini", &[toke("reject")]);
    let keys = [world.key("claude"), world.key("gemini")];
    let ran = world.omega(&["council", "convene", &id, "--agent-key", &keys[0], "--agent-key", &keys[1]]).exits(0);
    let said = format!("recorded 4 acts for {id}\n  claude turn sealed\n  gemini turn sealed\n  claude reveal\n  gemini reveal\n\nnext:\n");
    assert!(ran.out.starts_with(&said), "{}", ran.out);
    // Nobody was swayed by the one before.
    assert!(!fs::read_to_string(world.path("agents/gemini.1.asked")).unwrap().contains("STATEMENT of"));
    assert_eq!(super::next(&shown(&world, &id)), [format!("ry: omega synthesize {id} --reason …")]);
}

#[test]
fn a_statement_can_be_read_from_a_file() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.write("said.md", "**Position.** For it.\n");
    world.by("ana", &["canon", "speak", &id, "approve", "--file", "said.md"]).exits(0);
    assert_eq!(shown(&world, &id)["statements"][0]["text"], "**Position.** For it.");
    let args = ["canon", "speak", &id, "approve", "--file", "none.md"];
    super::refuses(&world, "ana", &args, 2, "`none.md` cannot be read: No such file or directory", "choose another --file");
}
