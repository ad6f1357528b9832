//! Keys and signatures.

use base64ct::Encoding as _;
use omega::canon::{Member, front};
use omega::keys::Namespace;
use omega::ledger::kinds::{FileMode, Verdict};

use super::Run::Tree;
use super::votes::open;
use super::{Attack, EVERYWHERE, against, at, cases};
use crate::forge::{Choice, Edit, Forge, Key, Seed, VOTERS, chief, member, name, put_string, time};

/// A vote of gemini's under a signature that is made from the honest one.
fn signed(change: impl FnOnce(&Forge, &str, Vec<u8>) -> Vec<u8>) -> Attack {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Approve);
    let vote = forge.of(&id, "votes/gemini.1.md");
    let place = format!("{vote}.sig");
    let honest = forge.get(&place);
    let bytes = change(&forge, &vote, honest);
    forge.put(&place, bytes);
    at(forge, place)
}

/// The blob below an armor.
fn unarmored(armor: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(armor).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    base64ct::Base64::decode_vec(&lines[1..lines.len() - 1].concat()).unwrap()
}

/// The armor over a blob.
fn armored(blob: &[u8]) -> Vec<u8> {
    let text = base64ct::Base64::encode_string(blob);
    let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n")).into_bytes()
}

/// An armor of these parts, whether or not it means anything.
fn assembled(key: &[u8], namespace: &[u8], reserved: &[u8], hash: &[u8], signature: &[&[u8]]) -> Vec<u8> {
    let mut inner = Vec::new();
    signature.iter().for_each(|part| put_string(&mut inner, part));
    let mut blob = b"SSHSIG\0\0\0\x01".to_vec();
    [key, namespace, reserved, hash, &inner].iter().for_each(|part| put_string(&mut blob, part));
    armored(&blob)
}

fn key_blob(kind: &[u8], key: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    put_string(&mut blob, kind);
    put_string(&mut blob, key);
    blob
}

/// A signature of zeros by a point that verifiers who look less closely take for anybody.
fn by_point(point: [u8; 32]) -> Attack {
    signed(|_, _, _| {
        let bytes = [point, [0; 32]].concat();
        assembled(&key_blob(b"ssh-ed25519", &point), b"omega-vote-v1", b"", b"sha512", &[b"ssh-ed25519", &bytes])
    })
}

/// A key of another algorithm.
fn by_algorithm(kind: &'static [u8]) -> Attack {
    signed(|_, _, _| assembled(&key_blob(kind, &[7; 32]), b"omega-vote-v1", b"", b"sha512", &[kind, &[7; 64]]))
}

/// The 64 bytes of the honest signature, put together otherwise.
fn reassembled(make: impl FnOnce(&[u8], &[u8; 64]) -> Vec<u8>) -> Attack {
    signed(|_, _, honest| {
        let blob = unarmored(&honest);
        let raw: [u8; 64] = blob[blob.len() - 64..].try_into().unwrap();
        make(Key::of("gemini").public().blob(), &raw)
    })
}

/// A member with a weak key, proposed; and, if the Chief goes along, ruled.
fn weak_member(point: [u8; 32], rule: bool) -> Attack {
    let weak = format!("ssh-ed25519 {}", base64ct::Base64::encode_string(&key_blob(b"ssh-ed25519", &point)));
    let text = front::render(&member("zed", 9), "").replace(&Key::of("zed").public().to_string(), &weak);
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "weak", vec![Edit::Put("canon/council/zed.md", FileMode::File, text.into_bytes())]);
    if rule {
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
    }
    at(forge, "canon/council/zed.md")
}

/// S + L, which is the same signature for whoever reduces it first.
fn malleable(raw: &[u8; 64]) -> [u8; 64] {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0x10,
    ];
    let mut raw = *raw;
    let mut carry = 0u16;
    for (byte, add) in raw[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    raw
}

/// The Chief's key is rotated; what comes before is given too.
fn rotated() -> (Forge, Forge) {
    let new = Key::of("ry-two");
    let mut forge = Forge::planted();
    let id = forge.propose("ry", "rotate", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })]);
    forge.enrol(&id, &new);
    forge.approve(&id);
    let before = forge.clone();
    forge.rule_then(&id, Verdict::Approve, "ry", new);
    (forge, before)
}

