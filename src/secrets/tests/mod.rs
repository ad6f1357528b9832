use std::path::Path;

use super::*;

/// Characters as a service draws them; the tokens are put together here, so that no file holds one.
fn drawn(alphabet: &str, count: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = 0x9e37_79b9_u64;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            letters[usize::try_from(state >> 33).expect("31 bits") % letters.len()]
        })
        .collect()
}

const ALL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";

fn tokens() -> Vec<(&'static str, String)> {
    let all = |count| drawn(ALL, count);
    let hex = |count| drawn(HEX, count);
    vec![
        ("GitHub", format!("ghp_{}", all(36))),
        ("GitHub", format!("github_pat_{}_{}", all(22), all(59))),
        ("GitLab", format!("glpat-{}", all(20))),
        ("Anthropic", format!("sk-ant-api03-{}-{}AA", all(60), all(32))),
        ("OpenAI", format!("sk-{}", all(48))),
        ("OpenAI", format!("sk-proj-{}-{}", all(40), all(60))),
        ("xAI", format!("xai-{}", all(80))),
        ("Groq", format!("gsk_{}", all(52))),
        ("Hugging Face", format!("hf_{}", all(34))),
        ("Slack", format!("xoxb-{}-{}-{}", drawn("0123456789", 12), drawn("0123456789", 12), all(24))),
        ("AWS", format!("AKIA{}", drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16))),
        ("Google", format!("AIza{}", all(35))),
        ("npm", format!("npm_{}", all(36))),
        ("PyPI", format!("pypi-AgEIcHlwaS5vcmc{}", all(80))),
        ("crates.io", format!("cio{}", all(32))),
        ("Docker", format!("dckr_pat_{}", all(27))),
        ("Stripe", format!("sk_live_{}", all(24))),
        ("SendGrid", format!("SG.{}.{}", all(22), all(43))),
        ("Twilio", format!("SK{}", hex(32))),
        ("DigitalOcean", format!("dop_v1_{}", hex(64))),
        ("Telegram", format!("{}:AA{}", drawn("123456789", 10), all(33))),
        ("JWT", format!("eyJ{}.eyJ{}.{}", all(33), all(60), all(43))),
    ]
}

fn armored() -> String {
    let lines: Vec<String> = (0..5).map(|_| format!("{}\n", drawn(ALL, 64))).collect();
    format!("-----BEGIN OPENSSH {0}-----\n{1}-----END OPENSSH {0}-----\n", "PRIVATE KEY", lines.concat())
}

fn kinds(text: &str) -> Vec<(Kind, usize)> {
    find(text.as_bytes()).into_iter().map(|secret| (secret.kind, secret.line)).collect()
}

#[test]
fn tokens_are_known_by_their_form_wherever_they_stand() {
    for (service, token) in tokens() {
        for text in [
            format!("one\n{token}\n"),
            format!("one\nkey: \"{token}\"\n"),
            format!("one\nuse `{token}` here.\n"),
            format!("one\nX={token};\n"),
            format!("one\n- Ω {token}, Ω\n"),
        ] {
            let found = find(text.as_bytes());
            assert_eq!(found.len(), 1, "{service}: {found:?} in {text}");
            assert_eq!((found[0].kind, found[0].service, found[0].line), (Kind::Token, service, 2), "{text}");
            let redacted = redact(&text);
            assert!(redacted.contains("[an access token]") && !redacted.contains(&token[token.len() - 12..]), "{redacted}");
        }
    }
}

#[test]
fn private_keys_are_known_by_their_armor_and_without_it() {
    let key = armored();
    assert_eq!(kinds(&format!("a\n{key}b\n")), [(Kind::PrivateKey, 2)]);
    assert_eq!(redact(&format!("a\n{key}b\n")), "a\n[a private key]\nb\n");
    let indented: String = key.lines().map(|line| format!("    {line}\n")).collect();
    assert_eq!(kinds(&indented), [(Kind::PrivateKey, 1)]);
    assert_eq!(kinds(&format!("\"{}\"", key.replace('\n', "\\n"))), [(Kind::PrivateKey, 1)]);
    assert_eq!(kinds(&key.replace('\n', "\r\n")), [(Kind::PrivateKey, 1)]);
    assert_eq!(kinds(&format!("> {}", key.replace('\n', "\n> "))), [(Kind::PrivateKey, 1)]);
    // Cut off in the middle, the first half is as secret.
    assert_eq!(kinds(&key[..key.len() / 2]), [(Kind::PrivateKey, 1)]);
    let old = format!("-----BEGIN RSA {}-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{}\n", "PRIVATE KEY", drawn(ALL, 64));
    assert_eq!(kinds(&old), [(Kind::PrivateKey, 1)]);
    assert_eq!(kinds(&format!("b3BlbnNzaC1rZXktdjEA{}\n", drawn(ALL, 80))), [(Kind::PrivateKey, 1)]);
    // To speak of armor is no secret.
    assert_eq!(kinds("it begins with `-----BEGIN OPENSSH PRIVATE KEY-----`, and then comes base64\n"), []);
    assert_eq!(kinds("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7\n-----END PUBLIC KEY-----\n"), []);
}

