//! Files that are read in one way by one and in another way by the next, and signatures that are none.

use omega::canon::Member;
use omega::finding::Code;
use omega::keys::Namespace;
use omega::ledger::kinds::{Record, Verdict};

use crate::forge::{Choice, Edit, Forge, Key, chief, put_string};

/// An open vote of gemini's with other bytes, which gemini signed; gives its path.
fn vote_as(change: impl FnOnce(String) -> Vec<u8>) -> (Forge, String) {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "form", vec![Edit::file("AGENTS.md", "Form.\n")]);
    forge.vote(&id, "gemini", Choice::Approve);
    let vote = forge.of(&id, "votes/gemini.1.md");
    let bytes = change(String::from_utf8(forge.get(&vote)).unwrap());
    forge.put(&format!("{vote}.sig"), Key::of("gemini").sign(Namespace::Vote, &bytes));
    forge.put(&vote, bytes);
    (forge, vote)
}

#[test]
fn records_have_one_strict_form() {
    let replace = |from: &'static str, to: &'static str| {
        vote_as(move |text| {
            assert!(text.contains(from), "{from:?} is not in {text}");
            text.replacen(from, to, 1).into_bytes()
        })
    };
    for (from, to) in [
        ("choice: approve", "choice: approve\nchoice: reject"),
        ("choice: approve", "choice: &x approve"),
        ("choice: approve", "choice: !!str approve"),
        ("choice: approve", "choice: yes"),
        ("choice: approve", "choice: Approve"),
        ("choice: approve", "choice: \"approve\\u200b\""),
        ("confidence: 90", "confidence: 0x5A"),
        ("confidence: 90", "confidence: 9_0"),
        ("confidence: 90", "confidence: 90.0"),
        ("confidence: 90", "confidence: -1"),
        ("confidence: 90", "confidence: \"90\""),
        ("confidence: 90", "confidence: 900"),
        ("confidence: 90", "confidence: 90\nunknown: 1"),
        ("confidence: 90", "confidence: 90\n\"<<\": {a: 1}"),
        ("confidence: 90", "confidence: 90\n<<: {weight: 9}"),
        ("confidence: 90", "confidence:\t90"),
        ("confidence: 90", "? confidence\n: [90]"),
        ("confidence: 90", "confidence: [[[[[[[[[[[[[[[[[[90]]]]]]]]]]]]]]]]]]"),
        ("ballot: 1", "ballot: 01"),
        ("by: gemini", "by: geminі"),
        ("by: gemini", "by: Gemini"),
        ("by: gemini", "by: \"gemini \""),
        ("kind: vote", "kind: ruling"),
        ("omega: 1", "omega: 0"),
        ("omega: 1", "omega: \"1\""),
        ("omega: 1\n", ""),
        ("---\n\n", "...\n---\n\n"),
        ("A reason.", "A\u{202e}reason."),
        ("A reason.", "A\0reason."),
        ("A reason.", "A reason.\r"),
        ("A reason.\n", "A reason."),
        ("---\nomega", "\u{feff}---\nomega"),
        ("---\nomega", "---\r\nomega"),
        ("---\nomega", "--- \nomega"),
        ("---\nomega", "---\n---\nomega"),
        ("---\nomega", "---\n%YAML 1.2\n---\nomega"),
        ("2026-02-26T", "2026-02-26t"),
    ] {
        let (forge, vote) = replace(from, to);
        let found = forge.verify().findings;
        assert!(found.iter().any(|f| f.code == Code::Form && f.path == vote), "{from:?} as {to:?}: {found:#?}");
    }
    let (forge, vote) = vote_as(|text| [text.as_bytes(), b"\xff\n"].concat());
    forge.violates(Code::Form, vote);
    let (forge, vote) = vote_as(|_| Vec::new());
    forge.violates(Code::Form, vote);
    let (forge, vote) = vote_as(|text| format!("{text}{}\n", "x".repeat(1 << 20)).into_bytes());
    forge.violates(Code::Form, vote);
    let (forge, vote) = vote_as(|text| [text.into_bytes(), vec![b'x'; 100 << 20]].concat());
    forge.violates(Code::Form, vote);
}

