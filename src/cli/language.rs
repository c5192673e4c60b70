//! The page that tells the whole language, from the definitions of its words.

use super::fields::{FileField, fields, words};
use super::item::synopsis;
use crate::derived::MARK;
use crate::primitive::digest::Algorithm;
use crate::primitive::key_pair::SignatureAlgorithm;
use crate::primitive::time::TimeFormat;
use crate::report::{self, COLUMNS};
use crate::scheme::{Class, Does, Family, Gives, Item, Scheme, Tests};
use indexmap::IndexMap;

/// The page with the places that are filled in, each a line that begins with `@`.
const PAGE: &str = include_str!("language.md");

/// The language page, as Markdown of 80 columns.
pub(super) fn page() -> String {
    let mut out = format!("<!-- {MARK} export`. -->\n\n");
    for line in PAGE.lines() {
        match line.strip_prefix('@') {
            Some(place) => out.push_str(filled(place).trim_end()),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn filled(place: &str) -> String {
    let is_edit = |field: &FileField| field.of == "Edit";
    // Of mutants, `countersign mutants` says what is to be declared; flags are about vectors.
    let is_beside = |field: &FileField| field.of.starts_with("Declared") || field.of == "Flag";
    let of_scheme = fields::<Scheme>();
    match place {
        "sources" => by_type(Gives::permitted(), |gives| gives.types().to_owned()),
        "steps" => by_type(Does::permitted(), |does| does.types()),
        "checks" => by_type(Tests::permitted(), |_| String::new()),
        "times" => meant(words::<TimeFormat>()),
        "digests" => all("DIGEST", words::<Algorithm>()),
        "signatures" => all("SIGNATURE", words::<SignatureAlgorithm>()),
        "classes" => meant(words::<Class>()),
        "edits" => meant(of_scheme.into_iter().filter(is_edit).map(|field| (field.name, field.says))),
        "fields" => by_owner(of_scheme.into_iter().filter(|field| !is_edit(field) && !is_beside(field))),
        other => unreachable!("`{other}` is no place of the page"),
    }
}

/// A list of items for each type that they take and give.
fn by_type<E: Family>(items: impl Iterator<Item = &'static Item<E>>, types: fn(&E) -> String) -> String {
    let mut groups: IndexMap<String, IndexMap<&str, String>> = IndexMap::new();
    for item in items {
        let group = groups.entry(types(&item.does)).or_default();
        let written = format!("`{}`", synopsis(item));
        group.entry(item.reason).and_modify(|all| *all = format!("{all}, {written}")).or_insert(written);
    }
    let mut out = String::new();
    for (types, group) in groups {
        if !types.is_empty() {
            out.push_str(&format!("{}:\n\n", capital(&types)));
        }
        group.into_iter().for_each(|(reason, words)| entry(&words, reason, &mut out));
        out.push('\n');
    }
    out
}

/// A list of fields for each type that has them; words, and what fields of one name have in common, are told once.
fn by_owner(fields: impl Iterator<Item = FileField>) -> String {
    let mut groups: IndexMap<String, String> = IndexMap::new();
    let mut told = vec![words::<TimeFormat>(), words::<Class>()];
    let mut said: Vec<(String, String)> = Vec::new();
    for field in fields {
        let may = if field.is_required { "" } else { "?" };
        let is = if field.is.is_empty() { field.is } else { format!(": {}", field.is) };
        let own = (field.name.clone(), field.says.clone());
        let mut says = if said.contains(&own) { "As above.".to_owned() } else { field.says };
        said.push(own);
        if !told.contains(&field.words) {
            says.extend(field.words.iter().map(|(word, means)| format!(" `{word}`: {means}")));
            told.push(field.words);
        }
        entry(&format!("`{}{may}{is}`", field.name), &says, groups.entry(field.of).or_default());
    }
    groups.into_iter().map(|(of, list)| format!("{of}:\n\n{list}\n")).collect()
}

/// A list of words.
fn meant(words: impl IntoIterator<Item = (String, String)>) -> String {
    let mut out = String::new();
    words.into_iter().for_each(|(word, says)| entry(&format!("`{word}`"), &says, &mut out));
    out
}

fn entry(word: &str, says: &str, out: &mut String) {
    report::wrap(&format!("{word}: {says}"), ["- ", "  "], COLUMNS, out);
}

/// The names that something may be.
fn all(what: &str, words: Vec<(String, String)>) -> String {
    let names: Vec<String> = words.into_iter().map(|(name, _)| format!("`{name}`")).collect();
    let mut out = String::new();
    report::wrap(&format!("A `{what}` is {}.", names.join(", ")), ["- ", "  "], COLUMNS, &mut out);
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
