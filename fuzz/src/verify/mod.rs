//! Whatever is on the wire, verifying it ends in a judgement; and a message in which a signed stage
//! differs from that of every message that the corpus has accepted is not accepted.
//!
//! Schemes, operations and variants are those of the corpora; none is named here.

pub mod known;
mod message;

use countersign::request::Request;
use arbitrary::{Arbitrary, Unstructured};
use countersign::bytes::Bytes;
use countersign::scheme::{Outcome, Scratch, State};
use known::{Accepted, Judged, Received, SCHEMES, Scheme};
use message::{Change, Free};

/// What one run judges.
#[derive(Debug, Arbitrary)]
enum Input {
    /// An accepted message of the corpus, changed on its way, and the server's clock moved.
    Changed { scheme: u8, message: u16, changes: Vec<Change>, later: Option<i32> },
    /// Any message.
    Free(Free),
}

/// Judges the message that these bytes encode.
pub fn run(bytes: &[u8]) {
    match Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        Ok(Input::Changed { scheme, message, changes, later }) => {
            let scheme = &SCHEMES[usize::from(scheme) % SCHEMES.len()];
            changed(scheme, &scheme.accepted[usize::from(message) % scheme.accepted.len()], &changes, later);
        }
        Ok(Input::Free(message)) => SCHEMES.iter().for_each(|scheme| judge_anyhow(scheme, &message.request())),
        Err(_) => {}
    }
}

fn changed(scheme: &Scheme, accepted: &Accepted, changes: &[Change], later: Option<i32>) {
    let mut message = accepted.message.clone();
    for change in changes {
        change.apply(&mut message.request, &scheme.accepted);
    }
    if let (Some(later), Some(now)) = (later, &mut message.now) {
        // Steps of a tenth of a second: some moves stay within what is permitted, most do not.
        now.0 += i128::from(later) * 100_000_000;
    }
    let mut scratch = Scratch::default();
    let mut state = accepted.state(&mut scratch);
    let judged = accepted.server.judge(&message, &mut state, &mut scratch);
    let mut state = accepted.state(&mut scratch);
    let afresh = accepted.server.judge(&message, &mut state, &mut Scratch::default());
    assert_eq!(judged, afresh, "{}: used buffers give one judgement, new ones another", accepted.name);
    hold(scheme, accepted, &message, &judged);
    judge_anyhow(scheme, &message.request);
}

fn hold(scheme: &Scheme, accepted: &Accepted, message: &Received, judged: &Judged) {
    if judged.outcome == Ok(Outcome::Accept) {
        let signed = accepted.server.signed(&judged.stages);
        if !scheme.signed.contains(&signed) {
            let stages: Vec<_> = signed.into_iter().map(|(name, value)| (name, Bytes(value))).collect();
            let request = Request::from(&message.request);
            panic!("{}: accepted, and no vector has these signed stages: {stages:?}. It is {request:?}", accepted.name);
        }
    } else {
        assert!(*message != accepted.message, "{}: not accepted, and nothing is changed: {judged:?}", accepted.name);
    }
}

/// Every operation and variant of the scheme judges the message, and says why it refuses it.
fn judge_anyhow(scheme: &Scheme, request: &Request) {
    let (mut state, mut scratch) = (State::default(), Scratch::default());
    for server in &scheme.servers {
        let message = Received { request: request.clone(), now: server.now, client_address: None };
        let judged = server.judge(&message, &mut state, &mut scratch);
        state.clear();
        if let Ok(Outcome::Reject(refused)) = judged.outcome {
            assert!(!refused.detail.is_empty(), "{}: no reason for {}", scheme.name, refused.class);
        }
    }
}
