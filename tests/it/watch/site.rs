//! A place with real services: HTTP servers that die and that heal commands bring back, and a bot that answers as it is
//! told.

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::world::{Ran, World};

/// What a server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It answers with this status.
    Status(u16),
    /// Nobody listens.
    Dead,
    /// It says that it is asked too often, for a second.
    TooOften,
    /// It hangs up without a word.
    Silent,
    /// It takes the request, and never answers.
    Hangs,
}

/// A server on this machine. `Dead` is really dead: nobody listens at its port.
pub struct Server {
    /// Its port.
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    mode: Mutex<Mode>,
    queue: Mutex<VecDeque<Mode>>,
    heard: Mutex<Vec<String>>,
    flag: Option<PathBuf>,
    tls: Option<Arc<rustls::ServerConfig>>,
    over: Mutex<bool>,
}

impl Server {
    /// Starts a server. When a file appears at `flag`, it lives again: that is what its heal command makes.
    pub fn start(flag: Option<&Path>) -> Self {
        Self::speaking(None, flag)
    }

    /// Starts a server that speaks TLS.
    pub fn secured(certificate: &(Vec<u8>, Vec<u8>)) -> Self {
        Self::speaking(Some(super::certificate::server(certificate)), None)
    }

    fn speaking(tls: Option<Arc<rustls::ServerConfig>>, flag: Option<&Path>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            mode: Mutex::new(Mode::Status(200)),
            queue: Mutex::default(),
            heard: Mutex::default(),
            flag: flag.map(Path::to_owned),
            tls,
            over: Mutex::new(false),
        });
        let own = shared.clone();
        std::thread::spawn(move || serve(listener, port, &own));
        Self { port, shared }
    }

    /// Changes what it does.
    pub fn set(&self, mode: Mode) {
        *self.shared.mode.lock().unwrap() = mode;
        if mode == Mode::Dead {
            // Until nobody listens any more.
            let until = Instant::now() + Duration::from_secs(5);
            while TcpStream::connect(("127.0.0.1", self.port)).is_ok() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }

    /// What it does with the next requests, before it does as usual.
    pub fn next(&self, modes: &[Mode]) {
        self.shared.queue.lock().unwrap().extend(modes);
    }

    /// What it was told and took.
    pub fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.shared.over.lock().unwrap() = true;
    }
}

fn serve(listener: TcpListener, port: u16, shared: &Shared) {
    let mut listener = Some(listener);
    while !*shared.over.lock().unwrap() {
        if let Some(flag) = shared.flag.as_ref().filter(|flag| flag.exists()) {
            std::fs::remove_file(flag).unwrap();
            *shared.mode.lock().unwrap() = Mode::Status(200);
        }
        let mode = *shared.mode.lock().unwrap();
        if mode == Mode::Dead {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(("127.0.0.1", port)).ok();
        }
        if let Some(listener) = &listener {
            listener.set_nonblocking(true).unwrap();
            while let Ok((stream, _)) = listener.accept() {
                let mode = shared.queue.lock().unwrap().pop_front().unwrap_or(mode);
                drop(accept(stream, mode, shared));
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn accept(stream: TcpStream, mode: Mode, shared: &Shared) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    match &shared.tls {
        None => answer(stream, mode, &shared.heard),
        Some(config) => {
            let mut stream = rustls::StreamOwned::new(rustls::ServerConnection::new(config.clone()).unwrap(), stream);
            answer(&mut stream, mode, &shared.heard)?;
            stream.conn.send_close_notify();
            stream.flush()
        }
    }
}

fn answer(mut stream: impl std::io::Read + std::io::Write, mode: Mode, heard: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut text = String::new();
    let mut chunk = [0; 4096];
    loop {
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            body.len() >= length.unwrap_or(0)
        });
        if whole {
            break;
        }
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        text.push_str(&String::from_utf8_lossy(&chunk[..count]));
    }
    let (status, body) = match mode {
        Mode::Hangs => {
            heard.lock().unwrap().push(text);
            // It stays open until the test ends.
            std::mem::forget(stream);
            return Ok(());
        }
        Mode::Silent | Mode::Dead => return Ok(()),
        Mode::TooOften => (429, r#"{"ok":false,"description":"Too Many Requests","parameters":{"retry_after":1}}"#.to_owned()),
        Mode::Status(status) => (status, format!("{{\"ok\":{}}}", status < 300)),
    };
    if status < 300 {
        heard.lock().unwrap().push(text);
    }
    write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// The secret of the bot. It must stand nowhere but in the requests to it.
pub const TOKEN: &str = "7357:token-that-nobody-may-see";

/// Two services that are always well.
const HELPERS: &str = "    - {name: Left, command: [/bin/true], critical: false, needs: []}
    - {name: Right, command: [/bin/true], critical: false, needs: []}
";

/// Rules that suit the haste of tests.
const WATCH: &str = "    failures: 2
    successes: 1
    grace_s: 1
    heal_on: [refused, timeout, server_error, exit]
    restarts: {most: 2, window_s: 600, most_a_day: 3, backoff_s: 1, backoff_most_s: 1, healthy_s: 600}
    breaker: {services: 3, more_than: 1/2}
    reminders: {first_s: 1800, most_s: 14400}
    flapping: {changes: 20, within_s: 900}
    retention: {cycles_days: 7, events_days: 90, hours_days: 400}
    path: [/usr/local/bin, /usr/bin, /bin]
    environment: [HOME]
";

/// What a canon says of the watch.
pub struct Plan<'a> {
    /// The services, as they are written.
    pub services: &'a str,
    /// Their names in the order of recovery. The cases tell what becomes of the first.
    pub names: &'a [&'a str],
    /// More fields.
    pub more: &'a str,
    /// Who is told.
    pub channels: &'a [&'a str],
    /// Seconds from round to round, seconds for an answer, and how many are asked at once.
    pub pace: [u32; 3],
}

