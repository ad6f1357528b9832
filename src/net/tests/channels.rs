//! What channels make of servers, and what they never say.

use std::time::Instant;

use serde_json::{Value, json};

use super::*;
use crate::net::{Ping, Receipt, Telegram, Webhook};

const TOKEN: &str = "4711:SECRET-half_of-it";

fn telegram(address: SocketAddr) -> Telegram {
    Telegram::new(Some(&format!("http://{address}")), TOKEN, "-100200", 2 * SECOND).unwrap()
}

fn again(receipt: &Receipt) -> Option<u64> {
    match receipt {
        Receipt::Again { after, .. } => Some(after.map_or(0, |after| after.as_secs())),
        _ => None,
    }
}

#[test]
fn a_message_reaches_its_chat_as_plain_text() {
    let (address, told) = scripted(vec![http(200, r#"{"ok":true,"result":{}}"#)]);
    let text = "Brain <b>is</b> *down*\nsince 12:01";
    assert_eq!(run(telegram(address).send(text)), Receipt::Sent);
    let asked = told.recv().unwrap();
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("POST /bot{TOKEN}/sendMessage HTTP/1.1")), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["chat_id"], &body["text"]), (&json!("-100200"), &json!(text)));
    assert_eq!(body.get("parse_mode"), None);
}

#[test]
fn telegram_is_left_alone_as_long_as_it_asks() {
    let limited = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 31","parameters":{"retry_after":31}}"#;
    let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked"}"#;
    let chat = r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#;
    let text = r#"{"ok":false,"error_code":400,"description":"Bad Request: message text is empty"}"#;
    let long = r#"{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}"#;
    let absurd = r#"{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":99999999999}}"#;
    for (status, answer, expected) in [
        (429, limited, Some(31)),
        (429, absurd, Some(3600)),
        (500, "oops", Some(0)),
        (502, r#"{"ok":false}"#, Some(0)),
        (200, "<html>please log in</html>", Some(0)),
        (200, r#"{"ok":false,"description":"odd"}"#, Some(0)),
        (302, "", Some(0)),
        (403, blocked, Some(0)),
        (404, "nothing here", Some(0)),
        (400, "no json", Some(0)),
        (400, chat, Some(0)),
        (400, text, None),
        // It is sent shorter with the next try.
        (400, long, Some(0)),
    ] {
        let receipt = run(telegram(answers(http(status, answer))).send("hello"));
        assert_eq!(again(&receipt), expected, "{status} {answer}: {receipt:?}");
        assert_ne!(receipt, Receipt::Sent);
    }
    let header = "HTTP/1.1 429 X\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(again(&run(telegram(answers(header)).send("hello"))), Some(17));
}

#[test]
fn no_error_shows_the_token() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let echo = format!(r#"{{"ok":false,"description":"no such path /bot{TOKEN}/sendMessage, or SECRET-half_of-it"}}"#);
    let redirect = format!("HTTP/1.1 301 X\r\nLocation: /bot{TOKEN}/x\r\nContent-Length: 0\r\n\r\n");
    for address in [
        nobody,
        silent.local_addr().unwrap(),
        answers(""),
        answers("garbage"),
        answers(http(404, &echo)),
        answers(http(400, &echo)),
        answers(redirect),
        answers("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    ] {
        let telegram = telegram(address);
        let receipt = run(telegram.send("hello"));
        assert!(again(&receipt).is_some(), "{receipt:?}");
        let shown = format!("{receipt:?} {telegram:?}");
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(!shown.contains("why: \"\""), "{shown}");
    }
}

#[test]
fn a_chat_gets_one_message_a_second() {
    let (address, told) = scripted(vec![http(200, r#"{"ok":true}"#)]);
    let telegram = telegram(address);
    let begun = Instant::now();
    run(async {
        let all = tokio::join!(telegram.send("one"), telegram.send("two"), telegram.send("three"));
        assert_eq!(all, (Receipt::Sent, Receipt::Sent, Receipt::Sent));
    });
    assert!(begun.elapsed() >= 2 * SECOND, "{:?}", begun.elapsed());
    assert_eq!(told.try_iter().count(), 3);
    assert!(matches!(run(telegram.send(" \n")), Receipt::Refused { .. }));
}

#[test]
fn a_webhook_takes_json() {
    let (address, told) = scripted(vec![http(201, "")]);
    let url = format!("http://{address}/webhook/SECRET-path?key=SECRET-key");
    assert_eq!(run(Webhook::new(&url, 2 * SECOND).unwrap().send(&json!({ "service": "Brain" }))), Receipt::Sent);
    let asked = told.recv().unwrap();
    assert!(asked.starts_with("POST /webhook/SECRET-path?key=SECRET-key HTTP/1.1"), "{asked}");
    assert!(asked.contains("content-type: application/json\r\n"), "{asked}");
    assert!(asked.ends_with("\r\n\r\n{\"service\":\"Brain\"}"), "{asked}");
}

#[test]
fn a_webhook_that_is_out_of_order_is_tried_again() {
    for (status, expected) in [
        (200, None),
        (302, Some(0)),
        (401, Some(0)),
        (404, Some(0)),
        (408, Some(0)),
        (429, Some(0)),
        (500, Some(0)),
        (503, Some(0)),
        (400, Some(0)),
        (422, Some(0)),
    ] {
        let url = format!("http://{}/SECRET", answers(http(status, "SECRET")));
        let webhook = Webhook::new(&url, 2 * SECOND).unwrap();
        let receipt = run(webhook.send(&json!({})));
        assert_eq!(again(&receipt), expected, "{status}");
        assert_eq!(receipt == Receipt::Sent, status == 200);
        assert!(!format!("{receipt:?} {webhook:?}").contains("SECRET"), "{receipt:?} {webhook:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let receipt = run(Webhook::new(&format!("http://{nobody}/SECRET"), SECOND).unwrap().send(&json!({})));
    assert!(again(&receipt).is_some() && !format!("{receipt:?}").contains("SECRET"), "{receipt:?}");
    for bad in ["http://example.org/SECRET", "SECRET", "https://me:SECRET@example.org/"] {
        let error = Webhook::new(bad, SECOND).map(drop).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    }
}

#[test]
fn a_dead_mans_switch_is_asked_simply() {
    let (address, told) = scripted(vec![http(200, "OK"), http(500, "")]);
    let ping = Ping::new(&format!("http://{address}/ping/SECRET"), SECOND).unwrap();
    assert_eq!(run(ping.send()), Receipt::Sent);
    assert!(told.recv().unwrap().starts_with("GET /ping/SECRET HTTP/1.1"));
    let receipt = run(ping.send());
    assert!(again(&receipt).is_some() && !format!("{receipt:?} {ping:?}").contains("SECRET"), "{receipt:?}");
}
