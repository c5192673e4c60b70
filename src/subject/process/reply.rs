//! Reading what a subject writes: strictly, and with a reason that an author of adapters can use.

use super::alive::Ended;
use crate::subject::{Hello, PROTOCOL, Reply, Response};
use serde_json::Value;
use std::time::Duration;

/// What a line is.
pub(super) enum Read {
    /// A reply to the message with this `seq`, where it is one of ours.
    Reply(Option<u64>, Reply),
    /// It names a message, and is no reply to it; why.
    Broken(Option<u64>, String),
    /// It is nothing of the protocol: what, and the beginning of it.
    Noise(&'static str, String),
}

/// How many characters of a line are shown.
const SHOWN: usize = 120;

/// The beginning of a line.
pub(in crate::subject) fn shown(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(SHOWN)];
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    format!("`{}{more}`", start.trim_ascii_end().escape_ascii())
}

/// Reads a line as a reply.
pub(super) fn read_reply(bytes: &[u8]) -> Read {
    if std::str::from_utf8(bytes).is_err() {
        return Read::Noise("wrote a line that is not UTF-8", shown(bytes));
    }
    let response: Response = match serde_json::from_slice(bytes) {
        Ok(response) => response,
        Err(e) => return broken(bytes, &e),
    };
    let seq = response.seq.as_u64();
    match response.reply() {
        Some(reply) => Read::Reply(seq, reply),
        None => Read::Broken(
            seq,
            format!(
                "it has none or several of `stages`, `results`, `skipped` and `error`, and must have one: {}",
                shown(bytes)
            ),
        ),
    }
}

fn broken(bytes: &[u8], error: &serde_json::Error) -> Read {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(map)) => match map.get("seq") {
            Some(seq) => Read::Broken(seq.as_u64(), format!("{error}: {}", shown(bytes))),
            None => Read::Noise("wrote a reply without `seq`", shown(bytes)),
        },
        _ => Read::Noise("wrote a line that is no JSON object", shown(bytes)),
    }
}

/// Reads the reply to `start`.
pub(super) fn read_hello(seq: u64, answer: Result<Vec<u8>, Ended>, limit: Duration) -> Result<Hello, String> {
    let bytes = match answer {
        Ok(bytes) => bytes,
        Err(Ended::Silent) => {
            return Err(format!(
                "it did not reply to `start` within {} s; does it flush standard output after every line?",
                limit.as_secs_f32()
            ));
        }
        Err(Ended::TooLong) => return Err("its reply to `start` is a line without end".into()),
        Err(_) => return Err("it ended before it replied to `start`".into()),
    };
    let hello: Hello = serde_json::from_slice(&bytes).map_err(|e| {
        format!("its reply to `start` is not of version {PROTOCOL} of the protocol: {e}\n    found {}", shown(&bytes))
    })?;
    if hello.seq.as_u64() != Some(seq) {
        return Err(format!("its reply to `start` has `seq` {}, and that of the message was {seq}", hello.seq));
    }
    Ok(hello)
}
