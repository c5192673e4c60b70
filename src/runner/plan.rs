//! Cases that are put to a subject: vectors, under the reading that is asked for, with what each needs.

use crate::case::{Case, Expect};
use crate::corpus::{Corpus, Entry, Topic, Vector};
use crate::scheme::Scheme;
use crate::trial::expectation;

/// Names of schemes, topics or vectors to run; all where there are none.
#[derive(Debug, Default)]
pub struct Filter(pub Vec<String>);

impl Filter {
    /// Returns whether a vector of this full name is meant.
    pub fn takes(&self, full_name: &str) -> bool {
        let under = |name: &String| {
            full_name.strip_prefix(name.trim_end_matches('/')).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        };
        self.0.is_empty() || self.0.iter().any(under)
    }
}

/// A vector under a reading.
#[derive(Debug, Clone)]
pub struct Asked<'c> {
    /// The scheme that it is of.
    pub entry: &'c Entry,
    /// Its topic.
    pub topic: &'c Topic,
    /// The vector.
    pub vector: &'c Vector,
    /// The reading, where it is not the one decided on.
    pub reading: Option<&'c str>,
    /// Expectation under it.
    pub expect: Expect,
}

/// Expectations that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under<'r> {
    /// The reading that was decided on.
    Decision,
    /// The decision, and every permitted reading.
    All,
    /// These readings, each of the scheme that has one of this name; the decision elsewhere.
    Named(&'r [String]),
}

impl<'c> Asked<'c> {
    /// Every vector of a scheme that a filter takes.
    pub fn of(entry: &'c Entry, filter: &Filter, under: Under<'_>) -> Vec<Asked<'c>> {
        let mut asked = Vec::new();
        for (topic, vector) in entry.vectors().filter(|(topic, vector)| filter.takes(&entry.full_name(topic, vector))) {
            for reading in readings(&entry.scheme, under) {
                let expect = reading.map_or_else(|| vector.expect.clone(), |r| expectation(entry, topic, vector, r));
                asked.push(Asked { entry, topic, vector, reading, expect });
            }
        }
        asked
    }

    /// Every vector of a corpus that a filter takes.
    pub fn all(corpus: &'c Corpus, filter: &Filter, under: Under<'_>) -> Vec<Asked<'c>> {
        corpus.entries.iter().flat_map(|entry| Asked::of(entry, filter, under)).collect()
    }

    /// Full name of the vector.
    pub fn name(&self) -> String {
        self.entry.full_name(self.topic, self.vector)
    }

    /// Returns the case that a subject is told. A subject that reads the document in one way only is not told of it.
    pub fn case(&self, tells_reading: bool) -> Case {
        self.entry.case(self.topic, self.vector, self.reading.filter(|_| tells_reading))
    }
}

fn readings<'c>(scheme: &'c Scheme, under: Under<'_>) -> Vec<Option<&'c str>> {
    let own = scheme.readings.keys().map(|name| Some(name.as_str()));
    match under {
        Under::Decision => vec![None],
        Under::All => std::iter::once(None).chain(own).collect(),
        Under::Named(names) => {
            let mut named = own.filter(|own| own.is_some_and(|own| names.iter().any(|name| name == own)));
            vec![named.next_back().flatten()]
        }
    }
}
