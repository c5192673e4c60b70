//! Undoing of pipelines: from a value that a signer derived to what it was given.

use super::probe::Probe;
use crate::bytes::Bytes;
use crate::primitive::encoding::{self, Alphabet, Base64};
use crate::primitive::percent::{self, Plus};
use crate::primitive::time::{Instant, TimeFormat};
use crate::scheme::{Account, Arg, Credential, CredentialKind, Parameters, Pipeline, Source, Step};
use indexmap::IndexMap;
use memchr::memmem;

/// What a signer was given, and what it derived, as far as a message tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Credentials, secret ones among them.
    pub account: Account,
    pub parameters: Parameters,
    pub time: Option<Instant>,
    pub nonce: Option<Bytes>,
    /// The path that was meant, where the one on the wire is another.
    pub path: Option<Bytes>,
    /// Stages, by name.
    pub stages: IndexMap<String, Bytes>,
}

impl Told {
    /// Takes over what a pipeline must have been given to have this value. Of what is told twice, the first counts.
    pub(super) fn undo(&mut self, probe: &Probe<'_>, pipeline: &Pipeline, value: &[u8]) {
        self.pipeline(probe, pipeline, Undone::Bytes(value.to_vec()));
    }

    fn pipeline(&mut self, probe: &Probe<'_>, pipeline: &Pipeline, value: Undone) {
        match pipeline.steps.iter().rev().try_fold(value, |value, step| undone(step, value)) {
            Some(Undone::Bytes(value)) => self.source(probe, &pipeline.source, &value),
            Some(Undone::Fields(fields)) => self.fields(probe, &pipeline.source, &fields),
            Some(Undone::Items(_)) | None => {}
        }
    }

    /// Of a source of fields.
    fn fields(&mut self, probe: &Probe<'_>, source: &Source, fields: &[Field]) {
        let own = |name: &str| fields.iter().find(|(other, _)| other == name.as_bytes());
        match source.first() {
            Arg::Fields(pipelines) => {
                for (name, pipeline) in pipelines {
                    own(name).into_iter().for_each(|(_, value)| self.undo(probe, pipeline, value));
                }
            }
            Arg::Pipelines(merged) if source.is("merge") => {
                merged.iter().for_each(|one| self.pipeline(probe, one, Undone::Fields(fields.to_vec())));
            }
            _ => {
                let stage = source.name_in("stage").and_then(|name| probe.operation().derive.get(name));
                stage.into_iter().for_each(|stage| self.pipeline(probe, stage, Undone::Fields(fields.to_vec())));
            }
        }
    }

    fn source(&mut self, probe: &Probe<'_>, source: &Source, value: &[u8]) {
        let some = || Bytes(value.to_vec());
        if let Some(name) = source.name_in("stage") {
            self.stages.entry(name.to_owned()).or_insert_with(some);
            probe.operation().derive.get(name).into_iter().for_each(|stage| self.undo(probe, stage, value));
        } else if let Some(name) = source.name_in("credential") {
            if probe.scheme.kind(name) != Some(CredentialKind::Addresses) {
                self.account.0.entry(name.to_owned()).or_insert_with(|| Credential::Value(some()));
            }
        } else if let Some(name) = source.name_in("parameter") {
            self.parameters.entry(name.to_owned()).or_insert_with(some);
        } else if source.is("raw_path") || source.is("path") {
            self.path.get_or_insert_with(some);
        } else if source.is("nonce") {
            self.nonce.get_or_insert_with(some);
        } else if source.is("time") {
            let own: Option<TimeFormat> = source.first().text().parse().ok();
            let received = || probe.operation().receive.get("time")?.forms.first().cloned();
            let before = || match source.get("plus") {
                Arg::Window(length, unit) => {
                    let length: i128 = str::from_utf8(&probe.value(length)?).ok()?.parse().ok()?;
                    length.checked_mul(unit.nanoseconds())
                }
                _ => Some(0),
            };
            let read = || Some(Instant(own.or_else(received)?.read(value)?.0 - before()?));
            self.time = self.time.or_else(read);
        } else {
            self.made(probe, source, value);
        }
    }

    /// Of a source that is made of others.
    fn made(&mut self, probe: &Probe<'_>, source: &Source, value: &[u8]) {
        match source.first() {
            Arg::Pipeline(inner) => self.undo(probe, inner, value),
            Arg::Pipelines(alternatives) if source.is("first-of") => {
                // Where a later one gives it by itself, those before it were absent.
                let later = probe.values(alternatives.iter().skip(1));
                if !later.iter().flatten().any(|given| given == value) {
                    alternatives.first().into_iter().for_each(|first| self.undo(probe, first, value));
                }
            }
            _ => {
                let with = if source.is("lines") { Some(&b"\n"[..]) } else { fixed(source.get("with")) };
                if let (Some(with), Some((_, parts))) = (with, source.parts()) {
                    self.parts(probe, &pieces(with, parts), value);
                }
            }
        }
    }

