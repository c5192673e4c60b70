//! Writing of an item: a step, a source or a check with its options.

use crate::scheme::{Family, Item, Opt, OptionKind, Preset, Type, Written};

/// An item as a scheme file has it. `name?` need not be there; of `a|b`, the first is meant unless another is said.
pub(super) fn synopsis<E: Family>(item: &Item<E>) -> String {
    let word = item.word;
    let (own, beside) = item.options.split_at(item.own());
    let own: Vec<&Opt> = own.iter().filter(|option| !option.is_deviation()).collect();
    let list = |values: Vec<String>| values.join(", ");
    let map = || format!("{{{}}}", list(own.iter().map(|option| named(option)).collect()));
    let entry = |option: &&Opt| match option.kind {
        OptionKind::Texts => "TEXT…".to_owned(),
        _ => value(option),
    };
    let written = match item.written {
        _ if own.is_empty() => word.to_owned(),
        Written::Short if own.len() == 1 => format!("{word}: {}", value(own[0])),
        Written::Options | Written::Short | Written::Map(_) => format!("{word}: {}", map()),
        Written::Value => format!("{word}: {}", value(own[0])),
        Written::Dotted => format!("{word}.NAME"),
        Written::List(_) => format!("{word}: [{}]", list(own.iter().map(entry).collect())),
    };
    let beside = beside.iter().filter(|option| !option.is_deviation()).map(|option| format!(", {}", named(option)));
    std::iter::once(written).chain(beside).collect()
}

fn named(option: &Opt) -> String {
    let may = if option.default == Preset::Absent { "?" } else { "" };
    format!("{}{may}: {}", option.name, value(option))
}

fn value(option: &Opt) -> String {
    let first = |default: &str, words: &[&str]| {
        let others = words.iter().filter(|word| **word != default);
        std::iter::once(&default).chain(others).copied().collect::<Vec<_>>().join("|")
    };
    match (option.kind, option.default) {
        (OptionKind::Flag, Preset::Flag(true)) => "true|false".to_owned(),
        (OptionKind::Word(words), Preset::Word(default)) => first(default, words),
        (OptionKind::Word(words), _) => words.join("|"),
        (OptionKind::Words(words), _) => format!("[{}…]", words.join("|")),
        (kind, _) => placeholder(kind).to_owned(),
    }
}

/// Returns what stands for a value of a kind; the language page says what each means.
fn placeholder(kind: OptionKind) -> &'static str {
    match kind {
        OptionKind::Flag => "false|true",
        OptionKind::Count => "COUNT",
        OptionKind::Text | OptionKind::Cut => "TEXT",
        OptionKind::Bytes => "BYTES",
        OptionKind::TextOrValue => "BYTES|[VALUE]",
        OptionKind::Hex => "DIGITS",
        OptionKind::Texts => "[TEXT…]",
        OptionKind::JsonPath => "[TEXT|COUNT…]",
        OptionKind::Keep => "[CHARACTER…]",
        OptionKind::Replacements => "{TEXT: TEXT…}",
        OptionKind::References => "TEXT",
        OptionKind::Template => "TEMPLATE",
        OptionKind::Word(_) | OptionKind::Words(_) | OptionKind::Deviation(_) => "WORD",
        OptionKind::Digest => "DIGEST",
        OptionKind::Signature => "SIGNATURE",
        OptionKind::Key("private") => "PRIVATE",
        OptionKind::Key(_) => "PUBLIC",
        OptionKind::TimeForm => "FORM",
        OptionKind::ReceivedTime => "TIME",
        OptionKind::Pipeline(Type::Bytes) => "VALUE",
        OptionKind::Pipeline(Type::Pairs) => "PAIRS",
        OptionKind::Pipeline(Type::List) => "LIST",
        OptionKind::Number => "NUMBER",
        OptionKind::Window => "WINDOW",
        OptionKind::Pipelines(Some(Type::Pairs)) => "[PAIRS…]",
        OptionKind::Pipelines(Some(Type::Bytes | Type::List) | None) => "[VALUE…]",
        OptionKind::Fields => "{NAME: VALUE…}",
        OptionKind::Credentials => "{CREDENTIAL: VALUE…}",
        OptionKind::FieldName
        | OptionKind::Credential
        | OptionKind::Parameter
        | OptionKind::Stage
        | OptionKind::Received => "NAME",
        OptionKind::Addresses => "ADDRESSES",
    }
}
