//! Changes of a body in its own form: one field, part or member more.

use super::choices::Choices;
use super::snippets::word;
use crate::primitive::percent::{self, KeepSet};
use crate::scheme::Characters;

/// Fields that are put at the end of a form.
const FORM_FIELDS: [&str; 6] = ["x=1", "y=a+b", "z=%20", "x=", "B=2", ""];

/// Values of JSON members that are no text, or hardly one, and some that are no values.
const VALUES: [&str; 20] = [
    "null",
    "true",
    "1",
    "-0.5e+3",
    "1e999",
    "01",
    "1.",
    "+1",
    "NaN",
    "{}",
    r#"{"a":1,"a":2}"#,
    r#"{"x":"a"}"#,
    r#"[1,[{}],"a"]"#,
    "[1,]",
    r#""\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud83d\ude00""#,
    r#""\x""#,
    "\"a\nb\"",
    r#""a","#,
];

/// White space that JSON knows, and some that it does not.
const SPACES: [&str; 3] = [" ", "\r\n\t", "\x0c"];

/// Adds to a body what its media type has; to any other body, some text.
pub(super) fn add(body: &mut Vec<u8>, content_type: &[u8], domain: Characters, choices: &mut Choices<'_, '_>) {
    if content_type.starts_with(b"application/x-www-form-urlencoded") {
        field(body, domain, choices);
    } else if content_type.starts_with(b"multipart/") {
        part(body, domain, choices);
    } else if body.starts_with(b"{") && choices.below(4) > 0 {
        member(body, domain, choices);
    } else {
        let at = choices.below(body.len() + 1);
        body.splice(at..at, word(domain, choices).bytes().filter(|byte| !byte.is_ascii_control()));
    }
}

fn field(body: &mut Vec<u8>, domain: Characters, choices: &mut Choices<'_, '_>) {
    body.extend(if body.is_empty() { "" } else { "&" }.bytes());
    if choices.flip() {
        body.extend(FORM_FIELDS[choices.below(FORM_FIELDS.len())].bytes());
    } else {
        percent::encode(word(domain, choices).as_bytes(), &KeepSet::UNRESERVED, body);
        body.push(b'=');
        percent::encode(word(domain, choices).as_bytes(), &KeepSet::UNRESERVED, body);
    }
}

/// Puts a part before the others. Names stand between quotes, as every client writes them, and hold nothing that
/// browsers escape there.
fn part(body: &mut Vec<u8>, domain: Characters, choices: &mut Choices<'_, '_>) {
    let Some(line) = body.windows(2).position(|window| window == b"\r\n") else { return };
    let delimiter = String::from_utf8_lossy(&body[..line]).into_owned();
    let parameter = |name: &str, value: String| format!("; {name}=\"{}\"", value.replace(['"', '\\'], ""));
    let mut parameters = vec![parameter("name", word(domain, choices))];
    if choices.below(4) == 0 {
        let at = choices.below(2);
        parameters.insert(at, parameter("filename", word(domain, choices)));
    }
    let content_type = if choices.flip() { "\r\nContent-Type: text/plain" } else { "" };
    let (parameters, content) = (parameters.concat(), word(domain, choices));
    let head = format!("{delimiter}\r\nContent-Disposition: form-data{parameters}{content_type}\r\n\r\n");
    body.splice(0..0, format!("{head}{content}\r\n").bytes());
}

/// Puts a member or white space into an object, or writes a character of it in another way.
fn member(body: &mut Vec<u8>, domain: Characters, choices: &mut Choices<'_, '_>) {
    let places = |is: fn(&u8) -> bool| (0..body.len()).filter(|&at| is(&body[at])).collect::<Vec<_>>();
    match choices.below(4) {
        0 => {
            let borders = places(|byte| b"{},:".contains(byte));
            let at = borders[choices.below(borders.len())] + choices.below(2);
            body.splice(at..at, SPACES[choices.below(SPACES.len())].bytes());
        }
        1 => {
            let plain = places(u8::is_ascii_alphanumeric);
            if !plain.is_empty() {
                let at = plain[choices.below(plain.len())];
                let escape = format!("\\u{:04X}", body[at]);
                body.splice(at..=at, escape.bytes());
            }
        }
        _ => {
            let known: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).unwrap_or_default();
            let name = match known.keys().nth(choices.below(known.len() + 1)) {
                Some(name) => name.clone(),
                None => word(domain, choices),
            };
            let value = if choices.flip() {
                VALUES[choices.below(VALUES.len())].to_owned()
            } else {
                serde_json::Value::from(word(domain, choices)).to_string()
            };
            let comma = if body.trim_ascii_start().len() > 1 && !known.is_empty() { "," } else { "" };
            body.splice(1..1, format!("{}:{value}{comma}", serde_json::Value::from(name)).bytes());
        }
    }
}
