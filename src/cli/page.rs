//! Pages of text for a terminal: a head, what is said below it, and data as YAML.

use super::columns;
use crate::printable;
use crate::report;
use crate::yaml::Scalars;
use serde_json::{Map, Value};

/// A page; what is not ours stays in its line.
#[derive(Default)]
pub(super) struct Page(pub(super) String);

impl Page {
    /// Adds the name of something.
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

    /// Data as YAML, with its scalars as such a file has them.
    pub(super) fn data(mut self, value: &Value, scalars: Scalars) -> Page {
        block(value, scalars, 2, &mut self.0);
        self
    }
}

/// Data as YAML in one line.
pub(super) fn flow(value: &Value, scalars: Scalars) -> String {
    let entry = |(key, value): (&String, &Value)| format!("{}: {}", word(key), flow(value, scalars));
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => format!("{{ {} }}", map.iter().map(entry).collect::<Vec<_>>().join(", ")),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| flow(item, scalars)).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if scalars == Scalars::Plain => word(text),
        scalar => scalar.to_string(),
    }
}

/// A text as YAML: quoted where not every reader takes it for one.
fn word(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(&b));
    let retyped = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    match is_word && !retyped.contains(&text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        false => Value::from(text).to_string(),
    }
}

/// Writes a map or a list, an entry a line where it fits.
fn block(value: &Value, scalars: Scalars, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    let none = Map::new();
    for (key, value) in value.as_object().unwrap_or(&none) {
        entry(&format!("{margin}{}:", word(key)), value, scalars, indent, out);
    }
    for value in value.as_array().into_iter().flatten() {
        entry(&format!("{margin}-"), value, scalars, indent, out);
    }
}

fn entry(lead: &str, value: &Value, scalars: Scalars, indent: usize, out: &mut String) {
    let text = flow(value, scalars);
    let text = printable::text(&text);
    let is_nested = value.as_object().is_some_and(|map| !map.is_empty()) || value.is_array();
    if !is_nested || lead.len() + 1 + printable::columns(&text) <= columns() {
        return report::wrap(&text, [&format!("{lead} "), &" ".repeat(indent + 4)], columns(), out);
    }
    let mut below = String::new();
    block(value, scalars, indent + 2, &mut below);
    match lead.strip_suffix('-') {
        Some(margin) => out.push_str(&format!("{margin}- {}", below.trim_start())),
        None => out.push_str(&format!("{lead}\n{below}")),
    }
}
