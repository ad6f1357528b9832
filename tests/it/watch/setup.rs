//! What a machine lacks, and what came of a heal command: said to those who can mend it.

use super::site::{Mode, Plan, Server, Site, service};

/// One critical service with this heal command, and a command channel.
fn site(server: &Server, heal: &str, channels: &[&str]) -> Site {
    let text = service("Brain", server.port, "exit 3").replace("[/bin/sh, \"-c\", \"exit 3\"]", heal);
    Site::planned(&Plan { services: &text, names: &["Brain"], channels, ..Plan::default() })
}

const CHIEF: &str = "{name: chief, kind: telegram, least: warning}";

#[test]
fn a_program_that_is_not_there_is_told_before_it_is_needed_and_is_no_restart() {
    let server = Server::start(None);
    let site = site(&server, "[no-such-program, restart]", &[CHIEF]);
    let lacking = "Brain cannot be healed: `no-such-program` is in none of";
    let ran = site.run(&["watch", "--dry-run"]).exits(0);
    assert!(ran.out.contains(lacking), "{}", ran.out);
    let ran = site.once().exits(0);
    assert!(ran.out.contains(lacking), "{}", ran.out);
    server.set(Mode::Dead);
    site.once().exits(15);
    site.once().exits(14);
    let told = site.told();
    assert!(told.iter().any(|text| text.contains("its heal command could not be started: `no-such-program` is in none of")), "{told:?}");
    assert!(told.iter().all(|text| !text.contains("after 1 restart") && !text.contains("restarted")), "{told:?}");
    let status = site.report(&["watch", "status"]);
    let restarts = status["budgets"].as_array().unwrap().iter().find(|budget| budget["event"] == "RESTART");
    assert!(restarts.is_none_or(|budget| budget["count"] == 0), "{status}");
}

#[test]
fn why_a_heal_command_failed_is_in_the_message() {
    let server = Server::start(None);
    let site = Site::brain(&server, "echo 'Process omega-brain not found' >&2; exit 7");
    site.once().exits(0);
    server.set(Mode::Dead);
    site.once().exits(15);
    site.once().exits(14);
    let told = site.told();
    let says = "after 1 restart; its heal command ended with status 7: Process omega-brain not found";
    assert!(told.iter().any(|text| text.contains(says)), "{told:?}");
    // One that ends well says nothing, and what failed is over with the outage.
    let said = site.report(&["watch", "status"])["incidents"][0]["what"].as_str().unwrap().to_owned();
    assert!(said.contains("status 7"), "{said}");
}

#[test]
fn a_check_tests_every_channel_and_finds_every_program_and_heals_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (heard, healed) = (folder.path().join("heard"), folder.path().join("healed"));
    let script = serde_json::Value::from(format!("cat >> {}", heard.display()));
    let pager = format!("{{name: pager, kind: command, least: warning, command: [/bin/sh, \"-c\", {script}]}}");
    let flow = "{name: flow, kind: webhook, least: notice}";
    let (server, hook) = (Server::start(None), Server::start(None));
    let heal = format!("[/bin/sh, \"-c\", \"touch {}\"]", healed.display());
    let mut site = site(&server, &heal, &[CHIEF, flow, &pager]);
    let ran = site.run(&["watch", "check"]).exits(15);
    assert!(ran.out.contains("OMEGA_WEBHOOK_URL is not set on this machine"), "{}", ran.out);
    assert!(site.told()[0].contains("this is a test of the channel chief"), "{:?}", site.told());
    assert!(std::fs::read_to_string(&heard).unwrap().contains("this is a test of the channel pager"));
    site.variables = vec![("OMEGA_WEBHOOK_URL", format!("http://127.0.0.1:{}/hook", hook.port))];
    let checks = site.run(&["watch", "check", "--format", "json"]).exits(0).json()["report"].clone();
    assert!(checks.as_array().unwrap().iter().all(|check| check["lacks"].is_null()), "{checks}");
    assert_eq!((hook.heard().len(), healed.exists()), (1, false));
    // A channel that refuses is lacking, and why is said.
    hook.set(Mode::Status(403));
    let ran = site.run(&["watch", "check"]).exits(15);
    assert!(ran.out.contains("flow") && ran.out.contains("it answers with status 403"), "{}", ran.out);
}
