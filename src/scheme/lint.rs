//! Mistakes of a scheme that loads: what nothing uses, and text that was meant as a word of the language.

use super::item::{Arg, Family, Node, OptionKind, Pipeline, Preset, Step, Written};
use super::machine::Gives;
use super::model::{Operation, Scheme, SchemeKind};
use super::secrecy::placeholders;
use crate::yaml::Segment;
use serde_json::{Value, json};

/// The node that a finding is about, from the top of the file, and what is wrong with it.
pub type Misplaced = (Vec<Segment>, String);

impl Scheme {
    /// Findings about credentials, parameters, stages and bindings that nothing uses, about those that are declared so
    /// and are used, and about text that reads as a word of the language.
    pub fn lint(&self) -> Vec<Misplaced> {
        let mut found = self.unused();
        for (name, operation) in &self.operations {
            let mut words = Words { at: vec!["operations".into(), name.as_str().into()], found: &mut found };
            words.operation(operation);
        }
        found
    }

    fn unused(&self) -> Vec<Misplaced> {
        let said = json!([self.operations, self.variants, self.readings]);
        let uses = |space: &str, name: &str| {
            let says = |half: &str| says(&said, &format!("{space}.{name}{half}"));
            let half = || self.account.contains_key(name) && (says(".private") || says(".public"));
            says("") || (space == "credential" && (half() || checks(&said, name)))
        };
        let credentials = self.account.keys().map(|name| ("account", "credential", name));
        let all = credentials.chain(self.parameters.keys().map(|name| ("parameters", "parameter", name)));
        let idle = all.filter(|(_, space, name)| !uses(space, name));
        let idle = idle.map(|(block, space, name)| (vec![block, name.as_str()], space, name.clone()));
        // A primitive is there for each of its stages.
        let systems = self.operations.iter().filter(|_| self.kind == SchemeKind::System);
        let unused: Vec<_> = idle.chain(systems.flat_map(|(name, operation)| self.idle(name, operation))).collect();
        let undeclared = unused.iter().filter(|(_, _, name)| !self.unused.contains_key(name));
        let missing = undeclared.map(|(way, what, name)| {
            let message = format!("nothing uses the {what} `{name}`; take it out, or say why under `unused`");
            (way.iter().map(|key| Segment::from(*key)).collect(), message)
        });
        let stale = self.unused.keys().filter(|name| !unused.iter().any(|(_, _, other)| other == *name)).map(|name| {
            let message = format!("`{name}` is declared unused, and is used or is not there");
            (vec!["unused".into(), name.as_str().into()], message)
        });
        missing.chain(stale).collect()
    }

    /// Stages and bindings of an operation that nothing uses: no field, check or edit, and no stage or binding that is
    /// used itself; each with its way, what it is, and its path.
    fn idle<'s>(&'s self, name: &'s str, operation: &'s Operation) -> Vec<(Vec<&'s str>, &'static str, String)> {
        let fields: Vec<_> = operation.placed().map(|(_, _, pipeline)| pipeline.printed()).collect();
        // Where nothing is sent and nothing is checked, the last stage is what the operation is for.
        let is_bare = fields.is_empty() && operation.verify.is_empty();
        let result = operation.derive.keys().last().filter(|_| is_bare);
        let mut used = vec![json!([fields, operation.verify, self.variants, self.readings])];
        let stages = operation.derive.iter().map(|(stage, pipeline)| {
            let words = vec![format!("stage.{stage}")];
            ("derive", "stage", stage, words, json!(pipeline))
        });
        let bindings = operation.receive.iter().map(|(own, binding)| {
            let names = binding.template.as_deref().map_or_else(|| vec![own.as_str()], placeholders);
            let word = |name: &str| match name {
                "time" | "nonce" => name.to_owned(),
                name if name.starts_with("stage.") => name.to_owned(),
                name => format!("received.{name}"),
            };
            ("receive", "binding", own, names.into_iter().map(word).collect(), json!(binding))
        });
        let mut found = Vec::new();
        // Only what stands later can use what stands before it.
        for (block, what, own, words, printed) in stages.rev().chain(bindings.rev()) {
            if result == Some(own) || words.iter().any(|word| used.iter().any(|node| says(node, word))) {
                used.push(printed);
            } else {
                found.push((vec!["operations", name, block, own], what, format!("{name}.{block}.{own}")));
            }
        }
        found
    }
}

/// Returns whether this text stands somewhere, be it as a key.
fn says(node: &Value, text: &str) -> bool {
    match node {
        Value::String(word) => word == text,
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(map) => map.iter().any(|(key, value)| key == text || says(value, text)),
        _ => false,
    }
}

/// Returns whether a check finds the account by this credential.
fn checks(node: &Value, name: &str) -> bool {
    match node {
        Value::Array(items) => items.iter().any(|item| checks(item, name)),
        Value::Object(map) => {
            map.get("account").is_some_and(|account| account.get(name).is_some())
                || map.values().any(|value| checks(value, name))
        }
        _ => false,
    }
}

