//! Asking a model by the OpenAI chat-completions protocol
//! (<https://platform.openai.com/docs/api-reference/chat>).

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;

use super::NetError;
use super::client::{address, body, client, finish, innermost};

/// What is asked, and whom.
pub struct Question<'a> {
    /// The base address; `/chat/completions` is added.
    pub url: &'a str,
    /// The model's name.
    pub model: &'a str,
    /// The key of the service, if it wants one.
    pub key: Option<&'a str>,
    /// What is said to it.
    pub prompt: &'a str,
    /// How long it may take.
    pub timeout: Duration,
    /// How many bytes its answer may have.
    pub limit: usize,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Alternative>,
}

#[derive(Deserialize)]
struct Alternative {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

/// The first answer of the model, as it is.
///
/// # Errors
/// When the address may not be asked, or no answer came in time. The key is in none of them.
pub fn ask(question: &Question<'_>) -> Result<String, NetError> {
    let url = address(&format!("{}/chat/completions", question.url.trim_end_matches('/')))?;
    let shown = || url.to_string();
    let failed = |error: &dyn std::error::Error| NetError::Unreachable { url: shown(), cause: innermost(error) };
    let request = serde_json::json!({
        "model": question.model,
        "messages": [{ "role": "user", "content": question.prompt }],
        "stream": false,
    });
    let timed_out = || NetError::Unreachable { url: shown(), cause: format!("nothing came within {} s", question.timeout.as_secs()) };
    let asked = |error: reqwest::Error| if error.is_timeout() { timed_out() } else { failed(error.source().unwrap_or(&error)) };
    let asking = async {
        let client = client(&url, question.timeout).map_err(asked)?;
        let mut post = client.post(url.clone()).header(CONTENT_TYPE, "application/json").body(request.to_string());
        if let Some(key) = question.key {
            let unusable =
                |_| NetError::Address { url: shown(), why: "cannot be asked with this key: it has characters that no header can hold" };
            let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(unusable)?;
            value.set_sensitive(true);
            post = post.header(AUTHORIZATION, value);
        }
        let response = post.send().await.map_err(asked)?;
        if !response.status().is_success() {
            return Err(NetError::Status { url: shown(), status: response.status().as_u16() });
        }
        let what = |limit: usize| NetError::Answer { url: shown(), what: format!("more than {limit} bytes") };
        body(response, question.limit).await.map_err(asked)?.map_err(what)
    };
    let bytes = finish(asking).map_err(|error| failed(&error))??;
    let what = |what: &str| NetError::Answer { url: shown(), what: what.to_owned() };
    let completion: Completion = serde_json::from_slice(&bytes).map_err(|_| what("something else than a chat completion"))?;
    let first = completion.choices.into_iter().next().and_then(|first| first.message.content);
    first.ok_or_else(|| what("a chat completion without a text"))
}
