//! Steps that read JSON, whatever bytes hold it.

use crate::primitive::Sink;
use crate::primitive::json::{self, Member, Object};
use crate::scheme::item::{Item, Opt, OptionKind, items};
use crate::scheme::machine::{Absence, Args, Does, Failure, Field, Machine, Out, Why, malformed};
use bumpalo::collections::Vec as Gathered;

pub const ITEMS: &[Item<Does>] = items! {
    "json" Short [
        Opt::required("path", OptionKind::JsonPath),
        Opt::deviation(&["first-member", "last-member", "numbers-rewritten"]),
    ]
        "the value at a path of names, and numbers of items: text decoded, anything else as written; no name twice"
        ("RFC 8259")
        r#"[{"text":"{\"amount\":[{\"value\": 1.50}]}"}, {"json":["amount",0,"value"]}]"# => "1.50"
        Does::write(member);

    "members" Options []
        "members of a JSON object, as `json` gives them" ("RFC 8259")
        r#"[{"text":"{\"b\": 1.0, \"a\": \"x\"}"}, "members", "sort", {"pair":"{name}={value}"}, {"join":"&"}]"# => "a=x&b=1.0"
        Does::Members(members);

    "minify-json" | "json-stringify" Options [Opt::deviation(&["inside-texts", "sorted"])]
        "JSON without white space outside of texts, everything else as written" ("RFC 8259 section 2")
        r#"[{"text":"{ \"b\": \" 1\", \"a\": [ 1.0 ] }"}, "minify-json"]"# => r#"{"b":" 1","a":[1.0]}"#
        Does::write(minify);
};

fn member<'a>(o: &'a Args, json: &[u8], out: &mut Out<'_, 'a>) -> Result<(), Failure<'a>> {
    let text = std::str::from_utf8(json).map_err(|_| out.malformed("no JSON: it is no UTF-8"))?;
    let mut found = Member::Other(text.trim_ascii());
    for name in o.texts(0) {
        let absent = || Failure::new(Why::Absent(Absence::Field("the JSON member ", name)), out.bump);
        found = match found {
            Member::Other(array) if array.starts_with('[') => {
                let number = std::str::from_utf8(name).ok().and_then(|name| name.parse().ok()).ok_or_else(absent)?;
                json::item(array.as_bytes(), number, out.bump).map_err(|e| out.malformed(e))?.ok_or_else(absent)?
            }
            Member::Other(object) => {
                let object = Object::of(object.as_bytes(), out.bump).map_err(|e| out.malformed(e))?;
                let mut named = object.members().iter().filter(|(other, _)| other.as_bytes() == name.as_slice());
                let member = if o.deviates(1, "last-member") { named.next_back() } else { named.next() };
                let is_strict = !o.deviates(1, "first-member") && !o.deviates(1, "last-member");
                if is_strict && object.repeats(out.bump) {
                    return Err(out.malformed("no JSON object: a member stands twice"));
                }
                member.ok_or_else(absent)?.1
            }
            Member::Text(_) => return Err(absent()),
        };
    }
    if let (Member::Other(written), true) = (found, o.deviates(1, "numbers-rewritten"))
        && let Ok(number) = written.parse::<f64>()
    {
        out.put(number.to_string().as_bytes());
        return Ok(());
    }
    out.put(found.bytes().map_err(|e| out.malformed(e))?);
    Ok(())
}

fn members<'a>(_: &'a Args, machine: &mut Machine<'a>, json: &'a [u8]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let bump = machine.bump;
    let object = Object::of(json, bump).map_err(|e| malformed!(bump, "{e}"))?;
    if object.repeats(bump) {
        return Err(malformed!(bump, "no JSON object: a member stands twice"));
    }
    let mut pairs = Gathered::with_capacity_in(object.members().len(), bump);
    for (name, member) in object.members() {
        let value = member.bytes().map_err(|e| malformed!(bump, "{e}"))?;
        pairs.push(Field::new(name.as_bytes(), Some(value)));
    }
    Ok(pairs.into_bump_slice())
}

fn minify<'a>(o: &'a Args, json: &[u8], out: &mut Out<'_, 'a>) -> Result<(), Failure<'a>> {
    if o.deviates(0, "inside-texts") {
        json.iter().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| out.put(&[*byte]));
        return Ok(());
    }
    if o.deviates(0, "sorted") {
        let mut value: serde_json::Value =
            serde_json::from_slice(json).map_err(|e| out.malformed(format_args!("no JSON: {e}")))?;
        value.sort_all_objects();
        out.put(value.to_string().as_bytes());
        return Ok(());
    }
    json::put_minified(json, out).map_err(|e| out.malformed(e))
}
