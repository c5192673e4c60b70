//! Verifying costs at most a constant times n · log n steps of work, n being the size of the message:
//! for every operation and variant of the corpora, whatever is on the wire.
//!
//! Steps are bytes looked at or written and names compared, as `primitive::steps` counts them.

use crate::base::{Accepted, Received, SCHEMES};
use crate::bounds::{size, within_steps};
use crate::messages::read;
use countersign::request::Request;
use countersign::scheme::{Scratch, State};

/// Steps for each byte and doubling; what accepted messages of the corpus cost is below a quarter of it.
const FACTOR: usize = 16;
/// What accounts and parameters of a server come to, in bytes.
const OWN: usize = 512;
/// Beyond this length a message is not repeated.
const LONGEST: usize = 1 << 16;

/// Judges a message: one byte says what is repeated and how often, then the message as text.
pub fn run(bytes: &[u8]) {
    let [times, text @ ..] = bytes else { return };
    let Some(mut request) = read(text) else { return };
    repeat(&mut request, usize::from(times & 63), times >> 6);
    let mut scratch = Scratch::default();
    for scheme in SCHEMES.iter() {
        for Accepted { server, message, .. } in scheme.servers.iter().map(|&i| &scheme.accepted[i]) {
            let message = Received { request: request.clone(), now: message.now, client_address: None };
            let given = size(&message.request);
            let _ = within_steps(&scheme.name, given, OWN, FACTOR, || {
                server.judge(server.compiled.program(), &message, &mut State::default(), &mut scratch)
            });
        }
    }
}

/// Makes one part of a message so many times longer.
fn repeat(request: &mut Request, times: usize, what: u8) {
    let times = 1 + (times * times).min(LONGEST / (1 + size(request)));
    match what {
        0 => {
            let query = request.raw_query().to_vec();
            request.target.extend([b"&".as_slice(), &query].concat().repeat(times - 1));
        }
        1 => {
            // Host stays as it is: without it nothing is read.
            let fields: Vec<_> = request.headers.iter().skip(1).cloned().collect();
            (1..times).for_each(|_| request.headers.extend(fields.iter().cloned()));
        }
        2 => request.body = request.body.repeat(times).into(),
        _ => {
            if let Some((_, value)) = request.headers.last_mut() {
                *value = value.repeat(times).into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_messages_cost_less_than_a_quarter() {
        for Accepted { name, server, message, .. } in SCHEMES.iter().flat_map(|scheme| &scheme.accepted) {
            let given = size(&message.request);
            let _ = within_steps(name, given, OWN, FACTOR / 4, || {
                server.judge(server.compiled.program(), message, &mut State::default(), &mut Scratch::default())
            });
        }
    }
}
