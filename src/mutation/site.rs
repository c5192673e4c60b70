//! Sites: every node of an operation that an operator may edit, with the path that addresses it.

use crate::scheme::{Binding, Check, CredentialKind, Operation, Pipeline, Place, Scheme, Source, Step};
use serde_json::Value;

/// A node and where it stands.
#[derive(Debug)]
pub struct Site<'a> {
    /// The scheme that is mutated.
    pub scheme: &'a Scheme,
    /// The operation that the node is in, and its name.
    pub operation: (&'a str, &'a Operation),
    /// Path from the operations: `request.derive.canonical_query.sort`.
    pub path: String,
    /// The block of the operation.
    pub block: Block,
    /// The node.
    pub node: Node<'a>,
}

/// A block of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// What a verifier binds.
    Receive,
    /// What both derive.
    Derive,
    /// What a signer adds, before or after.
    Place,
    /// What a verifier checks.
    Verify,
}

/// A node of a scheme.
#[derive(Debug)]
pub enum Node<'a> {
    /// A pipeline as a whole.
    Pipeline(&'a Pipeline),
    /// Where a pipeline starts.
    Source(&'a Source),
    /// One of several parts of a source: its number, and how many there are.
    Part(usize, usize),
    /// A step.
    Step(&'a Step),
    /// A field that the signer adds.
    Placed(&'a str),
    /// A binding.
    Binding(&'a Binding),
    /// A check: its number, and how many there are.
    Check(&'a Check, usize, usize),
}

/// Every site of an operation.
pub fn sites<'a>(scheme: &'a Scheme, name: &'a str, operation: &'a Operation) -> Vec<Site<'a>> {
    let mut walk = Walk { scheme, operation: (name, operation), block: Block::Place, sites: Vec::new() };
    walk.place(&format!("{name}.prepare"), &operation.prepare);
    walk.block = Block::Receive;
    for (binding_name, binding) in &operation.receive {
        let path = format!("{name}.receive.{binding_name}");
        for (i, pipeline) in binding.first_of.iter().enumerate() {
            walk.pipeline(&format!("{path}.first-of.{i}"), pipeline);
        }
        walk.parts(&format!("{path}.first-of"), binding.first_of.len());
        walk.push(path, Node::Binding(binding));
    }
    walk.block = Block::Derive;
    for (stage, pipeline) in &operation.derive {
        walk.pipeline(&format!("{name}.derive.{stage}"), pipeline);
    }
    walk.block = Block::Place;
    walk.place(&format!("{name}.place"), &operation.place);
    walk.block = Block::Verify;
    walk.checks(&format!("{name}.verify"), &operation.verify);
    walk.sites
}

struct Walk<'a> {
    scheme: &'a Scheme,
    operation: (&'a str, &'a Operation),
    block: Block,
    sites: Vec<Site<'a>>,
}

impl<'a> Walk<'a> {
    fn push(&mut self, path: String, node: Node<'a>) {
        self.sites.push(Site { scheme: self.scheme, operation: self.operation, path, block: self.block, node });
    }

    fn place(&mut self, path: &str, place: &'a Place) {
        let parts = [("header", &place.header), ("query", &place.query), ("form", &place.form), ("json", &place.json)];
        for (part, fields) in parts {
            for (name, pipeline) in fields {
                let path = format!("{path}.{part}.{name}");
                self.pipeline(&path, pipeline);
                self.push(path, Node::Placed(name));
            }
        }
    }

    fn checks(&mut self, path: &str, checks: &'a [Check]) {
        for (i, check) in checks.iter().enumerate() {
            let kind = check.test.kind();
            let before = checks[..i].iter().filter(|other| other.test.kind() == kind).count();
            let path = format!("{path}.{kind}[{before}]");
            // The pipelines of a check are found in its printed form.
            let pipelines: Vec<(String, &Pipeline)> = check.test.pipelines();
            for (below, pipeline) in pipelines {
                self.pipeline(&format!("{path}{below}"), pipeline);
            }
            self.push(path, Node::Check(check, i, checks.len()));
        }
    }

    fn parts(&mut self, path: &str, count: usize) {
        for i in 0..count {
            self.push(format!("{path}.{i}"), Node::Part(i, count));
        }
    }

    fn pipeline(&mut self, path: &str, pipeline: &'a Pipeline) {
        let source = format!("{path}.source");
        self.nested(&source, &pipeline.source);
        self.push(source, Node::Source(&pipeline.source));
        let names: Vec<String> = pipeline.steps.iter().map(step_name).collect();
        let first = Value::from(pipeline.source.clone()).as_object().and_then(|map| map.keys().next().cloned());
        for (i, step) in pipeline.steps.iter().enumerate() {
            let is = |name: &String| *name == names[i];
            let before =
                names[..i].iter().filter(|name| is(name)).count() + usize::from(first.as_ref().is_some_and(is));
            let path = format!("{path}.{}[{before}]", names[i]);
            if let Some((below, pipeline)) = step.nested() {
                self.pipeline(&format!("{path}.{below}"), pipeline);
            }
            self.push(path, Node::Step(step));
        }
        self.push(path.to_owned(), Node::Pipeline(pipeline));
    }

    fn nested(&mut self, path: &str, source: &'a Source) {
        let (name, parts) = match source {
            Source::Concat(parts) => ("concat", parts.as_slice()),
            Source::Lines(parts) => ("lines", parts.as_slice()),
            Source::Join { parts, .. } => ("join.parts", parts.as_slice()),
            Source::FirstOf(parts) => ("first-of", parts.as_slice()),
            Source::Merge(parts) => ("merge", parts.as_slice()),
            Source::Optional(part) => ("optional", std::slice::from_ref(part.as_ref())),
            Source::Pairs(pairs) => {
                for (name, pipeline) in pairs {
                    self.pipeline(&format!("{path}.pairs.{name}"), pipeline);
                }
                return;
            }
            _ => return,
        };
        for (i, pipeline) in parts.iter().enumerate() {
            let below = if matches!(source, Source::Optional(_)) { String::new() } else { format!(".{i}") };
            self.pipeline(&format!("{path}.{name}{below}"), pipeline);
        }
        if !matches!(source, Source::Optional(_)) {
            self.parts(&format!("{path}.{name}"), parts.len());
        }
    }
}

/// The word by which a step is addressed.
pub fn step_name(step: &Step) -> String {
    match Value::from(step.clone()) {
        Value::String(word) => word,
        Value::Object(map) => map.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

impl Site<'_> {
    /// Credentials of the account that hold one value.
    pub fn credentials(&self) -> impl Iterator<Item = &str> {
        let account = self.scheme.account.iter();
        account
            .filter(|(_, kind)| matches!(kind, CredentialKind::Public | CredentialKind::Secret))
            .map(|(name, _)| name.as_str())
    }

    /// Whether a credential is a secret.
    pub fn is_secret(&self, name: &str) -> bool {
        self.scheme.account.get(name) == Some(&CredentialKind::Secret)
    }
}
