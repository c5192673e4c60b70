//! What a request means: the pieces that its caller gives, and which of them a scheme reads.

use super::delimited::SEPARATORS;
use crate::base::Base;
use crate::structure;
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use countersign::bytes::Bytes;
use countersign::primitive::text;
use countersign::request::{Pair, Target};
use countersign::scheme::{Operation, Parameters, Pipeline, Scheme, Step};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Name and value of a query field.
type Field = (Vec<u8>, Option<Vec<u8>>);

/// The pieces of a request that may be changed.
#[derive(Debug, Clone)]
pub struct Meaning {
    pub method: Vec<u8>,
    pub path: Vec<u8>,
    pub query: Vec<Field>,
    pub parameters: Parameters,
    /// The body, where it is read as bytes.
    pub body: Option<Vec<u8>>,
}

/// What the signed stages of an operation read.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Read {
    method: bool,
    path: bool,
    query: bool,
    sorted: bool,
    /// Whether fields of one name are sorted by value.
    sorted_by_value: bool,
    /// Whether names of fields are read in lower case.
    lowered: bool,
    /// Whether a path is read without its empty and dot segments.
    normalized: bool,
    parameters: BTreeSet<String>,
    body: bool,
    except: BTreeSet<Vec<u8>>,
    /// The query fields that are read, where it is these alone.
    only: Option<BTreeSet<Vec<u8>>>,
}

impl Read {
    /// What these stages read.
    pub fn by(operation: &Operation, stages: &BTreeSet<String>) -> Read {
        let pipelines: Vec<&Pipeline> =
            operation.derive.iter().filter(|(name, _)| stages.contains(*name)).map(|(_, pipeline)| pipeline).collect();
        let steps = |word| pipelines.iter().flat_map(move |pipeline| steps(pipeline, word));
        let except: BTreeSet<String> = steps("except").flat_map(|step| step.get("names").texts()).cloned().collect();
        let mut words = structure::words(&pruned(&json!(pipelines), "", &|above, key| {
            key == "alphabet" || above == "pairs" && except.contains(key)
        }));
        // What the signer puts into a part before deriving is read with that part.
        if let Value::Object(parts) = json!(operation.prepare) {
            for (part, fields) in parts {
                let of_part = |word: &String| word.split('.').next() == Some(part.as_str());
                if words.iter().any(of_part) {
                    words.extend(structure::words(&fields));
                }
            }
        }
        // Of alternatives, the first may be another one than the body.
        let always = structure::words(&pruned(&json!(pipelines), "", &|_, key| key == "first-of" || key == "alphabet"));
        let reads = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
        // Of a body of which the length alone is signed, nothing else is.
        let is_counted =
            |within: &&Pipeline| within.source.is("body") && self::steps(within, "length").next().is_some();
        let counted = pipelines.iter().any(|pipeline| pipeline.all().iter().any(is_counted));
        let mut read = Read {
            method: reads(&["method"]),
            path: reads(&["path", "raw_path", "target", "url"]),
            query: reads(&["query", "raw_query", "target", "url"]),
            parameters: words.iter().filter_map(|word| word.strip_prefix("parameter.").map(str::to_owned)).collect(),
            body: !counted
                && always.iter().any(|word| word == "body")
                && !words.iter().any(|word| is_part_of_body(word)),
            except: except.into_iter().map(String::into_bytes).collect(),
            sorted: steps("sort").next().is_some(),
            normalized: steps("normalize-path").next().is_some(),
            ..Read::default()
        };
        let reads_query = |pipeline: &&Pipeline| pipeline.all().iter().any(|within| within.source.is("query"));
        for pipeline in pipelines.iter().copied().filter(reads_query) {
            for step in self::steps(pipeline, "only") {
                let names = step.get("names").texts().iter().map(|name| name.clone().into_bytes());
                read.only.get_or_insert_default().extend(names);
            }
            let keys = self::steps(pipeline, "sort").flat_map(|step| step.get("by").texts());
            read.sorted_by_value |= keys.into_iter().any(|key| key == "value");
            let of_query = pipeline.all().into_iter().filter(|within| within.source.is("query"));
            read.lowered |= of_query.flat_map(|within| &within.steps).any(|step| step.is("lower"));
        }
        read
    }

    fn reads_field(&self, name: &[u8]) -> bool {
        self.query && !self.except.contains(name) && self.only.as_ref().is_none_or(|only| only.contains(name))
    }
}

/// Whether a source is something within a body, so that a body of any bytes will not do.
fn is_part_of_body(word: &str) -> bool {
    ["form", "multipart"].contains(&word) || ["form.", "json."].iter().any(|part| word.starts_with(part))
}

/// The same without what is `gone`, told by the key that an entry stands below and by its own.
fn pruned(printed: &Value, above: &str, gone: &dyn Fn(&str, &str) -> bool) -> Value {
    match printed {
        Value::Array(items) => items.iter().map(|item| pruned(item, "", gone)).collect(),
        Value::Object(map) => {
            let left = map.iter().filter(|(key, _)| !gone(above, key));
            Value::Object(left.map(|(key, value)| (key.clone(), pruned(value, key, gone))).collect())
        }
        other => other.clone(),
    }
}

