//! JSON as libraries write it once they have read it: for steps of mutants.

use serde_json::{Map, Number, Value};
use std::fmt::Write;

/// Libraries, by the word of the step.
pub const LIBRARIES: &[&str] = &[
    "stringify",
    "stringify-indented",
    "stringify-sorted",
    "dumps",
    "dumps-unicode",
    "dumps-sorted",
    "dumps-compact",
    "generate",
    "json-encode",
    "json-encode-unicode",
    "json-encode-hex",
    "active-support",
    "marshal",
    "gson",
];

/// How a library writes.
struct Style {
    comma: &'static str,
    colon: &'static str,
    /// Members on lines of their own, each level two spaces further in.
    indented: bool,
    sorted: bool,
    /// Characters beyond ASCII as `\uXXXX`.
    ascii: bool,
    /// ASCII characters written with an escape that JSON does not ask for.
    escaped: &'static str,
    numbers: Numbers,
}

/// How a language writes a number that was read as a double.
#[derive(Clone, Copy)]
struct Numbers {
    /// Sizes below and from which on an exponent is written.
    exponents: [f64; 2],
    /// What stands before the exponent, its sign where it is none, and how many digits it has at least.
    exponent: (&'static str, &'static str, usize),
    /// A whole number keeps its point, 1.00 as 1.0; else it is 1.
    point: bool,
    /// A zero keeps its sign.
    signed_zero: bool,
}

const JAVA_SCRIPT: Numbers =
    Numbers { exponents: [1e-6, 1e21], exponent: ("e", "+", 1), point: false, signed_zero: false };
const PYTHON: Numbers = Numbers { exponents: [1e-4, 1e16], exponent: ("e", "+", 2), point: true, signed_zero: true };
const RUBY: Numbers = Numbers { exponent: (".0e", "+", 2), ..PYTHON };
const PHP: Numbers = Numbers { exponents: [1e-4, 1e17], exponent: (".0e", "+", 1), point: false, signed_zero: true };
const GO: Numbers = Numbers { signed_zero: true, ..JAVA_SCRIPT };
const JAVA: Numbers = Numbers { exponents: [1e-3, 1e7], exponent: (".0E", "", 1), point: true, signed_zero: true };

const COMPACT: Style =
    Style { comma: ",", colon: ":", indented: false, sorted: false, ascii: false, escaped: "", numbers: JAVA_SCRIPT };
const SPACED: Style = Style { comma: ", ", colon: ": ", ascii: true, numbers: PYTHON, ..COMPACT };

/// The style of the library with this number in [`LIBRARIES`].
fn style(library: usize) -> Style {
    match LIBRARIES[library] {
        "stringify-indented" => Style { colon: ": ", indented: true, ..COMPACT },
        "stringify-sorted" => Style { sorted: true, ..COMPACT },
        "dumps" => SPACED,
        "dumps-unicode" => Style { ascii: false, ..SPACED },
        "dumps-sorted" => Style { sorted: true, ..SPACED },
        "dumps-compact" => Style { comma: ",", colon: ":", ..SPACED },
        "generate" => Style { numbers: RUBY, ..COMPACT },
        "json-encode" => Style { ascii: true, escaped: "/", numbers: PHP, ..COMPACT },
        "json-encode-unicode" => Style { escaped: "/", numbers: PHP, ..COMPACT },
        "json-encode-hex" => Style { ascii: true, escaped: "/<>&", numbers: PHP, ..COMPACT },
        "active-support" => Style { escaped: "<>&", numbers: RUBY, ..COMPACT },
        "marshal" => Style { sorted: true, escaped: "<>&", numbers: GO, ..COMPACT },
        "gson" => Style { escaped: "<>&='", numbers: JAVA, ..COMPACT },
        _ => COMPACT,
    }
}

/// JSON as a library writes it anew; `None` where the bytes are none. What reads a body for JavaScript and Python passes
/// over a byte-order mark, and others do not. Of a member that stands twice the last counts,
/// in the place of the first.
pub fn rewritten(json: &[u8], library: usize) -> Option<String> {
    let passes_over_mark = ["stringify", "dumps"].iter().any(|word| LIBRARIES[library].starts_with(word));
    let json = json.strip_prefix("\u{feff}".as_bytes()).filter(|_| passes_over_mark).unwrap_or(json);
    let value: Value = serde_json::from_slice(json).ok()?;
    let mut out = String::with_capacity(json.len());
    style(library).value(&value, 0, &mut out);
    Some(out)
}

