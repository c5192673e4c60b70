//! Which values of an operation are secrets.
//!
//! A value is secret if a secret went into it and no one-way step stood between. What is used as a key, or compared
//! with a secret credential, is secret whatever made it, until a further one-way step. A field of the message is
//! secret where the signer puts a secret there, or where the verifier compares it with one.

use super::account::CredentialKind;
use super::item::{Arg, Node, OptionKind, Pipeline, Source, Step};
use super::machine::{Destination, Does, Supply, Tests, Type, Whose};
use super::model::{Operation, Scheme, kind};
use indexmap::IndexMap;
use std::collections::HashSet;

/// Secret parts of an operation.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub struct Secrecy {
    /// Names of stages.
    stages: HashSet<String>,
    /// Names of received values.
    received: HashSet<String>,
    /// Fields of the message.
    fields: HashSet<(Destination, String)>,
}

impl Secrecy {
    /// Of an operation of this name under a variant; of all that is known to be secret, where there is none such.
    pub fn named(scheme: &Scheme, operation: &str, variant: Option<&str>) -> Secrecy {
        let edits = scheme.edits_of(variant, None).unwrap_or_default();
        scheme.edited(operation, edits).map_or_else(|_| Secrecy::default(), |operation| Secrecy::of(scheme, &operation))
    }

    /// Returns whether a stage is secret.
    pub fn stage(&self, name: &str) -> bool {
        self.stages.contains(name)
    }

    /// Returns whether a field of a part of the message is secret; header fields compare without regard to case.
    pub fn field(&self, part: Destination, name: &[u8]) -> bool {
        self.fields.iter().any(|(other, field)| *other == part && field.as_bytes().eq_ignore_ascii_case(name))
    }

    /// Returns whether a part of the message has a secret field.
    pub fn part(&self, part: Destination) -> bool {
        self.fields.iter().any(|(other, _)| *other == part)
    }

    /// Of an operation of a scheme.
    pub fn of(scheme: &Scheme, operation: &Operation) -> Secrecy {
        let mut found = Secrecy::default();
        // What is found in one round may make something else a secret in the next; there are finitely many.
        loop {
            let mut next = found.clone();
            Flow { account: &scheme.account, known: &found, next: &mut next }.operation(operation);
            if next == found {
                return found;
            }
            found = next;
        }
    }
}

struct Flow<'a> {
    account: &'a IndexMap<String, CredentialKind>,
    known: &'a Secrecy,
    next: &'a mut Secrecy,
}

