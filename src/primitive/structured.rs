//! Structured fields of HTTP, RFC 9651, by the crate `sfv`. What is taken apart is written anew, in its one form.

use sfv::{BareItem, Dictionary, FieldType, Item, List, ListEntry, Parameters, Parser};

/// A text that is no structured field of the kind asked for.
#[derive(Debug, thiserror::Error)]
pub enum BadField {
    /// It does not parse.
    #[error("no structured field: {0}")]
    Unreadable(#[from] sfv::Error),
    /// It parses as something else.
    #[error("no {0}")]
    Other(&'static str),
}

/// Returns the members of a dictionary: the name of each, and its value with its parameters. Of members of one name
/// the last counts.
pub fn dictionary(text: &[u8]) -> Result<Vec<(String, String)>, BadField> {
    let members = Parser::new(text).parse::<Dictionary>()?;
    Ok(members.into_iter().map(|(name, value)| (name.as_str().to_owned(), written(value))).collect())
}

/// Returns the items of an inner list, each with its parameters.
pub fn inner_list(text: &[u8]) -> Result<Vec<String>, BadField> {
    match one(text)? {
        ListEntry::InnerList(list) => Ok(list.items.iter().map(Item::serialize).collect()),
        ListEntry::Item(_) => Err(BadField::Other("inner list of a structured field, which is written in parentheses")),
    }
}

/// Returns the parameters of an item or inner list: the name of each, and the bytes that its value stands for.
pub fn parameters(text: &[u8]) -> Result<Vec<(String, Vec<u8>)>, BadField> {
    let parameters: Parameters = match one(text)? {
        ListEntry::InnerList(list) => list.params,
        ListEntry::Item(item) => item.params,
    };
    Ok(parameters.into_iter().map(|(name, value)| (name.as_str().to_owned(), bytes(value))).collect())
}

/// Returns the bytes that an item stands for, its parameters left out: of a string its characters, of a byte sequence
/// its bytes, of anything else its text.
pub fn item(text: &[u8]) -> Result<Vec<u8>, BadField> {
    Ok(bytes(Parser::new(text).parse::<Item>()?.bare_item))
}

/// The only member of a list.
fn one(text: &[u8]) -> Result<ListEntry, BadField> {
    let mut entries = Parser::new(text).parse::<List>()?;
    let only = entries.pop().filter(|_| entries.is_empty());
    only.ok_or(BadField::Other("single item or inner list of a structured field"))
}

fn written(entry: ListEntry) -> String {
    vec![entry].serialize().unwrap_or_default()
}

fn bytes(item: BareItem) -> Vec<u8> {
    match item {
        BareItem::String(text) => text.as_str().as_bytes().to_vec(),
        BareItem::ByteSequence(bytes) => bytes,
        other => Item::new(other).serialize().into_bytes(),
    }
}
