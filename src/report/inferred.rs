//! The report on a request of a scheme that nobody has named.

use super::prose::Prose;
use crate::diagnosis::{Inference, InferredScheme};
use crate::printable::count;
use serde_json::{Value, json};

/// Name of the file that the scheme goes into.
const NAME: &str = "inferred";

/// What was found, what the request does not tell, and the scheme as a file; for a terminal of so many columns.
pub fn inference_text(inference: &Inference, notes: &[String], columns: usize) -> String {
    let mut prose = Prose::default();
    match (&inference.found, inference.odds()) {
        (Some(found), Some(odds)) => self::found(inference, found, odds, &mut prose),
        _ => not_found(inference, &mut prose),
    }
    notes.iter().for_each(|note| prose.paragraph(&format!("Note: {note}")));
    let mut text = prose.text(columns);
    if let Some(found) = &inference.found {
        text += "\n";
        text += &file(&found.scheme);
    }
    text
}

/// `{"verdict", "fields", "tried", "whole", "scheme", "field", "odds", "alike", "empty", "notes"}`; `verdict` is `inferred`
/// or `unexplained`; the chance of a coincidence is below 1 in 10 to the power of `odds`.
pub fn inference_json(inference: &Inference, notes: &[String]) -> Value {
    let mut value = json!({
        "verdict": if inference.found.is_some() { "inferred" } else { "unexplained" },
        "fields": inference.fields,
        "tried": inference.tried,
        "whole": inference.is_whole,
        "notes": notes,
    });
    if let Some(found) = &inference.found {
        value["scheme"] = found.scheme.clone();
        value["field"] = json!(found.field);
        value["odds"] = json!(inference.odds());
        value["alike"] = json!(found.alike);
        value["empty"] = json!(found.empty);
    }
    value
}

fn found(inference: &Inference, found: &InferredScheme, odds: u32, prose: &mut Prose) {
    prose.paragraph(&format!(
        "No scheme that is known here explains this request. Its signature, in {}, is explained all the same, by the \
         scheme below: it is the first of {} that gives it, and its verifier accepts the request. The chance that this is a \
         coincidence is below 1 in 10^{odds}.",
        found.field,
        count(inference.tried, "way"),
    ));
    if !found.alike.is_empty() || !found.empty.is_empty() {
        prose.paragraph("One request cannot tell everything:");
    }
    for alike in &found.alike {
        let [first, others @ ..] = alike.as_slice() else { continue };
        let more = others.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let others: Vec<String> = others.iter().take(3).map(|other| format!("`{other}`")).collect();
        prose.item(&format!("`{first}` may as well be {}{more}, which is the same here.", others.join(" or ")));
    }
    for empty in &found.empty {
        prose.item(&format!("`{empty}` is empty here, so whether and where it is signed is not known."));
    }
    prose.item("which time is fresh enough, what may be sent twice, and what is refused beside a wrong signature.");
    prose.paragraph(&format!(
        "Next: save it as {NAME}.yaml, and put another request that the same code signed to it: countersign diagnose \
         --scheme {NAME}.yaml. `countersign new` makes a folder with what else belongs to a scheme."
    ));
}

fn not_found(inference: &Inference, prose: &mut Prose) {
    if inference.fields.is_empty() {
        prose.paragraph(
            "Not known: no field of the request has a value of the length of a digest or of an HMAC; name the scheme with \
             --scheme.",
        );
        return;
    }
    let whole = if inference.is_whole { "" } else { " before the time was over (`--diagnosis-time`)" };
    prose.paragraph(&format!(
        "Not known: none of {} that were tried{whole} gives what stands in {}.",
        count(inference.tried, "way"),
        inference.fields.join(" or "),
    ));
    prose.paragraph(
        "Tried were digests and HMACs of up to six parts of the request (method, URL and its pieces, query and form as they \
         stand and sorted, body and its hash, header fields, credentials), in every order, with the usual separators, under \
         each value of the account as it is, decoded, or hashed.",
    );
}

/// The scheme, as its file has it.
fn file(scheme: &Value) -> String {
    serde_yaml::to_string(scheme).unwrap_or_else(|e| unreachable!("a scheme is written: {e}"))
}
