//! Everything that has a name: what `list` lists and `explain` explains.

use super::fields::{FileField, fields, words};
use super::item::synopsis;
use super::page::{Page, flow};
use crate::corpus::{Corpus, Entry, Statements, Vector, VectorFile};
use crate::mutation::{self, Mutant, OPERATORS, Operator, ROWS, Row};
use crate::primitive::digest::Algorithm;
use crate::primitive::time::TimeFormat;
use crate::printable::count;
use crate::report;
use crate::scheme::{Class, Does, Family, Gives, Item, Scheme, Secrecy, Tests};
use crate::yaml::Scalars;
use clap::ValueEnum;
use serde_json::{Value, json};

/// Kind of thing that a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Category {
    Schemes,
    Operations,
    Stages,
    Credentials,
    Parameters,
    Variants,
    Readings,
    Vectors,
    Flags,
    Discrepancies,
    Statements,
    Mutants,
    Steps,
    Sources,
    Checks,
    WrongSteps,
    Times,
    Digests,
    Classes,
    Operators,
    Rows,
    Fields,
}

impl Category {
    /// The word for one.
    fn word(self) -> &'static str {
        match self {
            Category::Schemes => "scheme",
            Category::Operations => "operation",
            Category::Stages => "stage",
            Category::Credentials => "credential",
            Category::Parameters => "parameter",
            Category::Variants => "variant",
            Category::Readings => "reading",
            Category::Vectors => "vector",
            Category::Flags => "flag",
            Category::Discrepancies => "discrepancy",
            Category::Statements => "statement",
            Category::Mutants => "mutant",
            Category::Steps => Does::NAME,
            Category::Sources => Gives::NAME,
            Category::Checks => Tests::NAME,
            Category::WrongSteps => "step of mutants alone",
            Category::Times => "form of a time",
            Category::Digests => "digest",
            Category::Classes => "reject class",
            Category::Operators => "mutation operator",
            Category::Rows => "bug class",
            Category::Fields => "field",
        }
    }

    /// The word for all.
    pub(super) fn plural(self) -> String {
        self.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned())
    }
}

/// Something that has a name.
pub(super) struct Nameable<'c> {
    pub(super) kind: Category,
    /// Name of the scheme that it belongs to.
    pub(super) scheme: Option<&'c str>,
    /// Its name; of what belongs to a scheme, after the scheme's.
    pub(super) name: String,
    /// Sentence that says what it is.
    pub(super) says: String,
    /// Other words for it.
    also: &'static [&'static str],
    /// Text that follows the name in the head of its page.
    about: String,
    more: Box<dyn Fn(Page) -> Page + 'c>,
}

impl<'c> Nameable<'c> {
    fn new(kind: Category, name: &str, says: &str, more: impl Fn(Page) -> Page + 'c) -> Nameable<'c> {
        let (name, says) = (name.to_owned(), says.to_owned());
        Nameable { kind, scheme: None, name, says, also: &[], about: String::new(), more: Box::new(more) }
    }

    fn about(self, about: String) -> Nameable<'c> {
        Nameable { about, ..self }
    }

    /// Returns whether it is called so: by its name, or by what follows the scheme in it.
    pub(super) fn is(&self, id: &str) -> bool {
        self.name == id
            || self.also.contains(&id.to_ascii_lowercase().as_str())
            || (self.own() == id && self.kind != Category::Vectors)
    }

    /// Returns what follows the name of its scheme, or of the type that it is a field of.
    pub(super) fn own(&self) -> &str {
        let after = if self.kind == Category::Fields { '.' } else { '/' };
        self.name.split_once(after).map_or(&self.name, |(_, own)| own)
    }

    /// All that is said of it.
    pub(super) fn page(&self) -> String {
        let head = Page::default().head(&format!("{} {}{}", self.kind.word(), self.name, self.about));
        (self.more)(head.part(&self.says)).0
    }
}

/// Everything with a name in a corpus and in the language, but for mutants.
pub(super) fn named(corpus: &Corpus) -> Vec<Nameable<'_>> {
    let mut all: Vec<Nameable<'_>> = corpus.entries.iter().flat_map(of_entry).collect();
    let wrong = Does::WRONG.iter().map(|item| of_item(Category::WrongSteps, item, item.does.types()));
    all.extend(Does::permitted().map(|item| of_item(Category::Steps, item, item.does.types())));
    all.extend(Gives::permitted().map(|item| of_item(Category::Sources, item, item.does.types().to_owned())));
    all.extend(Tests::permitted().map(|item| of_item(Category::Checks, item, String::new())));
    all.extend(wrong);
    let meant = [
        (Category::Times, words::<TimeFormat>()),
        (Category::Digests, words::<Algorithm>()),
        (Category::Classes, words::<Class>()),
    ];
    for (kind, words) in meant {
        all.extend(words.into_iter().map(|(word, says)| Nameable::new(kind, &word, &says, |page| page)));
    }
    all.extend(OPERATORS.iter().copied().flatten().map(of_operator));
    all.extend(ROWS.iter().map(of_row));
    let files = [
        ("scheme.yaml", fields::<Scheme>()),
        ("a file of vectors", fields::<VectorFile>()),
        ("statements.yaml", fields::<Statements>()),
    ];
    all.extend(files.into_iter().flat_map(|(file, fields)| fields.into_iter().map(|field| of_field(file, field))));
    all
}

