//! Mistakes about keys and credentials.

use super::operator::{Mutation, Operator, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::scheme::{Characters, Check, Edit, EditKind, Named, Operation, Path, Pipeline, Source};
use serde_json::{Value, json};
use std::slice::from_ref;

fn credential<'a>(site: &Site<'a>) -> Option<&'a str> {
    site.source().filter(|_| matches!(site.block, Block::Derive | Block::Place))?.name_in("credential")
}

/// Another one of the same space in place of the name.
fn instead<'n>(site: &Site<'_>, space: &str, name: &str, others: impl Iterator<Item = &'n str>) -> Vec<Mutation> {
    let other = |other: &str| with(site, EditKind::Replace(json!(format!("{space}.{other}"))), other);
    others.filter(|other| *other != name).map(other).collect()
}

fn others(site: &Site<'_>) -> Vec<Mutation> {
    credential(site).map_or_else(Vec::new, |name| instead(site, "credential", name, site.credentials()))
}

fn other_in_checks(site: &Site<'_>) -> Vec<Mutation> {
    let name = site.source().filter(|_| site.block == Block::Verify).and_then(|source| source.name_in("credential"));
    name.map_or_else(Vec::new, |name| instead(site, "credential", name, site.credentials()))
}

fn parameters(site: &Site<'_>) -> Vec<Mutation> {
    let name = site.source().and_then(|source| source.name_in("parameter"));
    let all = site.scheme.parameters.keys().map(String::as_str);
    name.map_or_else(Vec::new, |name| instead(site, "parameter", name, all))
}

/// Fields of the same part that the operations speak of elsewhere.
fn fields(site: &Site<'_>) -> Vec<Mutation> {
    let mine = site.source().filter(|_| site.block == Block::Derive);
    let Some((mine, (part, name))) = mine.and_then(|source| Some((source, source.field()?))) else { return Vec::new() };
    let mut others: Vec<String> = Vec::new();
    for operation in site.scheme.operations.values() {
        for other in sites(site.scheme, "", operation).iter().filter_map(Site::source) {
            if let Some((other_part, other_name)) = other.field()
                && (other_part, other.get("repeated")) == (part, mine.get("repeated"))
                && other_name != name
                && !others.iter().any(|known| known == other_name)
            {
                others.push(other_name.to_owned());
            }
        }
    }
    let instead = |other: &String| {
        let word = format!("{part}.{other}");
        let source = match mine.get("repeated").text() {
            "" | "refuse" => json!(word),
            repeated => json!({ "field": word, "repeated": repeated }),
        };
        with(site, EditKind::Replace(source), &word)
    };
    others.iter().map(instead).collect()
}

/// A mistake that shows only on secrets beyond letters and digits.
fn at_text_secret(site: &Site<'_>, step: Value) -> Vec<Mutation> {
    if site.scheme.domain.secrets == Characters::Text { at_secret(site, step) } else { Vec::new() }
}

fn at_secret(site: &Site<'_>, step: Value) -> Vec<Mutation> {
    if credential(site).is_some_and(|name| site.is_secret(name)) {
        one(site, EditKind::InsertAfter(step))
    } else {
        Vec::new()
    }
}

/// Returns whether a check is about a stage from which no secret can be found: what a secret went into as it is cannot
/// be empty where it is compared with something that arrives.
fn compares_one_way(operation: &Operation) -> bool {
    let stages = |pipeline: &Pipeline| -> Vec<String> {
        let sources = pipeline.all().into_iter().filter_map(|part| part.source.name_in("stage"));
        sources.map(str::to_owned).collect()
    };
    let mut reached: Vec<String> =
        operation.verify.iter().flat_map(|check| check.test.pipelines()).flat_map(|(_, value)| stages(value)).collect();
    let mut at = 0;
    while let Some(pipeline) = reached.get(at).map(|name| &operation.derive[name]) {
        if pipeline.all().iter().any(|part| part.steps.iter().any(|step| step.item.does.hides())) {
            return true;
        }
        for name in stages(pipeline) {
            if !reached.contains(&name) {
                reached.push(name);
            }
        }
        at += 1;
    }
    false
}