#[test]
fn passwords_are_known_by_the_name_that_they_are_given() {
    for text in [
        "password = \"swordfish\"",
        "db_password: 'sword-fish'",
        "\"password\": \"swordfish\",",
        "PASSWORD=sw0rdfish",
        "password: hunter22 # mine",
        "passphrase: 'open-sesame'",
    ] {
        assert_eq!(kinds(text), [(Kind::Password, 1)], "{text}");
    }
    let drawn = drawn(ALL, 32);
    for text in [
        format!("API_KEY={drawn}"),
        format!("secret: {drawn}\n"),
        format!("const token = '{drawn}';"),
        format!("aws_secret_access_key = {drawn}"),
    ] {
        assert_eq!(kinds(&text), [(Kind::Password, 1)], "{text}");
        assert!(!redact(&text).contains(&drawn));
    }
    for text in [
        "password: required",
        "the password: it is never shown",
        "password = \"$PASSWORD\"",
        "password = \"<your password>\"",
        "password: ${{ secrets.PASSWORD }}",
        "password = std::env::var(\"PASSWORD\")",
        "token: \"string\"",
        "api_key = settings.gateway.api_key",
        "secrets: never",
        "secret: changeme123",
        "token_file = \"/run/secrets/telegram-token-1\"",
        "tokens are counted: 1234567890",
        "passphrase: None",
        "key = sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn addresses_are_searched_for_what_they_carry() {
    let (drawn, digits) = (drawn(ALL, 35), "7461350");
    for text in [
        format!("https://ry:{}@example.org/x", &drawn[..12]),
        format!("postgres://app:{}@db:5432/x", &drawn[..12]),
        format!("https://{drawn}@example.org/x.git"),
        format!("https://api.telegram.org/bot{digits}:{drawn}/sendMessage"),
        format!("https://example.org/x?a=1&token={drawn}"),
        format!("https://hooks.slack.com/services/T0{0}/B0{0}/{1}", &drawn[..8], &drawn[..24]),
    ] {
        assert_eq!(kinds(&text), [(Kind::Address, 1)], "{text}");
        let redacted = redact(&text);
        assert!(redacted.contains("[an address with a token]") && !redacted.contains(&drawn[..12]), "{redacted}");
    }
    for text in [
        "ssh://git@example.org/x.git",
        "https://user:password@example.org",
        "https://$USER:$TOKEN@example.org",
        "https://api.telegram.org/bot<token>/sendMessage",
        "https://example.org/x?token=TOKEN&page=2",
        "mail ry@example.org or https://example.org/@ry",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn placeholders_are_no_tokens() {
    for text in [
        format!("ghp_{}", "x".repeat(36)),
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
        "sk-learn-is-not-a-key-of-anything-at-all".to_owned(),
        "sk-...".to_owned(),
        "a 12:30:45 on 2026-02-26, SHA256:uNiVztksCsDhcc0u9e8BrrJsKU3".to_owned(),
    ] {
        assert_eq!(kinds(&text), [], "{text}");
    }
}

#[test]
fn several_secrets_of_one_text_are_found_in_order_and_never_overlap() {
    let tokens = tokens();
    let text = format!("a\npassword = \"{}\"\n{}{} https://ry:{}@x.org\n", tokens[0].1, armored(), tokens[4].1, &tokens[0].1[4..20]);
    let found = find(text.as_bytes());
    assert_eq!(
        found.iter().map(|secret| (secret.kind, secret.line)).collect::<Vec<_>>(),
        [(Kind::Token, 2), (Kind::PrivateKey, 3), (Kind::Token, 10), (Kind::Address, 10)]
    );
    assert!(found.windows(2).all(|pair| pair[0].bytes.end <= pair[1].bytes.start));
    assert_eq!(kinds(&redact(&text)), [], "{}", redact(&text));
}

#[test]
fn bytes_that_are_no_text_are_searched_too() {
    let mut bytes = vec![0xff, 0, b'\n'];
    bytes.extend_from_slice(tokens()[0].1.as_bytes());
    bytes.extend_from_slice(&[0, 0xfe]);
    assert_eq!(find(&bytes).len(), 1);
    assert_eq!(redact("Ω = Ω, naïve: Ωpassword = \"Ωmegaω\""), "Ω = Ω, naïve: Ωpassword = \"Ωmegaω\"");
}

#[test]
fn a_large_text_is_searched_in_linear_time() {
    let line = "the token of the passphrase is a secret: password = and sk- and eyJ and gl- and -----BEGIN PRIVATE KEY-----\n\n";
    let text = line.repeat(20_000);
    assert_eq!(find(text.as_bytes()), []);
}

#[test]
fn nothing_is_found_in_what_this_project_says() {
    fn files(path: &Path, out: &mut Vec<std::path::PathBuf>) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).expect("a folder of this project") {
                files(&entry.expect("an entry").path(), out);
            }
        } else {
            out.push(path.to_owned());
        }
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for path in ["canon", "docs", "schemas", "hooks", "src", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        files(&project.join(path), &mut all);
    }
    assert!(all.len() > 100);
    for file in all {
        // This file and the tests of keys hold what is to be found.
        if file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs") {
            continue;
        }
        let bytes = std::fs::read(&file).expect("a file of this project");
        assert_eq!(find(&bytes), [], "{}", file.display());
    }
}