impl Style {
    fn value(&self, value: &Value, depth: usize, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
            Value::Number(number) => self.number(number, out),
            Value::String(text) => self.text(text, out),
            Value::Array(items) => self.items(items.iter().map(|item| (None, item)), ["[", "]"], depth, out),
            Value::Object(map) => {
                let mut members: Vec<(Option<&str>, &Value)> = Map::iter(map).map(|(n, v)| (Some(&**n), v)).collect();
                if self.sorted {
                    members.sort_by_key(|(name, _)| *name);
                }
                self.items(members.into_iter(), ["{", "}"], depth, out);
            }
        }
    }

    fn items<'v>(
        &self,
        items: impl ExactSizeIterator<Item = (Option<&'v str>, &'v Value)>,
        [open, close]: [&str; 2],
        depth: usize,
        out: &mut String,
    ) {
        let is_empty = items.len() == 0;
        let line = |depth: usize, out: &mut String| {
            if self.indented && !is_empty {
                out.push('\n');
                out.extend(std::iter::repeat_n("  ", depth));
            }
        };
        out.push_str(open);
        for (i, (name, value)) in items.enumerate() {
            if i > 0 {
                out.push_str(self.comma);
            }
            line(depth + 1, out);
            if let Some(name) = name {
                self.text(name, out);
                out.push_str(self.colon);
            }
            self.value(value, depth + 1, out);
        }
        line(depth, out);
        out.push_str(close);
    }

    fn number(&self, number: &Number, out: &mut String) {
        let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
            return write(out, format_args!("{number}"));
        };
        let Numbers { exponents: [least, most], exponent: (e, plus, width), point, signed_zero } = self.numbers;
        let size = float.abs();
        if size != 0.0 && !(least..most).contains(&size) {
            let written = format!("{float:e}");
            let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
            let e = if digits.contains('.') { e.trim_start_matches(".0") } else { e };
            let sign = if exponent.starts_with('-') { "-" } else { plus };
            return write(out, format_args!("{digits}{e}{sign}{:0>width$}", exponent.trim_start_matches('-')));
        }
        let float = if signed_zero || size != 0.0 { float } else { 0.0 };
        match float.fract() == 0.0 && point {
            true => write(out, format_args!("{float:.1}")),
            false => write(out, format_args!("{float}")),
        }
    }

    fn text(&self, text: &str, out: &mut String) {
        out.push('"');
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                '/' if self.escaped.contains(c) => out.push_str("\\/"),
                c if c < ' ' || self.escaped.contains(c) || self.ascii && !c.is_ascii() => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write(out, format_args!("\\u{unit:04x}"));
                    }
                }
                c => out.push(c),
            }
        }
        out.push('"');
    }
}

/// Writes to memory, which does not fail.
fn write(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).unwrap_or_else(|_| unreachable!("writing to memory does not fail"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the first seven and of `json_encode` and `json.Marshal` the libraries themselves were asked.
    #[test]
    fn json_is_written_as_the_libraries_write_it() {
        let json = r#" {"b" : 1.00, "a":"\u00e9\/\u0026😀'=", "c":[ ], "d":{"z":1e3, "y":[1e21,-0.0,1e-7]}, "b":2.50}"#;
        let all = LIBRARIES.iter().enumerate().map(|(i, word)| (*word, rewritten(json.as_bytes(), i).unwrap()));
        let indented = "{\n  \"b\": 2.5,\n  \"a\": \"é/&😀'=\",\n  \"c\": [],\n  \"d\": {\n    \"z\": 1000,\n    \"y\": \
            [\n      1e+21,\n      0,\n      1e-7\n    ]\n  }\n}";
        let expected = [
            ("stringify", r#"{"b":2.5,"a":"é/&😀'=","c":[],"d":{"z":1000,"y":[1e+21,0,1e-7]}}"#),
            ("stringify-indented", indented),
            ("stringify-sorted", r#"{"a":"é/&😀'=","b":2.5,"c":[],"d":{"y":[1e+21,0,1e-7],"z":1000}}"#),
            (
                "dumps",
                r#"{"b": 2.5, "a": "\u00e9/&\ud83d\ude00'=", "c": [], "d": {"z": 1000.0, "y": [1e+21, -0.0, 1e-07]}}"#,
            ),
            ("dumps-unicode", r#"{"b": 2.5, "a": "é/&😀'=", "c": [], "d": {"z": 1000.0, "y": [1e+21, -0.0, 1e-07]}}"#),
            (
                "dumps-sorted",
                r#"{"a": "\u00e9/&\ud83d\ude00'=", "b": 2.5, "c": [], "d": {"y": [1e+21, -0.0, 1e-07], "z": 1000.0}}"#,
            ),
            (
                "dumps-compact",
                r#"{"b":2.5,"a":"\u00e9/&\ud83d\ude00'=","c":[],"d":{"z":1000.0,"y":[1e+21,-0.0,1e-07]}}"#,
            ),
            ("generate", r#"{"b":2.5,"a":"é/&😀'=","c":[],"d":{"z":1000.0,"y":[1.0e+21,-0.0,1.0e-07]}}"#),
            ("json-encode", r#"{"b":2.5,"a":"\u00e9\/&\ud83d\ude00'=","c":[],"d":{"z":1000,"y":[1.0e+21,-0,1.0e-7]}}"#),
            ("json-encode-unicode", r#"{"b":2.5,"a":"é\/&😀'=","c":[],"d":{"z":1000,"y":[1.0e+21,-0,1.0e-7]}}"#),
            (
                "json-encode-hex",
                r#"{"b":2.5,"a":"\u00e9\/\u0026\ud83d\ude00'=","c":[],"d":{"z":1000,"y":[1.0e+21,-0,1.0e-7]}}"#,
            ),
            ("active-support", r#"{"b":2.5,"a":"é/\u0026😀'=","c":[],"d":{"z":1000.0,"y":[1.0e+21,-0.0,1.0e-07]}}"#),
            ("marshal", r#"{"a":"é/\u0026😀'=","b":2.5,"c":[],"d":{"y":[1e+21,-0,1e-7],"z":1000}}"#),
            ("gson", r#"{"b":2.5,"a":"é/\u0026😀\u0027\u003d","c":[],"d":{"z":1000.0,"y":[1.0E21,-0.0,1.0E-7]}}"#),
        ];
        assert_eq!(all.collect::<Vec<_>>(), expected.map(|(word, json)| (word, json.to_owned())));
        assert_eq!(rewritten(b"no JSON", 0), None);
        let after_mark = |word: &str| {
            let library = LIBRARIES.iter().position(|known| *known == word).unwrap();
            rewritten("\u{feff}[ ]".as_bytes(), library)
        };
        assert_eq!(after_mark("stringify"), Some("[]".into()));
        assert_eq!(after_mark("json-encode"), None);
    }
}