/// A key that left comes back under this name.
fn returned(back: &str) -> Attack {
    let mut forge = Forge::planted();
    forge.ratify("leave", vec![Edit::Remove("canon/council/grok.md")]);
    let id = forge.propose("claude", "back", vec![Edit::Member(Member { name: name(back), ..member("grok", 6) })]);
    forge.enrol(&id, &Key::of("grok"));
    VOTERS[..3].iter().for_each(|by| forge.vote(&id, by, Choice::Approve));
    forge.rule(&id, Verdict::Approve);
    at(forge, format!("canon/council/{back}.md"))
}

/// A rotation of the Chief's key, and who agrees to it.
fn rotation(enrol: bool, rule_with_new: bool) -> (Forge, String) {
    let new = Key::of("ry-two");
    let mut forge = Forge::planted();
    let id = forge.propose("ry", "rotate", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })]);
    forge.approve(&id);
    if enrol {
        forge.enrol(&id, &new);
    }
    let proof = forge.of(&id, &format!("keys/{}.sig", new.public().id()));
    if rule_with_new {
        forge.keys.insert("ry".into(), new);
    }
    forge.rule(&id, Verdict::Approve);
    (forge, proof)
}

/// An enrolment of zed's key that is none.
fn enrolment(make: impl FnOnce(&[u8]) -> Vec<u8>) -> Attack {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "add", vec![Edit::Member(member("zed", 9))]);
    let proof = forge.of(&id, &format!("keys/{}.sig", Key::of("zed").public().id()));
    let armor = make(&forge.get(&forge.of(&id, "proposal.md")));
    forge.put(&proof, armor);
    at(forge, proof)
}

/// A Chief whose hardware key answers so, where a touch is demanded.
fn hardware(key: Key, slug: &str, rule: bool) -> Attack {
    let token = Key::token("ry-token", 1);
    let plain = Key::of("ry");
    let mut forge = Forge::plant(&Seed {
        members: vec![
            Member { keys: vec![token.public(), plain.public()], ..chief("ry", 1) },
            member("claude", 3),
            member("gemini", 4),
            member("codex", 5),
            member("grok", 6),
        ],
        security: Box::new(|text| text.replacen("ruling_presence: optional", "ruling_presence: required", 1)),
        key: Some(token),
        enrolled: vec![plain],
        ..Seed::default()
    });
    forge.keys.insert("ry".into(), key);
    let id = forge.propose("ry", slug, vec![Edit::file("AGENTS.md", "By hand.\n")]);
    if rule {
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        return at(forge, "canon/ledger/000001.md");
    }
    let place = forge.of(&id, "proposal.md.sig");
    at(forge, place)
}

const ONE: [u8; 32] = {
    let mut one = [0; 32];
    one[0] = 1;
    one
};

/// The key of `gemini` plus the point of order 2: (x, y) + (0, -1) is (-x, -y). It signs like any other for whoever multiplies
/// by the cofactor.
fn mixed() -> [u8; 32] {
    let key = Key::of("gemini").public().raw();
    let mut out = [0u8; 32];
    let mut borrow = 0i16;
    for (at, byte) in out.iter_mut().enumerate() {
        let prime: i16 = match at {
            0 => 0xed,
            31 => 0x7f,
            _ => 0xff,
        };
        let y = i16::from(if at == 31 { key[at] & 0x7f } else { key[at] });
        let difference = prime - y - borrow;
        borrow = i16::from(difference < 0);
        *byte = difference.rem_euclid(256) as u8;
    }
    out[31] |= !key[31] & 0x80;
    assert!(!ed25519_dalek::VerifyingKey::from_bytes(&out).unwrap().is_weak());
    out
}

/// A point of order 8, the generator of the small subgroup.
const ORDER_8: [u8; 32] = [
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
    0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
];

/// The neutral element written as p + 1.
const NOT_CANONICAL: [u8; 32] = {
    let mut point = [0xff; 32];
    point[0] = 0xee;
    point[31] = 0x7f;
    point
};

