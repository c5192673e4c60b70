//! Which fields count, and in which order. None of these costs more than sorting does.

use crate::primitive::Sink;
use crate::scheme::item::{Coder, Expression, Item, Kind, Opt, OptionKind, Preset, items};
use crate::scheme::machine::{Args, Does, Failure, Field, Machine, NameSet, Type, folded};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use std::cmp::Ordering;

const NAMES: Opt = Opt::optional("names", OptionKind::Texts);
const FROM: Opt = Opt::optional("from", OptionKind::Pipeline(Type::List));
const CASELESS: Opt = Opt::flag("caseless", false);

/// The number of the option of `only` that says whether the order of the list counts.
const ORDERED: usize = 3;

/// Parts that a sort compares, and in which order.
const BY: Opt = Opt { name: "by", kind: OptionKind::Words(&["name", "value"]), default: Preset::Words(&["name"]) };
const NAME: usize = 0;

pub const ITEMS: &[Item<Does>] = items! {
    "except" | "exclude" | "omit" Short [NAMES, FROM, CASELESS, Opt::deviation(&["by-prefix"])]
        "leaves out listed fields, such as the signature itself" ("RFC 5849 section 3.4.1.3.1")
        r#"[{"pairs":{"a":{"text":"1"},"b":{"text":"2"}}}, {"except":["b"]}, {"pair":"{name}{value}"}, {"join":""}]"#
            => "a1"
        Does::Pairs(|o, machine, pairs| {
            let set = NameSet::of(o, o.deviates(3, "by-prefix"), machine)?;
            Ok(machine.keep(pairs, |_, pair| !set.lists(pair.name())))
        }), |c| listed(c, false);

    "only" | "include" | "pick" Short [NAMES, FROM, CASELESS, Opt::flag("ordered", false)]
        "keeps listed fields, such as those that a message names as signed; with `ordered`, in that order"
        ("Amazon S3, REST authentication; AWS Signature Version 4")
        r#"[{"pairs":{"a":{"text":"1"},"b":{"text":"2"}}}, {"only":["b"]}, {"pair":"{name}{value}"}, {"join":""}]"#
            => "b2"
        Does::Pairs(|o, machine, pairs| {
            if o.flag(ORDERED) {
                return ordered(o, machine, pairs);
            }
            let set = NameSet::of(o, false, machine)?;
            Ok(machine.keep(pairs, |_, pair| set.lists(pair.name())))
        }), |c| listed(c, true).filter(|_| !c.has("ordered"));

    "only-prefix" Short [Opt::required("text", OptionKind::Text)]
        "keeps fields whose name starts so" ("Amazon S3, REST authentication")
        r#"[{"pairs":{"x-a":{"text":"1"},"b":{"text":"2"}}}, {"only-prefix":"x-"}, {"pair":"{name}{value}"}, {"join":""}]"#
            => "x-a1"
        Does::Pairs(|o, machine, pairs| Ok(machine.keep(pairs, |_, pair| pair.name().starts_with(o.bytes(0))))), |c| {
            let (it, text) = (c.any(), c.literal(c.option("text")));
            c.gives_pairs(
                format!("[pair for pair in {it} \nif pair[0].startswith({text})]"),
                format!("{it}.filter(([name]) => \nString(name).startsWith({text}))"),
            )
        };

    "except-empty" Short [NAMES, FROM, CASELESS]
        "leaves out listed fields that are empty" ("RFC 5849 section 3.1")
        r#"[{"pairs":{"a":{"text":""},"b":{"text":"2"}}}, {"except-empty":["a"]}, {"pair":"{name}{value}"}, {"join":""}]"#
            => "b2"
        Does::Pairs(|o, machine, pairs| {
            let set = NameSet::of(o, false, machine)?;
            let is_empty = |pair: &Field<'_>| pair.value().is_none_or(<[u8]>::is_empty);
            Ok(machine.keep(pairs, |_, pair| !(set.lists(pair.name()) && is_empty(pair))))
        });

    "drop-empty" Options []
        "leaves out every field that is empty or has no value" ("gateways that sign what is not empty")
        r#"[{"text":"a=&b=2"}, {"split":"&"}, {"assign":"="}, "drop-empty", {"pair":"{name}{value}"}, {"join":""}]"#
            => "b2"
        Does::Pairs(|_, machine, pairs| Ok(machine.keep(pairs, |_, pair| !pair.filled().is_empty()))), |c| c.gives_pairs(
            format!("[pair for pair in {} if pair[1]]", c.any()),
            format!("{}.filter(([, value]) => value.length)", c.any()),
        );

    "sort" Short [BY, CASELESS, Opt::deviation(&["utf16", "descending", "natural", "folded"])]
        "stable, by bytes; a missing value sorts before an empty one; with `caseless`, bytes decide ties"
        ("RFC 5849 section 3.4.1.3.2")
        r#"[{"pairs":{"b":{"text":"2"},"a":{"text":"1"}}}, "sort", {"pair":"{name}{value}"}, {"join":""}]"# => "a1b2"
        Does::Same(|o, machine, pairs| Ok(sort(o, pairs, machine.bump))), sorted;

    "group" Short [Opt::required("with", OptionKind::Bytes)]
        "joins the values of one name, in place of its first" ("AWS Signature Version 4, canonical headers")
        r#"[{"text":"a=1&b=2&a=3"}, {"split":"&"}, {"assign":"="}, {"group":","}, {"pair":"{name}{value}"}, {"join":""}]"#
            => "a1,3b2"
        Does::Pairs(group);
};

