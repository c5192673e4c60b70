//! Pages of text for a terminal: a head, what is said below it, and data as YAML.

use super::columns;
use crate::printable;
use crate::report;
use serde_json::{Map, Value};

/// A page; what is not ours stays in its line.
#[derive(Default)]
pub(super) struct Page(pub(super) String);

impl Page {
    /// What something is called.
    pub(super) fn head(mut self, text: &str) -> Page {
        report::wrap(&printable::text(text), ["", "  "], columns(), &mut self.0);
        self
    }

    /// A part of what is said of it.
    pub(super) fn part(mut self, text: &str) -> Page {
        report::wrap(&printable::text(text), ["  ", "    "], columns(), &mut self.0);
        self
    }

    /// Several parts.
    pub(super) fn parts(self, texts: impl IntoIterator<Item = String>) -> Page {
        texts.into_iter().fold(self, |page, text| page.part(&text))
    }

    /// Data as YAML.
    pub(super) fn data(mut self, value: &Value) -> Page {
        block(value, 2, &mut self.0);
        self
    }
}

/// Data as YAML in one line.
pub(super) fn flow(value: &Value) -> String {
    let entry = |(key, value): (&String, &Value)| format!("{}: {}", scalar(key), flow(value));
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => format!("{{ {} }}", map.iter().map(entry).collect::<Vec<_>>().join(", ")),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text as YAML: quoted where every reader might not take it for one.
fn scalar(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(&b));
    let retyped = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    match is_word && !retyped.contains(&text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        false => Value::from(text).to_string(),
    }
}

/// Writes a map or a list, an entry a line where it fits.
fn block(value: &Value, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    let none = Map::new();
    for (key, value) in value.as_object().unwrap_or(&none) {
        entry(&format!("{margin}{}:", scalar(key)), value, indent, out);
    }
    for value in value.as_array().into_iter().flatten() {
        entry(&format!("{margin}-"), value, indent, out);
    }
}

fn entry(lead: &str, value: &Value, indent: usize, out: &mut String) {
    let line = format!("{lead} {}", printable::text(&flow(value)));
    let is_nested = value.as_object().is_some_and(|map| !map.is_empty()) || value.is_array();
    if !is_nested || printable::columns(&line) <= columns() {
        return report::wrap(&line[lead.len() + 1..], [&format!("{lead} "), &" ".repeat(indent + 4)], columns(), out);
    }
    let mut below = String::new();
    block(value, indent + 2, &mut below);
    match lead.strip_suffix('-') {
        Some(margin) => out.push_str(&format!("{margin}- {}", below.trim_start())),
        None => out.push_str(&format!("{lead}\n{below}")),
    }
}