/// A secret that may be empty, without the checks that it is there; changed wherever something is derived from it.
fn may_be_empty(site: &Site<'_>) -> Vec<Mutation> {
    let Some(name) = credential(site).filter(|name| site.is_secret(name)) else { return Vec::new() };
    let (operation_name, operation) = site.operation;
    let all = sites(site.scheme, operation_name, operation);
    let uses = |other: &&Site<'_>| credential(other) == Some(name) && other.source() == site.source();
    let edit = |other: &Site<'_>| {
        let change = EditKind::Replace(json!({ "optional": format!("credential.{name}") }));
        Edit { at: other.path.clone(), change }
    };
    let used: Vec<Edit> = all.iter().filter(uses).map(edit).collect();
    if used.first().is_none_or(|first| first.at != site.path) || !compares_one_way(operation) {
        return Vec::new();
    }
    let guards = |check: &Check| {
        let value = check.test.get("value").pipeline().filter(|_| check.test.is("present"));
        value.is_some_and(|value| value.source.name_in("credential") == Some(name))
    };
    let guard = operation.verify.iter().filter(|check| check.test.is("present")).position(guards);
    let guard = guard.map(|i| {
        let at = Path::of(operation_name).key("verify").then(Named::Nth("present".into(), i));
        Edit { at, change: EditKind::Delete }
    });
    vec![Mutation { at: site.path.clone(), edits: used.into_iter().chain(guard).collect(), detail: String::new() }]
}

/// A string that starts with a secret, as parts in another order.
fn secret_moved(site: &Site<'_>, order: impl Fn(&Value, &[Value]) -> Vec<Value>) -> Vec<Mutation> {
    let joined = site.source().filter(|source| source.is("concat") && site.block == Block::Derive);
    let Some((_, parts)) = joined.and_then(Source::parts).filter(|(_, parts)| parts.len() > 1) else {
        return Vec::new();
    };
    let secret = parts[0].source.name_in("credential").is_some_and(|name| site.is_secret(name));
    let stands_alone = parts[1..].iter().all(|part| part.source.name_in("credential").is_none());
    // A literal beside it is a separator, and no message.
    let is_message = parts[1..].iter().any(|part| part.source.fixed().is_none());
    if !secret || !stands_alone || !is_message {
        return Vec::new();
    }
    let printed: Vec<Value> = parts.iter().map(|part| json!(part)).collect();
    one(site, EditKind::Replace(json!({ "concat": order(&printed[0], &printed[1..]) })))
}

/// Texts that stand for what is not there.
const NOTHING: &[&str] = &["undefined", "null", "None", "[object Object]", "(null)"];

/// A text that stands for nothing in place of a credential.
fn named_nothing(site: &Site<'_>) -> Vec<Mutation> {
    let text = |text: &&str| with(site, EditKind::Replace(json!({ "text": text })), text);
    let credential = credential(site).map_or_else(Vec::new, |_| NOTHING.iter().map(text).collect());
    // What has characters to encode may come in behind the step that would.
    let whole = match site.spot {
        Spot::Pipeline(part) if !part.steps.is_empty() && !part.steps.iter().any(|step| step.item.does.hides()) => {
            let is_own = |source: &&Source| source.name_in("credential").is_some();
            part.sources().iter().any(is_own)
        }
        _ => false,
    };
    let whole = (whole && site.block == Block::Derive)
        .then(|| with(site, EditKind::Replace(json!([{ "text": "(null)" }])), "(null), not encoded"));
    credential.into_iter().chain(whole).collect()
}

/// A text that stands for nothing where a value may be absent.
fn absent_named(site: &Site<'_>) -> Vec<Mutation> {
    let optional = site.source().filter(|source| source.is("optional"));
    let value = optional.filter(|_| matches!(site.block, Block::Derive | Block::Place));
    let Some(value) = value.and_then(|source| source.first().pipeline()) else { return Vec::new() };
    let named = |text: &&str| {
        let first_of = json!({ "first-of": [value, { "text": text }] });
        with(site, EditKind::Replace(first_of), text)
    };
    ["undefined", "null", "None", "nil"].iter().map(named).collect()
}

