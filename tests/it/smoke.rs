use crate::world::World;

#[test]
fn the_demo_ends_well_and_shows_the_finding() {
    let world = World::empty();
    let ran = world.omega(&["demo", "--color", "never"]).exits(0);
    assert!(ran.out.contains("C040 AGENTS.md: the bytes are not the ratified ones"), "{}", ran.out);
    assert!(ran.out.trim_end().lines().last().is_some_and(|line| line.starts_with("checkpoint: root sha256:")), "{}", ran.out);
}

#[test]
fn a_council_of_one_works_from_the_first_minute() {
    let world = World::planted(&[]);
    let id = world.propose("ry", "Say it plainly");
    world.omega(&["canon", "verify"]).exits(12);
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    world.omega(&["canon", "verify", "--index"]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).exits(0).out, "");
}

#[test]
fn reports_are_written_for_a_branch_as_for_a_commit() {
    let world = World::planted(&[]);
    for rev in ["main", "HEAD~0"] {
        world.omega(&["canon", "verify", rev, "--sarif", "out.sarif", "--junit", "out.xml"]).exits(0);
        for file in ["out.sarif", "out.xml"] {
            std::fs::remove_file(world.repo().join(file)).unwrap();
        }
    }
}