cases! {
    7 neutral_key "a vote is signed by the neutral element" EVERYWHERE, ["C010"] 11 Tree(|| by_point(ONE));
    7 zero_key "a vote is signed by a key of zeros" EVERYWHERE, ["C010"] 11 Tree(|| by_point([0; 32]));
    7 small_order_key "a vote is signed by a point of order 8" EVERYWHERE, ["C010"] 11 Tree(|| by_point(ORDER_8));
    7 key_in_another_encoding "a vote is signed by a point that is not written canonically" EVERYWHERE, ["C010"] 11 Tree(|| by_point(NOT_CANONICAL));
    7 mixed_order_key "a vote is signed by a sound key with a small-order point added to it" EVERYWHERE, ["C010"] 11 Tree(|| by_point(mixed()));
    7 weak_key_proposed "a proposal seats a member with the neutral element for a key" EVERYWHERE, ["C005"] 11 Tree(|| weak_member(ONE, false));
    7 weak_key_ratified "a council seats a member with a key of zeros" EVERYWHERE, ["C005"] 11 Tree(|| weak_member([0; 32], true));
    7 mixed_order_key_ratified "a council seats a member with a key of mixed order" EVERYWHERE, ["C005"] 11 Tree(|| weak_member(mixed(), true));
    7 malleable_signature "a signature is altered into another of the same meaning" EVERYWHERE, ["C010"] 11 Tree(|| reassembled(|key, raw| assembled(key, b"omega-vote-v1", b"", b"sha512", &[b"ssh-ed25519", &malleable(raw)])));
    7 truncated_signature "a signature lacks its last byte" EVERYWHERE, ["C010"] 11 Tree(|| reassembled(|key, raw| assembled(key, b"omega-vote-v1", b"", b"sha512", &[b"ssh-ed25519", &raw[..63]])));
    7 extended_signature "a signature has one byte more" EVERYWHERE, ["C010"] 11 Tree(|| reassembled(|key, raw| assembled(key, b"omega-vote-v1", b"", b"sha512", &[b"ssh-ed25519", &[&raw[..], b"\0"].concat()])));
    7 doubled_signature "a signature stands twice in its file" EVERYWHERE, ["C010"] 11 Tree(|| signed(|_, _, honest| [&honest[..], &honest].concat()));
    7 bytes_behind_the_blob "something follows inside the blob" EVERYWHERE, ["C010"] 11 Tree(|| signed(|_, _, honest| armored(&[&unarmored(&honest)[..], b"\0"].concat())));
    7 bytes_behind_the_armor "something follows behind the armor" EVERYWHERE, ["C010"] 11 Tree(|| signed(|_, _, honest| [&honest[..], b"trailing\n"].concat()));
    7 armor_in_other_lines "an armor is folded in other columns" EVERYWHERE, ["C010"] 11 Tree(|| signed(|_, _, honest| {
        let text = base64ct::Base64::encode_string(&unarmored(&honest));
        format!("-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n").into_bytes()
    }));
    7 armor_with_other_line_ends "an armor has the line ends of Windows" EVERYWHERE, ["C010"] 11 Tree(|| signed(|_, _, honest| String::from_utf8(honest).unwrap().replace('\n', "\r\n").into_bytes()));
    7 empty_signature "a signature file is empty" EVERYWHERE, ["C010"] 11 Tree(|| signed(|_, _, _| Vec::new()));
    7 enormous_signature "a signature file has a megabyte" EVERYWHERE, ["C010"] 11 Tree(|| signed(|_, _, _| vec![b'A'; 1 << 20]));

    8 another_namespace "a vote carries a signature that was made for a ruling" EVERYWHERE, ["C010"] 11 Tree(|| signed(|forge, vote, _| Key::of("gemini").sign(Namespace::Ruling, &forge.get(vote))));
    8 signature_of_a_git_commit "a vote carries a signature that was made for a git commit" EVERYWHERE, ["C010"] 11 Tree(|| signed(|forge, vote, _| Key::of("gemini").sign(Namespace::Git, &forge.get(vote))));
    8 embedded_key_of_another "a signature names the voter's key, and another made it" EVERYWHERE, ["C010"] 11 Tree(|| signed(|forge, vote, _| {
        let blob = unarmored(&Key::of("claude").sign(Namespace::Vote, &forge.get(vote)));
        assembled(Key::of("gemini").public().blob(), b"omega-vote-v1", b"", b"sha512", &[b"ssh-ed25519", &blob[blob.len() - 64..]])
    }));
    8 rsa_key "a vote is signed by an RSA key" EVERYWHERE, ["C010"] 11 Tree(|| by_algorithm(b"ssh-rsa"));
    8 ecdsa_key "a vote is signed by an ECDSA key" EVERYWHERE, ["C010"] 11 Tree(|| by_algorithm(b"ecdsa-sha2-nistp256"));
    8 certified_key "a vote is signed by a certificate" EVERYWHERE, ["C010"] 11 Tree(|| by_algorithm(b"ssh-ed25519-cert-v01@openssh.com"));
    8 another_hash "a signature names another hash" EVERYWHERE, ["C010"] 11 Tree(|| reassembled(|key, raw| assembled(key, b"omega-vote-v1", b"", b"sha256", &[b"ssh-ed25519", raw])));
    8 reserved_field "a signature fills the reserved field" EVERYWHERE, ["C010"] 11 Tree(|| reassembled(|key, raw| assembled(key, b"omega-vote-v1", b"x", b"sha512", &[b"ssh-ed25519", raw])));
    8 hardware_key_without_touch "a hardware key signs that nobody touched" EVERYWHERE, ["C010"] 11 Tree(|| hardware(Key::token("ry-token", 0), "untouched", false));
    8 plain_key_where_a_touch_is_demanded "the Chief rules with a plain key where a touch is demanded" EVERYWHERE, ["C011"] 11 Tree(|| hardware(Key::of("ry"), "plain", true));
    8 enrolment_by_another_key "a key is enrolled by the signature of another" EVERYWHERE, ["C006"] 11 Tree(|| enrolment(|proposal| Key::of("claude").sign(Namespace::Enrol, proposal)));
    8 enrolment_in_another_proposal "a key is enrolled by a signature over another proposal" EVERYWHERE, ["C010"] 11 Tree(|| enrolment(|_| Key::of("zed").sign(Namespace::Enrol, b"another\n")));
    8 enrolment_by_a_proposal_signature "a key is enrolled by a signature that was made for a proposal" EVERYWHERE, ["C010"] 11 Tree(|| enrolment(|proposal| Key::of("zed").sign(Namespace::Proposal, proposal)));
    8 state_signature_by_a_member "a member signs a ratified document in the Chief's place" EVERYWHERE, ["C035"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let armor = Key::of("claude").sign(Namespace::State, &forge.get("canon/OMEGA_IDENTITY.md"));
        forge.put("canon/OMEGA_IDENTITY.md.sig", armor);
        at(forge, "canon/OMEGA_IDENTITY.md.sig")
    });
    8 state_signature_gone "the Chief's signature beside a ratified document is gone" EVERYWHERE, ["C035"] 11 Tree(|| {
        let mut forge = Forge::planted();
        forge.delete("canon/OMEGA_IDENTITY.md.sig");
        at(forge, "canon/OMEGA_IDENTITY.md.sig")
    });

    9 revoked_key_rules "the Chief's old key rules after its rotation" EVERYWHERE, ["C011"] 11 Tree(|| {
        let (mut forge, _) = rotated();
        forge.keys.insert("ry".into(), Key::of("ry"));
        let id = forge.propose("claude", "late", vec![Edit::file("AGENTS.md", "Mine.\n")]);
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        at(forge, "canon/ledger/000002.md")
    });
    9 revoked_key_backdates "the same, dated before the rotation" EVERYWHERE, ["C011"] 11 Tree(|| {
        let (mut forge, _) = rotated();
        forge.keys.insert("ry".into(), Key::of("ry"));
        let early = time("2026-01-01T00:00:00Z");
        let id = forge.propose_with("claude", "backdated", vec![Edit::file("AGENTS.md", "Mine.\n")], |p| p.at = early);
        forge.approve(&id);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.at = early);
        at(forge, "canon/ledger/000002.md")
    });
    9 revoked_key_drafts_on_an_old_base "a key that has left drafts upon a ruling when it was in force" EVERYWHERE, ["C040"] 11 Tree(|| {
        let (mut forge, _) = rotated();
        forge.keys.insert("ry".into(), Key::of("ry"));
        let genesis = forge.root();
        forge.propose_with("ry", "old-base", vec![Edit::file("AGENTS.md", "Mine.\n")], |p| p.base = Some(genesis));
        at(forge, "AGENTS.md")
    });
    9 revoked_key_rules_on_an_old_base "the same, ruled as an emergency" EVERYWHERE, ["C026"] 11 Tree(|| {
        let (mut forge, _) = rotated();
        forge.keys.insert("ry".into(), Key::of("ry"));
        let genesis = forge.root();
        let id = forge.propose_with("ry", "old-base", vec![Edit::file("AGENTS.md", "Mine.\n")], |p| p.base = Some(genesis));
        forge.rule(&id, Verdict::Emergency);
        at(forge, "canon/ledger/000002.md")
    });
    9 revoked_key_forks_from_before "the old key goes on from before its rotation, seen by one who knows the rotation" EVERYWHERE, ["C018"] 11 Tree(|| {
        let (honest, mut fork) = rotated();
        let mine = fork.propose("ry", "mine", vec![Edit::Remove("prompts/one.md")]);
        fork.rule_with(&mine, Verdict::Emergency, |_| {});
        against(fork, &honest, "canon/ledger/000001.md")
    });
    9 revoked_key_under_a_new_name "a key that has left is enrolled again under a new name" EVERYWHERE, ["C020"] 11 Tree(|| returned("zed"));
    9 revoked_key_under_its_old_name "a key that has left is enrolled again under its old name" EVERYWHERE, ["C020"] 11 Tree(|| returned("grok"));
    9 key_handed_on "a key goes over to a newcomer in the resolution that lets its member go" EVERYWHERE, ["C020"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let keys = vec![Key::of("grok").public()];
        forge.ratify("hand-on", vec![Edit::Remove("canon/council/grok.md"), Edit::Member(Member { keys, ..member("zed", 9) })]);
        at(forge, "canon/council/zed.md")
    });
    9 rotation_by_the_old_key_only "a rotation that the new key did not sign" EVERYWHERE, ["C027"] 11 Tree(|| {
        let (forge, proof) = rotation(false, false);
        at(forge, proof)
    });
    9 rotation_by_the_new_key_only "a rotation that the old key did not rule" EVERYWHERE, ["C011"] 11 Tree(|| at(rotation(true, true).0, "canon/ledger/000001.md"));
    9 newcomer_without_consent "a member is seated whose key signed nothing" EVERYWHERE, ["C027"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.ratify("add", vec![Edit::Member(member("zed", 9))]);
        let proof = forge.of(&id, &format!("keys/{}.sig", Key::of("zed").public().id()));
        at(forge, proof)
    });
    9 enrolment_of_a_stranger "a key is enrolled that the proposal does not add" EVERYWHERE, ["C027"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.enrol(&id, &Key::of("stranger"));
        let proof = forge.of(&id, &format!("keys/{}.sig", Key::of("stranger").public().id()));
        at(forge, proof)
    });
    9 old_state_signature_by_a_key_that_has_left "a document that changed since is signed by the key that left before" EVERYWHERE, ["C035"] 11 Tree(|| {
        let (mut forge, _) = rotated();
        forge.ratify("later", vec![Edit::words("OMEGA_IDENTITY", "Later.")]);
        let armor = Key::of("ry").sign(Namespace::State, &forge.get("canon/OMEGA_IDENTITY.md"));
        forge.put("canon/OMEGA_IDENTITY.md.sig", armor);
        at(forge, "canon/OMEGA_IDENTITY.md.sig")
    });
}