/// The mutants of a scheme, each with the vectors that kill it.
pub(super) fn mutants(entry: &Entry) -> Vec<Nameable<'_>> {
    let strength = mutation::strength(entry, false, |_| true);
    let matrix = strength.matrix;
    let kills = |kills: Vec<(usize, _)>| kills.into_iter().map(|(vector, _)| matrix.vectors[vector].clone()).collect();
    let mutants = matrix.catalogue.mutants.into_iter().zip(matrix.kills);
    mutants.map(|(mutant, killed)| of_mutant(entry, mutant, kills(killed))).collect()
}

/// Something that belongs to a scheme.
fn of<'e>(entry: &'e Entry, kind: Category, own: &str, says: &str, more: impl Fn(Page) -> Page + 'e) -> Nameable<'e> {
    let named = Nameable::new(kind, &format!("{}/{own}", entry.name), says, more);
    Nameable { scheme: Some(&entry.name), ..named }
}

fn of_entry(entry: &Entry) -> Vec<Nameable<'_>> {
    let Entry { scheme, statements, .. } = entry;
    let mut all = vec![of_scheme(entry)];
    for (name, operation) in &scheme.operations {
        let says = format!("{}, {}", count(operation.derive.len(), "stage"), count(operation.verify.len(), "check"));
        all.push(of(entry, Category::Operations, name, &says, move |page| {
            page.data(&json!(operation), Scalars::Plain)
        }));
        for (stage, pipeline) in &operation.derive {
            let more = move |page: Page| page.data(&json!(pipeline), Scalars::Plain);
            all.push(of(entry, Category::Stages, stage, &format!("of the operation {name}"), more));
        }
    }
    for (name, kind) in &scheme.account {
        let unused = unused(scheme, name);
        let says = json!(kind).as_str().unwrap_or_default().to_owned();
        all.push(of(entry, Category::Credentials, name, &says, move |page| page.parts(unused.clone())));
    }
    for (name, parameter) in &scheme.parameters {
        let default = match (&parameter.default, parameter.optional) {
            (Some(default), _) => format!("default: {default}"),
            (None, true) => "may be absent".to_owned(),
            (None, false) => "no default: it must be given".to_owned(),
        };
        let more = move |page: Page| page.part(&default).parts(unused(scheme, name));
        all.push(of(entry, Category::Parameters, name, &parameter.says, more));
    }
    for (name, variant) in &scheme.variants {
        all.push(of(entry, Category::Variants, name, &variant.says, move |page| {
            page.data(&json!(variant.edits), Scalars::Plain)
        }));
    }
    for (name, reading) in &scheme.readings {
        let one = of(entry, Category::Readings, name, &reading.says, move |page| {
            page.data(&json!(reading.edits), Scalars::Plain)
        });
        all.push(one.about(format!(", of discrepancy {}", reading.discrepancy)));
    }
    for (id, flag) in &scheme.flags {
        let shown = move |vector: &Vector| vector.flags.contains(id);
        let more = move |page: Page| page.parts(flag.links.iter().cloned()).parts(vectors(entry, shown));
        all.push(of(entry, Category::Flags, id, &flag.effect, more).about(format!(": {}", flag.bug_class)));
    }
    for (id, discrepancy) in &statements.discrepancies {
        let shown = move |vector: &Vector| vector.discrepancies.contains(id);
        let more = move |page: Page| {
            let page = page.part(&format!("decision: {}", discrepancy.decision));
            page.parts(no_vector(&discrepancy.reason)).parts(vectors(entry, shown))
        };
        let kind = json!(discrepancy.kind);
        let about = format!(" ({}), {}", kind.as_str().unwrap_or_default(), discrepancy.place);
        all.push(of(entry, Category::Discrepancies, id, &discrepancy.finds, more).about(about));
    }
    for statement in &statements.statements {
        let covered = || statement.vectors.iter().map(|name| format!("vector {name}"));
        let more = move |page: Page| page.parts(covered()).parts(no_vector(&statement.reason));
        let one = of(entry, Category::Statements, &statement.id, &statement.says, more);
        all.push(one.about(format!(", {}", statement.place)));
    }
    for (topic, vector) in entry.vectors() {
        let own = format!("{}/{}", topic.name, vector.name);
        let more = move |page: Page| page.data(&shown(entry, vector), Scalars::Quoted);
        all.push(of(entry, Category::Vectors, &own, &vector.comment, more).about(format!(" ({})", topic.file.about)));
    }
    all
}

