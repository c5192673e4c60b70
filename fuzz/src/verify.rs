//! Whatever is on the wire, verifying it ends in a judgement; and a message in which a signed stage
//! differs from that of every message that the corpus has accepted is not accepted.
//!
//! Schemes, operations and variants are those of the built-in corpus; none is named here.

mod corpus;
mod message;

use crate::text::Text;
use arbitrary::{Arbitrary, Unstructured};
use corpus::{CORPUS, Judged, Server};
use countersign::request::Request;
use countersign::scheme::{Outcome, Scratch};
use message::{Change, FreeMessage};

/// What one run judges.
#[derive(Debug, Arbitrary)]
enum Input {
    /// An accepted message of the corpus, changed on its way.
    Changed { scheme: u8, vector: u16, changes: Vec<Change>, later: Option<i32> },
    /// Any message.
    Free(FreeMessage),
}

/// Judges the message that these bytes encode.
pub fn run(bytes: &[u8]) {
    match Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        Ok(Input::Changed { scheme, vector, changes, later }) => changed(scheme, vector, &changes, later),
        Ok(Input::Free(message)) => everywhere(&message.request()),
        Err(_) => {}
    }
}

fn changed(scheme: u8, vector: u16, changes: &[Change], later: Option<i32>) {
    let schemes = &CORPUS.schemes;
    let scheme = &schemes[usize::from(scheme) % schemes.len()];
    let accepted = &scheme.accepted[usize::from(vector) % scheme.accepted.len()];
    let mut request = accepted.message.request.clone();
    for change in changes {
        change.apply(&mut request, &scheme.accepted);
    }
    let mut message = corpus::Received { request, ..accepted.message };
    if let (Some(later), Some(now)) = (later, &mut message.now) {
        // In steps of a tenth of a second: some near, some far.
        now.0 += i128::from(later) * 100_000_000;
    }
    let server = &accepted.server;
    let mut scratch = Scratch::default();
    let mut state = server.state_after(&accepted.earlier, &mut scratch);
    let judged = server.judge(&message, &mut state, &mut scratch);

    let mut state = server.state_after(&accepted.earlier, &mut Scratch::default());
    let again = server.judge(&message, &mut state, &mut Scratch::default());
    assert_eq!(judged, again, "{}: buffers that were used before give another judgement", accepted.name);
    hold(accepted, &message, &judged, server);
    everywhere(&message.request);
}

fn hold(accepted: &corpus::Accepted, message: &corpus::Received, judged: &Judged, server: &Server) {
    let name = &accepted.name;
    if *message == accepted.message {
        assert_eq!(judged.outcome, Ok(Outcome::Accept), "{name}: the message of the corpus, unchanged");
    }
    if judged.outcome == Ok(Outcome::Accept) {
        let signed = server.program.signed(&judged.stages);
        let known = server.program.accepted_stages();
        assert!(
            signed.is_empty() || known.contains(&signed),
            "{name}: a changed message is accepted. Its signed stages, which no vector has: {signed:?}. \
             The message: {:?}",
            message.request
        );
    }
}

/// Every operation of every scheme judges the message; what it says of one of another scheme is its
/// own business.
fn everywhere(request: &Request) {
    let mut scratch = Scratch::default();
    for server in CORPUS.schemes.iter().flat_map(|scheme| &scheme.servers) {
        let message = corpus::Received { request: request.clone(), now: server.now, client_address: None };
        let judged = server.judge(&message, &mut Default::default(), &mut scratch);
        if let Ok(Outcome::Reject(refused)) = judged.outcome {
            assert!(!refused.detail.is_empty(), "a refusal says what was found");
        }
    }
}

/// Bytes of a message in which nothing is taken for granted.
type Header = (Text, Text);