/// The pairs whose names are listed, or those whose names are not.
fn listed(c: &Coder, kept: bool) -> Option<Expression> {
    let names = c.texts("names");
    // A list that the message gives is written elsewhere.
    if names.is_empty() || c.has("from") {
        return None;
    }
    let it = c.any();
    let [not_in, not, lower, fold] = [
        if kept { "in" } else { "not in" },
        if kept { "" } else { "!" },
        if c.is_caseless { ".lower()" } else { "" },
        if c.is_caseless { ".toLowerCase()" } else { "" },
    ];
    let names = match c.is_caseless {
        true => c.literals(
            names.iter().map(|name| name.to_ascii_lowercase()).collect::<Vec<_>>().iter().map(String::as_str),
        ),
        false => c.literals(names),
    };
    c.gives_pairs(
        format!("[pair for pair in {it} \nif pair[0]{lower} {not_in} {names}]"),
        format!("{it}.filter(([name]) => \n{not}{names}.includes(String(name){fold}))"),
    )
}

/// Sorting by bytes, which JavaScript does of Buffers alone.
fn sorted(c: &Coder) -> Option<Expression> {
    if c.has("caseless") {
        return None;
    }
    let it = c.any();
    let sort = if it.contains(['(', '[']) { it.clone() } else { format!("[...{it}]") };
    if c.flow.ty == Type::List {
        return c.gives_pairs(format!("sorted({it})"), format!("{sort}.sort((a, b) => \n{})", compared(c, "a", "b")));
    }
    let values = compared(c, "a[1]", "b[1]");
    let [python, pair, javascript] = match c.texts("by")[..] {
        ["name"] => [", key=lambda pair: pair[0]", "([a], [b])", &compared(c, "a", "b")],
        ["value"] => [", key=lambda pair: pair[1]", "(a, b)", &values],
        ["name", "value"] => ["", "(a, b)", &format!("{} || \n{values}", compared(c, "a[0]", "b[0]"))],
        _ => return None,
    };
    c.gives_pairs(format!("sorted({it}{python})"), format!("{sort}.sort({pair} => \n{javascript})"))
}