fn of_scheme(entry: &Entry) -> Nameable<'_> {
    let (document, scheme) = (&entry.statements.document, &entry.scheme);
    let says = format!("{} ({})", scheme.title, count(entry.vectors().count(), "vector"));
    let more = |page: Page| {
        let page = page.part(&format!("document: {} ({})", document.title, document.publisher)).part(&document.note);
        page.data(&json!({ "account": scheme.account, "operations": scheme.operations }), Scalars::Plain)
    };
    Nameable { scheme: Some(&entry.name), ..Nameable::new(Category::Schemes, &entry.name, &says, more) }
}

/// A vector without its name and comment, and without what is secret.
fn shown(entry: &Entry, vector: &Vector) -> Value {
    let mut shown = json!(vector);
    let given = &vector.given;
    let secrecy = Secrecy::named(&entry.scheme, &given.operation, given.variant.as_deref());
    report::withhold(&entry.scheme, &secrecy, &mut shown);
    if let Value::Object(fields) = &mut shown {
        fields.retain(|name, _| name != "name" && name != "comment");
    }
    shown
}

fn vectors(entry: &Entry, has: impl Fn(&Vector) -> bool) -> Vec<String> {
    let shown = entry.vectors().filter(|(_, vector)| has(vector));
    shown.map(|(topic, vector)| format!("vector {}", entry.full_name(topic, vector))).collect()
}

fn unused(scheme: &Scheme, name: &str) -> Option<String> {
    scheme.unused.get(name).map(|why| format!("unused: {why}"))
}

fn no_vector(reason: &Option<String>) -> Option<String> {
    reason.as_ref().map(|reason| format!("no vector: {reason}"))
}

fn of_item<'c, E: Family>(kind: Category, item: &'static Item<E>, types: String) -> Nameable<'c> {
    let types = if types.is_empty() { types } else { format!(" ({types})") };
    let named = Nameable::new(kind, item.word, item.reason, move |page| {
        let (example, gives) = item.example;
        let example = serde_json::from_str(example).unwrap_or_else(|_| example.into());
        let options = item.options.iter().filter(|option| !option.is_deviation());
        page.part(&format!("written: {}", synopsis(item)))
            .parts(options.map(|option| format!("{}: {}", option.name, option.says())))
            .part(&format!("example: {} gives {}", flow(&example, Scalars::Plain), gives.escape_debug()))
            .part(&format!("source: {}", item.document))
    });
    Nameable { also: item.also, ..named }.about(types)
}

fn of_operator<'c>(operator: &'static Operator) -> Nameable<'c> {
    Nameable::new(Category::Operators, operator.id, operator.says, move |page| {
        page.part(&format!("to mend it: {}", operator.mend)).parts(rows(operator))
    })
}

/// The bug classes that an operator makes.
fn rows(operator: &'static Operator) -> impl Iterator<Item = String> {
    let row = |id: &&str| ROWS.iter().find(|row| row.id == *id);
    operator.rows.iter().filter_map(row).map(|row| format!("bug class {}: {}", row.id, row.says))
}

fn of_row<'c>(row: &'static Row) -> Nameable<'c> {
    Nameable::new(Category::Rows, row.id, row.says, move |page| {
        let operators = row.operators().into_iter().map(|id| format!("mutation operator {id}"));
        let seen = if row.seen.is_empty() { "by reasoning alone" } else { row.seen };
        page.part(&format!("seen: {seen}"))
            .parts(operators)
            .parts(row.left_out.map(|why| format!("no mutation operator: {why}")))
    })
}

fn of_mutant(entry: &Entry, mutant: Mutant, killed: Vec<String>) -> Nameable<'_> {
    let operator = mutant.operator;
    let declared = &entry.scheme.mutants;
    let equivalent = declared.equivalent.get(&mutant.id);
    let margin = declared.margin.get(&mutant.id);
    let (id, edits) = (mutant.id, mutant.edits);
    of(entry, Category::Mutants, &id, operator.says, move |page| {
        page.part(&format!("to mend it: {}", operator.mend))
            .part(&format!("mutation operator {}", operator.id))
            .parts(rows(operator))
            .parts(equivalent.map(|why| format!("equivalent: {why}")))
            .parts(margin.map(|why| format!("killed by one trick alone: {why}")))
            .data(&json!(edits), Scalars::Plain)
            .parts(killed.iter().map(|vector| format!("killed by vector {vector}")))
    })
}

fn of_field<'c>(file: &str, field: FileField) -> Nameable<'c> {
    let must = if field.is_required { "" } else { "; need not be there" };
    let about = format!(", in {file}{must}");
    let words = field.words;
    let more = move |page: Page| page.parts(words.iter().map(|(word, says)| format!("{word}: {says}")));
    Nameable::new(Category::Fields, &format!("{}.{}", field.of, field.name), &field.says, more).about(about)
}
