//! From text to lists and pairs, and back.

use crate::primitive::{Sink, steps};
use crate::scheme::item::{Item, Opt, OptionKind, items, pattern};
use crate::scheme::machine::{Absence, Args, Does, Failure, Field, Machine, Mask, Out, TemplatePiece, Why, malformed};
use bumpalo::collections::Vec as Gathered;
use memchr::memmem;
use serde_json::json;

const NAME: Opt = Opt::required("name", OptionKind::Text);
const AT: Opt = Opt::required("at", OptionKind::Cut);

pub const ITEMS: &[Item<Does>] = items! {
    "first" Short [Opt::required("name", OptionKind::TextOrValue), Opt::deviation(&["last"])]
        "the value of the first field of this name" ("Stripe, webhook signatures")
        r#"[{"text":"t=1,v1=2"}, {"split":","}, {"assign":"="}, {"first":"t"}]"# => "1"
        Does::Pick(|o, machine, pairs| {
            let name = machine.text_or_value(o)?;
            let is_named = |pair: &&Field<'_>| pair.name() == name;
            let last = o.deviates(1, "last");
            let found = if last { pairs.iter().rfind(is_named) } else { pairs.iter().find(is_named) };
            let absent = || Failure::new(Why::Absent(Absence::Field("the field ", name)), machine.bump);
            found.map(Field::filled).ok_or_else(absent)
        });

    "all" Short [NAME, Opt::deviation(&["any-name", "like-name", "longer-name"])]
        "the values of all fields of this name" ("Stripe, webhook signatures; Standard Webhooks")
        r#"[{"text":"v1=1,v0=2,v1=3"}, {"split":","}, {"assign":"="}, {"all":"v1"}, {"join":" "}]"# => "1 3"
        Does::List(|o, machine, pairs| {
            let is_like = |name: &[u8]| o.deviates(1, "like-name") && name.first() == o.bytes(0).first();
            let named = |pair: &&Field<'_>| {
                let is_longer = o.deviates(1, "longer-name") && pair.name().starts_with(o.bytes(0));
                pair.name() == o.bytes(0) || o.deviates(1, "any-name") || is_like(pair.name()) || is_longer
            };
            let values = pairs.iter().filter(named).map(|pair| Field::item(pair.filled()));
            Ok(Gathered::from_iter_in(values, machine.bump).into_bump_slice())
        });

    "names" Options []
        "the names, in order" ("AWS Signature Version 4, signed headers")
        r#"[{"text":"a=1,b=2"}, {"split":","}, {"assign":"="}, "names", {"join":";"}]"# => "a;b"
        Does::Names(|_, machine, pairs| {
            Ok(machine.bump.alloc_slice_fill_iter(pairs.iter().map(|pair| Field::item(pair.name()))))
        }), |c| c.gives_pairs(format!("[name for name, _ in {}]", c.any()), format!("{}.map(([name]) => name)", c.any()));

    "pair" Short [Opt::required("template", OptionKind::Template), Opt::optional("valueless", OptionKind::Template)]
        "how a name and its value are written; unless `valueless` is given, no value counts as an empty one"
        ("every scheme that signs parameters")
        r#"[{"pairs":{"a":{"text":"1"}}}, {"pair":"{name}={value}"}, {"join":""}]"# => "a=1"
        Does::Item(pair), |c| {
            let (template, it) = (c.option("template"), c.any());
            if c.has("valueless") {
                return None;
            }
            let shown: Vec<&str> = template.split(['{', '}']).skip(1).step_by(2).collect();
            let plain = template.replace('%', "%%").replace("{name}", "%b").replace("{value}", "%b");
            let [of, each] = match shown[..] {
                ["name", "value"] => ["pair", "pair"],
                _ => [&*format!("({},)", shown.join(", ")), "name, value"],
            };
            let literal = c.literal(&plain);
            let written = json!(template).to_string().replace('`', "\\`").replace("\\\"", "\"");
            let written = written[1..written.len() - 1].replace("{name}", "${name}").replace("{value}", "${value}");
            c.gives_string(
                format!("[{literal} % {of} \nfor {each} in {it}]"),
                format!("{it}.map(([name, value]) => \n`{written}`)"),
            )
        };

    "join" Short [Opt::required("with", OptionKind::TextOrValue)]
        "what stands between the items" ("every scheme that signs parameters")
        r#"[{"text":"a,b"}, {"split":","}, {"join":"&"}]"# => "a&b"
        Does::Join, |c| {
            let (with, it) = (c.literal(c.options["with"].as_str()?), c.any());
            c.gives_string(format!("{with}.join({it})"), format!("{it}.join({with})"))
        };

    "split" Short [AT, Opt::flag("quoted", false)]
        "empty pieces stay; with `quoted`, nothing is cut between double quotes"
        ("RFC 9110 section 5.6.4; Stripe, webhook signatures")
        r#"[{"text":"a,b"}, {"split":","}, {"join":"-"}]"# => "a-b"
        Does::Split(split), |c| {
            let (it, at) = (c.text(), c.literal(c.option("at")));
            c.gives_string(format!("{it}.split({at})"), format!("{it}.split({at})")).filter(|_| !c.has("quoted"))
        };

    "assign" Short [AT, Opt::flag("valueless", false)]
        "cuts each item at the first such text; with `valueless`, an item without it is a name"
        ("Stripe, webhook signatures; RFC 3986 section 3.4, a query taken apart as it stands")
        r#"[{"text":"a=b=c"}, {"split":","}, {"assign":"="}, {"first":"a"}]"# => "b=c"
        Does::Assign(assign), |c| {
            let (it, at) = (c.text(), c.option("at"));
            c.gives_string(
                format!("[tuple(item.split({}, 1)) \nfor item in {it}]", c.literal(at)),
                format!("{it}.map(item => \nitem.split(/{}(.*)/s, 2))", pattern(at)),
            ).filter(|_| !c.has("valueless"))
        };
};

