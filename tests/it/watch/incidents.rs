//! Whole incidents, lived through by the real program among real services.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::site::{Mode, Plan, Server, Site, TOKEN, service, until};

#[test]
fn cron_lives_through_a_whole_incident() {
    let folder = tempfile::tempdir().unwrap();
    let (flag, runs) = (folder.path().join("up"), folder.path().join("runs"));
    let server = Server::start(Some(&flag));
    let site = Site::brain(&server, &format!("echo run >> {}; touch {}; sleep 0.2", runs.display(), flag.display()));

    let ran = site.once().exits(0);
    assert!(ran.out.contains("healthy") && ran.out.contains("Brain"), "{}", ran.out);
    server.set(Mode::Dead);
    site.once().exits(15);
    assert!(!runs.exists(), "one failure is not yet an outage");
    // The second failure in a row is one: it is healed, and shown to be.
    let ran = site.once().exits(0);
    assert_eq!(fs::read_to_string(&runs).unwrap(), "run\n", "{}", ran.out);
    site.once().exits(0);

    let told = site.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("[OVER] Brain is well again") && told[0].contains("refused"), "{told:?}");
    let status = site.report(&["watch", "status"]);
    assert_eq!((&status["health"], &status["services"][0]["phase"]), (&"healthy".into(), &"up".into()));
    assert_eq!(status["services"][0]["restarts_day"], 1);
    // Two rounds began with a healthy service, and two did not.
    assert_eq!(status["credits_tenths"], 200);
    let credits = site.report(&["credits"]);
    assert_eq!((&credits["days"][0]["event"], &credits["days"][0]["times"]), (&"CLEAN_CYCLE".into(), &2.into()));
    let history = site.report(&["watch", "history"]);
    assert_eq!((&history["cycles"][0]["cycles"], &history["cycles"][0]["clean"]), (&4.into(), &2.into()));
    let brain = history["spans"].as_array().unwrap().iter().find(|span| span["service"] == "Brain").unwrap();
    assert_eq!((&brain["healthy"], &brain["down"]), (&2.into(), &2.into()));
    assert_eq!((&history["restarts"][0]["end"], &history["restarts"][0]["code"]), (&"exited".into(), &0.into()));
    let chain = site.report(&["events", "verify"]);
    assert_eq!(chain["holds"], true);
    let metrics = site.run(&["watch", "metrics"]).exits(0).out;
    assert!(metrics.contains("omega_service_up{service=\"Brain\"} 1\n") && metrics.contains("omega_watch_health 0\n"), "{metrics}");
    // The journal on this machine heard the same, and no secret lies anywhere.
    let kept = site.world.repo().join(".git/omega");
    assert!(fs::read_to_string(kept.join("alerts.log")).unwrap().contains("Brain is well again"));
    for entry in fs::read_dir(&kept).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(TOKEN));
    }
}

#[test]
fn what_stays_down_is_told_until_it_is_delivered_and_its_end_after_it() {
    let server = Server::start(None);
    let site = Site::brain(&server, "echo cannot >&2; exit 3");
    server.set(Mode::Dead);
    site.once().exits(15);
    // Nothing, an error and a request for patience come before the answer.
    site.bot.next(&[Mode::Silent, Mode::Status(500), Mode::TooOften]);
    let ran = site.once().exits(14);
    assert!(ran.out.contains("still down") && ran.out.contains("chief was not told"), "{}", ran.out);
    assert_eq!(site.told().len(), 0);
    let status = site.report(&["watch", "status"]);
    let waiting = status["undelivered"].as_array().unwrap();
    assert_eq!((waiting.len(), &waiting[0]["channel"]), (1, &"chief".into()));
    assert!(waiting[0]["text"].as_str().unwrap().contains("Brain is still down"));
    // Its turn comes again only after a pause; the test does not wait for that, but the loop does.
    let before = site.bot.heard().len();
    site.once().exits(14);
    assert_eq!(site.bot.heard().len(), before);

    server.set(Mode::Status(200));
    site.once().exits(0);
    until("the message is delivered", || {
        site.once();
        !site.told().is_empty()
    });
    let told = site.told();
    // Whoever never heard that it began hears both in one line, and no end without a beginning.
    assert!(told[0].contains("[OVER]") && !told[0].contains("[RESOLVED]"), "{told:?}");
    assert_eq!(site.report(&["watch", "status"])["undelivered"].as_array().unwrap().len(), 0);

    // The next outage is heard at once, and so is its end.
    server.set(Mode::Status(500));
    site.once();
    site.once().exits(14);
    until("it is told", || site.told().len() == 2);
    server.set(Mode::Status(200));
    site.once().exits(0);
    let told = site.told();
    assert!(told[1].contains("[CRITICAL] Brain") && told[1].contains("server_error"), "{told:?}");
    assert!(told[2].contains("[RESOLVED] Brain is well again"), "{told:?}");
    let restarts = site.report(&["watch", "history"])["restarts"].clone();
    assert!(restarts.as_array().unwrap().iter().all(|restart| restart["code"] == 3 && restart["said"] == "cannot"), "{restarts}");
}

