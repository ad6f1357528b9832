//! The gate of a server, over git's own transports.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::{git, served, with_omega};
use crate::world::World;

/// Serves the repositories below a folder by `git http-backend`, with as much of HTTP and CGI as git needs. It ends with the test.
fn serve(world: &World, root: &Path) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut backend = world.command("git", &["http-backend"], &world.path("."));
    with_omega(world, &mut backend).env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1").env("REMOTE_USER", "ry");
    let settings: Vec<_> = backend.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // One that hangs up early is no reason to stop serving.
            let _ = answer(stream, &settings);
        }
    });
    port
}

fn answer(mut stream: TcpStream, settings: &[(std::ffi::OsString, std::ffi::OsString)]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let (path, query) = words[1].split_once('?').unwrap_or((&words[1], ""));
    let mut command = std::process::Command::new("git");
    command.arg("http-backend").env_clear().envs(settings.iter().cloned()).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.env("REQUEST_METHOD", &words[0]).env("PATH_INFO", path).env("QUERY_STRING", query);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "content-type" => drop(command.env("CONTENT_TYPE", value)),
            "content-encoding" => drop(command.env("HTTP_CONTENT_ENCODING", value)),
            "git-protocol" => drop(command.env("HTTP_GIT_PROTOCOL", value)),
            "transfer-encoding" => panic!("the request does not fit the buffer: {line}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut child = command.env("CONTENT_LENGTH", length.to_string()).spawn()?;
    child.stdin.take().unwrap().write_all(&body)?;
    let out = child.wait_with_output()?.stdout;
    let end = out.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&out[..end]).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    let head: String = head.lines().filter(|line| !line.starts_with("Status: ")).map(|line| format!("{line}\r\n")).collect();
    let body = &out[end + 4..];
    write!(stream, "HTTP/1.1 {status}\r\n{head}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(body)
}

/// What holds over every transport: a bad ref stops all, drafts and rollbacks do not come in, the good does.
fn holds(world: &World, bare: &Path, remote: &str) {
    let push = |args: &[&str]| git(world, &[&["-c", "http.postBuffer=50000000", "push", "-q", remote][..], args].concat());
    push(&["main"]).exits(0);
    let id = world.propose("ana", "Say it plainly");
    push(&[&format!("canon/{id}")]).exits(0);
    assert!(push(&[&format!("canon/{id}:main")]).exits(1).err.contains("would get drafts that are not ratified"));
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    push(&["main"]).exits(0);
    world.git(&["branch", "bad"]).exits(0);
    world.git(&["switch", "-q", "bad"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    world.git(&["tag", "fine"]).exits(0);
    let before = world.git_in(bare, &["for-each-ref"]).out;
    let ran = push(&["main:refs/heads/good", "fine", "bad:main"]).exits(1);
    assert!(
        ran.err.contains("remote: error: `refs/heads/main` is protected, and would get what the council did not ratify"),
        "{}",
        ran.err
    );
    let genesis = world.git(&["rev-list", "--max-parents=0", "HEAD"]).out;
    let ran = push(&["--force", &format!("{}:main", genesis.trim())]).exits(1);
    assert!(ran.err.contains("would lose what was ruled"), "{}", ran.err);
    push(&[":main"]).exits(1);
    assert_eq!(world.git_in(bare, &["for-each-ref"]).out, before);
    // Where nothing is protected, everything may lie.
    push(&["fine", "bad"]).exits(0);
    world.omega_in(bare, &["canon", "verify", "main"]).exits(0);
}

fn taking(world: &World) -> PathBuf {
    let bare = served(world);
    world.git_in(&bare, &["config", "receive.denyDeleteCurrent", "ignore"]).exits(0);
    world.git_in(&bare, &["config", "http.receivepack", "true"]).exits(0);
    bare
}

#[test]
fn the_gate_holds_over_http() {
    let world = World::planted(&["ana"]);
    let bare = taking(&world);
    let port = serve(&world, &world.path("."));
    holds(&world, &bare, &format!("http://127.0.0.1:{port}/served.git"));
}

#[test]
fn the_gate_holds_over_ssh() {
    let world = World::planted(&["ana"]);
    let bare = taking(&world);
    // What ssh does on the other side: a shell with the command.
    let ssh = world.path("ssh");
    fs::write(&ssh, "#!/bin/sh\nshift\nexec sh -c \"$*\"\n").unwrap();
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
    world.git(&["config", "core.sshCommand", ssh.to_str().unwrap()]).exits(0);
    world.git(&["config", "ssh.variant", "simple"]).exits(0);
    holds(&world, &bare, &format!("ssh://example.invalid{}", bare.display()));
}

#[test]
fn the_gate_holds_over_file() {
    let world = World::planted(&["ana"]);
    let bare = taking(&world);
    holds(&world, &bare, &format!("file://{}", bare.display()));
}

/// A canon that also protects `refs/heads/release`, served with its HEAD elsewhere.
fn with_release() -> (World, PathBuf) {
    let world = World::planted(&[]);
    let document = world.read("canon/SECURITY_AND_PRIVACY.md");
    let line = document.lines().find(|line| line.starts_with("  protected_refs:")).unwrap();
    world.write("canon/SECURITY_AND_PRIVACY.md", document.replacen(line, "  protected_refs: [refs/heads/main, refs/heads/release]", 1));
    let id = world.propose_edits("ry", "Protect the release");
    world.ratify(&id);
    let bare = served(&world);
    world.git_in(&bare, &["symbolic-ref", "HEAD", "refs/heads/nowhere"]).exits(0);
    (world, bare)
}

#[test]
fn every_protected_ref_is_protected_wherever_head_is() {
    let (world, bare) = with_release();
    let sneak = |world: &World| {
        world.git(&["switch", "-q", "-C", "bad", "main"]).exits(0);
        world.edit_identity("Sneaked");
        world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    };
    // In one push with the state that protects it.
    sneak(&world);
    let ran = git(&world, &["push", "-q", "origin", "main", "bad:refs/heads/release"]).exits(1);
    assert!(ran.err.contains("`refs/heads/release` is protected"), "{}", ran.err);
    assert_eq!(world.git_in(&bare, &["for-each-ref"]).out, "");
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    // Later, new, alone, and by the name that some systems take for the same.
    git(&world, &["push", "-q", "origin", "bad:refs/heads/release"]).exits(1);
    git(&world, &["push", "-q", "origin", "bad:refs/heads/Release"]).exits(1);
    git(&world, &["push", "-q", "origin", "main:refs/heads/release"]).exits(0);
    // A ref that stands for a protected one.
    world.git_in(&bare, &["symbolic-ref", "refs/heads/alias", "refs/heads/release"]).exits(0);
    git(&world, &["push", "-q", "origin", "bad:refs/heads/alias"]).exits(1);
    git(&world, &["push", "-q", "origin", "bad:refs/heads/free"]).exits(0);
    // An empty tree is no way out.
    let empty = world.git(&["mktree"]).out;
    let orphan = world.git(&["commit-tree", "-m", "Nothing", empty.trim()]).out;
    git(&world, &["push", "-q", "--force", "origin", &format!("{}:refs/heads/main", orphan.trim())]).exits(1);
}

#[test]
fn replaced_objects_and_tags_change_nothing() {
    let (world, bare) = with_release();
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    let good = world.git(&["rev-parse", "main"]).out.trim().to_owned();
    world.git(&["switch", "-q", "-C", "bad", "main"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
    let bad = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    // Git's tools on the server would now read the good commit in the place of the bad one.
    git(&world, &["push", "-q", "origin", &format!("{good}:refs/replace/{bad}")]).exits(0);
    git(&world, &["push", "-q", "origin", "bad:main"]).exits(1);
    // And the other way round; both at once would lead git itself in circles.
    git(&world, &["push", "-q", "origin", &format!(":refs/replace/{bad}")]).exits(0);
    git(&world, &["push", "-q", "origin", &format!("{bad}:refs/replace/{good}")]).exits(0);
    world.omega_in(&bare, &["canon", "verify", "main"]).exits(0);
    // A tag object on a protected ref is not the commit that it names.
    world.git(&["tag", "-a", "-m", "Tag", "trick", &bad]).exits(0);
    let tag = world.git(&["rev-parse", "refs/tags/trick"]).out.trim().to_owned();
    git(&world, &["push", "-q", "origin", &format!("{tag}:refs/heads/main")]).exits(1);
    git(&world, &["push", "-q", "origin", "trick"]).exits(0);
}

#[test]
fn a_server_whose_refs_were_set_back_remembers_what_was_there() {
    let world = World::planted(&["ana"]);
    let bare = taking(&world);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    let id = world.propose("ana", "Say it again");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    // Somebody with a shell sets the branch back, and somebody else builds on that.
    let genesis = world.git(&["rev-list", "--max-parents=0", "HEAD"]).out;
    world.git_in(&bare, &["update-ref", "refs/heads/main", genesis.trim()]).exits(0);
    world.git(&["switch", "-q", "-C", "old", genesis.trim()]).exits(0);
    world.git(&["branch", "-f", "main", genesis.trim()]).exits(0);
    world.omega(&["trust", "accept-rollback", "--yes"]).exits(0);
    // Who has not fetched since cannot know better.
    world.git(&["update-ref", "-d", "refs/remotes/origin/main"]).exits(0);
    let other = world.propose("ana", "Something else");
    let args = ["canon", "ratify", &other, "--reason", "Alone.", "--bypass", "QUORUM_UNAVAILABLE", "--yes"];
    world.chief(&args).exits(0);
    let ran = git(&world, &["push", "-q", "origin", "main"]).exits(1);
    assert!(ran.err.contains("`refs/heads/main` would lose what was ruled: ruling 1 is "), "{}", ran.err);
}
