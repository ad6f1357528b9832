//! Every answer in JSON that any test sees is held to the schema of its command.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::Value;

use super::Ran;

/// The commands, and the schemas of which their answer fits one.
pub const SCHEMAS: &[(&str, &[&str])] = &[
    ("omega", &["omega"]),
    ("init", &["init", "init-ci"]),
    ("demo", &["demo"]),
    ("canon status", &["canon-status"]),
    ("canon propose", &["canon-propose"]),
    ("canon vote", &["canon-vote", "canon-print"]),
    ("canon review", &["canon-review"]),
    ("canon speak", &["canon-speak", "canon-print"]),
    ("canon reveal", &["canon-speak"]),
    ("canon skip", &["canon-speak", "canon-print"]),
    ("canon synthesize", &["canon-speak", "canon-print"]),
    ("canon enrol", &["canon-enrol"]),
    ("canon add", &["canon-add"]),
    ("canon rule", &["canon-rule"]),
    ("canon ratify", &["canon-rule"]),
    ("canon emergency", &["canon-rule"]),
    ("canon expire", &["canon-rule"]),
    ("canon withdraw", &["canon-withdraw", "canon-print"]),
    ("canon verify", &["canon-verify", "canon-verify-receipt"]),
    ("canon restore", &["canon-restore"]),
    ("canon revert", &["canon-propose"]),
    ("canon test", &["canon-test"]),
    ("canon ask", &["canon-ask"]),
    ("canon checkpoint", &["canon-checkpoint"]),
    ("canon list", &["canon-list"]),
    ("canon show", &["canon-show"]),
    ("canon tally", &["canon-tally"]),
    ("canon log", &["canon-log"]),
    ("canon diff", &["canon-diff"]),
    ("canon tidy", &["canon-tidy"]),
    ("council list", &["council-list"]),
    ("council add", &["council-change"]),
    ("council weight", &["council-change"]),
    ("council role", &["council-change"]),
    ("council retire", &["council-change"]),
    ("council convene", &["council-convene"]),
    ("council machine", &["council-machine"]),
    ("key new", &["key"]),
    ("key show", &["key"]),
    ("key rotate", &["key-change"]),
    ("key revoke", &["key-change"]),
    ("key recovery set", &["key-change"]),
    ("key recovery clear", &["key-change"]),
    ("key recovery start", &["key-change"]),
    ("key recovery sign", &["key-recovery-sign"]),
    ("key recovery finish", &["canon-rule"]),
    ("trust pin", &["trust"]),
    ("trust show", &["trust"]),
    ("trust accept-rollback", &["trust-accept-rollback"]),
    ("trust signers", &["trust-signers"]),
    ("guard", &["guard"]),
    ("hooks install", &["hooks", "hooks-agent"]),
    ("hooks uninstall", &["hooks", "hooks-agent"]),
    ("hooks status", &["hooks", "hooks-agent"]),
    ("hook pre-commit", &["hook"]),
    ("hook pre-merge-commit", &["hook"]),
    ("hook commit-msg", &["hook"]),
    ("hook pre-push", &["hook"]),
    ("hook post-merge", &["hook"]),
    ("hook post-checkout", &["hook"]),
    ("hook pre-receive", &["hook"]),
    ("hook update", &["hook"]),
    ("ci", &["ci"]),
    ("inbox", &["inbox"]),
    ("sync", &["sync"]),
    ("why", &["why"]),
    ("phylactery get", &["phylactery-get"]),
    ("phylactery list", &["phylactery-list", "phylactery-contradictions"]),
    ("phylactery history", &["phylactery-history"]),
    ("phylactery search", &["phylactery-list"]),
    ("phylactery set", &["phylactery-draft"]),
    ("phylactery supersede", &["phylactery-draft"]),
    ("phylactery purge", &["canon-propose"]),
    ("phylactery export", &["phylactery-export"]),
    ("resonance check", &["resonance-check"]),
    ("resonance token", &["resonance-token"]),
    ("watch", &["watch"]),
    ("watch check", &["watch-check"]),
    ("watch status", &["watch-status"]),
    ("watch metrics", &["watch-metrics"]),
    ("watch history", &["watch-history"]),
    ("watch ack", &["watch-ack"]),
    ("watch install", &["watch-install"]),
    ("events", &["events"]),
    ("events verify", &["events-verify"]),
    ("credits", &["credits"]),
    ("man", &["man"]),
    ("completions", &["completions"]),
];

/// Holds what a process printed to the schema, if it is an answer of omega in JSON.
#[track_caller]
pub fn hold(ran: &Ran) {
    if !ran.out.starts_with("{\n  \"omega\": ") {
        return;
    }
    // A process that was killed may have been in the middle of a word.
    let Some(code) = ran.code else { return };
    let Ok(answer) = serde_json::from_str::<Value>(&ran.out) else { panic!("an answer that is not JSON:\n{}", ran.out) };
    let wrong = unfit(&answer);
    assert!(wrong.is_none(), "{}\n{answer:#}", wrong.unwrap_or_default());
    assert_eq!(answer["exit"], code, "the answer gives another exit code than the process\n{answer:#}");
}

/// Why an answer is not what its schema promises.
pub fn unfit(answer: &Value) -> Option<String> {
    let command = answer["command"].as_str().unwrap_or_default();
    let Some((_, schemas)) = SCHEMAS.iter().find(|(name, _)| *name == command) else {
        return Some(format!("no schema is known for the answer of `{command}`"));
    };
    if answer.get("report").is_some() == answer.get("error").is_some() {
        return Some(format!("`{command}` answers with a report or an error, and with one of them"));
    }
    let mut all = Vec::new();
    for name in *schemas {
        let errors: Vec<String> =
            validator(name).iter_errors(answer).map(|error| format!("{error} at `{}`", error.instance_path())).collect();
        if errors.is_empty() {
            return None;
        }
        all.push(format!("schemas/answer/{name}.json: {}", errors.join("; ")));
    }
    Some(all.join("\n"))
}

/// The validator of a schema, built when it is first asked for.
fn validator(name: &str) -> &'static Validator {
    static BUILT: OnceLock<Mutex<BTreeMap<String, &'static Validator>>> = OnceLock::new();
    let mut built = BUILT.get_or_init(Mutex::default).lock().unwrap();
    if let Some(validator) = built.get(name) {
        return validator;
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/answer").join(format!("{name}.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let validator: &'static Validator = Box::leak(Box::new(jsonschema::validator_for(&schema).unwrap()));
    built.insert(name.to_owned(), validator);
    validator
}