#[test]
fn newer_rules_are_said_to_be_newer() {
    let (forge, _) = vote_as(|text| text.replacen("omega: 1", "omega: 2", 1).into_bytes());
    let pin = forge.pin();
    let error = omega::survey::verify::verify(&forge.tree, "memory", Some(pin), crate::forge::time("2026-02-27T00:00:00Z"), 1).unwrap_err();
    assert!(error.to_string().contains("version 2"), "{error}");
}

#[test]
fn signatures_are_byte_for_byte_what_stock_tools_write() {
    let (forge, vote) = vote_as(String::into_bytes);
    forge.pends();
    let signature = format!("{vote}.sig");
    let armor = String::from_utf8(forge.get(&signature)).unwrap();
    let lines: Vec<&str> = armor.lines().collect();
    let blob = lines[1..lines.len() - 1].concat();
    let wrong: Vec<Vec<u8>> = vec![
        Vec::new(),
        armor.trim_end().into(),
        format!("{armor}\n").into(),
        format!("{armor}{armor}").into(),
        format!("{armor}trailing\n").into(),
        format!("\n{armor}").into(),
        armor.replace('\n', "\r\n").into(),
        format!("{}\n{blob}\n{}\n", lines[0], lines[lines.len() - 1]).into(),
        armor.replacen("U1NIU0lH", "U1NIU0lI", 1).into(),
        armor.replace("SSH SIGNATURE", "PGP SIGNATURE").into(),
        armor.replacen('=', "", 1).into(),
        vec![b'A'; 1 << 20],
    ];
    for bytes in wrong {
        let mut forge = forge.clone();
        forge.put(&signature, &bytes);
        if bytes != armor.as_bytes() {
            forge.violates(Code::Signature, &signature);
        }
    }
    // Every single bit of it counts.
    for at in (0..armor.len()).step_by(7) {
        let mut bytes = armor.clone().into_bytes();
        bytes[at] ^= 1;
        let mut forge = forge.clone();
        forge.put(&signature, bytes);
        let report = forge.verify();
        assert!(
            report.findings.iter().any(|f| f.is_error() && f.path == signature && f.code == Code::Signature),
            "bit at {at}: {:#?}",
            report.findings
        );
    }
}

