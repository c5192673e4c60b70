//! Inputs that verify: an accepted message with one thing about it changed, and sequences.

use super::{GENERATED, Input};
use crate::bytes::Bytes;
use crate::case::{Change, Given, Message, Task, Time, VerifyTask};
use crate::corpus::{Entry, Fault, Topic, Vector, When};
use crate::request::Request;
use crate::scheme::Arg;
use crate::trial::Reference;
use std::collections::HashSet;

/// All inputs that verify, the plainest first.
pub(super) fn tricks(entry: &Entry) -> Vec<Input> {
    let mut all = Vec::new();
    let bases = bases(entry);
    for base in &bases {
        for change in changes(&base.message.request) {
            all.extend(base.changed(&change));
        }
        for change in base.circumstances(entry) {
            all.extend(base.changed(&change));
        }
    }
    for base in &bases {
        all.extend(base.sequences());
        all.extend(two_members(base));
    }
    all.extend(tricky_secrets(entry));
    all.extend(counters(entry));
    all
}

/// Accepted messages that were signed with a tricky secret.
fn tricky_secrets(entry: &Entry) -> Vec<Input> {
    let mut reference = Reference::new(entry.schemes());
    let mut accepted = |signed: Input| {
        let sent = signed.sent(entry, format!("signed-with-{}", signed.trick), None, &mut reference)?;
        sent.is_accepted(entry, &mut reference).then_some(sent)
    };
    super::signing::secret_tricks(entry).into_iter().filter_map(&mut accepted).collect()
}

/// Messages whose nonce is a number, each after one whose nonce is another number.
fn counters(entry: &Entry) -> Vec<Input> {
    let mut reference = Reference::new(entry.schemes());
    let mut all = Vec::new();
    for (topic, vector) in entry.vectors().filter(|(topic, _)| topic.name != GENERATED) {
        let number = vector.given.task.to_sign().and_then(|sign| sign.nonce.as_ref());
        let Some(number) = number.and_then(|nonce| std::str::from_utf8(nonce).ok()?.parse::<u64>().ok()) else {
            continue;
        };
        let mut signed = |trick: &str, number: u64| {
            let mut input = Input::of(topic, vector, trick);
            if let Task::Sign(sign) = &mut input.given.task {
                sign.nonce = Some(Bytes::from(number.to_string().as_str()));
            }
            input.sent(entry, trick, None, &mut reference)
        };
        for (trick, first) in [("after-a-smaller-number", 9), ("after-a-greater-number", number.saturating_add(1))] {
            let (Some(mut first), Some(last)) = (signed(trick, first), signed(trick, number)) else { continue };
            if let (Task::Verify(all), Some(last)) = (&mut first.given.task, last.given.task.to_verify()) {
                all.messages.extend(last.messages.iter().cloned());
            }
            let change = Change::State("A message with another number was accepted before.".into());
            first.fault = Some(Fault { base: None, when: When::AfterSigning, change, masked: None });
            all.push(first);
        }
    }
    all
}

/// An accepted message of a vector that is there.
struct Accepted {
    name: String,
    input: Input,
    message: Message,
    given: VerifyTask<String>,
}

/// Six accepted vectors that verify, and one that signs, for each operation and variant.
fn bases(entry: &Entry) -> Vec<Accepted> {
    let mut seen: HashSet<(&String, &Option<String>, bool, usize)> = HashSet::new();
    let mut bases = Vec::new();
    for (topic, vector) in entry.vectors().filter(|(topic, _)| topic.name != GENERATED) {
        let Given { operation, variant, task } = &vector.given;
        let signs = task.to_sign().is_some();
        let Some(base) = base(entry, topic, vector) else { continue };
        if (0..if signs { 1 } else { 6 }).any(|n| seen.insert((operation, variant, signs, n))) {
            bases.push(base);
        }
    }
    bases
}

fn base(entry: &Entry, topic: &Topic, vector: &Vector) -> Option<Accepted> {
    let mut reference = Reference::new(entry.schemes());
    let input = Input::of(topic, vector, "");
    let input =
        input.sent(entry, "", None, &mut reference).or_else(|| input.given.task.to_verify().map(|_| input.clone()))?;
    let given = input.given.task.to_verify()?.clone();
    let [message] = given.messages.as_slice() else { return None };
    let (name, message) = (entry.full_name(topic, vector), message.clone());
    input.is_accepted(entry, &mut reference).then_some(Accepted { name, input, message, given })
}

impl Accepted {
    fn input(&self, trick: String, given: VerifyTask<String>, fault: Fault) -> Input {
        let given = Given { task: Task::Verify(given), ..self.input.given.clone() };
        Input { trick, given, fault: Some(fault), ..self.input.clone() }
    }

    fn changed(&self, (trick, change): &(String, Change)) -> Option<Input> {
        let mut given = self.given.clone();
        let message = &mut given.messages[0];
        match change {
            Change::SetNow(time) => message.now = Some(time.clone()),
            Change::SetClientAddress(address) => message.client_address = Some(*address),
            change => change.apply(&mut message.request).ok()?,
        }
        let fault =
            Fault { base: Some(self.name.clone()), when: When::AfterSigning, change: change.clone(), masked: None };
        Some(self.input(trick.clone(), given, fault))
    }

