//! Many probes at once, none of which holds up the others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Outcome, Probe, ProbeResult, Timings, Trust, probe};

/// A probe that has not ended after so long makes room for another.
const PATIENCE: Duration = Duration::from_millis(250);
/// So many may have made room and still wait. Together with those that run, they stay within the thousand open files that
/// a process may have as a rule.
pub const WAITING: usize = 512;

/// A probe and when it is asked.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What is asked.
    pub probe: Probe,
    /// How long it may take.
    pub deadline: Duration,
    /// How long after the others begin: so that many do not begin at one moment.
    pub after: Duration,
}

impl Planned {
    /// Asked without a pause.
    pub fn now(probe: Probe, deadline: Duration) -> Self {
        Self { probe, deadline, after: Duration::ZERO }
    }
}

/// Runs probes, each with its own deadline, at most `parallel` of them at once, until the time for all of them is over. Gives the
/// results in the order of the probes; what there was no time for says so as the watcher's own fault.
///
/// Whatever waits for long gives its place to the next and waits on, so that services that hang do not make the
/// others late.
pub async fn probe_all(probes: Vec<Planned>, trust: &Trust, parallel: usize, all: Duration) -> Vec<ProbeResult> {
    let end = Instant::now() + all;
    let late = ProbeResult {
        outcome: Outcome::WatcherFault,
        detail: Some("there was no time left in this cycle".to_owned()),
        timings: Timings::default(),
        tls_until: None,
        body: Vec::new(),
    };
    let mut results = vec![late; probes.len()];
    let (places, waiting) = (Arc::new(Semaphore::new(parallel.max(1))), Arc::new(Semaphore::new(WAITING)));
    let mut running = JoinSet::new();
    for (at, planned) in probes.into_iter().enumerate() {
        let (trust, places, waiting) = (trust.clone(), places.clone(), waiting.clone());
        running.spawn(async move {
            sleep(planned.after).await;
            // Nobody closes them.
            let place = places.acquire_owned().await.ok();
            let mut asked = std::pin::pin!(probe(&planned.probe, &trust, planned.deadline));
            tokio::select! {
                result = &mut asked => return (at, result),
                () = sleep(PATIENCE) => {}
            }
            let aside = waiting.try_acquire_owned().ok();
            if aside.is_some() {
                drop(place);
            }
            (at, asked.await)
        });
    }
    // What is still running then ends with the set.
    while let Ok(Some(ended)) = timeout_at(end, running.join_next()).await {
        if let Ok((at, result)) = ended {
            results[at] = result;
        }
    }
    results
}