#[test]
fn a_service_that_keeps_falling_is_given_up_after_its_budget() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let server = Server::start(None);
    let site = Site::brain(&server, &format!("echo run >> {}", runs.display()));
    server.set(Mode::Dead);
    for _ in 0..7 {
        site.once();
        std::thread::sleep(std::time::Duration::from_millis(700));
    }
    assert_eq!(fs::read_to_string(&runs).unwrap(), "run\nrun\n");
    let status = site.report(&["watch", "status"]);
    assert_eq!(status["services"][0]["phase"], "crashloop");
    assert!(site.told().last().unwrap().contains("keeps falling"), "{:?}", site.told());
    // Somebody knows, and that is kept.
    let incident = status["incidents"][0]["id"].to_string();
    site.run(&["watch", "ack", &incident, "--by", "ry"]).exits(0);
    site.once().exits(14);
    assert_eq!(site.report(&["watch", "status"])["incidents"][0]["acknowledged"], true);
    let ran = site.run(&["watch", "ack", "999"]).exits(2);
    assert_eq!(ran.err, "error: there is no incident 999\nhint: omega watch status\n");
}

#[test]
fn nothing_is_restarted_while_the_canon_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let (good, evil) = (folder.path().join("good"), folder.path().join("evil"));
    let server = Server::start(None);
    let site = Site::brain(&server, &format!("touch {}", good.display()));
    site.once().exits(0);
    // Somebody commits another heal command, which nobody ratified, and kills the service.
    let path = "canon/OXYSPINE_TRINITY.md";
    site.world.edit(path, &format!("touch {}", good.display()), &format!("touch {}", evil.display()));
    site.world.git(&["commit", "-qam", "a small change"]).exits(0);
    server.set(Mode::Dead);
    for _ in 0..3 {
        site.once().exits(14);
    }
    assert!(!good.exists() && !evil.exists(), "something was restarted");
    let told = site.told().join("\n");
    assert!(told.contains("the canon does not hold, and nothing is restarted") && told.contains("Brain is down"), "{told}");
    assert!(site.events().contains(&"CANON_BROKEN".to_owned()));
    assert_eq!(site.report(&["credits"])["days"].as_array().unwrap().iter().filter(|day| day["event"] == "CLEAN_CYCLE").count(), 1);
    // When the canon holds again, what is ratified heals.
    site.world.git(&["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    site.once();
    assert!(good.exists() && !evil.exists());
    // Without a pin nothing is known, and nothing is restarted either.
    fs::remove_file(&good).unwrap();
    fs::remove_file(site.world.repo().join(".git/omega/pin.toml")).unwrap();
    server.set(Mode::Dead);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    site.once();
    assert!(!good.exists());
}

/// A service, and a copy of a governed file that is deployed elsewhere.
struct Deployed {
    copy: PathBuf,
    server: Server,
    site: Site,
    _folder: tempfile::TempDir,
}

fn deployed(pace: [u32; 3]) -> Deployed {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("identity.md");
    let server = Server::start(None);
    let more = format!("    deployed: [{{file: {}, is: canon/OMEGA_IDENTITY.md}}]\n", copy.display());
    let services = service("Brain", server.port, "true");
    let site = Site::planned(&Plan { services: &services, names: &["Brain"], more: &more, pace, ..Plan::default() });
    fs::copy(site.world.repo().join("canon/OMEGA_IDENTITY.md"), &copy).unwrap();
    Deployed { copy, server, site, _folder: folder }
}

/// Puts something where the database lays a file beside the store, as if there were no room for it. Gives the place.
fn shut(site: &Site) -> PathBuf {
    let beside = site.world.repo().join(".git/omega/watch.db-shm");
    let _ = fs::remove_file(&beside);
    fs::create_dir(&beside).unwrap();
    beside
}

#[test]
fn a_deployed_copy_that_differs_is_an_emergency() {
    let Deployed { copy, site, .. } = &deployed(Plan::default().pace);
    site.once().exits(0);
    fs::write(copy, "You are somebody else.\n").unwrap();
    let ran = site.once().exits(14);
    assert!(ran.out.contains("drifted"), "{}", ran.out);
    assert!(site.events().contains(&"IDENTITY_DRIFT".to_owned()));
    fs::remove_file(copy).unwrap();
    site.once().exits(14);
    fs::copy(site.world.repo().join("canon/OMEGA_IDENTITY.md"), copy).unwrap();
    site.once().exits(0);
    let told = site.told().join("\n");
    assert!(told.contains("[CRITICAL]") && told.contains("[RESOLVED]") && told.contains("is what is ratified again"), "{told}");
}

#[test]
fn a_dry_run_acts_on_nothing_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let flag = folder.path().join("up");
    let server = Server::start(None);
    let site = Site::brain(&server, &format!("touch {}", flag.display()));
    server.set(Mode::Dead);
    let ran = site.run(&["watch", "--dry-run"]).exits(15);
    assert!(ran.out.contains("suspect") && ran.out.contains("would do nothing"), "{}", ran.out);
    let store = site.world.repo().join(".git/omega/watch.db");
    assert!(!store.exists());
    site.run(&["watch", "status"]).exits(13);
    site.once().exits(15);
    // Nor does it learn which ruling is the newest.
    let seen = site.world.repo().join(".git/omega/seen");
    fs::remove_dir_all(&seen).unwrap();
    let before = fs::read(&store).unwrap();
    let ran = site.run(&["watch", "--dry-run"]);
    assert!(ran.out.contains("would run, for Brain: /bin/sh -c touch"), "{}", ran.out);
    assert!(!flag.exists() && fs::read(&store).unwrap() == before && site.told().is_empty() && !seen.exists());
    site.once();
    assert!(seen.exists());
}

