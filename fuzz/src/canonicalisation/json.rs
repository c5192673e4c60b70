//! JSON bodies as inputs: objects with the members that a scheme looks for, written in several ways.

use crate::text::Text;
use arbitrary::{Arbitrary, Result, Unstructured};

/// A body that is an object, or is near one.
#[derive(Debug, Clone, Arbitrary)]
pub(super) enum Body {
    Empty,
    Raw(Text),
    Object { payment_id: Option<Text>, others: Vec<Member>, space: Space },
}

#[derive(Debug, Clone, Arbitrary)]
pub(super) struct Member {
    name: Name,
    name_spelling: Spelling,
    value: Value,
}

#[derive(Debug, Clone, Arbitrary)]
enum Name {
    PaymentId,
    TrustSeed,
    TrustValue,
    TrustSignature,
    Other(Text),
}

#[derive(Debug, Clone, Arbitrary)]
enum Value {
    Text(Text, Spelling),
    /// Written as it stands here.
    Raw(Raw),
}

/// How a text is written in JSON.
#[derive(Debug, Clone, Copy, Arbitrary)]
enum Spelling {
    Plain,
    SlashesEscaped,
    UnitsEscaped,
}

/// What is put around every member.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub(super) enum Space {
    None,
    Blank,
    Lines,
    /// No white space of JSON.
    FormFeed,
}

#[derive(Debug, Clone)]
struct Raw(Vec<u8>);

/// Values that are no text, and some that are no values.
const RAW: [&[u8]; 20] = [
    b"null",
    b"true",
    b"1",
    b"-0.5e+3",
    b"1e999",
    b"01",
    b"1.",
    b"+1",
    b"NaN",
    b"{}",
    b"{\"a\":1,\"a\":2}",
    b"{\"trust_seed\":\"a\"}",
    b"[1,[{}],\"a\"]",
    b"[1,]",
    b"\"\\ud800\"",
    b"\"\\udc00\\ud800\"",
    b"\"\\ud83d\\ude00\"",
    b"\"\\x\"",
    b"\"a\nb\"",
    b"\"a\",",
];

impl<'a> Arbitrary<'a> for Raw {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Raw> {
        let choice = usize::from(input.arbitrary::<u8>()?);
        Ok(Raw(match choice {
            0..=199 => RAW[choice % RAW.len()].to_vec(),
            _ => input.arbitrary::<Text>()?.0,
        }))
    }
}

impl Body {
    pub(super) fn render(&self) -> Vec<u8> {
        match self {
            Body::Empty => Vec::new(),
            Body::Raw(bytes) => bytes.0.clone(),
            Body::Object { payment_id, others, space } => {
                let own = payment_id
                    .as_ref()
                    .map(|id| member(b"payment_id", Spelling::Plain, &quoted(&id.0, Spelling::Plain)));
                let members = own.into_iter().chain(others.iter().map(Member::render));
                let space = space.bytes();
                let spaced: Vec<_> = members.map(|member| [space, &member, space].concat()).collect();
                [space, b"{", &spaced.join(&b','), space, b"}", space].concat()
            }
        }
    }
}

impl Member {
    fn render(&self) -> Vec<u8> {
        let name: &[u8] = match &self.name {
            Name::PaymentId => b"payment_id",
            Name::TrustSeed => b"trust_seed",
            Name::TrustValue => b"trust_value",
            Name::TrustSignature => b"trust_signature",
            Name::Other(name) => &name.0,
        };
        let value = match &self.value {
            Value::Text(text, spelling) => quoted(&text.0, *spelling),
            Value::Raw(raw) => raw.0.clone(),
        };
        member(name, self.name_spelling, &value)
    }
}

fn member(name: &[u8], spelling: Spelling, value: &[u8]) -> Vec<u8> {
    [&quoted(name, spelling), b":".as_slice(), value].concat()
}

/// The text between quotes; bytes that are no UTF-8 stay as they are and spoil the body.
fn quoted(bytes: &[u8], spelling: Spelling) -> Vec<u8> {
    let one = |c: char| match (spelling, c) {
        (Spelling::UnitsEscaped, _) => {
            c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect()
        }
        (_, '"' | '\\') | (Spelling::SlashesEscaped, '/') => format!("\\{c}"),
        (_, '\0'..='\u{1f}') => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    };
    let written = match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().map(one).collect::<String>().into_bytes(),
        Err(_) => bytes.to_vec(),
    };
    [b"\"".as_slice(), &written, b"\""].concat()
}

impl Space {
    fn bytes(self) -> &'static [u8] {
        match self {
            Space::None => b"",
            Space::Blank => b" ",
            Space::Lines => b"\r\n\t",
            Space::FormFeed => b"\x0c",
        }
    }
}