impl Flow<'_> {
    fn operation(&mut self, operation: &Operation) {
        for (name, binding) in &operation.receive {
            let is_secret = binding.first_of.iter().any(|pipeline| self.is_secret(pipeline));
            let own = [name.as_str()].into_iter().filter(|_| binding.template.is_none());
            let parts = binding.template.as_deref().into_iter().flat_map(placeholders);
            let names: Vec<&str> = own.chain(parts).collect();
            if is_secret {
                self.next.received.extend(names.iter().map(|name| (*name).to_owned()));
            }
            if names.iter().any(|name| self.known.received.contains(*name)) {
                binding.first_of.iter().for_each(|pipeline| self.mark(pipeline));
            }
            binding.first_of.iter().for_each(|pipeline| self.keys(pipeline));
        }
        for (name, pipeline) in &operation.derive {
            self.keys(pipeline);
            let received = self.known.received.contains(&format!("stage.{name}"));
            if received || self.is_secret(pipeline) {
                self.next.stages.insert(name.clone());
            }
        }
        for (into, name, pipeline) in operation.placed() {
            self.keys(pipeline);
            if self.is_secret(pipeline) {
                self.next.fields.insert((into, name.to_owned()));
            }
        }
        for check in &operation.verify {
            let pipelines = check.test.pipelines();
            pipelines.iter().for_each(|(_, pipeline)| self.keys(pipeline));
            if check.test.item.does.compares && self.compares_a_secret(&check.test) {
                pipelines.iter().for_each(|(_, pipeline)| self.mark(pipeline));
            }
        }
    }

    /// Returns whether a credential of the account that is a secret is compared as it is.
    fn compares_a_secret(&self, test: &Node<Tests>) -> bool {
        let own = |pipeline: &Pipeline| {
            let is_credential = |source: &&Source| source.item.does.origin == Whose::Account;
            !hides(&pipeline.steps) && pipeline.sources().iter().any(|s| is_credential(s) && self.gives_secret(s))
        };
        let named = test.args.iter().any(|arg| match arg {
            Arg::Fields(fields) => fields.keys().any(|name| self.is_secret_credential(name)),
            _ => false,
        });
        named || test.pipelines().iter().any(|(_, pipeline)| own(pipeline))
    }

    fn is_secret_credential(&self, name: &str) -> bool {
        kind(self.account, name) != Some(CredentialKind::Public)
    }

    /// Marks what a pipeline is made of as secret, whatever made it.
    fn mark(&mut self, pipeline: &Pipeline) {
        if hides(&pipeline.steps) {
            return;
        }
        for (_, part) in pipeline.source.pipelines() {
            self.mark(part);
        }
        let source = &pipeline.source;
        if let Some(name) = pipeline.member() {
            self.next.fields.insert((Destination::Json, name.to_ascii_lowercase()));
        }
        match (source.item.does.value, source.field()) {
            (Supply::Stage, _) => drop(self.next.stages.insert(source.first().text().to_owned())),
            (Supply::Received, _) => drop(self.next.received.insert(source.first().text().to_owned())),
            (_, Some((part, name))) => {
                self.next.fields.extend(Destination::of(part).map(|part| (part, name.to_ascii_lowercase())));
            }
            _ => {}
        }
    }

    /// Marks the keys of a pipeline's authentication codes, those of its parts included.
    fn keys(&mut self, pipeline: &Pipeline) {
        for within in pipeline.all() {
            for (i, step) in within.steps.iter().enumerate().filter(|(_, step)| matches!(step.item.does, Does::Mac)) {
                match step.get("key").pipeline() {
                    Some(key) => self.mark(key),
                    None => {
                        self.mark(&Pipeline { source: within.source.clone(), steps: within.steps[..i].to_vec() });
                    }
                }
            }
        }
    }

    fn is_secret(&self, pipeline: &Pipeline) -> bool {
        let source = &pipeline.source;
        let mut secret = self.gives_secret(source);
        // A field of a message holds a secret in its value.
        let of_fields = source.item.does.origin == Whose::Arrival && source.field().is_none();
        for step in &pipeline.steps {
            let within = step.pipelines().iter().any(|(_, within)| self.is_secret(within));
            let names = of_fields && matches!(step.item.does, Does::Names(_));
            secret = (secret || within) && !step.item.does.hides() && !names;
        }
        secret
    }

    fn gives_secret(&self, source: &Source) -> bool {
        match source.item.does.value {
            Supply::Stage => self.known.stages.contains(source.first().text()),
            Supply::Received => self.known.received.contains(source.first().text()),
            Supply::Bytes(_) | Supply::Make(_) | Supply::Pairs(_) | Supply::Either(..) => {
                match (source.item.does.origin, source.field()) {
                    (Whose::Account, _) => self.is_secret_credential(source.first().text()),
                    (Whose::Arrival, Some((part, name))) => self.is_secret_field(part, name),
                    (Whose::Arrival, None) => {
                        // Of the header, what gives bytes reads Host alone.
                        let whole =
                            |part| part != Destination::Header || matches!(source.item.does.value, Supply::Pairs(_));
                        let reads = |part: &Destination| source.item.does.reads.contains(part) && whole(*part);
                        self.known.fields.iter().any(|(part, _)| reads(part))
                    }
                    (Whose::Others, _) => source.pipelines().iter().any(|(_, part)| self.is_secret(part)),
                    (Whose::Address | Whose::Open | Whose::Fixed, _) => false,
                }
            }
        }
    }

    fn is_secret_field(&self, part: &str, name: &str) -> bool {
        self.known.fields.iter().any(|(other, field)| other.word() == part && field.eq_ignore_ascii_case(name))
    }
}

fn hides(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.item.does.hides())
}

/// The names between the braces of a template.
pub(super) fn placeholders(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|(name, _)| name).collect()
}

/// Stages that one observed value may be: those that a verifier compares, those that the signer puts into the
/// request, or the last.
pub(crate) fn shown(operation: &Operation) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |source: &Source| match source.name_in("stage") {
        Some(name) if !names.iter().any(|other| other == name) => names.push(name.to_owned()),
        _ => {}
    };
    for test in operation.verify.iter().map(|check| &check.test) {
        let compares = test.item.does.compares && !test.item.does.remembers;
        let values = test
            .item
            .options
            .iter()
            .zip(&test.args)
            .filter(|(option, _)| option.kind == OptionKind::Pipeline(Type::Bytes));
        values.filter(|_| compares).filter_map(|(_, arg)| arg.pipeline()).for_each(|value| add(&value.source));
    }
    operation.placed().for_each(|(_, _, pipeline)| pipeline.sources().into_iter().for_each(&mut add));
    if names.is_empty() {
        names.extend(operation.derive.keys().last().cloned());
    }
    names
}