#[test]
fn a_kill_at_any_step_loses_no_alert_and_doubles_no_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (flag, runs) = (folder.path().join("up"), folder.path().join("runs"));
    let (mut step, mut killed) = (0, 0);
    loop {
        let server = Server::start(Some(&flag));
        let _ = fs::remove_file(&runs);
        let site = Site::brain(&server, &format!("echo run >> {}; touch {}; sleep 0.1", runs.display(), flag.display()));
        server.set(Mode::Dead);
        site.once().exits(15);
        let ran = site.once_killed_at(step);
        killed += usize::from(ran.code.is_none());
        // Whatever it was doing, the next runs end what is left to be done.
        until("all is well and told", || {
            site.once().code == Some(0) && site.report(&["watch", "status"])["undelivered"].as_array().unwrap().is_empty()
        });
        let intents = site.events().iter().filter(|kind| *kind == "INTENT").count();
        let ran_times = fs::read_to_string(&runs).unwrap_or_default().lines().count();
        assert!(
            ran_times <= intents && (1..=2).contains(&intents),
            "step {step}: {ran_times} runs, {intents} intents: {:#}",
            site.report(&["events", "-n", "1000"])
        );
        assert!(site.told().iter().any(|text| text.contains("Brain is well again")), "step {step}: {:?}", site.told());
        assert_eq!(site.report(&["events", "verify"])["holds"], true, "step {step}");
        if ran.code.is_some() {
            break;
        }
        step += 1;
        assert!(step < 60);
    }
    assert!(killed >= 8, "only {killed} steps were interrupted");
}

#[test]
fn the_daemon_heals_tells_answers_and_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let flag = folder.path().join("up");
    let server = Server::start(Some(&flag));
    let site = Site::brain(&server, &format!("touch {}; sleep 0.2", flag.display()));
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut daemon = site.daemon(&["--metrics", &place]);
    let is_up = || site.run(&["watch", "status"]).code == Some(0);
    until("it has gone round", is_up);
    // A second one says who was first, and does nothing.
    let ran = site.once().exits(75);
    assert!(ran.err.contains(&format!("process {}", daemon.id())) && ran.err.contains("runs already"), "{}", ran.err);
    let asked = || {
        let mut stream = std::net::TcpStream::connect(&place).ok()?;
        std::io::Write::write_all(&mut stream, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").ok()?;
        std::io::read_to_string(stream).ok()
    };
    assert!(asked().unwrap().contains("omega_watch_running 1\n"));
    server.set(Mode::Dead);
    let hang_up = || Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status().unwrap();
    // Told to read again, it goes round at once.
    until("it is healed", || {
        hang_up();
        std::thread::sleep(std::time::Duration::from_millis(300));
        site.told().iter().any(|text| text.contains("Brain is well again"))
    });
    assert!(Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap().success());
    let status = daemon.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    let status = site.report(&["watch", "status"]);
    assert_eq!((&status["running"], &status["health"]), (&serde_json::Value::Null, &"healthy".into()));
    assert_eq!(site.report(&["events", "verify"])["holds"], true);
    site.once().exits(0);
}