fn compared(c: &Coder, a: &str, b: &str) -> String {
    match c.flow.kind {
        Kind::Bytes => format!("Buffer.compare({a}, {b})"),
        Kind::Text => format!("Buffer.compare(Buffer.from({a}), Buffer.from({b}))"),
    }
}

/// The listed pairs in the order of the list, in which the first occurrence of a name counts.
fn ordered<'a>(o: &'a Args, machine: &mut Machine<'a>, pairs: &'a [Field<'a>]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let given = if o.has(1) { machine.many(o.many(1))? } else { &[] };
    let compare = |a: &[u8], b: &[u8]| if o.flag(2) { folded(a, b) } else { a.cmp(b) };
    let names = o.texts(0).iter().map(Vec::as_slice).chain(given.iter().map(Field::name));
    let mut listed = Gathered::from_iter_in(names.enumerate(), machine.bump);
    listed.sort_unstable_by(|(i, a), (j, b)| compare(a, b).then(i.cmp(j)));
    let place = |pair: &Field<'_>| {
        let at = listed.partition_point(|(_, name)| compare(name, pair.name()).is_lt());
        listed.get(at).filter(|(_, name)| compare(name, pair.name()).is_eq()).map(|(place, _)| *place)
    };
    let places = pairs.iter().enumerate().filter_map(|(i, pair)| Some((place(pair)?, i)));
    let mut kept = Gathered::from_iter_in(places, machine.bump);
    kept.sort_unstable();
    Ok(Gathered::from_iter_in(kept.iter().map(|(_, i)| pairs[*i]), machine.bump).into_bump_slice())
}

/// Number of pairs that are sorted in place: the stable sort of the standard library needs no memory for them.
const FEW: usize = 16;

/// A pair that is being sorted.
struct Sorting<'a> {
    /// The first bytes of the name, as a number: most comparisons end there.
    head: u64,
    /// Position before sorting, which decides ties.
    order: usize,
    pair: Field<'a>,
}

