//! One loop at a time.

use super::*;

fn holder(since: i64, heartbeat: i64) -> Holder {
    Holder { name: "daemon".to_owned(), pid: 17, boot: Some("b".to_owned()), since: at(since), heartbeat: at(heartbeat) }
}

/// Whether the lease is free. A program that another test starts at this moment holds all open files from its beginning until it
/// turns into that program.
fn is_free_soon(place: &Place) -> bool {
    (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        matches!(Lease::try_acquire(&place.path()).unwrap(), Taken::Ours(_))
    })
}

#[test]
fn the_second_learns_who_is_first() {
    let place = Place::new();
    let mut store = place.open();
    assert_eq!(store.holder().unwrap(), None);
    let Taken::Ours(lease) = Lease::try_acquire(&place.path()).unwrap() else { panic!("nobody holds it") };
    store.hold(&lease, &holder(0, 0)).unwrap();
    store.hold(&lease, &holder(0, 30)).unwrap();
    assert!(matches!(Lease::try_acquire(&place.path()).unwrap(), Taken::Held));
    assert_eq!(Store::read(&place.path()).unwrap().holder().unwrap(), Some(holder(0, 30)));
    store.let_go(&lease).unwrap();
    drop(lease);
    assert_eq!(store.holder().unwrap(), None);
    assert!(is_free_soon(&place));
}

#[test]
fn who_looks_takes_nothing() {
    let place = Place::new();
    let mut store = place.open();
    assert!(!Lease::is_held(&place.path()).unwrap(), "nobody ever held it");
    let Taken::Ours(lease) = Lease::try_acquire(&place.path()).unwrap() else { panic!("nobody holds it") };
    store.hold(&lease, &holder(0, 0)).unwrap();
    assert!(Lease::is_held(&place.path()).unwrap());
    drop(lease);
    // Somebody looks just then: the one who comes to run waits for that instant.
    let path = place.path();
    let looking = std::fs::File::open(format!("{}.lock", path.display())).unwrap();
    looking.lock_shared().unwrap();
    assert!(!Lease::is_held(&path).unwrap(), "another look is nobody who runs");
    let ends = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(30));
        drop(looking);
    });
    assert!(matches!(Lease::try_acquire(&path).unwrap(), Taken::Ours(_)));
    ends.join().unwrap();
}

#[test]
fn what_the_loop_starts_does_not_keep_the_lease() {
    let place = Place::new();
    let Taken::Ours(lease) = Lease::try_acquire(&place.path()).unwrap() else { panic!("nobody holds it") };
    #[allow(clippy::disallowed_methods, reason = "a child as the loop starts them")]
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    drop(lease);
    let free = is_free_soon(&place);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(free);
}

#[test]
fn a_service_that_was_restarted_does_not_keep_the_lease() {
    use crate::process::{Environment, Job, Purpose, run};
    let place = Place::new();
    let Taken::Ours(lease) = Lease::try_acquire(&place.path()).unwrap() else { panic!("nobody holds it") };
    let mut store = place.open();
    store.hold(&lease, &holder(0, 0)).unwrap();
    let argv = ["/bin/sh", "-c", "/bin/sleep 60 & echo $!"].map(str::to_owned);
    let job = Job {
        argv: &argv,
        dir: place.dir.path(),
        input: None,
        environment: Environment::Only(&[]),
        timeout: std::time::Duration::from_secs(20),
        purpose: Purpose::Deed(100),
    };
    let left = String::from_utf8(run(&job).unwrap().output).unwrap();
    drop((lease, store));
    let free = is_free_soon(&place);
    let open = std::fs::read_dir(format!("/proc/{}/fd", left.trim()));
    let held: Vec<_> = open.into_iter().flatten().filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok()).collect();
    let pid = rustix::process::Pid::from_raw(left.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert!(free);
    assert!(held.iter().all(|file| !file.starts_with(place.dir.path())), "{held:?}");
}

#[test]
fn of_many_only_one_has_it() {
    let place = Place::new();
    let path = place.path();
    let tries: Vec<Taken> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| Lease::try_acquire(&path).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(tries.iter().filter(|taken| matches!(taken, Taken::Ours(_))).count(), 1);
}
