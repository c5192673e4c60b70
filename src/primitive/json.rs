//! Top-level members of a JSON object (RFC 8259), read strictly: one object, no member twice.

use serde::Deserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A member's value as a check or derivation sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A string's UTF-8 bytes.
    Text(Vec<u8>),
    /// Anything else: nothing that can be signed or compared.
    Other,
}

/// The members of an object, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object(Vec<(String, Member)>);

impl Object {
    /// Parses a whole body; `Err` says what is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Object, String> {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let object = reader.deserialize_map(ObjectVisitor).map_err(|e| format!("the body is no JSON object: {e}"))?;
        reader.end().map_err(|e| format!("something stands after the JSON object: {e}"))?;
        Ok(object)
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, member)| member)
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut seen = std::collections::HashSet::new();
        let mut object = Object::default();
        while let Some(name) = map.next_key::<String>()? {
            let raw: &RawValue = map.next_value()?;
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format!("the member `{name}` stands twice")));
            }
            let text = raw.get();
            let member = match text.as_bytes().first() {
                Some(b'"') => {
                    let value: String = serde_json::from_str(text).map_err(A::Error::custom)?;
                    Member::Text(value.into_bytes())
                }
                _ => Member::Other,
            };
            object.0.push((name, member));
        }
        Ok(object)
    }
}