    fn circumstances(&self, entry: &Entry) -> Vec<(String, Change)> {
        let Some(now) = &self.message.now else { return Vec::new() };
        let defaults = entry.scheme.parameters.values().filter_map(|p| p.default.as_ref()?.parse::<i128>().ok());
        let mut skews: Vec<i128> = defaults.chain([60]).map(|seconds| seconds * 1000).collect();
        skews.extend(self.windows(entry));
        let mut seen = HashSet::new();
        skews.retain(|skew| seen.insert(*skew));
        let mut changes = Vec::new();
        for milliseconds in skews {
            let skew = if milliseconds % 1000 == 0 {
                format!("{}-s", milliseconds / 1000)
            } else {
                format!("{milliseconds}-ms")
            };
            let edges = [("before", -milliseconds), ("after", milliseconds)];
            for (side, edge) in edges {
                for (exactly, more) in [
                    ("at-the-edge", 0),
                    ("one-ms-beyond", edge.signum()),
                    ("half-a-second-inside", -500 * edge.signum()),
                ] {
                    if let Some(time) = shifted(now, edge + more) {
                        changes.push((format!("now-{skew}-{side}-{exactly}"), Change::SetNow(time)));
                    }
                }
            }
        }
        changes
    }

    /// Lengths of time that checks are about, in milliseconds, as the scheme or the message says them.
    fn windows(&self, entry: &Entry) -> Vec<i128> {
        let request = &self.message.request;
        let mut all = Vec::new();
        let checks = entry.scheme.operations[&self.input.given.operation].verify.iter();
        for arg in checks.flat_map(|check| &check.test.args) {
            let Arg::Window(number, unit) = arg else { continue };
            for source in number.all().iter().map(|part| &part.source) {
                let sent = match source.field() {
                    Some(("header", name)) => request.header(name.as_bytes()).next(),
                    Some(("query", name)) => crate::primitive::percent::pieces(request.raw_query())
                        .find_map(|(other, value)| value.filter(|_| other == name.as_bytes())),
                    _ => source.fixed().map(str::as_bytes),
                };
                let number = sent.and_then(|text| std::str::from_utf8(text).ok()?.parse::<u32>().ok());
                all.extend(number.map(|number| i128::from(number) * unit.nanoseconds() / 1_000_000));
            }
        }
        all
    }

    /// The message again; a refused one, then the message; the message after another.
    fn sequences(&self) -> Vec<Input> {
        let mut all = Vec::new();
        let fault =
            |why: &str| Fault { base: None, when: When::AfterSigning, change: Change::State(why.into()), masked: None };
        let mut twice = self.given.clone();
        twice.messages.push(self.message.clone());
        all.push(self.input("sent-twice".into(), twice, fault("The same message was accepted before.")));
        for (trick, change) in changes(&self.message.request) {
            let Some(changed) = self.changed(&(trick.clone(), change)) else { continue };
            let Some(other) = changed.given.task.to_verify().map(|verify| verify.messages[0].clone()) else { continue };
            let mut after = self.given.clone();
            after.messages = vec![other.clone(), self.message.clone()];
            all.push(self.input(format!("after-{trick}"), after, fault("An earlier message of this vector.")));
            let mut again = self.given.clone();
            again.messages = vec![self.message.clone(), other, self.message.clone()];
            all.push(self.input(format!("again-after-{trick}"), again, fault("The same message was accepted before.")));
        }
        all
    }
}

/// A message that differs in two members of its JSON body, after the first: two values that a lenient
/// reader takes for one, bound to different things.
fn two_members(base: &Accepted) -> Vec<Input> {
    let mut all = Vec::new();
    let members: Vec<(String, Change)> =
        changes(&base.message.request).into_iter().filter(|(_, c)| matches!(c, Change::SetJson(..))).collect();
    for (trick, first) in &members {
        for second in other_members(&base.message.request.body.0, first) {
            let mut request = base.message.request.clone();
            if first.apply(&mut request).and_then(|()| second.apply(&mut request)).is_err() {
                continue;
            }
            let mut given = base.given.clone();
            given.messages.push(Message { request, ..base.message.clone() });
            let fault = Fault {
                base: None,
                when: When::AfterSigning,
                change: Change::State("An earlier message.".into()),
                masked: None,
            };
            all.push(base.input(format!("then-{trick}-and-another-value"), given, fault));
        }
    }
    all
}

fn other_members(body: &[u8], first: &Change) -> Vec<Change> {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) else { return Vec::new() };
    let other = |name: &&String| !matches!(first, Change::SetJson(changed, _) if changed == *name);
    members.keys().filter(other).map(|name| Change::SetJson(name.clone(), "other".into())).collect()
}

fn shifted(time: &Time, milliseconds: i128) -> Option<Time> {
    let nanoseconds = time.instant().0 + milliseconds * 1_000_000;
    let text = crate::primitive::time::Instant(nanoseconds).to_string();
    Time::try_from(text).ok()
}