impl Default for Plan<'_> {
    fn default() -> Self {
        Self {
            services: "",
            names: &[],
            more: "",
            channels: &["{name: chief, kind: telegram, least: warning}", "{name: journal, kind: file, least: notice, file: alerts.log}"],
            pace: [8, 2, 8],
        }
    }
}

/// Cases that hold each of these rules in place.
fn cases(plan: &Plan<'_>) -> String {
    let Plan { names, more, channels, .. } = plan;
    let service = names[0];
    let mut out = String::new();
    let mut case = |given: String, expect: &str| {
        out.push_str(&format!("  - case: \"{}\"\n    given: {{ {given} }}\n    expect: {expect}\n", given.replace('"', "'")))
    };
    for name in names.iter().chain(&["Left", "Right"]) {
        case(format!("ask: service, name: {name}"), "{}");
    }
    let order = names.join(", ");
    case(format!("ask: recovery, down: [Right, Left, {order}]"), &format!("[{order}, Left, Right]"));
    case(format!("ask: heal, service: {service}, cause: refused"), "{}");
    case("ask: pace".to_owned(), "{}");
    for (level, least) in [("notice", &["notice"][..]), ("warning", &["notice", "warning"])] {
        let told = channels.iter().filter(|channel| least.iter().any(|least| channel.contains(&format!("least: {least}"))));
        case(format!("ask: told, level: {level}"), &format!("[{}]", told.copied().collect::<Vec<_>>().join(", ")));
    }
    // Where there is a window, half a day lies between it and the other cases.
    let window = more.split_once("from: \"").map(|(_, from)| from[..2].parse::<u32>().unwrap());
    let day = window.map_or_else(String::new, |hour| format!(", from: \"2026-02-26T{:02}:00:00Z\"", (hour + 12) % 24));
    if let Some(hour) = window {
        let inside = format!(", from: \"2026-02-26T{hour:02}:00:00Z\"");
        case(format!("ask: alarm, service: {service}, history: [\"refused*3\"]{inside}"), "{}");
    }
    let flapping = ["\"dns*2\", ok"; 10].join(", ");
    let all = names.iter().skip(1).chain(&["Left", "Right"]).map(|name| format!("{name}: refused")).collect::<Vec<_>>().join(", ");
    let all = format!(", others: {{ {all} }}");
    let outages = ["\"refused*2\", ok, wait 600"; 4].join(", ");
    for (history, rest) in [
        ("\"refused*2\"", ""),
        ("\"refused*3\"", ", every: 1"),
        ("\"refused*4\"", ""),
        ("\"refused*6\"", ""),
        ("\"refused*2\", ok, wait 300, ok, \"refused*2\"", ""),
        ("\"refused*2\", ok, wait 600, ok, \"refused*2\"", ""),
        ("\"dns*2\", wait 1800, dns", ""),
        ("\"refused*2\"", all.as_str()),
        (flapping.as_str(), ", every: 5"),
        (outages.as_str(), ""),
    ] {
        case(format!("ask: alarm, service: {service}, history: [{history}]{rest}{day}"), "{}");
    }
    if let Some((_, file)) = more.split_once("file: ") {
        let file = file.split(',').next().unwrap();
        case(format!("ask: deployed, file: {file}"), "canon/OMEGA_IDENTITY.md");
    }
    out
}

