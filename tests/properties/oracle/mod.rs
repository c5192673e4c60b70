//! Five systems implemented a second time, from their documents and the decisions recorded in
//! `vectors/<scheme>/statements.yaml`.
//!
//! Nothing here may use `countersign`: what it agrees with, it must not share code with. The hash
//! functions and Base64 alone come from crates.

mod client_system_api;
mod date;
mod flexiown_payments;
mod flip_for_business;
mod flipbase;
mod flipsnack;
mod json;
pub mod message;
mod wire;

pub use wire::target;

use message::Message;
use std::collections::HashMap;
use std::net::IpAddr;

/// Why a message is refused, by the names that the corpus has for it.
pub type Refusal = &'static str;

/// The stages of signing, in order.
pub type Stages = Vec<(&'static str, Vec<u8>)>;

/// Values by name.
pub type Values = HashMap<String, Vec<u8>>;

/// What client and server share.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub values: Values,
    pub addresses: Vec<Network>,
}

impl Account {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.values.get(name).map(Vec::as_slice)
    }

    fn has(&self, name: &str, value: &[u8]) -> bool {
        self.get(name) == Some(value)
    }
}

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    pub address: IpAddr,
    /// Number of bits that are the same.
    pub prefix: u8,
}

/// An operation of a system, with its parameters.
#[derive(Debug)]
pub struct Call {
    pub operation: String,
    pub variant: Option<String>,
    pub parameters: Values,
}

/// Who signs; time in nanoseconds since 1970.
#[derive(Debug)]
pub struct Client {
    pub account: Account,
    pub time: Option<i128>,
    pub nonce: Option<Vec<u8>>,
}

/// A message that arrives; the server's clock in nanoseconds since 1970.
#[derive(Debug)]
pub struct Arrival {
    pub message: Message,
    pub now: i128,
    pub from: Option<IpAddr>,
}

/// Client and server of a system. A server remembers the messages that it has accepted.
pub trait System {
    /// The message with its signature; `None` where it cannot be signed.
    fn sign(&self, call: &Call, client: &Client, message: Message) -> Option<(Stages, Message)>;

    /// The stages of a message that is accepted.
    fn judge(&mut self, call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal>;
}

/// Makes a client and a server that remembers nothing.
pub type Make = fn() -> Box<dyn System>;

/// The systems, by the names of their schemes.
pub const SYSTEMS: [(&str, Make); 5] = [
    ("client-system-api", || Box::<client_system_api::ClientSystem>::default()),
    ("flexiown-payments", || Box::<flexiown_payments::Payments>::default()),
    ("flip-for-business", || Box::new(flip_for_business::Flip)),
    ("flipbase", || Box::new(flipbase::Flipbase)),
    ("flipsnack", || Box::new(flipsnack::Flipsnack)),
];

fn small_hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}
