//! Meaning of an answer by the rules: a judgement, or an error that says which rule is missing.

use super::answer::HttpAnswer;
use super::rules::{Rule, Rules};
use crate::case::{Ending, Judgement};
use crate::scheme::{Class, SenderGets};
use crate::subject::process::shown;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The status of too many requests (RFC 6585, section 4).
pub(super) const TOO_MANY: u16 = 429;

/// The judgement that an answer tells; `Err` says what is wrong with it or with the rules.
pub(super) fn judgement(rules: &Rules, answer: &HttpAnswer) -> Result<Judgement, String> {
    let body = String::from_utf8_lossy(&answer.body);
    let fits = |rule: &&Rule| {
        rule.status.fits(answer.status) && rule.body_has.as_ref().is_none_or(|text| body.contains(text.as_str()))
    };
    let mut found = Judgement {
        accept: false,
        class: None,
        status: Some(answer.status.to_string()),
        code: None,
        message: None,
        reply: SenderGets::Error,
        stages: IndexMap::new(),
    };
    match rules.file.rules.iter().find(fits) {
        Some(rule) => details(rule, &answer.body, &mut found).map(|()| found),
        // This status means one thing wherever it comes from: the proxy before a server has no rule.
        None if answer.status == TOO_MANY => Ok(Judgement { class: Some(Class::RateLimited), ..found }),
        None => Err(no_rule(rules, answer)),
    }
}

fn no_rule(rules: &Rules, answer: &HttpAnswer) -> String {
    let status = answer.status;
    let outcome = if status < 300 { "accept" } else { "reject" };
    format!(
        "no rule fits its answer {}; where that is an answer to expect, add to `rules` of {} one such as \
         {{ status: \"{status}\", outcome: \"{outcome}\" }}",
        described(answer),
        rules.name
    )
}

/// Status and beginning of the body.
pub(super) fn described(answer: &HttpAnswer) -> String {
    match answer.body.as_slice() {
        [] => format!("{} without a body", answer.status),
        body => format!("{} with the body {}", answer.status, shown(body)),
    }
}

fn details(rule: &Rule, body: &[u8], found: &mut Judgement) -> Result<(), String> {
    if rule.outcome == Ending::Accept {
        found.accept = true;
        return Ok(());
    }
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |pointer: &Option<String>| match pointer.as_ref().and_then(|pointer| json.pointer(pointer)) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    found.class = word(rule.class, &rule.class_at, text(&rule.class_at), "reject class")?;
    found.reply =
        word(rule.reply, &rule.reply_at, text(&rule.reply_at), "reply (error, disregard)")?.unwrap_or_default();
    (found.code, found.message) = (text(&rule.code_at), text(&rule.message_at));
    Ok(())
}

/// A word of the vocabulary: that of the rule, or that of the answer.
fn word<T: DeserializeOwned>(
    fixed: Option<T>,
    pointer: &Option<String>,
    found: Option<String>,
    what: &str,
) -> Result<Option<T>, String> {
    let Some(found) = found else { return Ok(fixed) };
    let word = serde_json::from_value(Value::String(found.clone()));
    let pointer = pointer.as_deref().unwrap_or_default();
    word.map(Some).map_err(|_| format!("its answer has `{found}` at {pointer}, which is no {what}"))
}
