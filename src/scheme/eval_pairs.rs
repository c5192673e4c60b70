//! Evaluation of steps on pairs and lists. None costs more than sorting does.

use super::deviant;
use super::eval::Machine;
use super::program::{Filter, NameSet, Order, PairTemplate, TemplatePiece};
use super::step::SortKey;
use super::value::{Fault, Pair, malformed};
use crate::primitive::{Sink, steps};
use bumpalo::collections::Vec as Gathered;
use memchr::memmem;
use std::cmp::Ordering;

/// So many are sorted in place: the stable sort of the standard library needs no memory for them.
const FEW: usize = 16;

/// A pair that is being sorted.
struct Sorting<'a> {
    /// The first bytes of the name, as a number: most comparisons end there.
    head: u64,
    /// Position before sorting, which decides ties.
    order: usize,
    pair: Pair<'a>,
}

impl<'a> Machine<'a> {
    pub(super) fn filter(&mut self, filter: &'a Filter, pairs: &'a [Pair<'a>]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        let name = |i: usize| pairs[i].name();
        let again = |i: usize, others: &[Pair<'_>]| others.iter().any(|other| other.name() == name(i));
        Ok(match filter {
            Filter::Except(set) => {
                let given = self.given(set)?;
                self.keep(pairs, |i| !set.lists(given, name(i)))
            }
            Filter::Only(set) => {
                let given = self.given(set)?;
                self.keep(pairs, |i| set.lists(given, name(i)))
            }
            Filter::ExceptEmpty(set) => {
                let given = self.given(set)?;
                self.keep(pairs, |i| !(set.lists(given, name(i)) && pairs[i].value().is_none_or(<[u8]>::is_empty)))
            }
            Filter::OnlyPrefix(prefix) => self.keep(pairs, |i| name(i).starts_with(prefix)),
            Filter::KeepFirst => self.keep(pairs, |i| !again(i, &pairs[..i])),
            Filter::KeepLast => self.keep(pairs, |i| !again(i, &pairs[i + 1..])),
            Filter::DropEmpty => self.keep(pairs, |i| pairs[i].value().is_some_and(|value| !value.is_empty())),
            Filter::DropValueless => self.keep(pairs, |i| pairs[i].value().is_some()),
        })
    }

    /// The pairs that stay; where all do, no copy is made.
    fn keep(&self, pairs: &'a [Pair<'a>], stays: impl Fn(usize) -> bool) -> &'a [Pair<'a>] {
        let Some(first) = (0..pairs.len()).find(|&i| !stays(i)) else { return pairs };
        let mut kept = Gathered::with_capacity_in(pairs.len(), self.bump);
        kept.extend_from_slice(&pairs[..first]);
        kept.extend((first + 1..pairs.len()).filter(|&i| stays(i)).map(|i| pairs[i]));
        kept.into_bump_slice()
    }

    /// The names that a pipeline gives, sorted so that they can be looked up.
    fn given(&mut self, set: &'a NameSet) -> Result<&'a [&'a [u8]], Fault<'a>> {
        let Some(code) = &set.from else { return Ok(&[]) };
        let items = self.many(code)?;
        let names = self.bump.alloc_slice_fill_iter(items.iter().map(|item| item.name()));
        names.sort_unstable_by(|a, b| set.compare(a, b));
        Ok(names)
    }

    pub(super) fn sort(&mut self, by: &[SortKey], order: Order, pairs: &'a [Pair<'a>]) -> &'a [Pair<'a>] {
        if pairs.len() <= FEW {
            let sorted = self.bump.alloc_slice_copy(pairs);
            match (by, order) {
                ([SortKey::Name], Order::Bytes) => sorted.sort_by(|a, b| a.name().cmp(b.name())),
                _ => sorted.sort_by(|a, b| compare(by, order, a, b)),
            }
            return sorted;
        }
        let headed = order == Order::Bytes && by.first() == Some(&SortKey::Name);
        let sorting = |(order, &pair): (usize, &Pair<'a>)| Sorting {
            head: if headed { head(pair.name()) } else { 0 },
            order,
            pair,
        };
        let sorted = self.bump.alloc_slice_fill_iter(pairs.iter().enumerate().map(sorting));
        sorted.sort_unstable_by(|a, b| {
            let whole = || compare(by, order, &a.pair, &b.pair).then(a.order.cmp(&b.order));
            a.head.cmp(&b.head).then_with(whole)
        });
        self.bump.alloc_slice_fill_iter(sorted.iter().map(|sorting| sorting.pair))
    }