/// The search for text that reads as a word of the language, at one node.
struct Words<'f> {
    at: Vec<Segment>,
    found: &'f mut Vec<Misplaced>,
}

impl Words<'_> {
    fn below(&mut self, way: impl IntoIterator<Item = Segment>) -> Words<'_> {
        Words { at: self.at.iter().cloned().chain(way).collect(), found: self.found }
    }

    fn operation(&mut self, operation: &Operation) {
        for (block, place) in [("prepare", &operation.prepare), ("place", &operation.place)] {
            for (part, name, pipeline) in place.fields() {
                self.below([block.into(), part.word().into(), name.into()]).pipeline(pipeline);
            }
        }
        for (name, binding) in &operation.receive {
            for pipeline in &binding.first_of {
                self.below(["receive".into(), name.as_str().into()]).pipeline(pipeline);
            }
        }
        for (stage, pipeline) in &operation.derive {
            self.below(["derive".into(), stage.as_str().into()]).pipeline(pipeline);
        }
        for (i, check) in operation.verify.iter().enumerate() {
            self.below(["verify".into(), i.into()]).node(&check.test);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        let is_list = !pipeline.steps.is_empty();
        let mut source = self.below(is_list.then_some(Segment::Index(0)));
        if let Some(name) = pipeline.source.name_in("json").filter(|name| name.contains('.')) {
            source.finds(format!(
                "`json.{name}` reads a member of the body that is called `{name}`, dot included, and none within another"
            ));
        }
        if let Some((_, [_])) = pipeline.source.parts()
            && pipeline.source.is("join")
        {
            source.finds("`join` of one part joins nothing; write the part alone".to_owned());
        }
        source.node(&pipeline.source);
        for (i, step) in pipeline.steps.iter().enumerate() {
            let mut at = self.below([(i + 1).into()]);
            if let Some(instead) = trick(step, pipeline.steps.get(i + 1)) {
                at.finds(instead);
            }
            at.node(step);
        }
    }

    fn node<E: Family>(&mut self, node: &Node<E>) {
        for (i, (option, arg)) in node.item.options.iter().zip(&node.args).enumerate() {
            // The name of a field may well be a word of the language.
            let is_separator = matches!(option.kind, OptionKind::Bytes | OptionKind::TextOrValue | OptionKind::Cut)
                && option.name != "name";
            let is_own = matches!(option.kind, OptionKind::Text | OptionKind::Texts | OptionKind::TextOrValue);
            let is_text = is_separator || is_own && node.item.word != "text";
            let texts: Vec<&str> = match arg {
                Arg::Text(text) => vec![text],
                Arg::Texts(texts) => texts.iter().map(String::as_str).collect(),
                Arg::Bytes(bytes) => std::str::from_utf8(&bytes.0).into_iter().collect(),
                _ => Vec::new(),
            };
            // A field may be called `nonce`.
            let bare = is_separator && option.name != "name";
            for text in texts.into_iter().filter(|text| is_text && reads_as_source(text, bare)) {
                let (word, family) = (node.word(), E::NAME);
                let instead = match option.kind {
                    OptionKind::TextOrValue => format!("write it as a list, [{text}]"),
                    _ => "join it as a part".to_owned(),
                };
                let message = format!(
                    "the {family} `{word}` takes `{text}` for text, and uses these letters themselves; \
                     where the value of that name is meant, {instead}"
                );
                self.below(node.way(i)).finds(message);
            }
        }
        for (way, pipeline) in node.pipelines() {
            self.below(way).pipeline(pipeline);
        }
    }

    fn finds(&mut self, message: String) {
        self.found.push((self.at.clone(), message));
    }
}

/// Advises what to write instead of a step that is used for what it is not.
fn trick(step: &Step, next: Option<&Step>) -> Option<String> {
    if step.is("truncate") && *step.first() == Arg::Count(0) {
        return Some(
            "`truncate: 0` leaves nothing; write {text: \"\"}, or {empty-if: …} where a value decides".to_owned(),
        );
    }
    let (Arg::Text(at), Arg::Bytes(with)) = (step.get("at"), next?.get("with")) else { return None };
    let with = std::str::from_utf8(&with.0).ok()?;
    let is_replacement = step.is("split") && next?.is("join");
    let message = if at == with {
        "`split` and `join` of one separator change nothing; leave both out".to_owned()
    } else {
        format!("`split` and `join` that follow one another replace a text; write {{replace: {{{at:?}: {with:?}}}}}")
    };
    is_replacement.then_some(message)
}

/// Returns whether a text is a source as one writes it: `credential.secret`, and `nonce` where no such word is likely.
fn reads_as_source(text: &str, bare: bool) -> bool {
    let is = |word: &str, dotted: bool| {
        Gives::items().any(|item| {
            let is_bare = || item.options.iter().all(|option| option.default == Preset::Absent);
            item.word == word && if dotted { item.written == Written::Dotted } else { is_bare() }
        })
    };
    match text.split_once('.') {
        Some((space, name)) => is(space, true) && !name.is_empty() && !name.contains(char::is_whitespace),
        None => bare && is(text, false),
    }
}
