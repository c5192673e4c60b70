//! What a mistake is, in words that name the place in the scheme.

use crate::corpus::Entry;
use crate::mutation::Mutant;
use crate::scheme::{Change, Scheme};
use serde_json::{Value, json};

/// The longest description of a node that still helps.
const LONGEST: usize = 60;

/// What an implementation with this mistake does, with the place: `leaves out a part of the string
/// (time), in string_to_sign`.
pub fn mistake(entry: &Entry, mutant: &Mutant) -> String {
    let particular = particular(entry, mutant).map_or(String::new(), |text| format!(" ({text})"));
    format!("{}{particular}{}", mutant.operator.says, place(&mutant.at))
}

/// Where a path leads, for a reader who does not know the file.
fn place(path: &str) -> String {
    let segments: Vec<&str> = path.split('.').collect();
    match segments.as_slice() {
        [_, "derive", stage, ..] => format!(", in {stage}"),
        [_, "place" | "prepare", part, name, ..] => format!(", in the {} {name}", part_name(part)),
        [_, "receive", "time", ..] => ", when it reads the time".into(),
        [_, "receive", ..] => ", when it takes the message apart".into(),
        [_, "verify", check, ..] => {
            let (kind, number) = check.trim_end_matches(']').split_once('[').unwrap_or((check, "0"));
            let which =
                number.parse::<usize>().ok().filter(|n| *n > 0).map_or(String::new(), |n| format!(" number {}", n + 1));
            format!(", in the check `{kind}`{which}")
        }
        _ => String::new(),
    }
}

fn part_name(part: &str) -> &'static str {
    match part {
        "header" => "header field",
        "query" => "query field",
        "form" => "form field",
        _ => "JSON member",
    }
}

/// What is put in instead, or the part that is left out or moved.
fn particular(entry: &Entry, mutant: &Mutant) -> Option<String> {
    if !mutant.detail.is_empty() {
        return Some(format!("`{}`", mutant.detail));
    }
    let edit = mutant.edits.first()?;
    let (above, last) = edit.at.rsplit_once('.')?;
    let scheme = entry.scheme.resolved(mutant.variant.as_deref(), None).ok()?;
    let part = |i: usize| node(&scheme, &format!("{above}.{i}")).map(|node| brief(&node));
    let short = |text: String| (text.len() <= LONGEST).then_some(text);
    match (&edit.change, last.parse::<usize>()) {
        (Change::Delete(_), Ok(i)) => short(part(i)?),
        (Change::SwapWithNext(_), Ok(i)) => short(format!("{} and {}", part(i)?, part(i + 1)?)),
        (Change::Delete(_), Err(_)) if edit.at.contains(".verify.") => short(brief(&node(&scheme, &edit.at)?)),
        _ => None,
    }
}

/// The node at a path, which an edit of the same scheme addresses.
fn node(scheme: &Scheme, path: &str) -> Option<Value> {
    let operations = json!(scheme.operations);
    let mut node = &operations;
    let mut named: Option<&str> = None;
    for segment in path.split('.') {
        if let Some(name) = named.take() {
            node = node.get(name)?;
        }
        let (name, which) = segment.trim_end_matches(']').split_once('[').unwrap_or((segment, "0"));
        node = match node {
            Value::Object(map) => map.get(name)?,
            Value::Array(items) => match name.parse::<usize>() {
                Ok(i) => items.get(i)?,
                Err(_) if name == "source" => items.first()?,
                Err(_) => {
                    let is = |item: &&Value| *item == name || item.get(name).is_some();
                    let item = items.iter().filter(is).nth(which.parse().ok()?)?;
                    named = item.as_object().filter(|map| map.len() == 1).map(|_| name);
                    item
                }
            },
            _ => return None,
        };
    }
    Some(node.clone())
}

/// A node in a few words: `raw_path percent-encode`.
fn brief(node: &Value) -> String {
    match node {
        Value::String(word) => format!("`{word}`"),
        Value::Array(items) => items.iter().map(brief).collect::<Vec<_>>().join(" "),
        Value::Object(map) => match map.iter().next() {
            Some((word, Value::String(text))) if word == "text" => format!("the text `{}`", text.escape_debug()),
            Some((word, Value::Null)) => format!("`{word}`"),
            Some((word, inner @ Value::Array(_))) => format!("{word} {}", brief(inner)),
            Some((word, _)) => format!("`{word}`"),
            None => String::new(),
        },
        other => other.to_string(),
    }
}