/// An armor of these parts, whether or not it means anything.
fn armor(parts: &[&[u8]], signature: &[&[u8]]) -> String {
    use base64ct::Encoding as _;
    let mut inner = Vec::new();
    signature.iter().for_each(|part| put_string(&mut inner, part));
    let mut blob = b"SSHSIG\0\0\0\x01".to_vec();
    parts.iter().for_each(|part| put_string(&mut blob, part));
    put_string(&mut blob, &inner);
    let text = base64ct::Base64::encode_string(&blob);
    let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

fn blob(kind: &[u8], key: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    put_string(&mut blob, kind);
    put_string(&mut blob, key);
    blob
}

#[test]
fn weak_keys_and_other_algorithms_sign_nothing() {
    let (forge, vote) = vote_as(String::into_bytes);
    let signature = format!("{vote}.sig");
    // The neutral element and its like "sign" everything for verifiers that look less closely.
    let mut points: Vec<[u8; 32]> = vec![[0; 32], [0xff; 32]];
    for (first, last) in [(1, 0), (1, 0x80), (0xec, 0x7f), (0xee, 0x7f), (0xed, 0x7f)] {
        let mut point = [if first > 1 { 0xff } else { 0 }; 32];
        (point[0], point[31]) = (first, last);
        points.push(point);
    }
    for point in points {
        for r in [[0; 32], point] {
            let bytes = [r, [0; 32]].concat();
            let text = armor(&[&blob(b"ssh-ed25519", &point), b"omega-vote-v1", b"", b"sha512"], &[b"ssh-ed25519", &bytes]);
            let mut forge = forge.clone();
            forge.put(&signature, text);
            forge.violates(Code::Signature, &signature);
        }
    }
    for kind in [&b"ssh-rsa"[..], b"ecdsa-sha2-nistp256", b"ssh-dss", b"ssh-ed25519-cert-v01@openssh.com"] {
        let text = armor(&[&blob(kind, &[7; 32]), b"omega-vote-v1", b"", b"sha512"], &[kind, &[7; 64]]);
        let mut forge = forge.clone();
        forge.put(&signature, text);
        forge.violates(Code::Signature, &signature);
    }
    // S + L, another hash, a reserved field, a git commit's signature.
    let honest = forge.get(&signature);
    let parsed = {
        use base64ct::Encoding as _;
        let text = String::from_utf8(honest).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        base64ct::Base64::decode_vec(&lines[1..lines.len() - 1].concat()).unwrap()
    };
    let raw: [u8; 64] = parsed[parsed.len() - 64..].try_into().unwrap();
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0x10,
    ];
    let mut malleable = raw;
    let mut carry = 0u16;
    for (byte, add) in malleable[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    let key = Key::of("gemini").public();
    for (parts, inner) in [
        ([key.blob(), b"omega-vote-v1", b"", b"sha512"], [&b"ssh-ed25519"[..], &malleable]),
        ([key.blob(), b"omega-vote-v1", b"", b"sha256"], [&b"ssh-ed25519"[..], &raw]),
        ([key.blob(), b"omega-vote-v1", b"x", b"sha512"], [&b"ssh-ed25519"[..], &raw]),
        ([key.blob(), b"git", b"", b"sha512"], [&b"ssh-ed25519"[..], &raw]),
        ([key.blob(), b"omega-vote-v1", b"", b"sha512"], [&b"ssh-rsa"[..], &raw]),
        ([key.blob(), b"omega-vote-v1", b"", b"sha512"], [&b"ssh-ed25519"[..], &raw[..63]]),
    ] {
        let mut forge = forge.clone();
        forge.put(&signature, armor(&parts, &inner));
        forge.violates(Code::Signature, &signature);
    }
    let mut forge = forge.clone();
    forge.put(&signature, armor(&[key.blob(), b"omega-vote-v1", b"", b"sha512"], &[b"ssh-ed25519", &raw]));
    forge.pends();
}

#[test]
fn weak_keys_are_not_ratified() {
    use base64ct::Encoding as _;
    for point in [[0u8; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        let weak = format!("ssh-ed25519 {}", base64ct::Base64::encode_string(&blob(b"ssh-ed25519", &point)));
        let text = omega::canon::front::render(&chief("zed", 9), "").replace(&Key::of("zed").public().to_string(), &weak);
        assert!(text.contains(&weak));
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "weak", vec![Edit::file("canon/council/zed.md", &text)]);
        forge.violates(Code::Form, "canon/council/zed.md");
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        forge.violates(Code::Form, "canon/council/zed.md");
    }
}

#[test]
fn state_files_have_one_strict_form() {
    for (from, to) in
        [("seat: 9", "seat: 9\nweight: 7"), ("seat: 9", "seat: 09"), ("seat: 9", "seat: 9\nomega: 1"), ("kind: human", "kind: Human")]
    {
        let text = omega::canon::front::render(&Member { seat: 9, ..crate::forge::member("zed", 9) }, "").replace(from, to);
        let mut forge = Forge::planted();
        forge.ratify("form", vec![Edit::file("canon/council/zed.md", &text)]);
        forge.violates(Code::Form, "canon/council/zed.md");
    }
}

#[test]
fn paths_of_a_proposal_have_one_spelling() {
    for wrong in [
        "../x",
        "/etc/passwd",
        ".git/config",
        ".GIT/config",
        "git~1/x",
        "prompts/x.",
        "prompts/x ",
        "prompts\\\\x",
        "prompts//x",
        "prompts/./x",
        "prompts/e\u{301}",
        "",
    ] {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "path", vec![Edit::file("prompts/placeholder", "x\n")]);
        let proposal = forge.of(&id, "proposal.md");
        let text = String::from_utf8(forge.get(&proposal)).unwrap().replacen("path: prompts/placeholder", &format!("path: \"{wrong}\""), 1);
        forge.put(&format!("{proposal}.sig"), Key::of("claude").sign(omega::ledger::kinds::Proposal::NAMESPACE, text.as_bytes()));
        forge.put(&proposal, &text);
        forge.violates(Code::Form, &proposal);
    }
}
