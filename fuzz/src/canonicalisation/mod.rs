//! The reference and the [oracle](crate::oracle) give the same bytes in every stage, the same
//! signed message, and the same judgement of every message.

mod client_system_api;
mod flexiown_payments;
mod flip_for_business;
mod flipbase;
mod flipsnack;
mod json;
mod message;
mod reference;

use crate::oracle::message::Message;
use crate::oracle::{self, Refusal};
use arbitrary::{Arbitrary, Unstructured};
use countersign::request::Request;
use reference::Stages;
use std::fmt::Display;

/// What one run compares.
#[derive(Debug, Arbitrary)]
enum Input {
    Flipsnack(flipsnack::Input),
    Flipbase(flipbase::Input),
    FlipForBusiness(flip_for_business::Input),
    FlexiownPayments(flexiown_payments::Input),
    ClientSystemApi(client_system_api::Input),
}

/// Compares reference and oracle on the input that these bytes encode.
pub fn run(bytes: &[u8]) {
    match Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        Ok(Input::Flipsnack(input)) => flipsnack::compare(&input),
        Ok(Input::Flipbase(input)) => flipbase::compare(&input),
        Ok(Input::FlipForBusiness(input)) => flip_for_business::compare(&input),
        Ok(Input::FlexiownPayments(input)) => flexiown_payments::compare(&input),
        Ok(Input::ClientSystemApi(input)) => client_system_api::compare(&input),
        Err(_) => {}
    }
}

/// The signed message; `None` where both say that there is none.
fn assert_signed(
    reference: Result<(Stages, Request), String>,
    oracle: Option<(oracle::Stages, Message)>,
) -> Option<Request> {
    match (reference, oracle) {
        (Ok((stages, request)), Some((expected, message))) => {
            assert_stages(&stages, &expected);
            let found = message::of_oracle(&request);
            assert!(found == message, "the reference sends\n{found}\nthe oracle sends\n{message}");
            Some(request)
        }
        (Err(_), None) => None,
        (Ok(_), None) => panic!("the reference signs what the oracle says cannot be signed"),
        (Err(found), Some((_, message))) => panic!("the reference says: {found}; the oracle sends\n{message}"),
    }
}

fn assert_stages(reference: &Stages, oracle: &[(&str, impl AsRef<[u8]>)]) {
    let names: Vec<_> = reference.iter().map(|(name, _)| name.as_str()).collect();
    let expected: Vec<_> = oracle.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected, "the byte-valued stages");
    for ((name, found), (_, expected)) in reference.iter().zip(oracle) {
        assert_same(&format_args!("the stage {name}"), found, expected.as_ref());
    }
}

fn assert_same(what: &dyn Display, reference: &[u8], oracle: &[u8]) {
    let (found, expected) = (reference.escape_ascii(), oracle.escape_ascii());
    assert!(reference == oracle, "{what}: the reference has `{found}`, the oracle `{expected}`");
}

/// Both accept a message, and then with the same stages, or both refuse it with the same class.
fn assert_judged(message: &Message, reference: Result<Stages, String>, oracle: Result<oracle::Stages, Refusal>) {
    match (&reference, &oracle) {
        (Ok(stages), Ok(expected)) => assert_stages(stages, expected),
        (Err(class), Err(expected)) if class == expected => {}
        _ => {
            let class = |judgement: Result<(), String>| judgement.map_or_else(|class| class, |()| "accept".to_owned());
            let (found, expected) = (class(reference.map(drop)), class(oracle.map(drop).map_err(str::to_owned)));
            panic!("the reference's judgement is {found}, the oracle's {expected}, of\n{message}");
        }
    }
}

fn assert_judgement(reference: Result<(), String>, oracle: Result<(), Refusal>) {
    assert_eq!(reference, oracle.map_err(str::to_owned), "the reference's judgement, then the oracle's");
}
