//! The fuzz targets, for a moment and always alike: seeds, and seeded mutations of them. The fuzzers themselves run for
//! hours and look at which code is reached, see fuzz/README.md.

use std::time::{Duration, Instant};

use crate::kit::random::Random;

#[path = "../../fuzz/src/bodies.rs"]
mod bodies;

fn mutated(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(data.len() + 1);
        match random.below(5) {
            0 if at < data.len() => data[at] = random.below(256) as u8,
            1 => data.insert(at, b" \n\t:-#\"'{}[]&*!%0x/."[random.below(20)]),
            2 if at < data.len() => drop(data.remove(at)),
            3 if at < data.len() => data[at] ^= 1 << random.below(8),
            _ => {
                let from = random.below(other.len() + 1);
                let to = (from + random.below(24)).min(other.len());
                data.splice(at..at, other[from..to].iter().copied());
            }
        }
    }
    data
}

/// Runs a target on all of its seeds and on mutations of them.
fn smoke(name: &str, most: usize) {
    let (_, run, seeds) = bodies::TARGETS.into_iter().find(|(target, ..)| *target == name).unwrap();
    let seeds = seeds();
    assert!(seeds.len() >= 3, "{name} has {} seeds", seeds.len());
    let (mut random, started) = (Random(20260226), Instant::now());
    let each = most.div_ceil(seeds.len());
    for seed in &seeds {
        run(seed);
        for _ in 0..each {
            run(&mutated(seed, &seeds[random.below(seeds.len())], &mut random));
            // A slow machine runs fewer, not for longer.
            if started.elapsed() > Duration::from_secs(8) {
                return;
            }
        }
    }
}

macro_rules! targets {
    ($($name:ident $most:literal)+) => {
        $(#[test] fn $name() { smoke(stringify!($name), $most) })+

        #[test]
        fn every_target_is_run_and_has_its_file() {
            let run = [$(stringify!($name)),+];
            assert_eq!(bodies::TARGETS.map(|(name, ..)| name), run);
            for name in run {
                let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{name}.rs"));
                assert!(std::fs::read_to_string(file).unwrap().contains(&format!("bodies::{name}(")), "{name}");
            }
        }

        /// With OMEGA_FUZZ_SEEDS=DIR the seeds are written for the fuzzers.
        #[test]
        fn seeds_can_be_written() {
            let Some(dir) = std::env::var_os("OMEGA_FUZZ_SEEDS").map(std::path::PathBuf::from) else { return };
            for (name, _, seeds) in bodies::TARGETS {
                std::fs::create_dir_all(dir.join(name)).unwrap();
                for (number, seed) in seeds().into_iter().enumerate() {
                    std::fs::write(dir.join(name).join(format!("seed-{number:03}")), seed).unwrap();
                }
            }
        }
    };
}

targets! {
    front_matter 3000
    records 3000
    signatures 3000
    public_keys 3000
    fields 8000
    trees 240
    hook_lines 5000
}
