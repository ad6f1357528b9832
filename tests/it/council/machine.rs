//! The ratified protocol as a table and as diagrams.

use crate::world::World;

#[test]
fn the_machine_is_drawn_as_it_is_ratified() {
    let world = World::planted(&["ana"]);
    let table = world.omega(&["council", "machine"]).exits(0).out;
    assert!(
        table.starts_with("deliberation: low off, medium optional, high optional, critical optional\nstatements: open, one lap"),
        "{table}"
    );
    let rule = table.lines().find(|line| line.contains(" rule ") && line.starts_with("SYNTHESIS")).expect(&table);
    assert_eq!(rule.split_whitespace().collect::<Vec<_>>().join(" "), "SYNTHESIS | VOTING > CHIEF_RULING rule by chief");
    let mermaid = world.omega(&["council", "machine", "--draw", "mermaid"]).exits(0).out;
    assert!(mermaid.starts_with("stateDiagram-v2\n    [*] --> IDLE\n    IDLE --> OPEN: propose (anyone)\n"), "{mermaid}");
    let dot = world.omega(&["council", "machine", "--draw", "dot"]).exits(0).out;
    assert!(dot.starts_with("digraph peace_pipe {") && dot.ends_with("}\n"), "{dot}");
    assert!(dot.contains("    SUBMISSION -> SYNTHESIS [label = \"synthesize (clerk)\\nenough_spoken\"];\n"), "{dot}");
    // One arrow for each stage that a way leads from.
    let json = world.omega(&["council", "machine", "--format", "json"]).exits(0).json();
    let ways = json["report"]["transitions"].as_array().unwrap();
    let arrows: usize = ways.iter().map(|way| way["from"].as_array().unwrap().len()).sum();
    assert!(arrows > 20, "{arrows}");
    assert_eq!((mermaid.matches(" --> ").count(), dot.matches(" -> ").count()), (arrows + 2, arrows));
    // A draft draws nothing.
    world.edit("canon/PEACE_PIPE_PROTOCOL.md", "laps: 1\n", "laps: 2\n");
    assert_eq!(world.omega(&["council", "machine"]).exits(0).out, table);
    let id = world.propose_edits("ana", "Two laps");
    assert_eq!(world.omega(&["council", "machine"]).exits(0).out, table);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    assert!(world.omega(&["council", "machine"]).exits(0).out.contains("statements: open, 2 laps"));
}