fn pair<'a>(o: &'a Args, pairs: &[Field<'a>], with: &[u8], out: &mut Out<'_, 'a>) {
    let plain = o.template(0);
    let valueless = if o.has(1) { o.template(1) } else { plain };
    for (i, pair) in pairs.iter().enumerate() {
        if i > 0 && !with.is_empty() {
            out.put(with);
        }
        // The two forms of most documents, without a loop.
        match if pair.value().is_some() { plain } else { valueless } {
            [TemplatePiece::Name, TemplatePiece::Value] => {
                out.put(pair.name());
                out.put(pair.filled());
            }
            [TemplatePiece::Name, TemplatePiece::Literal(text), TemplatePiece::Value] => {
                out.put(pair.name());
                out.put(text);
                out.put(pair.filled());
            }
            pieces => write_pair(pieces, pair, out),
        }
    }
}

/// Writes what a template gives of a pair.
pub(super) fn write_pair(template: &[TemplatePiece], pair: &Field<'_>, out: &mut Out<'_, '_>) {
    for piece in template {
        out.put(match piece {
            TemplatePiece::Literal(text) => text,
            TemplatePiece::Name => pair.name(),
            TemplatePiece::Value => pair.filled(),
        });
    }
}

fn split<'a>(o: &'a Args, machine: &mut Machine<'a>, bytes: &'a [u8]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let at = o.bytes(0);
    steps::count(bytes.len());
    let mut items = Gathered::new_in(machine.bump);
    let mut start = 0;
    let (mut quotes, mut seen) = (Quotes::default(), 0);
    for cut in memmem::find_iter(bytes, at) {
        if o.flag(1) {
            quotes.pass(&bytes[seen..cut]);
            seen = cut;
            if quotes.are_open {
                continue;
            }
        }
        items.push(Field::item(&bytes[start..cut]));
        start = cut + at.len();
    }
    items.push(Field::item(&bytes[start..]));
    Ok(items.into_bump_slice())
}

/// State of double quotes, between which a backslash takes the meaning of what follows it.
#[derive(Default)]
struct Quotes {
    are_open: bool,
    is_escape: bool,
}

impl Quotes {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.are_open ^= *byte == b'"' && !self.is_escape;
            self.is_escape = self.are_open && *byte == b'\\' && !self.is_escape;
        }
    }
}

fn assign<'a>(o: &'a Args, machine: &mut Machine<'a>, items: &'a [Field<'a>]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let at = o.bytes(0);
    let mut pairs = Gathered::with_capacity_in(items.len(), machine.bump);
    for item in items.iter().map(Field::name) {
        steps::count(item.len());
        pairs.push(match memmem::find(item, at) {
            Some(cut) => Field::new(&item[..cut], Some(&item[cut + at.len()..])),
            None if o.flag(1) => Field::new(item, None),
            None => return Err(malformed!(machine.bump, "`{}` lacks `{}`", Mask(item.len()), at.escape_ascii())),
        });
    }
    Ok(pairs.into_bump_slice())
}