    /// Of parts in a row: each ends where the text after it begins first.
    fn parts(&mut self, probe: &Probe<'_>, pieces: &[TextOrPart<'_>], value: &[u8]) -> Option<()> {
        let mut rest = value;
        for (i, piece) in pieces.iter().enumerate() {
            match (piece, pieces.get(i + 1)) {
                (TextOrPart::Text(text), _) => rest = rest.strip_prefix(text.as_slice())?,
                (TextOrPart::Part(part), None) => self.undo(probe, part, rest),
                (TextOrPart::Part(part), Some(TextOrPart::Text(text))) => {
                    let end = memmem::find(rest, text)?;
                    self.undo(probe, part, &rest[..end]);
                    rest = &rest[end..];
                }
                // Between two that follow each other, the first has to be known.
                (TextOrPart::Part(part), Some(TextOrPart::Part(_))) => {
                    rest = rest.strip_prefix(&*probe.value(part)?)?
                }
            }
        }
        Some(())
    }
}

/// Returns whether the value of a source tells something of what a signer was given.
pub(super) fn tells(source: &Source) -> bool {
    ["stage", "credential", "parameter"].iter().any(|space| source.name_in(space).is_some())
        || ["time", "nonce", "path", "raw_path"].iter().any(|word| source.is(word))
}

enum TextOrPart<'p> {
    Text(Vec<u8>),
    Part(&'p Pipeline),
}

/// Parts with a separator between them; texts that follow each other are one.
fn pieces<'p>(with: &[u8], parts: &'p [Pipeline]) -> Vec<TextOrPart<'p>> {
    let mut pieces: Vec<TextOrPart<'p>> = Vec::new();
    let text = |pieces: &mut Vec<TextOrPart<'p>>, more: &[u8]| match pieces.last_mut() {
        _ if more.is_empty() => {}
        Some(TextOrPart::Text(text)) => text.extend_from_slice(more),
        _ => pieces.push(TextOrPart::Text(more.to_vec())),
    };
    for (i, part) in parts.iter().enumerate() {
        text(&mut pieces, if i > 0 { with } else { b"" });
        match part.source.fixed().filter(|_| part.steps.is_empty()) {
            Some(fixed) => text(&mut pieces, fixed.as_bytes()),
            None => pieces.push(TextOrPart::Part(part)),
        }
    }
    pieces
}

/// The bytes of an option that are always the same; none where it is not given.
fn fixed(arg: &Arg) -> Option<&[u8]> {
    match arg {
        Arg::Absent => Some(b""),
        Arg::Text(text) => Some(text.as_bytes()),
        Arg::Bytes(bytes) => Some(bytes.as_slice()),
        _ => None,
    }
}

/// A field: its name and its value.
type Field = (Vec<u8>, Vec<u8>);

/// A value within a pipeline.
enum Undone {
    Bytes(Vec<u8>),
    Items(Vec<Vec<u8>>),
    Fields(Vec<Field>),
}

/// Returns what a step was given to have this value; `None` where that cannot be told.
fn undone(step: &Step, value: Undone) -> Option<Undone> {
    Some(match (step.word(), value) {
        ("join", Undone::Bytes(value)) => {
            let with = fixed(step.first()).filter(|with| !with.is_empty())?;
            let ends: Vec<usize> = memmem::find_iter(&value, with).collect();
            let starts = std::iter::once(0).chain(ends.iter().map(|end| end + with.len()));
            let items = starts.zip(ends.iter().copied().chain([value.len()]));
            Undone::Items(items.map(|(start, end)| value[start..end].to_vec()).collect())
        }
        ("pair", Undone::Items(items)) => {
            let (before, rest) = step.first().text().split_once("{name}")?;
            let (between, after) = rest.split_once("{value}")?;
            let field = |item: Vec<u8>| {
                let inner = item.strip_prefix(before.as_bytes())?.strip_suffix(after.as_bytes())?;
                let end = memmem::find(inner, between.as_bytes()).filter(|_| !between.is_empty())?;
                Some((inner[..end].to_vec(), inner[end + between.len()..].to_vec()))
            };
            Undone::Fields(items.into_iter().map(field).collect::<Option<_>>()?)
        }
        // What it makes stays as it is when it is made once more.
        ("lower" | "upper" | "trim", Undone::Bytes(value)) => Undone::Bytes(value),
        ("sort" | "drop-empty" | "except-empty" | "except", fields @ Undone::Fields(_)) => fields,
        ("percent-encode", Undone::Fields(fields)) => {
            let field = |(name, value): Field| Some((decoded(&name)?, decoded(&value)?));
            Undone::Fields(fields.into_iter().map(field).collect::<Option<_>>()?)
        }
        ("percent-encode", Undone::Bytes(value)) => Undone::Bytes(decoded(&value)?),
        ("hex", Undone::Bytes(value)) => {
            let mut out = Vec::new();
            encoding::hex_decode(&value, &mut out).ok()?;
            Undone::Bytes(out)
        }
        ("base64", Undone::Bytes(value)) => {
            let end = value.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1);
            let standard = |b: &u8| match b {
                b'-' => b'+',
                b'_' => b'/',
                b => *b,
            };
            let text: Vec<u8> = value[..end].iter().map(standard).collect();
            let mut out = Vec::new();
            Base64 { alphabet: Alphabet::Standard, padding: false }.decode(&text, &mut out).ok()?;
            Undone::Bytes(out)
        }
        _ => return None,
    })
}

fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    percent::decode(value, Plus::Literal, &mut out).ok()?;
    Some(out)
}
