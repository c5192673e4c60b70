//! Reading what a subject writes: strictly, and with a reason that an author of adapters can use.

use crate::case::Reply;
use crate::subject::{Hello, PROTOCOL, Response};
use serde_json::Value;

/// Meaning of a line.
pub(super) enum LineRead {
    /// A reply to the message with this `seq`, where it is one of ours.
    Reply(Option<u64>, Reply),
    /// It names a message, and is no reply to it; why.
    Broken(Option<u64>, String),
    /// It is nothing of the protocol: what, and the beginning of it.
    Noise(&'static str, String),
}

/// Bytes of a line that are shown.
const SHOWN: usize = 120;
/// Number of stages or results that a reply may have.
const PARTS: usize = 1000;
/// Longest text that is kept, in bytes.
const LONGEST: usize = 1000;

/// The beginning of a line.
pub(in crate::subject) fn shown(bytes: &[u8]) -> String {
    format!("`{}`", printable(bytes.trim_ascii_end(), SHOWN))
}

/// A text of a subject in one line, without what would move the cursor of a terminal, and not too long.
pub(super) fn plain(text: &impl std::fmt::Display) -> String {
    printable(text.to_string().as_bytes(), LONGEST)
}

fn printable(bytes: &[u8], most: usize) -> String {
    let mut out = String::new();
    for chunk in bytes[..bytes.len().min(most)].utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
        }
        out.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    out + if bytes.len() > most { "…" } else { "" }
}

/// Reads a line as a reply.
pub(super) fn read_reply(bytes: &[u8]) -> LineRead {
    if std::str::from_utf8(bytes).is_err() {
        return LineRead::Noise("wrote a line that is not UTF-8", shown(bytes));
    }
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        // Read as a reply, a list would be one whose fields stand in order.
        return LineRead::Noise("wrote a line that is no JSON object", shown(bytes));
    }
    let response: Response = match serde_json::from_slice(bytes) {
        Ok(response) => response,
        Err(e) => return broken(bytes, &e),
    };
    if let Some(seq) = response.seq.as_str().and_then(|text| text.parse().ok()) {
        let why = format!("its `seq` is the string \"{seq}\", and must be the number {seq}: {}", shown(bytes));
        return LineRead::Broken(Some(seq), why);
    }
    let seq = response.seq.as_u64();
    match response.reply() {
        Some(Reply::Skipped(why)) => LineRead::Reply(seq, Reply::Skipped(plain(&why))),
        Some(Reply::Error(why)) => LineRead::Reply(seq, Reply::Error(plain(&why))),
        Some(reply) if parts(&reply) > PARTS => {
            LineRead::Broken(seq, format!("it has {} stages or results, which nothing asks for", parts(&reply)))
        }
        Some(reply) => LineRead::Reply(seq, reply),
        None => LineRead::Broken(
            seq,
            format!(
                "it has none or several of `stages` or `signed_request`, `results`, `skipped` and `error`, and must have \
                 one: {}",
                shown(bytes)
            ),
        ),
    }
}

fn parts(reply: &Reply) -> usize {
    match reply {
        Reply::Signed(signed) => signed.stages.len(),
        Reply::Verified(results) => results.iter().map(|result| 1 + result.stages.len()).sum(),
        Reply::Skipped(_) | Reply::Error(_) => 0,
    }
}

fn broken(bytes: &[u8], error: &serde_json::Error) -> LineRead {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(map)) => match map.get("seq") {
            Some(seq) => LineRead::Broken(seq.as_u64(), format!("{}: {}", plain(error), shown(bytes))),
            None => LineRead::Noise("wrote a reply without `seq`", shown(bytes)),
        },
        _ => LineRead::Noise("wrote a line that is no JSON object", shown(bytes)),
    }
}

/// Reads the reply to `start`.
pub(super) fn read_hello(seq: u64, bytes: &[u8]) -> Result<Hello, String> {
    let found = shown(bytes);
    let Ok(Value::Object(map)) = serde_json::from_slice::<Value>(bytes) else {
        return Err(format!(
            "the first line that it wrote is no reply to `start`: standard output is for the protocol alone, and what \
             else a program has to say belongs on standard error\n    found {found}"
        ));
    };
    if map.contains_key("op") {
        return Err(format!("it sent the message `start` back, where its reply must be\n    found {found}"));
    }
    if let Some(Value::String(why)) = map.get("error") {
        return Err(format!("it refused `start`: {}", plain(why)));
    }
    if let Some(version) = map.get("protocol").filter(|&version| *version != PROTOCOL) {
        return Err(format!("it speaks version {version} of the protocol, and must speak version {PROTOCOL}"));
    }
    let hello: Hello = serde_json::from_slice(bytes).map_err(|e| {
        format!("its reply to `start` is not of version {PROTOCOL} of the protocol: {}\n    found {found}", plain(&e))
    })?;
    if hello.seq.as_u64() != Some(seq) {
        return Err(format!("its reply to `start` has `seq` {}, and that of the message was {seq}", plain(&hello.seq)));
    }
    let Hello { name, version, language, .. } = &hello;
    let [name, version, language] = [name, version, language].map(plain);
    Ok(Hello { name, version, language, ..hello })
}

/// Lines of standard error that are shown, of its beginning and of its end: some interpreters put the
/// message before the trace, and some after it.
const SHOWN_LINES: usize = 6;

/// First and last lines of standard error, without empty ones; what was left out is counted.
pub(super) fn head_and_tail(stderr: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        stderr.lines().filter(|line| !line.trim().is_empty()).map(|line| plain(&line.replace('\t', "    "))).collect();
    if let Some(more @ 1..) = lines.len().checked_sub(2 * SHOWN_LINES) {
        lines.splice(SHOWN_LINES..SHOWN_LINES + more, [format!("[{more} lines left out]")]);
    }
    lines
}