#[test]
fn secrets_are_read_from_a_file_that_nobody_else_may_read() {
    let server = Server::start(None);
    let site = Site::brain(&server, "true");
    let file = site.world.path("watch.env");
    fs::write(&file, "OMEGA_WEBHOOK_URL=https://hooks.invalid/abcdef\n").unwrap();
    let with = |mode: u32| {
        std::os::unix::fs::PermissionsExt::set_mode(&mut fs::metadata(&file).unwrap().permissions(), mode);
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        site.run(&["watch", "--dry-run", "--secrets", file.to_str().unwrap()])
    };
    let ran = with(0o644).exits(2);
    assert!(ran.err.contains("others may read it") && ran.err.contains("chmod 600"), "{}", ran.err);
    with(0o600).exits(0);
    fs::write(&file, "SECRET_THING=abcdef\n").unwrap();
    let ran = with(0o600).exits(2);
    assert!(!ran.err.contains("abcdef"), "{}", ran.err);
}

#[test]
fn in_a_maintenance_window_nothing_is_healed_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let server = Server::start(None);
    let hour = (std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 3600 + 23) % 24;
    let window = format!("    maintenance: [{{services: [Brain], from: \"{hour:02}:00\", minutes: 300}}]\n");
    let brain = service("Brain", server.port, &format!("echo run >> {}", runs.display()));
    let site = Site::new(&brain, "Brain", &window);
    server.set(Mode::Dead);
    for _ in 0..4 {
        site.once();
    }
    assert!(!runs.exists() && site.told().is_empty(), "{:?}", site.told());
    // Once the council says that it is over, the next round obeys that.
    site.world.edit("canon/OXYSPINE_TRINITY.md", &window, "");
    let id = site.world.propose_edits("ry", "The work on the Brain is done");
    site.world.ratify(&id);
    site.once().exits(14);
    assert!(runs.exists() && site.told()[0].contains("Brain is still down"), "{:?}", site.told());
}

#[test]
fn who_is_told_to_stop_while_it_heals_finishes_that_first() {
    let folder = tempfile::tempdir().unwrap();
    let (flag, runs) = (folder.path().join("up"), folder.path().join("runs"));
    let server = Server::start(Some(&flag));
    let site = Site::brain(&server, &format!("echo begun > {0}; sleep 2; touch {1}; echo done >> {0}", runs.display(), flag.display()));
    let mut daemon = site.daemon(&[]);
    let signal = |name: &str| Command::new("kill").args([name, &daemon.id().to_string()]).status().unwrap();
    until("it has gone round", || site.run(&["watch", "status"]).code == Some(0));
    server.set(Mode::Dead);
    until("it heals", || {
        signal("-HUP");
        std::thread::sleep(std::time::Duration::from_millis(100));
        runs.exists()
    });
    assert!(signal("-TERM").success());
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
    assert_eq!(fs::read_to_string(&runs).unwrap(), "begun\ndone\n");
    let history = site.report(&["watch", "history"]);
    assert_eq!((&history["restarts"][0]["end"], &history["restarts"][0]["code"]), (&"exited".into(), &0.into()));
    assert_eq!(site.report(&["events", "verify"])["holds"], true);
}

#[test]
fn runs_that_meet_time_and_again_are_told_of() {
    let server = Server::start(None);
    let site = Site::brain(&server, "true");
    let mut daemon = site.daemon(&[]);
    let again = || Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status().unwrap();
    until("it has gone round", || site.run(&["watch", "status"]).code == Some(0));
    site.once().exits(75);
    again();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(site.told().is_empty(), "once may be chance: {:?}", site.told());
    site.once().exits(75);
    until("it is told", || {
        again();
        site.told().iter().any(|text| text.contains("[WARNING] 2 other runs of the watch were turned away"))
    });
    assert!(Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap().success());
    daemon.wait().unwrap();
    assert_eq!(site.events().iter().filter(|kind| *kind == "TURNED_AWAY").count(), 2);
    assert_eq!(site.report(&["events", "verify"])["holds"], true);
}

