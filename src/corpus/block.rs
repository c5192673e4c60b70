//! YAML as the files of a corpus have it: in blocks, what is short in one line, and every scalar quoted.

use serde_json::{Map, Value};

/// Columns that a list or map in one line may take.
const COLUMNS: usize = 120;

/// Writes a map's entries, one under the other, each at so many columns.
pub(super) fn entries(map: &Map<String, Value>, column: usize, out: &mut String) {
    for (i, (name, value)) in map.iter().enumerate() {
        out.push_str(&" ".repeat(if i == 0 && out.ends_with("- ") { 0 } else { column }));
        out.push_str(&key(name));
        out.push(':');
        match value {
            Value::String(text) if name == "body" && is_literal(text) => literal(text, column + 2, out),
            value => node(value, column, out),
        }
    }
}

/// Writes a node after its key or its dash, what is below it at more columns.
fn node(value: &Value, column: usize, out: &mut String) {
    match value {
        Value::Object(map) if !is_short(value, column) => {
            out.push('\n');
            entries(map, column + 2, out);
        }
        Value::Array(items) if !is_short(value, column) => {
            out.push('\n');
            for item in items {
                out.push_str(&" ".repeat(column + 2));
                match item {
                    Value::Object(map) if !is_short(item, column + 2) => {
                        out.push_str("- ");
                        entries(map, column + 4, out);
                    }
                    // A pair is one thing, however long its values are.
                    item => out.push_str(&format!("- {}\n", flow(item))),
                }
            }
        }
        short => out.push_str(&format!(" {}\n", flow(short))),
    }
}

/// Returns whether a value stands in one line: it holds nothing that holds more, and is not too long.
fn is_short(value: &Value, column: usize) -> bool {
    let is_plain = |value: &Value| !matches!(value, Value::Object(_) | Value::Array(_)) || hex(value).is_some();
    let is_flat = match value {
        Value::Object(map) => map.values().all(is_plain),
        Value::Array(items) => items.iter().all(is_plain),
        _ => true,
    };
    is_flat && column + flow(value).len() <= COLUMNS
}

/// The digits, where a value is bytes in hexadecimal.
fn hex(value: &Value) -> Option<&Value> {
    value.as_object().filter(|map| map.len() == 1)?.get("hex")
}

/// A value in one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entry = |(name, value): (&String, &Value)| format!("{}: {}", key(name), flow(value));
            format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        scalar => scalar.to_string(),
    }
}

/// A key, quoted where a plain one could be taken for something else.
fn key(name: &str) -> String {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name.to_ascii_lowercase().as_str());
    if is_word { name.to_owned() } else { Value::from(name).to_string() }
}

/// Returns whether a text of several lines can stand as it is.
fn is_literal(text: &str) -> bool {
    let (lines, end) = text.split_at(text.trim_end_matches('\n').len());
    lines.contains('\n')
        && end.len() <= 1
        && !lines.starts_with([' ', '\n'])
        && lines.lines().all(|line| line.trim_end().len() == line.len())
        && lines.chars().all(|c| c == '\n' || (!c.is_control() && !"\u{2028}\u{2029}\u{feff}".contains(c)))
}

fn literal(text: &str, column: usize, out: &mut String) {
    out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
    for line in text.lines() {
        let indent = if line.is_empty() { 0 } else { column };
        out.push_str(&format!("{}{line}\n", " ".repeat(indent)));
    }
}
