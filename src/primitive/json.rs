//! Top-level members of a JSON object (RFC 8259), read strictly: one object, no member twice.

use super::{Sink, Writer, steps};
use bumpalo::Bump;
use bumpalo::collections::Vec;
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A member's value as a check or derivation sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member<'a> {
    /// A string's UTF-8 bytes.
    Text(&'a [u8]),
    /// Anything else: nothing that can be signed or compared.
    Other,
}

/// The members of an object, in order.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a>(&'a [(&'a str, Member<'a>)]);

impl<'a> Object<'a> {
    /// Parses a whole body; `Err` says what is wrong with it. Text with escapes is unescaped into `bump`.
    pub fn parse(body: &'a [u8], bump: &'a Bump) -> Result<Object<'a>, String> {
        steps::count(body.len());
        // The reader would quote what it finds in place of an object, and a body may hold a credential.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err("the body is no JSON object: it does not begin with `{`".into());
        }
        let mut reader = serde_json::Deserializer::from_slice(body);
        let object =
            reader.deserialize_map(ObjectVisitor(bump)).map_err(|e| format!("the body is no JSON object: {e}"))?;
        reader.end().map_err(|e| format!("something stands after the JSON object: {e}"))?;
        Ok(object)
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<Member<'a>> {
        steps::count(self.0.len());
        self.0.iter().find(|(n, _)| *n == name).map(|(_, member)| *member)
    }

    /// Returns whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes a string with its quotes and escapes.
pub fn put_text(text: &str, out: &mut impl Sink) {
    serde_json::to_writer(Writer(out), text).unwrap_or_else(|_| unreachable!("writing to memory does not fail"));
}

struct ObjectVisitor<'a>(&'a Bump);

impl<'a> Visitor<'a> for ObjectVisitor<'a> {
    type Value = Object<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Object<'a>, A::Error> {
        let bump = self.0;
        let mut members = Vec::new_in(bump);
        while let Some(name) = map.next_key_seed(TextSeed(bump))? {
            let raw: &'a RawValue = map.next_value()?;
            let text = raw.get();
            let member = match text.as_bytes().first() {
                Some(b'"') => {
                    let mut reader = serde_json::Deserializer::from_str(text);
                    // Half of a surrogate pair is within the grammar, but stands for no text.
                    TextSeed(bump).deserialize(&mut reader).map_or(Member::Other, |text| Member::Text(text.as_bytes()))
                }
                _ => Member::Other,
            };
            members.push((name, member));
        }
        // Sorted, equal names are neighbours; a set would cost an allocation a name.
        let mut names = Vec::from_iter_in(members.iter().map(|(name, _)| *name), bump);
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(A::Error::custom("a member stands twice"));
        }
        Ok(Object(members.into_bump_slice()))
    }
}

/// A string as it stands in the input, or unescaped into the arena.
struct TextSeed<'a>(&'a Bump);

impl<'a> DeserializeSeed<'a> for TextSeed<'a> {
    type Value = &'a str;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<&'a str, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for TextSeed<'a> {
    type Value = &'a str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<&'a str, E> {
        Ok(text)
    }

    fn visit_str<E>(self, text: &str) -> Result<&'a str, E> {
        Ok(self.0.alloc_str(text))
    }
}
