//! Mistakes in words that name the place in the scheme.

use crate::corpus::Entry;
use crate::mutation::Mutant;
use crate::scheme::{EditKind, Named, Path};
use crate::yaml::Segment;
use serde_json::{Value, json};

/// The longest description of a node that still helps.
const LONGEST: usize = 60;

/// Returns what an implementation with this mistake does, with the place: `leaves out a part of the string
/// (time), in string_to_sign`.
pub fn mistake(entry: &Entry, mutant: &Mutant) -> String {
    let particular = particular(entry, mutant);
    let place = match &particular {
        // Which of several checks of one kind it is, its contents say.
        Some(_) => place(&mutant.at).split(" number ").next().unwrap_or_default().to_owned(),
        None => place(&mutant.at),
    };
    let particular = particular.map_or(String::new(), |text| format!(" ({text})"));
    format!("{}{particular}{place}", mutant.operator.says)
}

/// Returns where a path leads, for a reader who does not know the file: `, in string_to_sign`.
pub fn place(path: &Path) -> String {
    match (path.word(1), path.word(2), path.names().get(3)) {
        (Some("derive"), Some(stage), _) => format!(", in {stage}"),
        (Some("place" | "prepare"), Some(part), Some(name)) => format!(", in the {} {name}", part_name(part)),
        (Some("receive"), Some("time"), _) => ", when it reads the time".into(),
        (Some("receive"), ..) => ", when it takes the message apart".into(),
        (Some("verify"), Some(check), _) => {
            let which = match path.names().get(2) {
                Some(Named::Nth(_, n)) if *n > 0 => format!(" number {}", n + 1),
                _ => String::new(),
            };
            format!(", in the check `{check}`{which}")
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

/// Returns what is put in instead, or the part that is left out or moved.
fn particular(entry: &Entry, mutant: &Mutant) -> Option<String> {
    if !mutant.detail.is_empty() {
        return Some(format!("`{}`", mutant.detail));
    }
    let edit = mutant.edits.first()?;
    let edits = entry.scheme.edits_of(mutant.variant.as_deref(), None).ok()?;
    let tree = json!({ &mutant.operation: entry.scheme.edited(&mutant.operation, edits).ok()? });
    let part = |i: usize| node(&tree, &edit.at.parent().then(Named::Index(i))).map(brief);
    let short = |text: String| (text.len() <= LONGEST).then_some(text);
    match (&edit.change, edit.at.names().last()?) {
        (EditKind::Delete, Named::Index(i)) => short(part(*i)?),
        (EditKind::SwapWithNext, Named::Index(i)) => short(format!("{} and {}", part(*i)?, part(i + 1)?)),
        (EditKind::Delete, _) if edit.at.word(1) == Some("verify") => short(brief(node(&tree, &edit.at)?)),
        _ => None,
    }
}

/// The node at a path, which an edit of the same scheme addresses.
fn node<'t>(tree: &'t Value, path: &Path) -> Option<&'t Value> {
    path.locate(tree).ok()?.iter().try_fold(tree, |node, segment| match segment {
        Segment::Key(key) => node.get(key),
        Segment::Index(i) => node.get(i),
    })
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