/// Changes of one value of a message, the plainest first.
fn changes(request: &Request) -> Vec<(String, Change)> {
    let mut all = Vec::new();
    for (name, value) in request
        .headers
        .iter()
        .filter(|(n, _)| !n.0.eq_ignore_ascii_case(b"host") && !n.0.eq_ignore_ascii_case(b"content-type"))
    {
        let slug = slug(name);
        for (trick, other) in variations(value, false) {
            all.push((format!("{slug}-{trick}"), Change::SetHeader(name.clone(), other)));
        }
        all.push((format!("{slug}-twice"), Change::AddHeader(name.clone(), value.clone())));
        all.push((format!("{slug}-and-another"), Change::AddHeader(name.clone(), Bytes::from("other"))));
    }
    let query = request.raw_query().to_vec();
    fields(&query, "query", &mut all, Change::SetQuery, Change::AddQuery);
    if request.has_media_type("application/x-www-form-urlencoded") {
        fields(&request.body.0, "form", &mut all, Change::SetForm, Change::AddForm);
    }
    json_fields(&request.body.0, &mut all);
    for method in ["GET", "POST", "get"] {
        all.push((
            format!("method-{}", if method == "get" { "small-get" } else { method }).to_lowercase(),
            Change::SetMethod(Bytes::from(method)),
        ));
    }
    all
}

fn fields(
    raw: &[u8],
    part: &str,
    all: &mut Vec<(String, Change)>,
    set: fn(Bytes, Bytes) -> Change,
    add: fn(Bytes, Bytes) -> Change,
) {
    for (name, value) in crate::primitive::percent::pieces(raw) {
        let (name, value) = (Bytes(name.to_vec()), Bytes(value.unwrap_or_default().to_vec()));
        let slug = slug(&name);
        for (trick, other) in variations(&value, true) {
            all.push((format!("{part}-{slug}-{trick}"), set(name.clone(), other)));
        }
        all.push((format!("{part}-{slug}-twice"), add(name.clone(), value.clone())));
        all.push((format!("{part}-{slug}-and-another"), add(name.clone(), Bytes::from("other"))));
        all.push((format!("{part}-{slug}-and-an-empty-one"), add(name.clone(), Bytes::default())));
    }
}

fn json_fields(body: &[u8], all: &mut Vec<(String, Change)>) {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) else { return };
    for (name, value) in members.iter().filter_map(|(name, value)| Some((name, value.as_str()?))) {
        for (trick, other) in variations(&Bytes::from(value), false) {
            if let Ok(text) = String::from_utf8(other.0) {
                all.push((format!("json-{}-{trick}", name.replace('_', "-")), Change::SetJson(name.clone(), text)));
            }
        }
    }
}

/// Other forms of a value that a lenient reader takes for it; `encoded` where it stands encoded.
fn variations(value: &Bytes, encoded: bool) -> Vec<(&'static str, Bytes)> {
    let bytes = value.as_slice();
    let join = |parts: &[&[u8]]| Bytes(parts.concat());
    let (head, tail) = bytes.split_at(bytes.iter().position(|&b| b == b' ').map_or(0, |space| space + 1));
    let space: &[u8] = if encoded { b"%20" } else { b" " };
    let escape = |byte: u8| format!("%{}{byte:02X}", if encoded { "25" } else { "" }).into_bytes();
    let mut all = vec![
        ("with-space-before", join(&[head, space, tail])),
        ("with-space-after", join(&[bytes, space])),
        ("in-capitals", Bytes([head, &tail.to_ascii_uppercase()].concat())),
        ("in-small-letters", Bytes([head, &tail.to_ascii_lowercase()].concat())),
        ("one-character-short", Bytes(bytes[..bytes.len().saturating_sub(1)].to_vec())),
        ("one-character-long", join(&[bytes, b"x"])),
        ("first-character-alone", Bytes(bytes[..bytes.len().min(head.len() + 1)].to_vec())),
        ("empty", Bytes(head.to_vec())),
        ("of-a-space", join(&[head, space])),
        ("with-percent-sign", join(&[bytes, if encoded { b"%25" } else { b"%" }])),
    ];
    if let Some((&first, rest)) = tail.split_first() {
        all.push(("escaped", Bytes([head, &escape(first), rest].concat())));
    }
    if !head.is_empty() {
        all.push(("after-another-word", join(&[b"Other ", tail])));
        all.push(("after-the-word-in-small-letters", Bytes([&head.to_ascii_lowercase(), tail].concat())));
        all.push(("after-the-word-in-capitals", Bytes([&head.to_ascii_uppercase(), tail].concat())));
        all.push(("bare", Bytes(tail.to_vec())));
    }
    all.retain(|(trick, other)| other != value && !(other.0.is_empty() && *trick != "empty"));
    all
}

fn slug(name: &Bytes) -> String {
    let kebab = |b: &u8| if b.is_ascii_alphanumeric() { char::from(b.to_ascii_lowercase()) } else { '-' };
    name.0.iter().map(kebab).collect::<String>().trim_matches('-').to_owned()
}