    pub(super) fn group(&self, with: &[u8], pairs: &'a [Pair<'a>]) -> &'a [Pair<'a>] {
        // Sorted, equal names are neighbours; groups then go back to the order of their first pairs.
        let positions = self.bump.alloc_slice_fill_iter(0..pairs.len());
        positions.sort_unstable_by(|&a, &b| pairs[a].name().cmp(pairs[b].name()).then(a.cmp(&b)));
        let mut groups = Gathered::with_capacity_in(pairs.len(), self.bump);
        for group in positions.chunk_by(|&a, &b| pairs[a].name() == pairs[b].name()) {
            let value = match group {
                [one] => pairs[*one].filled(),
                several => self.made(|out| {
                    separated(several, with, out, |&position, out| out.put(pairs[position].filled()));
                }),
            };
            groups.push((group[0], value));
        }
        groups.sort_unstable_by_key(|(first, _)| *first);
        let joined = groups.iter().map(|(first, value)| Pair::new(pairs[*first].name(), Some(value)));
        self.bump.alloc_slice_fill_iter(joined)
    }

    pub(super) fn pair(&self, template: &PairTemplate, pairs: &'a [Pair<'a>]) -> &'a [Pair<'a>] {
        let item = |pair| Pair::item(self.made(|out| template.fill(pair, out)));
        self.bump.alloc_slice_fill_iter(pairs.iter().map(item))
    }

    pub(super) fn split(&mut self, at: &[u8], bytes: &'a [u8]) -> &'a [Pair<'a>] {
        steps::count(bytes.len());
        let mut items = Gathered::new_in(self.bump);
        let mut start = 0;
        for cut in memmem::find_iter(bytes, at) {
            items.push(Pair::item(&bytes[start..cut]));
            start = cut + at.len();
        }
        items.push(Pair::item(&bytes[start..]));
        items.into_bump_slice()
    }

    pub(super) fn assign(&mut self, at: &[u8], items: &'a [Pair<'a>]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        let mut pairs = Gathered::with_capacity_in(items.len(), self.bump);
        for item in items.iter().map(Pair::name) {
            steps::count(item.len());
            let Some(cut) = memmem::find(item, at) else {
                return Err(malformed!(self.bump, "`{}` lacks `{}`", item.escape_ascii(), at.escape_ascii()));
            };
            pairs.push(Pair::new(&item[..cut], Some(&item[cut + at.len()..])));
        }
        Ok(pairs.into_bump_slice())
    }
}

/// Writes each of some, with a separator between them.
pub(super) fn separated<T, S: Sink>(all: &[T], with: &[u8], out: &mut S, write: impl Fn(&T, &mut S)) {
    for (i, one) in all.iter().enumerate() {
        if i > 0 && !with.is_empty() {
            out.put(with);
        }
        write(one, out);
    }
}

impl PairTemplate {
    /// Writes a pair.
    pub(super) fn fill(&self, pair: &Pair<'_>, out: &mut impl Sink) {
        let pieces = if pair.value().is_some() { &self.with_value } else { &self.valueless };
        // The two forms of most documents, without a loop.
        match pieces.as_slice() {
            [TemplatePiece::Name, TemplatePiece::Value] => {
                out.put(pair.name());
                out.put(pair.filled());
            }
            [TemplatePiece::Name, TemplatePiece::Literal(text), TemplatePiece::Value] => {
                out.put(pair.name());
                out.put(text);
                out.put(pair.filled());
            }
            pieces => pieces.iter().for_each(|piece| {
                out.put(match piece {
                    TemplatePiece::Literal(text) => text,
                    TemplatePiece::Name => pair.name(),
                    TemplatePiece::Value => pair.filled(),
                });
            }),
        }
    }
}

impl NameSet {
    /// Whether a name is listed here, or among the sorted names that were given.
    #[inline(always)]
    fn lists(&self, given: &[&[u8]], name: &[u8]) -> bool {
        match self.caseless || self.by_prefix || !given.is_empty() {
            false => self.names.iter().any(|other| other == name),
            true => self.lists_loosely(given, name),
        }
    }

    fn lists_loosely(&self, given: &[&[u8]], name: &[u8]) -> bool {
        let same = |other: &[u8]| match (self.caseless, self.by_prefix) {
            (true, _) => other.eq_ignore_ascii_case(name),
            (false, true) => name.starts_with(other),
            (false, false) => other == name,
        };
        let among_given = || match self.by_prefix {
            true => given.iter().any(|other| same(other)),
            false => given.binary_search_by(|other| self.compare(other, name)).is_ok(),
        };
        self.names.iter().any(|other| same(other)) || (!given.is_empty() && among_given())
    }

    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.caseless { folded(a, b) } else { a.cmp(b) }
    }
}

fn compare(by: &[SortKey], order: Order, a: &Pair<'_>, b: &Pair<'_>) -> Ordering {
    by.iter().fold(Ordering::Equal, |so_far, key| {
        so_far.then_with(|| match key {
            SortKey::Name => compare_bytes(order, a.name(), b.name()),
            SortKey::Value => match (a.value(), b.value()) {
                (Some(a), Some(b)) => compare_bytes(order, a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
        })
    })
}

fn compare_bytes(order: Order, a: &[u8], b: &[u8]) -> Ordering {
    match order {
        Order::Bytes => a.cmp(b),
        Order::Caseless => folded(a, b).then_with(|| a.cmp(b)),
        Order::Descending => b.cmp(a),
        Order::Utf16 => deviant::compare_utf16(a, b),
        Order::Natural => deviant::compare_natural(a, b),
    }
}

fn folded(a: &[u8], b: &[u8]) -> Ordering {
    a.iter().map(u8::to_ascii_lowercase).cmp(b.iter().map(u8::to_ascii_lowercase))
}

/// Up to eight bytes of a name as a number that sorts as they do.
fn head(name: &[u8]) -> u64 {
    match name.first_chunk::<8>() {
        Some(head) => u64::from_be_bytes(*head),
        None => name.iter().fold(0, |head, &b| head << 8 | u64::from(b)) << (8 * (8 - name.len() as u32) % 64),
    }
}
