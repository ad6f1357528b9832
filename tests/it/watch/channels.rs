//! Every way to tell somebody, and every way to be asked.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding as _};

use super::certificate::certificate;
use super::site::{Mode, Plan, Server, Site, TOKEN, service, until};

#[test]
fn a_webhook_a_command_and_a_dead_mans_switch_hear_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (heard, ready) = (folder.path().join("heard"), folder.path().join("ready"));
    let (server, hook, switch) = (Server::start(None), Server::start(None), Server::start(None));
    let script = serde_json::Value::from(format!("test -e {} && cat >> {}", ready.display(), heard.display()));
    let pager = format!("{{name: pager, kind: command, least: warning, command: [/bin/sh, \"-c\", {script}]}}");
    let channels = ["{name: flow, kind: webhook, least: notice}", &pager];
    let mut site = Site::planned(&Plan {
        services: &service("Brain", server.port, "exit 3"),
        names: &["Brain"],
        channels: &channels,
        ..Plan::default()
    });
    site.variables = vec![
        ("OMEGA_WEBHOOK_URL", format!("http://127.0.0.1:{}/hook/{TOKEN}", hook.port)),
        ("OMEGA_DEAD_MAN_URL", format!("http://127.0.0.1:{}/ping/{TOKEN}", switch.port)),
    ];
    site.once().exits(0);
    assert!(switch.heard()[0].starts_with(&format!("GET /ping/{TOKEN} ")), "{:?}", switch.heard());
    assert_eq!((switch.heard().len(), hook.heard().len()), (1, 0));

    server.set(Mode::Dead);
    site.once().exits(15);
    let ran = site.once().exits(14);
    let posted = hook.heard();
    assert_eq!(posted.len(), 1);
    let (head, body) = posted[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("POST /hook/{TOKEN} ")) && head.to_lowercase().contains("content-type: application/json"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["level"], "critical");
    assert!(body["text"].as_str().unwrap().contains("Brain is still down") && body["at"].is_string(), "{body}");
    // The command does not take it yet, says why, and is asked again.
    assert!(ran.out.contains("pager was not told: the command ended with status 1"), "{}", ran.out);
    assert_eq!(site.report(&["watch", "status"])["undelivered"][0]["channel"], "pager");
    fs::write(&ready, "").unwrap();
    until("the command takes it", || {
        site.once();
        fs::read_to_string(&heard).is_ok_and(|text| text.contains("[CRITICAL] Brain"))
    });
    let mut bodies: Vec<String> = hook.heard().iter().map(|posted| posted.split_once("\"text\"").unwrap().1.to_owned()).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), hook.heard().len(), "who took it is not told again");

    // Where neither can be reached, that is said, and no address is shown (every run holds that).
    hook.set(Mode::Dead);
    switch.set(Mode::Status(503));
    server.set(Mode::Status(200));
    let ran = site.once().exits(0);
    assert!(ran.out.contains("flow was not told") && ran.out.contains("the dead man's switch was not reached"), "{}", ran.out);
    let kept = fs::read(site.world.repo().join(".git/omega/watch.db")).unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains(TOKEN));
}

#[test]
fn a_channel_that_hangs_delays_nobody() {
    let (server, other, hook, switch) = (Server::start(None), Server::start(None), Server::start(None), Server::start(None));
    let channels = ["{name: flow, kind: webhook, least: notice}", "{name: journal, kind: file, least: notice, file: alerts.log}"];
    let mut site = Site::planned(&Plan {
        services: &(service("Brain", server.port, "exit 3") + &service("Voice", other.port, "exit 3")),
        names: &["Brain", "Voice"],
        channels: &channels,
        pace: [1, 1, 8],
        ..Plan::default()
    });
    site.variables = vec![
        ("OMEGA_WEBHOOK_URL", format!("http://127.0.0.1:{}/hook/{TOKEN}", hook.port)),
        ("OMEGA_DEAD_MAN_URL", format!("http://127.0.0.1:{}/ping/{TOKEN}", switch.port)),
    ];
    hook.set(Mode::Hangs);
    switch.set(Mode::Hangs);
    server.set(Mode::Dead);
    let mut daemon = site.daemon(&[]);
    until("an alert is on its way", || !hook.heard().is_empty());
    let asked = other.heard().len();
    until("services are asked all the same", || other.heard().len() >= asked + 3);
    other.set(Mode::Dead);
    let journal = site.world.repo().join(".git/omega/alerts.log");
    until("another channel is told all the same", || fs::read_to_string(&journal).is_ok_and(|text| text.contains("Voice")));
    assert_eq!(hook.heard().len(), 1, "all of that while the first message was still under way");
    assert!(std::process::Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap().success());
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
    assert_eq!(hook.heard().len(), 1, "and it ends without waiting for it");
}

#[test]
fn a_certificate_is_told_of_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let soon = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap() + 5 * 86_400 + 3600;
    let ours = certificate("localhost", soon);
    let server = Server::secured(&ours);
    let believed = |name: &str, der: &[u8]| {
        let path = folder.path().join(name);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", Base64::encode_string(der));
        fs::write(&path, pem).unwrap();
        ("SSL_CERT_FILE", path.display().to_string())
    };
    let healed = folder.path().join("healed");
    let text = service("Brain", server.port, &format!("touch {}", healed.display()));
    let text = text.replace("http://127.0.0.1", "https://localhost") + "      expect: {tls_days: 14}\n";
    let mut site = Site::new(&text, "Brain", "");
    site.variables = vec![believed("ours.pem", &ours.0)];
    site.once().exits(15);
    site.once().exits(15);
    let told = site.told();
    assert!(
        told.len() == 1 && told[0].contains("[WARNING] Brain answers") && told[0].contains("its certificate ends in 5 days"),
        "{told:?}"
    );
    // One that is not believed is an outage, and none that a restart would end.
    site.variables = vec![believed("other.pem", &certificate("other", soon).0)];
    site.once().exits(15);
    site.once().exits(14);
    let told = site.told();
    assert!(told[1].contains("[CRITICAL]") && told[1].contains("tls: its certificate is not believed"), "{told:?}");
    assert!(!healed.exists());
}

#[test]
fn events_are_shown_as_they_come() {
    let server = Server::start(None);
    let site = Site::brain(&server, "exit 3");
    site.once().exits(0);
    let mut command = site.command(&["events", "--follow", "--format", "json"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    server.set(Mode::Dead);
    site.once().exits(15);
    let is_it = |line: &String| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        event["kind"] == "PHASE" && event["data"]["to"] == "suspect"
    };
    assert!(lines.by_ref().map(Result::unwrap).any(|line| is_it(&line)));
    child.kill().unwrap();
    child.wait().unwrap();
    // What is drawn anew each second needs somewhere to draw.
    let ran = site.run(&["watch", "status", "--follow"]).exits(2);
    assert!(ran.err.contains("--follow needs a terminal"), "{}", ran.err);
}
