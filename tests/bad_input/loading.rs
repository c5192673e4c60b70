//! Mistakes that the loader refuses: strict YAML, the scheme language, and the shape of vectors.

use crate::{Case, SCHEME, STATEMENTS, VECTORS, soon};

const fn case(
    what: &'static str,
    file: &'static str,
    old: &'static str,
    new: &'static str,
    says: &'static str,
) -> Case {
    Case { what, file, old, new, says }
}

const TIME: &str = "        time: \"2024-01-02T03:04:05Z\"";

/// Each `new` starts on the line that the message must name.
const CASES: &[Case] = &[
    // Strict YAML
    case("unknown field", VECTORS, TIME, "        tyme: \"2024-01-02T03:04:05Z\"", "unknown field `tyme`"),
    case(
        "unknown field of a scheme",
        SCHEME,
        "    direction: request",
        "    dirction: request",
        "unknown field `dirction`",
    ),
    case(
        "unknown field of a statement",
        STATEMENTS,
        "    place: \"Signing\"",
        "    plaice: \"Signing\"",
        "unknown field `plaice`",
    ),
    case(
        "duplicate key",
        VECTORS,
        "about: \"Signing.\"",
        "about: \"One.\"\nabout: \"Two.\"",
        "the key `about` stands twice in one map",
    ),
    case(
        "duplicate key in one line",
        VECTORS,
        "{ key_id: \"demo\",",
        "{ key_id: \"a\", key_id: \"demo\",",
        "the key `key_id` stands twice",
    ),
    case("anchor", VECTORS, "about: \"Signing.\"", "about: &a \"Signing.\"", "an anchor; write the value out"),
    case("alias", VECTORS, "    comment: \"A plain", "    comment: *a\n    x: \"A plain", "unknown anchor"),
    case(
        "merge key",
        VECTORS,
        "  example: { key_id",
        "  example: { <<: {}, key_id",
        "a merge key; write the fields out",
    ),
    case(
        "tag",
        VECTORS,
        "about: \"Signing.\"",
        "about: !!str \"Signing.\"",
        "a tag; the type of a value follows from its field",
    ),
    case(
        "tag of one's own",
        SCHEME,
        "      canonical_query:",
        "      canonical_query: !pipeline",
        "a tag; the type of a value follows",
    ),
    case(
        "unquoted word",
        VECTORS,
        "account: \"example\"",
        "account: example",
        "`example` is not quoted: in this file every value is a string, written \"example\"",
    ),
    case("unquoted time", VECTORS, TIME, "        time: 2024-01-02T03:04:05Z", "`2024-01-02T03:04:05Z` is not quoted"),
    case("unquoted no", VECTORS, "method: \"GET\"", "method: no", "`no` is not quoted"),
    case("missing value", VECTORS, "about: \"Signing.\"", "about:", "a value is missing here"),
    case("list as a key", SCHEME, "title:", "[a]: b\ntitle:", "a list or map as a key; keys are text"),
    case("tab as indentation", SCHEME, "    direction: request", "\tdirection: request", "not YAML"),
    case(
        "second document",
        STATEMENTS,
        "# Where the documentation",
        "---\n# Where the documentation",
        "a second document; one file holds one document",
    ),
    case(
        "converted line endings",
        SCHEME,
        "title: \"demo request signature\"\n",
        "title: \"demo request signature\"\r\n",
        "a carriage return: the line endings of this file were converted",
    ),
    // The language
    case(
        "unknown stage",
        SCHEME,
        "        - lines: [method, raw_path, stage.canonical_query, time]",
        "        - lines: [method, raw_path, stage.canonical_qery, time]",
        "unknown stage `canonical_qery`; the scheme has canonical_query, string_to_sign",
    ),
    case(
        "unknown source",
        SCHEME,
        "        - lines: [method, raw_path",
        "        - lines: [verb, raw_path",
        "unknown source `verb`; sources are method, scheme, host",
    ),
    case(
        "unknown credential",
        SCHEME,
        "      signature: [stage.string_to_sign, { hmac: { with: sha256, key: credential.secret",
        "      signature: [stage.string_to_sign, { hmac: { with: sha256, key: credential.secrt",
        "unknown credential `secrt`; the scheme has key_id, secret",
    ),
    case(
        "unknown parameter",
        SCHEME,
        "      - { fresh: time, within: parameter.skew",
        "      - { fresh: time, within: parameter.slack",
        "unknown parameter `slack`; the scheme has skew",
    ),
    case(
        "unknown received value",
        SCHEME,
        "      - { equal: [received.signature",
        "      - { equal: [received.mac",
        "unknown received value `mac`; the scheme has key_id, signature",
    ),
    case(
        "received when signing",
        SCHEME,
        "        - concat: [{ text: \"HMAC \" }, credential.key_id",
        "        - concat: [{ text: \"HMAC \" }, received.key_id",
        "is there only when verifying",
    ),
    case(
        "unknown step",
        SCHEME,
        "        - percent-encode: unreserved",
        "        - percent-encod: unreserved",
        "unknown step `percent-encod`; did you mean `percent-encode`?",
    ),
    case(
        "unknown option of a step",
        SCHEME,
        "        - sort: { by: [name, value] }",
        "        - sort: { by: [name, value], locale: en }",
        "unknown field `locale`",
    ),
    case("sort of bytes", SCHEME, "        - query\n", "        - raw_query\n", "the step `sort` does not fit bytes"),
    case(
        "join of pairs",
        SCHEME,
        "        - pair: \"{name}={value}\"\n        - join: \"&\"",
        "        - join: \"&\"",
        "the step `join` does not fit pairs",
    ),
    case(
        "pairs where bytes are due",
        SCHEME,
        "        - join: \"&\"\n      string_to_sign:\n        - lines",
        "      string_to_sign:\n        - lines",
        "a part needs bytes and gets a list; end it with `join`",
    ),
    case(
        "stage before it is derived",
        SCHEME,
        "      signature: [stage.string_to_sign,",
        "      signature: [stage.authorization,",
        "the stage `authorization` is used before it is derived",
    ),
    case(
        "stage of itself",
        SCHEME,
        "      signature: [stage.string_to_sign,",
        "      signature: [stage.signature,",
        "the stage `signature` is used before it is derived",
    ),
    case(
        "prepared from what it is put into",
        SCHEME,
        "    place:\n",
        "    prepare:\n      query: { digest: [raw_query, md5, hex] }\n    place:\n",
        "what is prepared may not depend on the query",
    ),
    case(
        "no time is received",
        SCHEME,
        "      time: { from: header.X-Timestamp, as: [unix-seconds], keep: text }\n",
        "",
        "no time is received: bind it with receive",
    ),
    case(
        "two placeholders that touch",
        SCHEME,
        "      fields: { from: header.Authorization, template: \"HMAC {key_id}:{signature}\"",
        "      fields: { from: header.Authorization, template: \"HMAC {key_id}{signature}\"",
        "two placeholders need literal text between them",
    ),
    case(
        "unknown reject class",
        SCHEME,
        "      - { fresh: time, within: parameter.skew, reject: expired",
        "      - { fresh: time, within: parameter.skew, reject: late",
        "unknown variant `late`",
    ),
    case(
        "check without a class",
        SCHEME,
        "      - { fresh: time, within: parameter.skew, reject: expired, status: \"401\" }",
        "      - { fresh: time, within: parameter.skew }",
        "the check `fresh` lacks `reject`",
    ),
    case(
        "check of two kinds",
        SCHEME,
        "      - { present: credential.secret,",
        "      - { present: credential.secret, unique: nonce,",
        "a check has exactly one of",
    ),
    // Vectors
    case(
        "vector without source",
        VECTORS,
        "    source: { kind: \"documented\", place: \"Signing, example\" }\n",
        "",
        "missing field `source`",
    ),
    case(
        "source of an unknown kind",
        VECTORS,
        "    source: { kind: \"documented\"",
        "    source: { kind: \"heard\"",
        "unknown variant `heard`",
    ),
    case(
        "unknown operation",
        VECTORS,
        "      operation: \"request\"",
        "      operation: \"requst\"",
        "unknown operation `requst`; the scheme has request",
    ),
    case(
        "unknown variant",
        VECTORS,
        "      operation: \"request\"",
        "      operation: \"request\"\n      variant: \"beta\"",
        "unknown variant `beta`",
    ),
    case(
        "unknown account",
        VECTORS,
        "        account: \"example\"",
        "        account: \"exmple\"",
        "unknown account `exmple`; this file has example",
    ),
    case(
        "path and target",
        VECTORS,
        "          path: \"/orders\"",
        "          path: \"/orders\"\n          target: \"/orders\"",
        "has `path` (and `query`) or `target`, not both",
    ),
    case("neither path nor target", VECTORS, "          path: \"/orders\"\n", "", "lacks `path` or `target`"),
    case(
        "pair of three",
        VECTORS,
        "[\"state\", \"open\"]",
        "[\"state\", \"open\", \"x\"]",
        "a pair is [name] or [name, value]",
    ),
    case("time without zone", VECTORS, TIME, "        time: \"2024-01-02T03:04:05\"", "is no time in UTC"),
    case(
        "time that never was",
        VECTORS,
        TIME,
        "        time: \"2024-02-30T03:04:05Z\"",
        "is no time of the form RFC 3339",
    ),
    case(
        "nothing expected",
        VECTORS,
        "      stages:\n        canonical_query: \"limit=10&state=open\"\n        string_to_sign: \"GET\\n/orders\\nlimit=10&state=open\\n1704164645\"\n        signature: \"9f4ae63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7\"",
        "      stages: {}",
        "a vector that signs expects `stages`",
    ),
];

