//! JSON (RFC 8259), read strictly: no member of an object twice, and nothing after the value.

use super::{Sink, Writer, steps};
use bumpalo::Bump;
use bumpalo::collections::Vec;
use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A member's value as a check or derivation sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member<'a> {
    /// A string's UTF-8 bytes.
    Text(&'a [u8]),
    /// Anything else as it is written, and text that holds half of a surrogate pair.
    Other(&'a str),
}

impl<'a> Member<'a> {
    /// Returns the bytes of a text, or what else is written; `Err` where a text is none.
    pub fn bytes(self) -> Result<&'a [u8], &'static str> {
        match self {
            Member::Text(text) => Ok(text),
            Member::Other(half) if half.starts_with('"') => Err("the JSON text is no Unicode"),
            Member::Other(written) => Ok(written.as_bytes()),
        }
    }

    fn of(raw: &'a RawValue, bump: &'a Bump) -> Member<'a> {
        let text = raw.get();
        if !text.starts_with('"') {
            return Member::Other(text);
        }
        // Half of a surrogate pair is within the grammar, but stands for no text.
        let decoded = TextSeed(bump).deserialize(&mut serde_json::Deserializer::from_str(text));
        decoded.map_or(Member::Other(text), |text| Member::Text(text.as_bytes()))
    }
}

/// The item of this number of an array; `None` where it has fewer.
pub fn item<'a>(json: &'a [u8], number: usize, bump: &'a Bump) -> Result<Option<Member<'a>>, String> {
    steps::count(json.len());
    let mut reader = serde_json::Deserializer::from_slice(json);
    let found = reader.deserialize_seq(ItemVisitor(number)).map_err(|e| format!("no JSON array: {e}"))?;
    reader.end().map_err(|e| format!("no JSON array alone: {e}"))?;
    Ok(found.map(|raw| Member::of(raw, bump)))
}

/// Writes JSON without white space outside of texts.
pub fn put_minified(json: &[u8], out: &mut impl Sink) -> Result<(), String> {
    steps::count(json.len());
    serde_json::from_slice::<IgnoredAny>(json).map_err(|e| format!("no JSON: {e}"))?;
    let (mut is_text, mut is_escape) = (false, false);
    let mut stays = |byte: &u8| {
        is_text ^= *byte == b'"' && !is_escape;
        is_escape = is_text && *byte == b'\\' && !is_escape;
        is_text || !byte.is_ascii_whitespace()
    };
    for run in json.chunk_by(|_, byte| !byte.is_ascii_whitespace()) {
        // A run begins with white space, but for the first.
        let kept = usize::from(!stays(&run[0]));
        for byte in &run[1..] {
            stays(byte);
        }
        out.put(&run[kept..]);
    }
    Ok(())
}

/// The members of an object, in order.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a>(&'a [(&'a str, Member<'a>)]);

impl<'a> Object<'a> {
    /// Parses a whole body; `Err` says what is wrong with it. Text with escapes is unescaped into `bump`.
    pub fn parse(body: &'a [u8], bump: &'a Bump) -> Result<Object<'a>, String> {
        let object = Object::of(body, bump).map_err(|e| format!("the body is {e}"))?;
        if object.repeats(bump) { Err("the body is no JSON object: a member stands twice".into()) } else { Ok(object) }
    }

    /// The object that some bytes are, in which a member may stand twice.
    pub fn of(json: &'a [u8], bump: &'a Bump) -> Result<Object<'a>, String> {
        steps::count(json.len());
        // The reader would quote what it finds in place of an object, and a body may hold a credential.
        if json.trim_ascii_start().first() != Some(&b'{') {
            return Err("no JSON object: it does not begin with `{`".into());
        }
        let mut reader = serde_json::Deserializer::from_slice(json);
        let object = reader.deserialize_map(ObjectVisitor(bump)).map_err(|e| format!("no JSON object: {e}"))?;
        reader.end().map_err(|e| format!("no JSON object alone: {e}"))?;
        Ok(object)
    }

    /// Returns whether a member stands twice.
    pub fn repeats(&self, bump: &'a Bump) -> bool {
        // Sorted, equal names are neighbours; a set would cost an allocation a name.
        let mut names = Vec::from_iter_in(self.0.iter().map(|(name, _)| *name), bump);
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The members, in order.
    pub fn members(&self) -> &'a [(&'a str, Member<'a>)] {
        self.0
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
            members.push((name, Member::of(raw, bump)));
        }
        Ok(Object(members.into_bump_slice()))
    }
}

struct ItemVisitor(usize);

impl<'a> Visitor<'a> for ItemVisitor {
    type Value = Option<&'a RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut at) = (None, 0);
        while let Some(item) = items.next_element()? {
            found = found.or((at == self.0).then_some(item));
            at += 1;
        }
        Ok(found)
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