/// A repository whose canon says to watch these services.
pub struct Site {
    /// The place.
    pub world: World,
    /// The bot.
    pub bot: Server,
    /// More variables that omega sees.
    pub variables: Vec<(&'static str, String)>,
}

impl Site {
    /// Ratifies services, and rules of the watch that suit the haste of tests. The cases tell what becomes of this one.
    pub fn new(services: &str, name: &str, more: &str) -> Self {
        Self::planned(&Plan { services, names: &[name], more, ..Plan::default() })
    }

    /// Ratifies a plan.
    pub fn planned(plan: &Plan<'_>) -> Self {
        let Plan { services, names, more, channels, pace: [period, deadline, parallel] } = plan;
        let world = World::planted(&[]);
        let text = world.read("canon/OXYSPINE_TRINITY.md");
        let (head, rest) = text.split_once("  services:\n").unwrap();
        let rest = rest.split_once("  legacy_names:").unwrap().1;
        let (rest, body) = rest.split_once("\n---\n").unwrap();
        // Cases of services that are not here go; those of what is here come.
        let of_services = ["service", "recovery", "probe", "heal", "alarm", "told", "pace"].map(|ask| format!("{{ ask: {ask}"));
        let kept: Vec<&str> = rest.split("  - case: ").filter(|case| !of_services.iter().any(|ask| case.contains(ask))).collect();
        let rest = kept.join("  - case: ");
        let told: String = channels.iter().map(|channel| format!("      - {channel}\n")).collect();
        let text = format!(
            "{head}  services:\n{services}{HELPERS}  recovery_order: [{}, Left, Right]\n  watch:\n    period_s: {period}\n    deadline_s: {deadline}\n    parallel: {parallel}\n{WATCH}    channels:\n{told}{more}  legacy_names:{}\n{}---\n{body}",
            names.join(", "),
            rest.trim_end(),
            cases(plan)
        );
        world.write("canon/OXYSPINE_TRINITY.md", text);
        let id = world.propose_edits("ry", "Watch what is there");
        world.ratify(&id);
        Self { world, bot: Server::start(None), variables: Vec::new() }
    }

    /// One service `Brain` whose heal command is this shell text.
    pub fn brain(server: &Server, heal: &str) -> Self {
        Self::new(&service("Brain", server.port, heal), "Brain", "")
    }

    /// The command, not started yet, with the secrets of the bot and the real clock.
    pub fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_omega"), args, &self.world.repo());
        command.env_remove("OMEGA_TEST_NOW");
        command.env("OMEGA_TELEGRAM_TOKEN", TOKEN).env("OMEGA_TELEGRAM_CHAT", "42");
        command.env("OMEGA_TELEGRAM_API", format!("http://127.0.0.1:{}", self.bot.port));
        command.envs(self.variables.iter().cloned());
        command
    }

    /// Runs omega; no output of it shows a secret.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        let ran = Ran::of(self.command(args).output().unwrap());
        assert!(!format!("{}{}", ran.out, ran.err).contains(TOKEN), "{ran:?}");
        ran
    }

    /// Goes round once.
    #[track_caller]
    pub fn once(&self) -> Ran {
        self.run(&["watch", "--once"])
    }

    /// Goes round once, and dies before its n-th durable step.
    pub fn once_killed_at(&self, step: usize) -> Ran {
        let mut command = self.command(&["watch", "--once"]);
        Ran::of(command.env("OMEGA_TEST_CRASH_AT", step.to_string()).output().unwrap())
    }

    /// Starts the daemon.
    pub fn daemon(&self, more: &[&str]) -> Child {
        let mut args = vec!["watch"];
        args.extend(more);
        self.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A report.
    #[track_caller]
    pub fn report(&self, args: &[&str]) -> serde_json::Value {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        self.run(&all).json()["report"].clone()
    }

    /// The kinds of all events.
    pub fn events(&self) -> Vec<String> {
        let events = self.report(&["events", "-n", "1000"]);
        events.as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// What the bot was told, without what surrounds it.
    pub fn told(&self) -> Vec<String> {
        let text = |request: &String| {
            let body: serde_json::Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
            body["text"].as_str().unwrap().to_owned()
        };
        self.bot.heard().iter().map(text).collect()
    }
}

/// A critical service with a heal command in the shell's language.
pub fn service(name: &str, port: u16, heal: &str) -> String {
    format!(
        "    - name: {name}\n      url: http://127.0.0.1:{port}/health\n      critical: true\n      needs: []\n      heal: [/bin/sh, \"-c\", {}]\n",
        serde_json::Value::from(heal)
    )
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(90);
    while !is_so() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