#[test]
fn each_mistake_is_refused_with_its_place() {
    let wrong: Vec<String> = CASES.iter().filter_map(|case| refuse(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// Whether the mistake is refused as it should be; `Err` shows what came instead.
fn refuse(case: &Case) -> Result<(), String> {
    let corpus = case.corpus();
    let ran = soon(|| corpus.run(&["check"]));
    let wrong = |why: String| Err(format!("{}: {why}\n{}", case.what, ran.stderr));
    if ran.code != 2 || !ran.stdout.is_empty() {
        return wrong(format!("exit code {}, standard output `{}`", ran.code, ran.stdout));
    }
    if !ran.stderr.contains(case.says) {
        return wrong(format!("`{}` is not said", case.says));
    }
    let file = corpus.file(case.file);
    let place = match case.line(&corpus) {
        Some(line) => format!("countersign: {}:{line}:", file.display()),
        None => format!("countersign: {}:", file.display()),
    };
    if !ran.stderr.starts_with(&place) {
        return wrong(format!("the message does not start with {place}"));
    }
    let line = ran.stderr[place.len() - 1..].trim_start_matches(':').split(':').next().unwrap_or_default();
    if line.parse::<usize>().is_err() {
        return wrong(format!("`{line}` is no line or column"));
    }
    Ok(())
}

#[test]
fn every_command_that_reads_a_corpus_refuses_it() {
    let corpus = CASES[0].corpus();
    for command in [
        &["check"][..],
        &["list"],
        &["explain", "steps"],
        &["lint"],
        &["export"],
        &["adapter"],
        &["sign", "demo/sign/first"],
    ] {
        corpus.run(command).exits(2).complains(CASES[0].says);
    }
}