/// Fixed keys in place of one that is derived.
fn fixed_key(site: &Site<'_>) -> Vec<Mutation> {
    let derived = site.step("hmac").filter(|_| site.block == Block::Derive).and_then(|step| step.get("key").pipeline());
    if derived.is_none_or(|key| key.source.name_in("stage").is_none()) {
        return Vec::new();
    }
    let fixed = |text: &&str| with(site, set(json!({ "key": [{ "text": text }] })), text);
    ["undefined", "null", "None", "secret"].iter().map(fixed).collect()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "empty-secret-taken",
        &["V05"],
        "takes what is signed with an empty secret where the server has none",
        "refuse every message of an account whose secret is empty or missing",
        may_be_empty,
    ),
    operator(
        "wrong-credential",
        &["K02", "K03"],
        "uses another credential of the account",
        "use the credential that the document names",
        others,
    ),
    operator(
        "checks-wrong-credential",
        &["K02"],
        "compares with another credential of the account",
        "compare with the credential that the document names",
        other_in_checks,
    ),
    operator(
        "wrong-parameter",
        &["V24"],
        "uses another parameter",
        "use the parameter that the document names",
        parameters,
    ),
    operator(
        "wrong-field",
        &["V24"],
        "uses another field of the message",
        "use the field that the document names",
        fields,
    ),
    operator(
        "key-with-line-feed",
        &["V07"],
        "uses the key with a line feed at its end, as read from a file",
        "strip the line end when the key is read",
        |site| at_secret(site, json!({ "append": "\n" })),
    ),
    operator(
        "key-with-space",
        &["V07"],
        "uses the key with a space that does not belong to it, as somebody pasted it",
        "strip white space when the key is stored and when it is read",
        |site| {
            let ends = [("at its end", json!({ "append": " " })), ("at its start", json!({ "prepend": " " }))];
            let at = |(detail, step): (&'static str, Value)| {
                at_secret(site, step).into_iter().map(move |mutation| Mutation { detail: detail.into(), ..mutation })
            };
            // Behind a fixed text a space at the start may be the text's own.
            let is_key = site.path.brief().split('.').any(|word| word.starts_with("hmac"));
            ends.into_iter().take(if is_key { 2 } else { 1 }).flat_map(at).collect()
        },
    ),
    operator(
        "credential-as-it-is",
        &["K03", "V31"],
        "writes a credential as it is where something made from it is due",
        "make the value as the document says",
        |site| match site.spot {
            Spot::Pipeline(made)
                if site.block == Block::Derive
                    && made.source.name_in("credential").is_some()
                    && made.steps.iter().filter(|step| step.item.does.hides()).count() == 1
                    && made.steps.len() > 1 =>
            {
                one(site, EditKind::Replace(json!([made.source.printed()])))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "key-decoded-with-its-prefix",
        &["K04"],
        "Base64-decodes a key with the prefix that is to be taken off",
        "take the prefix off, then decode",
        |site| {
            let Spot::Pipeline(key) = site.spot else { return Vec::new() };
            let at = |word: &str| key.steps.iter().position(|step| step.is(word));
            match (at("strip-prefix"), at("base64-decode")) {
                (Some(prefix), Some(decode)) if prefix < decode && site.block == Block::Derive => {
                    let path = |word: &str| site.path.then(Named::Nth(word.into(), 0));
                    let edits = vec![
                        Edit { at: path("strip-prefix"), change: EditKind::Delete },
                        Edit { at: path("base64-decode"), change: set(json!({ "deviation": "any-base64" })) },
                    ];
                    vec![Mutation { at: site.path.clone(), edits, detail: String::new() }]
                }
                _ => Vec::new(),
            }
        },
    ),
    operator(
        "key-decoded",
        &["K03", "K04"],
        "Base64-decodes the key first",
        "use the key's characters as they are",
        |site| at_secret(site, json!("base64-decode")),
    ),
    operator(
        "key-decoded-leniently",
        &["K04"],
        "Base64-decodes the key first, skipping what does not belong",
        "use the key's characters as they are",
        |site| at_secret(site, json!({ "base64-decode": { "deviation": "any-base64" } })),
    ),
    operator(
        "prefix-of-key-taken-off",
        &["K04"],
        "takes the prefix off the secret that belongs to it",
        "use the secret as the service shows it, with its prefix",
        |site| {
            let Some(prefix) = &site.scheme.domain.secret_prefix else { return Vec::new() };
            let strip = || EditKind::InsertAfter(json!({ "strip-prefix": prefix }));
            let Some(_) = credential(site).filter(|name| site.is_secret(name)) else { return Vec::new() };
            // The last is made first, so that what is left is decoded.
            let edits = [EditKind::InsertAfter(json!({ "base64-decode": { "deviation": "any-base64" } })), strip()];
            let edits = edits.map(|change| Edit { at: site.path.clone(), change }).to_vec();
            vec![
                with(site, strip(), ""),
                Mutation { at: site.path.clone(), edits, detail: "and Base64-decodes the rest".into() },
            ]
        },
    ),
    operator(
        "prefix-not-looked-at",
        &["K04"],
        "cuts off as many characters as the prefix of the key has, whether it is there or not",
        "take off the prefix where it is there",
        |site| match site.step("strip-prefix").filter(|_| site.block == Block::Derive).map(|step| json!(step)) {
            Some(step) => {
                let length = step["strip-prefix"]["text"].as_str().map_or(0, str::len);
                one(site, EditKind::Replace(json!({ "skip": length })))
            }
            None => Vec::new(),
        },
    ),
    operator(
        "prefix-stripped-as-a-set",
        &["K04"],
        "takes off every character of the prefix at the start of the key, and not the prefix alone",
        "take off the prefix as a whole, as removeprefix does and lstrip does not",
        |site| match site.step("strip-prefix").filter(|_| site.block == Block::Derive).map(|step| json!(step)) {
            Some(step) => one(site, EditKind::Replace(json!({ "strip-characters": step["strip-prefix"]["text"] }))),
            None => Vec::new(),
        },
    ),
    operator(
        "key-hex-decoded",
        &["K04"],
        "decodes the key from hexadecimal first",
        "use the key's characters as they are",
        |site| at_secret(site, json!("hex-digits-decoded")),
    ),
    operator("key-trimmed", &["V07", "V06"], "trims white space around the key", "use the key as it is", |site| {
        at_text_secret(site, json!("trim"))
    }),
    operator("key-lower-case", &["C40"], "makes the key lower case", "use the key as it is", |site| {
        at_secret(site, json!("lower"))
    }),
    operator(
        "key-cut-to-64",
        &["V01"],
        "uses the first 64 bytes of the key only",
        "use the whole key; a longer one is hashed by HMAC itself",
        |site| at_secret(site, json!({ "truncate": 64 })),
    ),
    operator("key-encoded", &["C15"], "percent-encodes the key", "use the key as it is", |site| {
        at_text_secret(site, json!({ "percent-encode": "unreserved" }))
    }),
    operator(
        "key-not-decoded",
        &["K03"],
        "uses the characters of a key that is to be decoded",
        "decode the key first, from Base64 or hexadecimal digits as the document says",
        |site| {
            let decodes = site.step("base64-decode").or(site.step("hex-decode")).is_some();
            if site.block == Block::Derive && decodes { one(site, EditKind::Delete) } else { Vec::new() }
        },
    ),
    operator(
        "key-at-both-ends",
        &["K06"],
        "puts the secret at the end of the string too",
        "put the secret where the document has it, once",
        |site| secret_moved(site, |secret, rest| [from_ref(secret), rest, from_ref(secret)].concat()),
    ),
    operator(
        "key-named-at-the-end",
        &["K06"],
        "puts &key= and the secret at the end of the string",
        "put the secret where the document has it, without a name",
        |site| secret_moved(site, |secret, rest| [rest, &[json!({ "text": "&key=" }), secret.clone()]].concat()),
    ),
    operator(
        "derived-key-not-set",
        &["K08"],
        "signs with a fixed text where a derived key is due",
        "derive the key from the credential, and see that it is there",
        fixed_key,
    ),
    operator(
        "credential-not-set",
        &["K08"],
        "writes undefined, null or the like where a credential is due",
        "see that the credential is loaded before it is used",
        named_nothing,
    ),
    operator(
        "key-as-bytes-literal",
        &["C95", "V07"],
        "uses b'…', the text of Python's bytes, for the key",
        "take the bytes of the key, or decode them to text",
        |site| at_secret(site, json!("bytes-repr")),
    ),
    operator(
        "absent-as-text",
        &["K08", "C33"],
        "writes undefined, null, None or nil where a value is absent that may be",
        "leave out what is absent, or write it as empty, as the document says",
        absent_named,
    ),
];
