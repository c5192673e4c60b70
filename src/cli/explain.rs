//! `countersign explain ID`: everything that has this id.

use super::{CorpusArgs, End, Failed, Outcome, print, wrapped};
use crate::corpus::Entry;
use crate::report;
use crate::scheme::{Does, Family, Gives, Item, Secrecy, Tests, Written};
use clap::Args;
use serde_json::json;

/// Explain a scheme, vector, flag, discrepancy, statement, reading or step.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Its id, alone or after the scheme (`SCHEME/ID`); `steps` for the table of steps
    id: String,
    #[command(flatten)]
    corpus: CorpusArgs,
}

impl Explain {
    pub(super) fn run(self) -> Outcome {
        let corpus = self.corpus.load()?;
        let steps = self.items::<Does>(|does| format!(" ({})", does.types()));
        let sources = self.items::<Gives>(|does| format!(" ({})", does.types()));
        let checks = self.items::<Tests>(|_| String::new());
        let found: Vec<String> = steps
            .into_iter()
            .chain(sources)
            .chain(checks)
            .chain(corpus.entries.iter().flat_map(|entry| self.in_entry(entry)))
            .collect();
        if found.is_empty() {
            return Err(Failed(format!("nothing is called `{}`; `countersign list` shows what there is", self.id)));
        }
        print(&found.join("\n"))?;
        Ok(End::Conforms)
    }

    /// The items of this word, or all of a family that a scheme may use.
    fn items<E: Family>(&self, types: fn(&E) -> String) -> Vec<String> {
        let all = format!("{}s", E::NAME);
        let is = |item: &&Item<E>| (self.id == all && !item.is_wrong()) || item.word == self.id;
        E::items().filter(is).map(|item| explained(item, &types(&item.does))).collect()
    }

    fn in_entry(&self, entry: &Entry) -> Vec<String> {
        let is = |id: &String| *id == self.id || format!("{}/{id}", entry.name) == self.id;
        let mut found = Vec::new();
        if self.id == entry.name {
            found.push(scheme(entry));
        }
        if let Some((topic, vector)) = entry.find(&self.id) {
            let mut shown = json!(vector);
            let given = &vector.given;
            let secrecy = Secrecy::named(&entry.scheme, &given.operation, given.variant.as_deref());
            report::withhold(&entry.scheme, &secrecy, &mut shown);
            let yaml = serde_yaml::to_string(&shown).unwrap_or_default();
            found.push(head(&format!("vector {} ({})", self.id, topic.file.about)) + &indented(&yaml));
        }
        for (id, flag) in entry.scheme.flags.iter().filter(|(id, _)| is(id)) {
            let links = flag.links.iter().map(|link| part(link)).collect::<String>();
            let vectors = vectors(entry, |vector| vector.flags.contains(id));
            let about = head(&format!("flag {}/{id}: {}", entry.name, flag.bug_class)) + &part(&flag.effect);
            found.push(about + &links + &vectors);
        }
        for (id, d) in entry.statements.discrepancies.iter().filter(|(id, _)| is(id)) {
            let vectors = vectors(entry, |vector| vector.discrepancies.contains(id));
            let kind = json!(d.kind);
            let kind = kind.as_str().unwrap_or_default();
            let about = head(&format!("discrepancy {}/{id} ({kind}), {}", entry.name, d.place));
            let says = part(&format!("finds: {}", d.finds)) + &part(&format!("decision: {}", d.decision));
            found.push(about + &says + &no_vector(d.reason.as_deref()) + &vectors);
        }
        for statement in entry.statements.statements.iter().filter(|s| is(&s.id)) {
            let covered = statement.vectors.iter().map(|name| part(&format!("vector {name}"))).collect::<String>();
            let about = head(&format!("statement {}/{}, {}", entry.name, statement.id, statement.place));
            found.push(about + &part(&statement.says) + &covered + &no_vector(statement.reason.as_deref()));
        }
        for (id, reading) in entry.scheme.readings.iter().filter(|(id, _)| is(id)) {
            let edits = reading.edits.iter().map(|edit| format!("  edit {}\n", json!(edit))).collect::<String>();
            let about = head(&format!("reading {}/{id}, of discrepancy {}", entry.name, reading.discrepancy));
            found.push(about + &part(&reading.says) + &edits);
        }
        found
    }
}

/// What something is called. What is not ours stays in its line.
fn head(text: &str) -> String {
    wrapped(text, ["", "  "])
}

/// A part of what is said of it.
fn part(text: &str) -> String {
    wrapped(text, ["  ", "    "])
}

fn no_vector(reason: Option<&str>) -> String {
    reason.map_or(String::new(), |reason| part(&format!("no vector: {reason}")))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn vectors(entry: &Entry, has: impl Fn(&crate::corpus::Vector) -> bool) -> String {
    let shown = entry.vectors().filter(|(_, vector)| has(vector));
    shown.map(|(topic, vector)| part(&format!("vector {}", entry.full_name(topic, vector)))).collect()
}

fn scheme(entry: &Entry) -> String {
    let document = &entry.statements.document;
    let yaml =
        serde_yaml::to_string(&json!({ "account": entry.scheme.account, "operations": entry.scheme.operations }));
    head(&format!("scheme {}: {}", entry.name, entry.scheme.title))
        + &part(&format!("document: {} ({})", document.title, document.publisher))
        + &part(&document.note)
        + &indented(&yaml.unwrap_or_default())
}

/// An item with its options, as a scheme file writes it.
fn explained<E: Family>(item: &Item<E>, types: &str) -> String {
    let written = match item.written {
        Written::Dotted => format!("{}.NAME", item.word),
        _ => item.word.to_owned(),
    };
    let options: String = item
        .options
        .iter()
        .filter(|option| !option.is_deviation())
        .map(|option| {
            let alone = matches!(item.written, Written::Short) && option.name == item.options[0].name;
            let alone = if alone { "; may stand alone" } else { "" };
            part(&format!("{}: {}{}{alone}", option.name, option.kind.says(), option.default.says()))
        })
        .collect();
    let wrong = if item.is_wrong() { "  of mutants alone\n" } else { "" };
    let (example, gives) = item.example;
    head(&format!("{} {written}{types}", E::NAME))
        + &part(item.reason)
        + wrong
        + &options
        + &format!("  example: {example} gives {}\n", gives.escape_debug())
        + &part(&format!("source: {}", item.document))
}
