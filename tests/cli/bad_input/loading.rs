//! Mistakes that the loader refuses: strict YAML, the scheme language, and the shape of vectors.

use super::{Case, Corpus, SCHEME, SOON, STATEMENTS, VECTORS};

const TIME: &str = "        time: \"2024-01-02T03:04:05Z\"";

/// What, file, old text, new text, what the message says.
#[rustfmt::skip]
const CASES: &[Case] = &[
    // Strict YAML
    Case::new("unknown field", VECTORS, TIME, "        tyme: \"2024-01-02T03:04:05Z\"", "unknown field `tyme`"),
    Case::new("unknown field of a scheme", SCHEME, "    direction: request", "    dirction: request", "unknown field `dirction`"),
    Case::new("unknown field of a statement", STATEMENTS, "    place: \"Signing\"", "    plaice: \"Signing\"", "unknown field `plaice`"),
    Case::new("duplicate key", VECTORS, "about: \"Signing.\"", "about: \"One.\"\nabout: \"Two.\"", "a key that stands twice in one map").around("about: \"Two.\""),
    Case::new("duplicate key in one line", VECTORS, "{ key_id: \"demo\",", "{ key_id: \"a\", key_id: \"demo\",", "a key that stands twice in one map"),
    Case::new("anchor", VECTORS, "about: \"Signing.\"", "about: &a \"Signing.\"", "an anchor; write the value out"),
    Case::new("alias", VECTORS, "    comment: \"A plain", "    comment: *a\n    x: \"A plain", "unknown anchor"),
    Case::new("merge key", VECTORS, "  example: { key_id", "  example: { <<: {}, key_id", "a merge key; write the fields out"),
    Case::new("tag", VECTORS, "about: \"Signing.\"", "about: !!str \"Signing.\"", "a tag; the type of a value follows from its field"),
    Case::new("tag of one's own", SCHEME, "      canonical_query:", "      canonical_query: !pipeline", "a tag; the type of a value follows"),
    Case::new("unquoted word", VECTORS, "account: \"example\"", "account: example", "a value without quotes: in this file every value is a string, written \"…\""),
    Case::new("unquoted time", VECTORS, TIME, "        time: 2024-01-02T03:04:05Z", "a value without quotes"),
    Case::new("unquoted no", VECTORS, "method: \"GET\"", "method: no", "a value without quotes"),
    Case::new("missing value", VECTORS, "about: \"Signing.\"", "about:", "a value is missing here"),
    Case::new("list as a key", SCHEME, "title:", "[a]: b\ntitle:", "a list or map as a key; keys are text"),
    Case::new("tab as indentation", SCHEME, "    direction: request", "\tdirection: request", "not YAML"),
    Case::new("second document", STATEMENTS, "# Where the documentation", "---\n# Where the documentation", "a second document; one file holds one document"),
    Case::new("converted line endings", SCHEME, "title: \"demo request signature\"\n", "title: \"demo request signature\"\r\n", "a carriage return: the line endings of this file were converted"),
    // The language
    Case::new("unknown stage", SCHEME, "        - lines: [method, raw_path, stage.canonical_query, time]", "        - lines: [method, raw_path, stage.canonical_qery, time]", "unknown stage `canonical_qery`, did you mean `canonical_query`?; the scheme has canonical_query, string_to_sign"),
    Case::new("unknown source", SCHEME, "        - lines: [method, raw_path", "        - lines: [verb, raw_path", "unknown source `verb`; `explain sources` lists them"),
    Case::new("unknown credential", SCHEME, "      signature: [stage.string_to_sign, { hmac: { with: sha256, key: credential.secret", "      signature: [stage.string_to_sign, { hmac: { with: sha256, key: credential.secrt", "unknown credential `secrt`, did you mean `secret`?; the scheme has key_id, secret"),
    Case::new("unknown parameter", SCHEME, "      - { fresh: time, within: parameter.skew", "      - { fresh: time, within: parameter.slack", "unknown parameter `slack`; the scheme has skew"),
    Case::new("unknown received value", SCHEME, "      - { equal: [received.signature", "      - { equal: [received.mac", "unknown received value `mac`; the scheme has key_id, signature"),
    Case::new("received when signing", SCHEME, "        - concat: [{ text: \"HMAC \" }, credential.key_id", "        - concat: [{ text: \"HMAC \" }, received.key_id", "is there only when verifying"),
    Case::new("unknown step", SCHEME, "        - percent-encode: unreserved", "        - percent-encod: unreserved", "unknown step `percent-encod`, did you mean `percent-encode`?").around("        - query\n"),
    Case::new("step by another word", SCHEME, "        - percent-encode: unreserved", "        - urlEncode: unreserved", "unknown step `urlEncode`, did you mean `percent-encode`?"),
    Case::new("field by another word", SCHEME, "from: header.Authorization", "from: headers.Authorization", "unknown source `headers.Authorization`, did you mean `header.Authorization`?"),
    Case::new("source by another word", SCHEME, "        - concat: [{ text: \"HMAC \" }", "        - concatenate: [{ text: \"HMAC \" }", "unknown source `concatenate`, did you mean `concat`?"),
    Case::new("unknown option of a step", SCHEME, "        - sort: { by: [name, value] }", "        - sort: { by: [name, value], locale: en }", "the step `sort` has no option `locale`; it has by, caseless").around("        - query\n"),
    Case::new("sort of bytes", SCHEME, "        - query\n", "        - raw_query\n", "the step `sort` does not fit bytes").around("- sort:"),
    Case::new("join of pairs", SCHEME, "        - pair: \"{name}={value}\"\n        - join: \"&\"", "        - join: \"&\"", "the step `join` does not fit pairs").around("        - query\n"),
    Case::new("pairs where bytes are due", SCHEME, "        - join: \"&\"\n      string_to_sign:\n        - lines", "      string_to_sign:\n        - lines", "a part needs bytes and gets a list; end it with `join`").around("        - lines: ["),
    Case::new("stage before it is derived", SCHEME, "      signature: [stage.string_to_sign,", "      signature: [stage.authorization,", "the stage `authorization` is used before it is derived"),
    Case::new("stage of itself", SCHEME, "      signature: [stage.string_to_sign,", "      signature: [stage.signature,", "the stage `signature` is used before it is derived"),
    Case::new("prepared from what it is put into", SCHEME, "    place:\n", "    prepare:\n      query: { digest: [raw_query, md5, hex] }\n    place:\n", "what is prepared may not depend on the query").around("digest: [raw_query"),
    Case::new("no time is received", SCHEME, "      time: { from: header.X-Timestamp, as: [unix-seconds], keep: text }\n", "", "no time is received: bind it with receive"),
    Case::new("two placeholders that touch", SCHEME, "      fields: { from: header.Authorization, template: \"HMAC {key_id}:{signature}\"", "      fields: { from: header.Authorization, template: \"HMAC {key_id}{signature}\"", "two placeholders need literal text between them"),
    Case::new("unknown reject class", SCHEME, "      - { fresh: time, within: parameter.skew, reject: expired", "      - { fresh: time, within: parameter.skew, reject: late", "unknown variant `late`"),
    Case::new("check without a class", SCHEME, "      - { fresh: time, within: parameter.skew, reject: expired, status: \"401\" }", "      - { fresh: time, within: parameter.skew }", "the check `fresh` lacks `reject`"),
    Case::new("check of two kinds", SCHEME, "      - { present: credential.secret,", "      - { present: credential.secret, unique: nonce,", "in one map: a check is one word"),
    // Edits
    Case::new("edit that matches nothing", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.signature.md5, delete: true }] }\noperations:\n", "matches nothing: there is no `md5` here; there is stage.string_to_sign, hmac, hex").around("  v: {"),
    Case::new("edit of an unknown operation", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: reqest.derive.signature.hex, delete: true }] }\noperations:\n", "starts with no operation of this scheme; it has request").around("  v: {"),
    Case::new("edit that matches several nodes", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.signature.hex, insert-after: hex }, { edit: request.derive.signature.hex, delete: true }] }\noperations:\n", "matches 2 nodes: `hex` stands 2 times; say which with hex[0] to hex[1]").around("  v: {"),
    Case::new("edit that changes nothing", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.signature.hmac, set: { with: sha256 } }] }\noperations:\n", "these edits change nothing").around("  v: {"),
    Case::new("edits that cancel out", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.verify.present, swap-with-next: true }, { edit: request.verify.fresh, swap-with-next: true }] }\noperations:\n", "these edits change nothing").around("  v: {"),
    Case::new("edit with two changes", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.signature.hex, delete: true, replace: base64 }] }\noperations:\n", "has 2 changes; it has exactly one of").around("  v: {"),
    Case::new("edit that deletes nothing", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.signature.hex, delete: false }] }\noperations:\n", "has `delete: false`; it is written `delete: true`, or left out").around("  v: {"),
    Case::new("edit after which nothing fits", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.canonical_query.join, delete: true }] }\noperations:\n", "after the edits, request.derive.string_to_sign: a part needs bytes and gets a list").around("  v: {"),
    Case::new("swap of the last node", SCHEME, "operations:\n", "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.signature.hex, swap-with-next: true }] }\noperations:\n", "only an entry of a list with another one after it changes places").around("  v: {"),
    // Vectors
    Case::new("vector without source", VECTORS, "    source: { kind: \"documented\", place: \"Signing, example\" }\n", "", "missing field `source`"),
    Case::new("source of an unknown kind", VECTORS, "    source: { kind: \"documented\"", "    source: { kind: \"heard\"", "unknown variant `heard`"),
    Case::new("unknown operation", VECTORS, "      operation: \"request\"", "      operation: \"requst\"", "unknown operation `requst`; the scheme has request"),
    Case::new("unknown variant", VECTORS, "      operation: \"request\"", "      operation: \"request\"\n      variant: \"beta\"", "unknown variant `beta`").around("variant: \"beta\""),
    Case::new("unknown account", VECTORS, "        account: \"example\"", "        account: \"exmple\"", "this names no account of the file, which has example"),
    Case::new("path and target", VECTORS, "          path: \"/orders\"", "          path: \"/orders\"\n          target: \"/orders\"", "has `path` (and `query`) or `target`, not both").around("          method: "),
    Case::new("neither path nor target", VECTORS, "          path: \"/orders\"\n", "", "lacks `path` or `target`"),
    Case::new("pair of three", VECTORS, "[\"state\", \"open\"]", "[\"state\", \"open\", \"x\"]", "a pair is [name] or [name, value]"),
    Case::new("time without zone", VECTORS, TIME, "        time: \"2024-01-02T03:04:05\"", "is no time in UTC"),
    Case::new("time that never was", VECTORS, TIME, "        time: \"2024-02-30T03:04:05Z\"", "is no time of the form RFC 3339"),
    Case::new("nothing expected", VECTORS, "      stages:\n        canonical_query: \"limit=10&state=open\"\n        string_to_sign: \"GET\\n/orders\\nlimit=10&state=open\\n1704164645\"\n        signature: \"9f4ae63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7\"", "      stages: {}", "a vector that signs expects `stages`"),
];

