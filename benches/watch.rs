//! What `omega watch` costs with a thousand services, some of which are slow and some of which hang: how long one round
//! takes, and how much memory and processor time the daemon needs. Where monit is installed, it watches the same services
//! after it. `OMEGA_BENCH_SECONDS` says how long each is watched; two minutes, where nothing is said.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a bench stops where it fails, prints figures, and starts the programs that it measures"
)]

#[path = "../tests/it/watch/certificate.rs"]
#[allow(dead_code, reason = "tests use more")]
mod certificate;
#[path = "../tests/it/watch/site.rs"]
#[allow(dead_code, reason = "tests use more")]
mod site;
#[path = "../tests/it/kit/world.rs"]
#[allow(dead_code, reason = "tests use more")]
mod world;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use site::{Plan, Site};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const SERVICES: usize = 1000;
/// One in so many takes a second, and one in so many never answers.
const SLOW: usize = 20;
const HUNG: usize = 25;

/// What the server was asked.
#[derive(Default)]
struct Asked {
    connections: AtomicUsize,
    open: AtomicUsize,
    most: AtomicUsize,
}

/// Serves all services, each by a path of its own, on threads of this process. Gives the port.
fn serve(asked: Arc<Asked>) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let asked = asked.clone();
                tokio::spawn(async move {
                    asked.connections.fetch_add(1, Ordering::Relaxed);
                    asked.most.fetch_max(asked.open.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                    let _ = answer(stream).await;
                    asked.open.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
    });
    port
}

async fn answer(mut stream: tokio::net::TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head);
    let number: usize = head.split(['/', ' ']).nth(3).and_then(|number| number.parse().ok()).unwrap_or_default();
    if number % HUNG == 1 {
        // Until whoever asked goes away.
        stream.read_u8().await?;
        return Ok(());
    }
    if number % SLOW == 2 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await
}

/// Seconds of the processor that a process has used, and its most and present memory in MiB.
fn used(child: &Child) -> (f64, f64, f64) {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("Linux");
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let memory = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    };
    // A tick is a hundredth of a second on every Linux that there is.
    (ticks / 100.0, memory("VmHWM:"), memory("VmRSS:"))
}

/// Watches a daemon for a while, once it has gone round for the first time.
fn watch(name: &str, mut child: Child, asked: &Asked, time: Duration) {
    std::thread::sleep(Duration::from_secs(15));
    let (before, began) = (used(&child).0, Instant::now());
    let (heard, _) = (asked.connections.load(Ordering::Relaxed), asked.most.swap(0, Ordering::Relaxed));
    std::thread::sleep(time);
    let (after, most, now) = used(&child);
    println!(
        "{name}: {:.2} % of a core, {most:.1} MiB at most, {now:.1} MiB now, {} questions in {:.0} s, {} open at once",
        (after - before) / began.elapsed().as_secs_f64() * 100.0,
        asked.connections.load(Ordering::Relaxed) - heard,
        began.elapsed().as_secs_f64(),
        asked.most.load(Ordering::Relaxed)
    );
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    child.wait().unwrap();
}

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let seconds = std::env::var("OMEGA_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    let asked = Arc::new(Asked::default());
    let port = serve(asked.clone());
    let names: Vec<String> = (0..SERVICES).map(|number| format!("S{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut services = String::new();
    for (number, name) in names.iter().enumerate() {
        let url = format!("http://127.0.0.1:{port}/s/{number}");
        writeln!(services, "    - {{name: {name}, url: \"{url}\", critical: {}, needs: [], heal: [/bin/true]}}", number == 0).unwrap();
    }
    let began = Instant::now();
    let site = Site::planned(&Plan { services: &services, names: &names, pace: [30, 5, 64], ..Plan::default() });
    println!("{SERVICES} services proposed and ratified in {:.1?}", began.elapsed());
    println!("{} of them hang, {} take a second; an answer may take 5 s", SERVICES / HUNG, SERVICES / SLOW);
    for round in 1..=3 {
        let began = Instant::now();
        let ran = site.once();
        println!("omega watch --once, round {round}: {:.2?}, exit code {:?}", began.elapsed(), ran.code);
    }
    let mut daemon = site.command(&["watch"]);
    watch("omega watch", daemon.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap(), &asked, Duration::from_secs(seconds));

    let config = site.world.path("monitrc");
    let mut text = format!("set daemon 30\nset idfile {0}/id\nset statefile {0}/state\nset log {0}/log\n", site.world.path(".").display());
    for (number, name) in names.iter().enumerate() {
        writeln!(text, "check host {name} with address 127.0.0.1\n  if failed port {port} protocol http request \"/s/{number}\" with timeout 5 seconds then alert").unwrap();
    }
    std::fs::write(&config, text).unwrap();
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
    match Command::new("monit").arg("-I").arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(child) => watch("monit", child, &asked, Duration::from_secs(seconds)),
        Err(error) => println!("monit: not measured ({error})"),
    }
}
