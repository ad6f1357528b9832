//! One loop at a time.

use super::*;

fn holder(since: i64, heartbeat: i64) -> Holder {
    Holder { name: "daemon".to_owned(), pid: 17, boot: Some("b".to_owned()), since: at(since), heartbeat: at(heartbeat) }
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
    assert!(matches!(Lease::try_acquire(&place.path()).unwrap(), Taken::Ours(_)));
}

#[test]
fn what_the_loop_starts_does_not_keep_the_lease() {
    let place = Place::new();
    let Taken::Ours(lease) = Lease::try_acquire(&place.path()).unwrap() else { panic!("nobody holds it") };
    #[allow(clippy::disallowed_methods, reason = "a child as the loop starts them")]
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    drop(lease);
    let again = Lease::try_acquire(&place.path()).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(again, Taken::Ours(_)));
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