#[test]
fn each_mistake_is_refused_with_its_place() {
    let wrong: Vec<String> = CASES.iter().filter_map(|case| refuse(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// Whether the mistake is refused as it should be; `Err` shows what came instead.
fn refuse(case: &Case) -> Result<(), String> {
    let corpus = case.corpus();
    let ran = corpus.run(&["check"]).within(SOON);
    let wrong = |why: String| Err(format!("{}: {why}\n{}", case.what, ran.stderr));
    if ran.code != 2 || !ran.stdout.is_empty() {
        return wrong(format!("exit code {}, standard output `{}`", ran.code, ran.stdout));
    }
    if !ran.stderr.contains(case.says) {
        return wrong(format!("`{}` is not said", case.says));
    }
    let file = format!("countersign: {}:", corpus.file(case.file).display());
    let place = ran.stderr.strip_prefix(&file).unwrap_or_default();
    let line = place.split(':').next().unwrap_or_default().parse::<usize>().unwrap_or_default();
    match case.lines(&corpus) {
        Some(lines) if !lines.contains(&line) => wrong(format!("line {line} is named, and not one of {lines:?}")),
        None if line == 0 => wrong("no line is named".into()),
        _ => Ok(()),
    }
}

#[test]
fn every_command_that_reads_a_corpus_refuses_it() {
    let corpus = CASES[0].corpus();
    let commands = ["check", "list", "explain steps", "lint", "export", "adapter", "sign demo/sign/first", "verify x"];
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        corpus.run(&words).exits(2).complains(CASES[0].says);
    }
}

#[test]
fn a_mistake_within_a_pipeline_a_binding_or_a_check_has_its_own_place() {
    for (old, new) in [
        ("sort: { by: [name, value] }", "sort: { by: [name, ›valeu] }"),
        ("concat: [{ text: \"HMAC \" }, credential.key_id", "concat: [{ text: \"HMAC \" }, ›verb"),
        ("key: credential.secret }", "key: [credential.secret, ›hexx] }"),
        ("as: [unix-seconds]", "as: [›unix]"),
        ("{ from: header.Authorization, template", "{ from: [header.Authorization, ›tirm], template"),
        ("header: { X-Timestamp: time,", "header: { X-Timestamp: [time, { truncate: ›-1 }],"),
        ("{ key_id: received.key_id }", "{ key_id: [received.key_id, ›lowr] }"),
        ("equal: [received.signature, stage", "equal: [received.signature, ›stag"),
        ("reject: expired, status: \"401\"", "reject: expired, status: ›401"),
    ] {
        let corpus = Corpus::demo();
        let marked = corpus.read(SCHEME).replace(old, new);
        let (before, _) = marked.split_once('›').unwrap();
        let (line, column) = (before.lines().count(), before.lines().last().unwrap().chars().count() + 1);
        corpus.write(SCHEME, marked.replace('›', ""));
        corpus.run(&["check"]).exits(2).complains(&format!("demo/scheme.yaml:{line}:{column}: "));
    }
}