fn sort<'a>(o: &Args, pairs: &'a [Field<'a>], bump: &'a Bump) -> &'a [Field<'a>] {
    let is_plain = !o.flag(1) && !o.has(2);
    if pairs.len() <= FEW {
        let sorted = bump.alloc_slice_copy(pairs);
        match (o.words(0), is_plain) {
            ([NAME], true) => sorted.sort_by(|a, b| a.name().cmp(b.name())),
            _ => sorted.sort_by(|a, b| compare(o, a, b)),
        }
        return sorted;
    }
    let headed = is_plain && o.words(0).first() == Some(&NAME);
    let sorting =
        |(order, &pair): (usize, &Field<'a>)| Sorting { head: if headed { head(pair.name()) } else { 0 }, order, pair };
    let sorted = bump.alloc_slice_fill_iter(pairs.iter().enumerate().map(sorting));
    sorted.sort_unstable_by(|a, b| {
        let whole = || compare(o, &a.pair, &b.pair).then(a.order.cmp(&b.order));
        a.head.cmp(&b.head).then_with(whole)
    });
    bump.alloc_slice_fill_iter(sorted.iter().map(|sorting| sorting.pair))
}

fn compare(o: &Args, a: &Field<'_>, b: &Field<'_>) -> Ordering {
    let bytes = |a: &[u8], b: &[u8]| match o.flag(1) {
        _ if o.deviates(2, "utf16") => utf16(o, a, b),
        _ if o.deviates(2, "natural") => natural(o, a, b),
        _ if o.deviates(2, "descending") => plain(o, b, a),
        // What differs in case alone stays in its order.
        _ if o.deviates(2, "folded") => folded(a, b),
        _ => plain(o, a, b),
    };
    o.words(0).iter().fold(Ordering::Equal, |so_far, key| {
        so_far.then_with(|| match (*key, a.value(), b.value()) {
            (NAME, ..) => bytes(a.name(), b.name()),
            (_, Some(a), Some(b)) => bytes(a, b),
            (_, a, b) => a.is_some().cmp(&b.is_some()),
        })
    })
}

fn plain(o: &Args, a: &[u8], b: &[u8]) -> Ordering {
    if o.flag(1) { folded(a, b).then_with(|| a.cmp(b)) } else { a.cmp(b) }
}

/// By UTF-16 code units where both are UTF-8.
fn utf16(o: &Args, a: &[u8], b: &[u8]) -> Ordering {
    let units = |text: &[u8]| std::str::from_utf8(text).ok().map(|text| text.encode_utf16().collect::<Vec<u16>>());
    let fold = |units: Vec<u16>| -> Vec<u16> {
        let lower = |unit: u16| u8::try_from(unit).map_or(unit, |byte| byte.to_ascii_lowercase().into());
        units.into_iter().map(lower).collect()
    };
    match (units(a), units(b)) {
        (Some(a), Some(b)) if o.flag(1) => fold(a.clone()).cmp(&fold(b.clone())).then(a.cmp(&b)),
        (Some(a), Some(b)) => a.cmp(&b),
        _ => plain(o, a, b),
    }
}

/// Runs of digits by their number, everything else by bytes.
fn natural(o: &Args, a: &[u8], b: &[u8]) -> Ordering {
    let fold = |byte: Option<&u8>| byte.map(|byte| if o.flag(1) { byte.to_ascii_lowercase() } else { *byte });
    let digits = |s: &[u8]| s.iter().take_while(|b| b.is_ascii_digit()).count();
    let (mut x, mut y) = (a, b);
    loop {
        let (m, n) = (digits(x), digits(y));
        let order = if m > 0 && n > 0 {
            let number = |s: &[u8]| s.iter().copied().skip_while(|&b| b == b'0').collect::<Vec<u8>>();
            let (p, q) = (number(&x[..m]), number(&y[..n]));
            (x, y) = (&x[m..], &y[n..]);
            p.len().cmp(&q.len()).then(p.cmp(&q))
        } else {
            let order = fold(x.first()).cmp(&fold(y.first()));
            (x, y) = (x.get(1..).unwrap_or_default(), y.get(1..).unwrap_or_default());
            order
        };
        if order != Ordering::Equal || (x.is_empty() && y.is_empty()) {
            return order.then(a.cmp(b));
        }
    }
}

/// Up to eight bytes of a name as a number that sorts as they do.
fn head(name: &[u8]) -> u64 {
    match name.first_chunk::<8>() {
        Some(head) => u64::from_be_bytes(*head),
        None => name.iter().fold(0, |head, &b| head << 8 | u64::from(b)) << (8 * (8 - name.len() as u32) % 64),
    }
}

fn group<'a>(o: &'a Args, machine: &mut Machine<'a>, pairs: &'a [Field<'a>]) -> Result<&'a [Field<'a>], Failure<'a>> {
    // Sorted, equal names are neighbours; groups then go back to the order of their first pairs.
    let positions = machine.bump.alloc_slice_fill_iter(0..pairs.len());
    positions.sort_unstable_by(|&a, &b| pairs[a].name().cmp(pairs[b].name()).then(a.cmp(&b)));
    let mut groups = Gathered::with_capacity_in(pairs.len(), machine.bump);
    for group in positions.chunk_by(|&a, &b| pairs[a].name() == pairs[b].name()) {
        let value = match group {
            [one] => pairs[*one].filled(),
            several => machine.made(|out| {
                for (i, &position) in several.iter().enumerate() {
                    if i > 0 {
                        out.put(o.bytes(0));
                    }
                    out.put(pairs[position].filled());
                }
                Ok(())
            })?,
        };
        groups.push((group[0], value));
    }
    groups.sort_unstable_by_key(|(first, _)| *first);
    let joined = groups.iter().map(|(first, value)| Field::new(pairs[*first].name(), Some(value)));
    Ok(machine.bump.alloc_slice_fill_iter(joined))
}
