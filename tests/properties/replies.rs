//! Whatever a subject writes, its lines are read without panic, in memory that its length bounds; what
//! is wrong is said in one line that no terminal stumbles over; and a reply that is printed and read
//! again is the same. So are the messages that an adapter reads, and the reply to `start`.

use crate::bounds::within_memory;
use countersign::case::Reply;
use countersign::subject::{Call, Hello, Response, read_line};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Bytes of memory for each byte of a line: many small values cost most.
const FACTOR: usize = 200;
/// Longest text of a reason, in bytes.
const LONGEST: usize = 16 << 10;

/// Reads the lines of a subject.
pub fn run(bytes: &[u8]) {
    for line in bytes.split(|&b| b == b'\n') {
        reply(line);
        again::<Response>(line);
        again::<Hello>(line);
        if let Some(message) = again::<Call>(line) {
            case(message);
        }
    }
}

fn reply(line: &[u8]) {
    let (seq, read) = within_memory("a reply", line.len(), FACTOR, || read_line(line));
    let text = match &read {
        Ok(Reply::Skipped(why) | Reply::Error(why)) | Err(why) => why,
        Ok(reply) => {
            let printed = serde_json::to_vec(&Response::of(seq.into(), reply.clone())).expect("a reply prints");
            let printed_text = printed.escape_ascii();
            assert_eq!(read_line(&printed), (seq, read.clone()), "printed as {printed_text} it is another reply");
            return;
        }
    };
    assert!(!text.chars().any(char::is_control), "this is no line: {text:?}");
    assert!(read.is_ok() || !text.is_empty(), "there is no reason why this is no reply");
    assert!(text.len() <= LONGEST, "a reason of {} bytes for a line of {}", text.len(), line.len());
}

/// What a line holds, printed, reads as the same.
fn again<T: Serialize + DeserializeOwned>(line: &[u8]) -> Option<T> {
    let read: T = within_memory("a line", line.len(), FACTOR, || serde_json::from_slice(line)).ok()?;
    let printed = serde_json::to_string(&read).expect("what was read prints");
    let once: Value = serde_json::from_str(&printed).expect("what is printed is JSON");
    if !has_fraction(&once) {
        let again: T = serde_json::from_str(&printed).unwrap_or_else(|e| panic!("{printed} does not read again: {e}"));
        assert_eq!(serde_json::to_string(&again).ok().as_ref(), Some(&printed), "printed and read again");
    }
    Some(read)
}

/// Numbers with a fraction may lose their last digit when they are read, and nothing has one but `seq`.
fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(map) => map.values().any(has_fraction),
        _ => false,
    }
}

/// A case that a message puts is put by the message made of it.
fn case(message: Call) {
    if let Ok(case) = message.case() {
        let again = Call::of(7, &case);
        assert_eq!(again.seq, 7);
        assert_eq!(again.case().as_ref(), Ok(&case), "the message of a case puts another one");
    }
}