#[test]
fn a_store_that_cannot_be_opened_keeps_nobody_from_looking_and_telling() {
    let Deployed { copy, server, site, .. } = &deployed(Plan::default().pace);
    server.set(Mode::Dead);
    site.once().exits(15);
    let beside = shut(site);
    fs::write(copy, "You are somebody else.\n").unwrap();
    let ran = site.once().exits(14);
    assert!(ran.out.contains("the store may only be read"), "{}", ran.out);
    let told = site.told().join("\n");
    assert!(told.contains("[CRITICAL] ") && told.contains("identity.md is not what is ratified"), "{told}");
    assert!(told.contains("the watch is in trouble itself"), "{told}");
    // What it remembers it still knows: this was the second failure in a row, and nothing is healed that cannot be written down.
    assert!(told.contains("[CRITICAL] Brain is down") && told.contains("cannot be restarted now"), "{told}");
    // Once there is room again, it goes on from what it last could write down.
    fs::remove_dir(&beside).unwrap();
    fs::copy(site.world.repo().join("canon/OMEGA_IDENTITY.md"), copy).unwrap();
    server.set(Mode::Status(200));
    site.once().exits(0);
    assert_eq!(site.report(&["events", "verify"])["holds"], true);
}

#[test]
fn a_daemon_whose_store_comes_back_stores_what_it_told_meanwhile() {
    let Deployed { copy, site, .. } = &deployed([2, 1, 8]);
    site.once().exits(0);
    let beside = shut(site);
    fs::write(copy, "You are somebody else.\n").unwrap();
    // The first try finds nobody who listens, and is not the last.
    site.bot.next(&[Mode::Status(500)]);
    let mut daemon = site.daemon(&[]);
    let tells = |what: &str| site.told().iter().filter(|text| text.contains(what)).count();
    until("it tells what it cannot store", || tells("identity.md is not what is ratified") == 1);
    fs::remove_dir(&beside).unwrap();
    let kinds = || site.events();
    until("it stores what it told", || site.run(&["watch", "status"]).code != Some(13) && kinds().contains(&"IDENTITY_DRIFT".to_owned()));
    fs::copy(site.world.repo().join("canon/OMEGA_IDENTITY.md"), copy).unwrap();
    // Who heard of it from memory hears that it is over.
    until("it tells the end", || tells("[RESOLVED]") == 1);
    Command::new("kill").arg(daemon.id().to_string()).status().unwrap();
    daemon.wait().unwrap();
    assert_eq!(tells("[CRITICAL]"), 1, "nobody is told twice: {:?}", site.told());
    assert_eq!(site.report(&["events", "verify"])["holds"], true);
    assert_eq!(site.report(&["watch", "status"])["undelivered"], serde_json::json!([]));
}

#[test]
fn a_name_of_any_length_does_not_stop_the_watch() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let server = Server::start(None);
    let site = Site::brain(&server, &format!("echo run >> {}", runs.display()));
    site.once().exits(0);
    // Git keeps names that no file system would.
    let good = site.world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    let list = site.world.git(&["ls-tree", "HEAD:canon"]).out;
    let blob = site.world.git(&["rev-parse", "HEAD:canon/OMEGA_IDENTITY.md"]).out.trim().to_owned();
    let mktree = |list: String| {
        let mut command = site.world.command("git", &["mktree"], &site.world.repo());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
    };
    let canon = mktree(format!("{list}100644 blob {blob}\t{}.md\n", "x".repeat(100_000)));
    let tree = mktree(format!("040000 tree {canon}\tcanon\n"));
    let commit = site.world.git(&["commit-tree", "-p", &good, "-m", "Long", &tree]).out.trim().to_owned();
    site.world.git(&["update-ref", "HEAD", &commit]).exits(0);
    site.once().exits(14);
    assert!(site.events().contains(&"CANON_BROKEN".to_owned()));
    let told = site.told().join("\n");
    assert!(told.contains("[CRITICAL] the canon does not hold"), "{told}");
    site.world.git(&["update-ref", "HEAD", &good]).exits(0);
    site.once().exits(0);
    server.set(Mode::Dead);
    site.once();
    site.once();
    assert!(runs.exists(), "it heals as before");
}

