//! The two documented schemes that hash, as one writes them in an afternoon: `String`, `BTreeMap` and
//! `format!`. Written once, to have something to compare with, and then left alone.
//!
//! It stands here, beside the other code that is independent of the reference, because nothing below
//! `src/` or `benches/` may name a scheme; `benches/limits.rs` asks for it by the name of a folder.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use std::collections::BTreeMap;

/// What a signer is given.
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub credentials: BTreeMap<String, String>,
    pub time: Option<jiff::Timestamp>,
}

/// The signature that a scheme makes, where it is written here.
pub fn of(scheme: &str) -> Option<fn(&Request) -> String> {
    match scheme {
        "flipsnack" => Some(flipsnack),
        "flipbase" => Some(flipbase),
        _ => None,
    }
}

fn flipsnack(request: &Request) -> String {
    let mut parameters = BTreeMap::new();
    for (name, value) in &request.query {
        parameters.insert(name.clone(), value.clone());
    }
    parameters.insert("apiKey".to_string(), request.credentials["api_key"].clone());
    parameters.remove("signature");
    parameters.remove("file");
    let mut sorted = String::new();
    for (name, value) in &parameters {
        sorted += &format!("{name}{value}");
    }
    let string_to_sign = format!("{}{}", request.credentials["secret"], sorted);
    let digest = Md5::digest(string_to_sign.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<String>>().join("")
}

fn flipbase(request: &Request) -> String {
    let mut path = String::new();
    for byte in request.path.bytes() {
        if byte.is_ascii_alphanumeric() || "-._~".contains(byte as char) {
            path.push(byte as char);
        } else {
            path += &format!("%{byte:02X}");
        }
    }
    let date = request.time.expect("it signs a date").strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let string_to_sign = format!("{}\n{}\n{}", request.method, path, date);
    let secret = request.credentials["api_secret"].clone();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(string_to_sign.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
