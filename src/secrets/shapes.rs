//! What is a secret by its own form, wherever it stands.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::plausible::{is_random, stands_for_one};
use super::{Hit, Kind};

/// How sure the form alone is.
#[derive(Clone, Copy)]
enum Sure {
    /// Nothing else has this form.
    Yes,
    /// Unless it is a placeholder.
    UnlessPlaceholder,
    /// Only if it looks drawn at random.
    IfRandom,
}

/// One form. The pattern's group `s`, or else all of it, is the secret.
struct Shape {
    kind: Kind,
    service: &'static str,
    /// One of these stands in every text that has the form.
    marks: &'static [&'static [u8]],
    sure: Sure,
    pattern: LazyLock<Regex>,
}

macro_rules! shapes {
    ($($kind:ident $service:literal $sure:ident [$($mark:literal),+] $pattern:literal;)+) => {
        const COUNT: usize = [$($service),+].len();
        static SHAPES: [Shape; COUNT] = [$(Shape {
            kind: Kind::$kind,
            service: $service,
            marks: &[$($mark),+],
            sure: Sure::$sure,
            pattern: LazyLock::new(|| Regex::new(concat!("(?-u)", $pattern)).expect("a pattern that the tests compile")),
        }),+];
    };
}

shapes! {
    PrivateKey "" Yes [b"PRIVATE KEY"] r#"-----BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----(?:[\s>|#*"'+,]|\\[nr])+(?:[A-Za-z-]{3,20}: [^\n]{0,200}\n(?:[\s>|#*]|\\[nr])*)*[A-Za-z0-9+/=]{16,}(?:[A-Za-z0-9+/=\s>|#*"'+,]|\\[nr])*(?:-----END [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----)?"#;
    PrivateKey "OpenSSH" Yes [b"b3BlbnNzaC1rZXktdjE"] r"b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\s]{40,}";
    PrivateKey "PuTTY" Yes [b"PuTTY-User-Key-File-"] r"PuTTY-User-Key-File-[0-9]:(?s:.{0,8192}?)Private-Lines:[^\n]*(?:\n[A-Za-z0-9+/=]+\r?)+";
    PrivateKey "age" Yes [b"AGE-SECRET-KEY-1"] r"\bAGE-SECRET-KEY-1[0-9A-Z]{40,}";

    Address "" UnlessPlaceholder [b"@"] r#"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/@:"'`<>]{0,100}:(?P<s>[^\s/@"'`<>]{3,300})@[A-Za-z0-9\[]"#;
    Address "" IfRandom [b"@"] r#"\bhttps?://(?P<s>[A-Za-z0-9_-]{16,300})@[A-Za-z0-9\[]"#;
    Address "" IfRandom [b"?", b"&"] r"(?i)[?&](?:access[_-]?token|auth[_-]?token|token|api[_-]?key|key|auth|secret|password|passwd|sig|signature|x-amz-signature|x-amz-security-token)=(?P<s>[A-Za-z0-9_.~%+/=-]{16,})";
    Address "Telegram" UnlessPlaceholder [b"/bot"] r"/bot(?P<s>[0-9]{6,12}:[A-Za-z0-9_-]{20,})";
    Address "Slack" IfRandom [b"hooks.slack.com/"] r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[A-Za-z0-9/_-]{20,})";
    Address "Discord" IfRandom [b"/api/webhooks/"] r"discord(?:app)?\.com/api/webhooks/(?P<s>[0-9]{10,}/[A-Za-z0-9_-]{30,})";

    Token "GitHub" IfRandom [b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"] r"\bgh[pousr]_[A-Za-z0-9]{36,255}";
    Token "GitHub" IfRandom [b"github_pat_"] r"\bgithub_pat_[A-Za-z0-9_]{40,255}";
    Token "GitLab" IfRandom [b"gl"] r"\bgl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas|ffct)-[A-Za-z0-9_.-]{20,}";
    Token "Anthropic" IfRandom [b"sk-ant-"] r"\bsk-ant-[A-Za-z0-9]{2,12}-[A-Za-z0-9_-]{20,}";
    Token "OpenAI" IfRandom [b"sk-"] r"\bsk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_]{6,}(?:-[A-Za-z0-9_]+)*[A-Za-z0-9_-]{14,}";
    Token "xAI" IfRandom [b"xai-"] r"\bxai-[A-Za-z0-9]{40,}";
    Token "Groq" IfRandom [b"gsk_"] r"\bgsk_[A-Za-z0-9]{40,}";
    Token "Hugging Face" IfRandom [b"hf_"] r"\bhf_[A-Za-z0-9]{30,}";
    Token "Perplexity" IfRandom [b"pplx-"] r"\bpplx-[A-Za-z0-9]{40,}";
    Token "Replicate" IfRandom [b"r8_"] r"\br8_[A-Za-z0-9]{30,}";
    Token "Slack" IfRandom [b"xox"] r"\bxox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{20,}";
    Token "Slack" IfRandom [b"xapp-"] r"\bxapp-[0-9]-[A-Za-z0-9-]{20,}";
    Token "AWS" IfRandom [b"AKIA", b"ASIA", b"ABIA", b"ACCA"] r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b";
    Token "Google" IfRandom [b"AIza"] r"\bAIza[0-9A-Za-z_-]{35}";
    Token "Google" IfRandom [b"ya29."] r"\bya29\.[0-9A-Za-z_-]{20,}";
    Token "Google" IfRandom [b"GOCSPX-"] r"\bGOCSPX-[0-9A-Za-z_-]{20,}";
    Token "Azure" IfRandom [b"AccountKey="] r"AccountKey=(?P<s>[A-Za-z0-9+/]{60,}={0,2})";
    Token "npm" IfRandom [b"npm_"] r"\bnpm_[A-Za-z0-9]{36}";
    Token "PyPI" IfRandom [b"pypi-"] r"\bpypi-[A-Za-z0-9_-]{60,}";
    Token "crates.io" IfRandom [b"cio"] r"\bcio[A-Za-z0-9]{32}\b";
    Token "RubyGems" IfRandom [b"rubygems_"] r"\brubygems_[a-f0-9]{48}";
    Token "Docker" IfRandom [b"dckr_"] r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}";
    Token "Stripe" IfRandom [b"k_live_", b"k_test_", b"whsec_"] r"\b(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}";
    Token "SendGrid" IfRandom [b"SG."] r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{30,}";
    Token "Twilio" IfRandom [b"SK"] r"\bSK[0-9a-f]{32}\b";
    Token "DigitalOcean" IfRandom [b"_v1_"] r"\bdo[opr]_v1_[a-f0-9]{64}";
    Token "Atlassian" IfRandom [b"ATATT3"] r"\bATATT3[A-Za-z0-9_=-]{50,}";
    Token "Shopify" IfRandom [b"shp"] r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}";
    Token "Vault" IfRandom [b"hvs.", b"hvb."] r"\bhv[sb]\.[A-Za-z0-9_-]{24,}";
    Token "Supabase" IfRandom [b"sbp_"] r"\bsbp_[a-f0-9]{40}";
    Token "Databricks" IfRandom [b"dapi"] r"\bdapi[a-f0-9]{32}\b";
    Token "Linear" IfRandom [b"lin_api_"] r"\blin_api_[A-Za-z0-9]{32,}";
    Token "Notion" IfRandom [b"ntn_"] r"\bntn_[A-Za-z0-9]{40,}";
    Token "Telegram" IfRandom [b":"] r"\b[0-9]{6,12}:[A-Za-z0-9_-]{35}\b";
    Token "JWT" IfRandom [b"eyJ"] r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}";
    Token "" IfRandom [b"earer "] r"(?i)\bauthorization[\x22']?\s*[:=]\s*[\x22']?bearer (?P<s>[A-Za-z0-9_.~+/=-]{20,})";
}

pub(super) fn find(text: &[u8], hits: &mut Vec<Hit>) {
    for shape in &SHAPES {
        // A pattern is compiled when a text has its mark for the first time: most never are.
        if !shape.marks.iter().any(|mark| contains(text, mark)) {
            continue;
        }
        for found in shape.pattern.captures_iter(text) {
            let secret = found.name("s").unwrap_or_else(|| found.get_match());
            let sure = match shape.sure {
                Sure::Yes => true,
                Sure::UnlessPlaceholder => !stands_for_one(secret.as_bytes()) && !is_word(secret.as_bytes()),
                Sure::IfRandom => is_random(secret.as_bytes()),
            };
            if sure {
                hits.push(Hit { kind: shape.kind, service: shape.service, bytes: secret.range() });
            }
        }
    }
}

/// What an address shows where its password would stand.
fn is_word(value: &[u8]) -> bool {
    [&b"password"[..], b"pass", b"passwd", b"secret", b"token", b"pwd"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

fn contains(text: &[u8], mark: &[u8]) -> bool {
    let Some((first, rest)) = mark.split_first() else { return true };
    let mut left = text;
    while let Some(at) = left.iter().position(|byte| byte == first) {
        left = &left[at + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}