fn normalized(path: &[u8]) -> Vec<u8> {
    let bump = Bump::new();
    let mut out = Gathered::new_in(&bump);
    text::normalize_path(path, &mut out);
    out.to_vec()
}

/// Every step of this word, of a pipeline and of those within it.
fn steps<'p>(pipeline: &'p Pipeline, word: &str) -> impl Iterator<Item = &'p Step> {
    pipeline.all().into_iter().flat_map(|within| &within.steps).filter(move |step| step.is(word))
}

impl Meaning {
    /// Whether the request of a base can be told so: a target that is exact has no meaning.
    pub fn can_hold(base: &Base) -> bool {
        matches!(base.intent.target, Target::Meant { .. })
    }

    /// What the request of a base means.
    pub fn of(base: &Base, read: &Read) -> Meaning {
        let (path, query) = match &base.intent.target {
            Target::Meant { path, query } => (path.to_vec(), query.clone()),
            Target::Exact(target) => (target.to_vec(), Vec::new()),
        };
        let query = query.into_iter().map(|Pair(name, value)| (name.0, value.map(|value| value.0))).collect();
        let body = read.body.then(|| base.intent.body.to_vec());
        Meaning { method: base.intent.method.to_vec(), path, query, parameters: base.parameters.clone(), body }
    }

    /// The base with this request.
    pub fn put_into(&self, base: &Base) -> Base {
        let mut base = base.clone();
        base.intent.method = self.method.clone().into();
        let pair = |(name, value): Field| Pair(name.into(), value.map(Bytes));
        let query = self.query.iter().cloned().map(pair).collect();
        base.intent.target = Target::Meant { path: self.path.clone().into(), query };
        base.parameters = self.parameters.clone();
        if let Some(body) = &self.body {
            base.intent.body = body.clone().into();
        }
        base
    }

    /// What is beyond the scheme's domain goes, and so do fields that the scheme adds itself.
    pub fn confine(&mut self, scheme: &Scheme, operation: &Operation) {
        let domain = &scheme.domain;
        let placed: BTreeSet<&String> =
            [&operation.prepare, &operation.place].into_iter().flat_map(|place| place.query.keys()).collect();
        let without = |bytes: &[u8]| bytes.iter().copied().filter(|b| !SEPARATORS.contains(b)).collect::<Vec<u8>>();
        let path = without(&self.path);
        let segments: Vec<_> = path.split(|&b| b == b'/').map(|part| structure::within(part, domain.path)).collect();
        self.path = segments.join(&b'/');
        let mut names = BTreeSet::new();
        let mut query = std::mem::take(&mut self.query);
        for (name, value) in &mut query {
            *name = structure::within(&without(name), domain.query.values);
            *value = value.as_ref().map(|value| structure::within(&without(value), domain.query.values));
            if !domain.query.valueless {
                value.get_or_insert_default();
            }
        }
        query.retain(|(name, value)| {
            let is_placed = placed.iter().any(|placed| placed.as_bytes() == name);
            // On the wire a field of nothing is not there.
            let is_nothing = name.is_empty() && value.is_none();
            !is_placed && !is_nothing && (names.insert(name.clone()) || domain.query.repeated)
        });
        self.query = query;
        for value in self.parameters.values_mut() {
            *value = Bytes(structure::within(&without(&value.0), domain.query.values));
        }
        self.body = self.body.as_deref().map(without);
    }

    /// What is read of it, in a form that is the same for what is one meaning.
    pub fn as_read(&self, read: &Read) -> impl PartialEq + use<> {
        let mut query: Vec<(Vec<u8>, Vec<u8>)> = self
            .query
            .iter()
            .filter(|(name, _)| read.reads_field(name))
            .map(|(name, value)| {
                let name = if read.lowered { name.to_ascii_lowercase() } else { name.clone() };
                (name, value.clone().unwrap_or_default())
            })
            .collect();
        if read.sorted_by_value {
            query.sort();
        } else if read.sorted {
            query.sort_by(|a, b| a.0.cmp(&b.0));
        }
        let parameters = self.parameters.iter().filter(|(name, _)| read.parameters.contains(*name));
        (
            read.method.then(|| self.method.clone()),
            read.path.then(|| if read.normalized { normalized(&self.path) } else { self.path.clone() }),
            query,
            parameters.map(|(name, value)| (name.clone(), value.clone())).collect::<Parameters>(),
            self.body.clone(),
        )
    }

    /// Pieces that bytes can be moved between, in order.
    pub fn pieces(&mut self) -> Vec<&mut Vec<u8>> {
        let mut pieces = vec![&mut self.path];
        for (name, value) in &mut self.query {
            pieces.push(name);
            pieces.extend(value.as_mut());
        }
        pieces.extend(self.parameters.values_mut().map(|value| &mut value.0));
        pieces.extend(self.body.as_mut());
        pieces
    }
}
