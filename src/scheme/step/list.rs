//! From text to lists and pairs, and back.

use crate::primitive::{Sink, steps};
use crate::scheme::item::{Item, Kind, Opt, StepItem, Written};
use crate::scheme::machine::{Absence, Args, Does, Fault, Mask, Out, Pair, TemplatePiece, Why, malformed};
use bumpalo::collections::Vec as Gathered;
use memchr::memmem;

pub static FIRST: StepItem = Item {
    word: "first",
    options: &[Opt::required("name", Kind::Text)],
    written: Written::Short,
    reason: "the value of the first field of this name",
    example: (r#"[{"text":"t=1,v1=2"}, {"split":","}, {"assign":"="}, {"first":"t"}]"#, "1"),
    document: "Stripe, webhook signatures",
    does: Does::Pick(|o, machine, pairs| {
        let name = o.bytes(0);
        let found = pairs.iter().find(|pair| pair.name() == name);
        let absent = || Fault::new(Why::Absent(Absence::Field("the field ", name)), machine.bump);
        found.map(Pair::filled).ok_or_else(absent)
    }),
};

pub static ALL: StepItem = Item {
    word: "all",
    options: &[Opt::required("name", Kind::Text)],
    written: Written::Short,
    reason: "the values of all fields of this name: candidate signatures",
    example: (r#"[{"text":"v1=1,v0=2,v1=3"}, {"split":","}, {"assign":"="}, {"all":"v1"}, {"join":" "}]"#, "1 3"),
    document: "Stripe, webhook signatures; Standard Webhooks",
    does: Does::List(|o, machine, pairs| {
        let values = pairs.iter().filter(|pair| pair.name() == o.bytes(0)).map(|pair| Pair::item(pair.filled()));
        Ok(Gathered::from_iter_in(values, machine.bump).into_bump_slice())
    }),
};

pub static NAMES: StepItem = Item {
    word: "names",
    options: &[],
    written: Written::Options,
    reason: "the names, in order",
    example: (r#"[{"text":"a=1,b=2"}, {"split":","}, {"assign":"="}, "names", {"join":";"}]"#, "a;b"),
    document: "AWS Signature Version 4, signed headers",
    does: Does::List(|_, machine, pairs| {
        Ok(machine.bump.alloc_slice_fill_iter(pairs.iter().map(|pair| Pair::item(pair.name()))))
    }),
};

pub static PAIR: StepItem = Item {
    word: "pair",
    options: &[Opt::required("template", Kind::Template), Opt::optional("valueless", Kind::Template)],
    written: Written::Short,
    reason: "how a name and its value are written; unless `valueless` is given, no value counts as an empty one",
    example: (r#"[{"pairs":{"a":{"text":"1"}}}, {"pair":"{name}={value}"}, {"join":""}]"#, "a=1"),
    document: "every scheme that signs parameters",
    does: Does::Item(pair),
};

fn pair<'a>(o: &'a Args, pair: &Pair<'a>, out: &mut Out<'_, 'a>) {
    let valueless = pair.value().is_none() && o.has(1);
    // The two forms of most documents, without a loop.
    match o.template(usize::from(valueless)) {
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

pub static JOIN: StepItem = Item {
    word: "join",
    options: &[Opt::required("with", Kind::Bytes)],
    written: Written::Short,
    reason: "what stands between the items",
    example: (r#"[{"text":"a,b"}, {"split":","}, {"join":"&"}]"#, "a&b"),
    document: "every scheme that signs parameters",
    does: Does::Join(|o| o.bytes(0)),
};

pub static SPLIT: StepItem = Item {
    word: "split",
    options: &[Opt::required("at", Kind::Cut)],
    written: Written::Short,
    reason: "takes a header value apart; empty pieces stay",
    example: (r#"[{"text":"a,b"}, {"split":","}, {"join":"-"}]"#, "a-b"),
    document: "Stripe, webhook signatures",
    does: Does::Split(|o, machine, bytes| {
        let at = o.bytes(0);
        steps::count(bytes.len());
        let mut items = Gathered::new_in(machine.bump);
        let mut start = 0;
        for cut in memmem::find_iter(bytes, at) {
            items.push(Pair::item(&bytes[start..cut]));
            start = cut + at.len();
        }
        items.push(Pair::item(&bytes[start..]));
        items.into_bump_slice()
    }),
};

pub static ASSIGN: StepItem = Item {
    word: "assign",
    options: &[Opt::required("at", Kind::Cut)],
    written: Written::Short,
    reason: "cuts each item at the first such text into name and value",
    example: (r#"[{"text":"a=b=c"}, {"split":","}, {"assign":"="}, {"first":"a"}]"#, "b=c"),
    document: "Stripe, webhook signatures",
    does: Does::Assign(|o, machine, items| {
        let at = o.bytes(0);
        let mut pairs = Gathered::with_capacity_in(items.len(), machine.bump);
        for item in items.iter().map(Pair::name) {
            steps::count(item.len());
            let Some(cut) = memmem::find(item, at) else {
                return Err(malformed!(machine.bump, "`{}` lacks `{}`", Mask(item.len()), at.escape_ascii()));
            };
            pairs.push(Pair::new(&item[..cut], Some(&item[cut + at.len()..])));
        }
        Ok(pairs.into_bump_slice())
    }),
};