#[test]
fn a_probe_that_waits_for_its_turn_has_all_its_time() {
    let probe = |name: &str, script: &str| {
        format!("    - {{name: {name}, command: [/bin/sh, \"-c\", \"{script}\"], critical: true, needs: [], heal: [/bin/false]}}\n")
    };
    // One at a time, a second each: the last comes after two that hang, and needs most of a second.
    let services = format!("{}{}{}", probe("A", "sleep 30"), probe("B", "sleep 30"), probe("C", "sleep 0.6"));
    let site = Site::planned(&Plan { services: &services, names: &["A", "B", "C"], pace: [12, 1, 1], ..Plan::default() });
    site.once();
    let status = site.report(&["watch", "status"]);
    let phases: Vec<&str> = status["services"].as_array().unwrap().iter().map(|service| service["phase"].as_str().unwrap()).collect();
    assert_eq!(phases[..3], ["suspect", "suspect", "up"], "{status:#}");
}

#[test]
fn what_is_known_before_it_is_told_can_be_acknowledged() {
    let server = Server::start(None);
    let services = format!(
        "{}    - {{name: Child, url: \"http://127.0.0.1:1/\", critical: false, needs: [Brain]}}\n",
        service("Brain", server.port, "exit 3")
    );
    let site = Site::planned(&Plan { services: &services, names: &["Brain", "Child"], ..Plan::default() });
    server.set(Mode::Dead);
    site.once();
    site.once();
    // Nobody is told of what needs it, and it is listed all the same.
    let status = site.report(&["watch", "status"]);
    let child = status["incidents"].as_array().unwrap().iter().find(|incident| incident["subject"] == "service:Child").unwrap();
    let id = child["id"].to_string();
    assert!(!site.told().join("\n").contains("Child"));
    site.run(&["watch", "ack", &id, "--by", "ry"]).exits(0);
    site.once();
    let status = site.report(&["watch", "status"]);
    let child = status["incidents"].as_array().unwrap().iter().find(|incident| incident["subject"] == "service:Child").unwrap();
    assert_eq!(child["acknowledged"], true, "{status:#}");
}

/// The rules that a run kept are read by the next one, which may be a stricter omega.
#[test]
fn rules_that_this_version_refuses_are_read_anew_from_the_canon() {
    let server = Server::start(None);
    let site = Site::brain(&server, "true");
    site.once().exits(0);
    let kept = site.report(&["watch", "status"]);
    let store = site.world.repo().join(".git/omega/watch.db");
    for (from, to) in
        [("\"recovery_order\":[\"Brain\",", "\"recovery_order\":[\"Nothing\","), ("\"economy\":", "\"of_a_later_day\":1,\"economy\":")]
    {
        let db = rusqlite::Connection::open(&store).unwrap();
        let document: String = db.query_row("SELECT document FROM loop_state", [], |row| row.get(0)).unwrap();
        assert_eq!(document.matches(from).count(), 1, "{document}");
        db.execute("UPDATE loop_state SET document = ?1", [document.replacen(from, to, 1)]).unwrap();
        drop(db);
        // Without rules it is not known how all of it is. Going round says why, and takes the ratified ones.
        site.run(&["watch", "status"]).exits(13);
        let ran = site.once().exits(0);
        assert!(
            ran.err.contains("are not valid for this version of omega") || ran.out.contains("are not valid for this version of omega"),
            "{ran:?}"
        );
        let ran = site.once().exits(0);
        assert!(!format!("{}{}", ran.out, ran.err).contains("not valid for this version"), "{ran:?}");
    }
    assert_eq!(site.report(&["watch", "status"])["services"].as_array().unwrap().len(), kept["services"].as_array().unwrap().len());
    // Where the canon does not verify either, it says both, and does not watch by what it refuses.
    let db = rusqlite::Connection::open(&store).unwrap();
    let document: String = db.query_row("SELECT document FROM loop_state", [], |row| row.get(0)).unwrap();
    db.execute("UPDATE loop_state SET document = ?1", [document.replacen("\"economy\":", "\"of_a_later_day\":1,\"economy\":", 1)]).unwrap();
    drop(db);
    site.world.write("canon/stray.md", "x\n");
    site.world.git(&["add", "-A"]).exits(0);
    site.world.git(&["commit", "-q", "-m", "Stray"]).exits(0);
    let ran = site.once().exits(16);
    assert!(ran.err.contains("there are no rules to watch by") && ran.err.contains("no valid rules are kept"), "{}", ran.err);
}
