//! Steps that take structured fields of HTTP apart.

use super::list::write_pair;
use crate::primitive::{Sink, structured};
use crate::scheme::item::{Item, Opt, OptionKind, items};
use crate::scheme::machine::{Args, Does, Failure, Field, Machine, malformed};
use bumpalo::collections::Vec as Gathered;

pub const ITEMS: &[Item<Does>] = items! {
    "dictionary" Options []
        "members of a structured field, each written anew; of one name, the last" ("RFC 9651 section 3.2")
        r#"[{"text":"sig1=( \"@path\"  \"date\");created=1, sig2=:YQ==:"}, "dictionary", {"first":"sig1"}]"#
            => r#"("@path" "date");created=1"#
        Does::Members(dictionary);

    "inner-list" Options [Opt::deviation(&["without-parameters"])]
        "items of an inner list, each with its parameters" ("RFC 9651 section 3.1.1")
        r#"[{"text":"(\"@path\" \"@query-param\";name=\"a\");created=1"}, "inner-list", {"join":"|"}]"#
            => r#""@path"|"@query-param";name="a""#
        Does::Split(inner_list);

    "parameters" Options []
        "parameters of an item or inner list, decoded" ("RFC 9651 section 3.1.2")
        r#"[{"text":"(\"date\");created=1;keyid=\"a b\""}, "parameters", {"first":"keyid"}]"# => "a b"
        Does::Members(parameters);

    "bare-item" Options []
        "an item without its parameters, decoded" ("RFC 9651 section 3.3")
        r#"[{"text":":YWJj:;a=1"}, "bare-item"]"# => "abc"
        Does::write(|_, text, out| {
            structured::item(text).map(|value| out.put(&value)).map_err(|e| out.malformed(e))
        });

    "rename" Short [Opt::required("template", OptionKind::Template)]
        "other names for fields" ("RFC 9421 section 2.2.8, names with parameters")
        r#"[{"pairs":{"a":{"text":"1"}}}, {"rename":"\"{name}\""}, {"pair":"{name}: {value}"}, {"join":""}]"# => r#""a": 1"#
        Does::Pairs(rename);
};

fn dictionary<'a>(_: &'a Args, m: &mut Machine<'a>, text: &'a [u8]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let members = structured::dictionary(text).map_err(|e| malformed!(m.bump, "{e}"))?;
    Ok(fields(m, members))
}

fn inner_list<'a>(o: &'a Args, m: &mut Machine<'a>, text: &'a [u8]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let items = structured::inner_list(text).map_err(|e| malformed!(m.bump, "{e}"))?;
    let bump = m.bump;
    let bare = |item: String| match o.deviates(0, "without-parameters") {
        true => item.split(';').next().unwrap_or_default().to_owned(),
        false => item,
    };
    let items: Vec<Field<'a>> =
        items.into_iter().map(|item| Field::item(bump.alloc_str(&bare(item)).as_bytes())).collect();
    Ok(bump.alloc_slice_fill_iter(items))
}

fn parameters<'a>(_: &'a Args, m: &mut Machine<'a>, text: &'a [u8]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let found = structured::parameters(text).map_err(|e| malformed!(m.bump, "{e}"))?;
    Ok(fields(m, found))
}

/// Pairs whose bytes the arena keeps.
fn fields<'a>(m: &Machine<'a>, pairs: Vec<(String, impl AsRef<[u8]>)>) -> &'a [Field<'a>] {
    let bump = m.bump;
    let keep = |(name, value): &(String, _)| {
        let value: &[u8] = AsRef::<[u8]>::as_ref(value);
        Field::new(bump.alloc_slice_copy(name.as_bytes()), Some(bump.alloc_slice_copy(value)))
    };
    bump.alloc_slice_fill_iter(pairs.iter().map(keep).collect::<Vec<_>>())
}

fn rename<'a>(o: &'a Args, m: &mut Machine<'a>, pairs: &'a [Field<'a>]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let mut renamed = Gathered::with_capacity_in(pairs.len(), m.bump);
    for pair in pairs {
        let name = m.made(|out| {
            write_pair(o.template(0), pair, out);
            Ok(())
        })?;
        renamed.push(Field::new(name, pair.value()));
    }
    Ok(renamed.into_bump_slice())
}
