//! The right code at the place of a mistake, derived from the scheme.

use crate::corpus::Entry;
use crate::mutation::{Block, Mutant, Site, Spot, sites};
use crate::scheme::{Language, Path, Pipeline, Source};

/// Lines of code, in Python and in JavaScript.
pub type RightCode = [Vec<String>; 2];

/// Returns code for the innermost pipeline around what a mutant edits, as the scheme has it, or for the part of it
/// that can be written; of a check, for the comparison with a derived value. None where no short form is known.
pub fn right_code(entry: &Entry, mutant: &Mutant) -> Option<RightCode> {
    on_site(entry, mutant, |sites, at| {
        let is_around = |site: &&Site<'_>| at.names().starts_with(site.path.names());
        let around = sites.iter().filter(is_around);
        let pipelines = around.clone().filter_map(|site| Some((&site.path, pipeline(site)?)));
        let says = |(_, pipeline): &(&Path, &Pipeline)| !pipeline.steps.is_empty() || pipeline.source.parts().is_some();
        if let Some((path, pipeline)) = pipelines.filter(says).max_by_key(|(path, _)| path.names().len()) {
            let steps = sites.iter().filter(|site| matches!(site.spot, Spot::Step(_)) && site.path.parent() == *path);
            let node = steps.map(|site| &site.path).position(|step| at.names().starts_with(step.names()));
            return pipeline.in_code_around(node.map_or(0, |step| step + 1));
        }
        let mut check = around.filter_map(|site| match site.spot {
            Spot::Check(check, ..) => Some(check),
            _ => None,
        });
        let derived = |(_, part): (_, &Pipeline)| part.source.name_in("stage").is_some();
        let check = check.next_back().filter(|check| check.test.pipelines().into_iter().any(derived))?;
        Some([check.in_code(Language::Python)?, check.in_code(Language::JavaScript)?])
    })
}

/// The field of the message that a mutant is about, in words: the one that is placed, or the one that is read.
pub fn field(entry: &Entry, mutant: &Mutant) -> Option<String> {
    let words = |part: &str, name: &str| match part {
        "json" => format!("the JSON member {name}"),
        part => format!("the {part} field {name}"),
    };
    if let (Some("place" | "prepare"), Some(part), Some(name)) =
        (mutant.at.word(1), mutant.at.word(2), mutant.at.word(3))
    {
        return Some(words(part, name));
    }
    on_site(entry, mutant, |sites, at| {
        let source = sites.iter().find(|site| site.path == *at || site.path == at.source())?.source();
        source.and_then(Source::field).map(|(part, name)| words(part, name))
    })
}

/// The pipeline at a site of the signer.
fn pipeline<'s>(site: &Site<'s>) -> Option<&'s Pipeline> {
    match site.spot {
        Spot::Pipeline(pipeline) if matches!(site.block, Block::Derive | Block::Place) => Some(pipeline),
        _ => None,
    }
}

/// Looks at the sites of the operation that a mutant edits, as the scheme has it, and at the path of the first edit.
fn on_site<T>(entry: &Entry, mutant: &Mutant, look: impl FnOnce(&[Site<'_>], &Path) -> Option<T>) -> Option<T> {
    let edits = entry.scheme.edits_of(mutant.variant.as_deref(), None).ok()?;
    let operation = entry.scheme.edited(&mutant.operation, edits).ok()?;
    look(&sites(&entry.scheme, &mutant.operation, &operation), &mutant.edits.first()?.at)
}
