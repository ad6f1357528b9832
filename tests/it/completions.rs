//! Completions that know the repository, as a shell asks for them.

use std::path::Path;

use crate::world::{Ran, World};

/// What omega offers for the last of these words, as bash asks.
fn offered(world: &World, dir: &Path, words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &[&["--"][..], words].concat(), dir);
    let asked = [("OMEGA_COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", &index), ("_CLAP_COMPLETE_COMP_TYPE", "9"), ("_CLAP_IFS", "\n")];
    let ran = Ran::of(command.envs(asked).output().unwrap()).exits(0);
    assert_eq!(ran.err, "");
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn ids_members_choices_and_rulings_are_known() {
    let world = World::planted(&["ann", "ben"]);
    let planted = world.omega(&["list", "--format", "json"]).exits(0).json()["report"][0]["id"].as_str().unwrap().to_owned();
    let id = world.propose("ann", "Say it plainly");
    world.git(&["switch", "-q", "main"]).exits(0);
    let offers = |words: &[&str]| offered(&world, &world.repo(), words);
    for command in [&["vote"][..], &["canon", "ratify"], &["review"], &["propose", "--edit"], &["key", "recovery", "finish"]] {
        let words = [&["omega"][..], command, &["2026-"]].concat();
        assert_eq!(offers(&words), [id.as_str(), planted.as_str()], "{command:?}");
    }
    assert_eq!(offers(&["omega", "vote", &id[..15]]), [id.as_str()]);
    assert_eq!(offers(&["omega", "vote", "nothing"]), Vec::<String>::new());
    assert_eq!(offers(&["omega", "vote", &id, "a"]), ["approve", "amend", "abstain"]);
    assert_eq!(offers(&["omega", "council", "role", "ann", "c"]), ["chief", "clerk"]);
    assert_eq!(
        offers(&["omega", "council", "retire", ""]).iter().filter(|word| !word.starts_with('-')).collect::<Vec<_>>(),
        ["ann", "ben", "ry"]
    );
    assert_eq!(offers(&["omega", "--as", "b"]), ["ben"]);
    assert!(!offers(&["omega", "council", "add", ""]).contains(&"ann".to_owned()));
    assert!(offers(&["omega", "revert", ""]).contains(&"0".to_owned()));
    // Another folder, where -C names one; what is wrong there is never said.
    let home = world.path("home");
    assert_eq!(offered(&world, &home, &["omega", "-C", world.repo().to_str().unwrap(), "vote", &id[..15]]), [id.as_str()]);
    assert_eq!(offered(&world, &home, &["omega", "vote", "2026-"]), Vec::<String>::new());
    world.write(".git/config", "[nonsense");
    assert_eq!(offers(&["omega", "vote", "2026-"]), Vec::<String>::new());
}

#[test]
fn bash_completes_with_either_script() {
    let world = World::planted(&["ann"]);
    let id = world.propose("ann", "Say it plainly");
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let path = std::env::join_paths(std::iter::once(omega.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
    let path = path.unwrap();
    let pressed = |script: &str, words: &str| {
        let text = format!(
            "source <({script}) || exit 1\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_TYPE=9\n\
             call=$(complete -p omega); call=${{call#*-F }}; ${{call%% *}} omega \"${{COMP_WORDS[COMP_CWORD]}}\" x\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let mut bash = world.command("bash", &["-c", &text], &world.repo());
        Ran::of(bash.env("PATH", &path).output().unwrap()).exits(0).out
    };
    assert_eq!(pressed("omega completions bash --dynamic", &format!("omega vote {}", &id[..15])), format!("{id}\n"));
    assert_eq!(pressed("omega completions bash --dynamic", "omega stat"), "status\n");
    assert_eq!(pressed("omega completions bash", "omega stat"), "status\n");
}
