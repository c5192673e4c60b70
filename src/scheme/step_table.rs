//! The table of steps: each with its types, the reason why it exists, an example and a source.
//!
//! A step exists because a real scheme needs it. Loading takes its names and main options from
//! here, `explain` prints it, and a test evaluates every example.

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct StepDoc {
    /// The word in a scheme.
    pub name: &'static str,
    /// The option that may stand alone: `join: ","` for `join: {with: ","}`.
    pub main_option: Option<&'static str>,
    /// What it takes and gives.
    pub types: &'static str,
    /// What it does and who needs it.
    pub reason: &'static str,
    /// A pipeline that starts with a text, and what it gives.
    pub example: (&'static str, &'static str),
    /// Where the rule stands.
    pub source: &'static str,
}

pub(super) const fn step(
    name: &'static str,
    main_option: Option<&'static str>,
    types: &'static str,
    reason: &'static str,
    example: (&'static str, &'static str),
    source: &'static str,
) -> StepDoc {
    StepDoc { name, main_option, types, reason, example, source }
}

const BYTES: &str = "bytes -> bytes";
pub(super) const EACH: &str = "bytes -> bytes; over pairs and lists, each";
pub(super) const PAIRS: &str = "pairs -> pairs";

/// All steps. The digests `md5`, `sha1`, `sha224`, `sha256`, `sha384` and `sha512` are forms of the first.
pub static STEPS: &[StepDoc] = &[
    step(
        "digest",
        Some("with"),
        BYTES,
        "hashes the bytes; written as the name of the digest: md5, sha256, …",
        (r#"[{"text":"abc"}, "md5", "hex"]"#, "900150983cd24fb0d6963f7d28e17f72"),
        "RFC 1321; RFC 3174; FIPS 180-4",
    ),
    step(
        "hmac",
        None,
        BYTES,
        "keyed MAC; with `key` the flow is the message, with `message` it is the key, as in key derivation",
        (
            r#"[{"text":"what do ya want for nothing?"}, {"hmac":{"with":"md5","key":{"text":"Jefe"}}}, "hex"]"#,
            "750c783e6ab0b503eaa86e310a5db738",
        ),
        "RFC 2104",
    ),
    step(
        "hex",
        Some("case"),
        BYTES,
        "hexadecimal digits of a signature or digest",
        (r#"[{"text":"~"}, "hex"]"#, "7e"),
        "RFC 4648 section 8",
    ),
    step(
        "hex-decode",
        None,
        BYTES,
        "bytes that hexadecimal digits stand for; a received signature or key",
        (r#"[{"text":"7E"}, "hex-decode"]"#, "~"),
        "RFC 4648 section 8",
    ),
    step(
        "base64",
        Some("alphabet"),
        BYTES,
        "Base64 of a signature or credential",
        (r#"[{"text":"fo"}, "base64"]"#, "Zm8="),
        "RFC 4648 sections 4 and 5",
    ),
    step(
        "base64-decode",
        Some("alphabet"),
        BYTES,
        "a secret or credential that is handed out as Base64; strict",
        (r#"[{"text":"Zm8="}, "base64-decode"]"#, "fo"),
        "RFC 4648 sections 3 to 5",
    ),
    step(
        "truncate",
        Some("bytes"),
        BYTES,
        "keeps the leftmost bytes of a MAC",
        (r#"[{"text":"abcdef"}, {"truncate":4}]"#, "abcd"),
        "RFC 2104 section 5; RFC 4868 section 2.3",
    ),
    step(
        "percent-encode",
        Some("keep"),
        EACH,
        "canonical queries and paths",
        (r#"[{"text":"a b/é"}, {"percent-encode":["unreserved","/"]}]"#, "a%20b/%C3%A9"),
        "RFC 3986 section 2.1",
    ),
    step(
        "percent-decode",
        Some("plus"),
        EACH,
        "takes apart what arrives encoded, such as OAuth parameters in a header",
        (r#"[{"text":"a%20b"}, "percent-decode"]"#, "a b"),
        "RFC 3986 section 2.1",
    ),
    step(
        "lower",
        Some("of"),
        EACH,
        "names of header fields, hosts; ASCII letters only",
        (r#"[{"text":"Host"}, "lower"]"#, "host"),
        "RFC 9110 section 5.1",
    ),
    step(
        "upper",
        Some("of"),
        EACH,
        "methods; ASCII letters only",
        (r#"[{"text":"get"}, "upper"]"#, "GET"),
        "RFC 5849 section 3.4.1.1",
    ),
    step(
        "trim",
        Some("of"),
        EACH,
        "white space at either end of a value",
        (r#"[{"text":" a b "}, "trim"]"#, "a b"),
        "RFC 9110 section 5.5",
    ),
    step(
        "collapse-space",
        Some("of"),
        EACH,
        "runs of spaces and tabs become one space, none at either end",
        (r#"[{"text":" a   b "}, "collapse-space"]"#, "a b"),
        "AWS Signature Version 4, canonical headers",
    ),
    step(
        "unquote",
        Some("of"),
        EACH,
        "takes off the double quotes around a value",
        (r#"[{"text":"\"a\""}, "unquote"]"#, "a"),
        "RFC 5849 section 3.5.1",
    ),
    step(
        "normalize-path",
        None,
        BYTES,
        "removes dot segments and repeated slashes",
        (r#"[{"text":"/a/./b/..//c"}, "normalize-path"]"#, "/a/c"),
        "RFC 3986 section 5.2.4; AWS Signature Version 4",
    ),
    step(
        "strip-prefix",
        Some("text"),
        BYTES,
        "takes off a mark such as `whsec_`; what lacks it stays",
        (r#"[{"text":"whsec_a"}, {"strip-prefix":"whsec_"}]"#, "a"),
        "Standard Webhooks, secrets",
    ),
    step(
        "prefix-unless-empty",
        Some("text"),
        BYTES,
        "a `/` before a bucket, a `?` before sub-resources, nothing before nothing",
        (r#"[{"text":"acl"}, {"prefix-unless-empty":"?"}]"#, "?acl"),
        "Amazon S3, REST authentication",
    ),
    step(
        "drop-default-port",
        None,
        BYTES,
        "a host without :80 for http and :443 for https",
        (r#"[{"text":"example.com:443"}, "drop-default-port"]"#, "example.com"),
        "RFC 5849 section 3.4.1.2",
    ),
    step(
        "except",
        Some("names"),
        PAIRS,
        "leaves out the signature itself and what the document excludes",
        (
            r#"[{"pairs":{"a":{"text":"1"},"b":{"text":"2"}}}, {"except":["b"]}, {"pair":"{name}{value}"}, {"join":""}]"#,
            "a1",
        ),
        "RFC 5849 section 3.4.1.3.1",
    ),
    step(
        "only",
        Some("names"),
        PAIRS,
        "keeps listed fields, such as the signed header fields that a message names",
        (
            r#"[{"pairs":{"a":{"text":"1"},"b":{"text":"2"}}}, {"only":["b"]}, {"pair":"{name}{value}"}, {"join":""}]"#,
            "b2",
        ),
        "Amazon S3, REST authentication; AWS Signature Version 4",
    ),
    step(
        "only-prefix",
        Some("text"),
        PAIRS,
        "keeps fields whose name starts so",
        (
            r#"[{"pairs":{"x-a":{"text":"1"},"b":{"text":"2"}}}, {"only-prefix":"x-"}, {"pair":"{name}{value}"}, {"join":""}]"#,
            "x-a1",
        ),
        "Amazon S3, REST authentication",
    ),
    step(
        "except-empty",
        Some("names"),
        PAIRS,
        "leaves out named fields that are empty, such as a token not yet given",
        (
            r#"[{"pairs":{"a":{"text":""},"b":{"text":"2"}}}, {"except-empty":["a"]}, {"pair":"{name}{value}"}, {"join":""}]"#,
            "b2",
        ),
        "RFC 5849 section 3.1",
    ),
    step(
        "sort",
        Some("by"),
        "pairs -> pairs; list -> list",
        "canonical order; stable, by bytes",
        (r#"[{"pairs":{"b":{"text":"2"},"a":{"text":"1"}}}, "sort", {"pair":"{name}{value}"}, {"join":""}]"#, "a1b2"),
        "RFC 5849 section 3.4.1.3.2",
    ),
    step(
        "group",
        Some("with"),
        PAIRS,
        "joins the values of one name, in place of its first",
        (
            r#"[{"text":"a=1&b=2&a=3"}, {"split":"&"}, {"assign":"="}, {"group":","}, {"pair":"{name}{value}"}, {"join":""}]"#,
            "a1,3b2",
        ),
        "AWS Signature Version 4, canonical headers",
    ),
    step(
        "first",
        Some("name"),
        "pairs -> bytes",
        "the value of the first field of this name",
        (r#"[{"text":"t=1,v1=2"}, {"split":","}, {"assign":"="}, {"first":"t"}]"#, "1"),
        "Stripe, webhook signatures",
    ),
    step(
        "all",
        Some("name"),
        "pairs -> list",
        "the values of all fields of this name: candidate signatures",
        (r#"[{"text":"v1=1,v0=2,v1=3"}, {"split":","}, {"assign":"="}, {"all":"v1"}, {"join":" "}]"#, "1 3"),
        "Stripe, webhook signatures; Standard Webhooks",
    ),
    step(
        "names",
        None,
        "pairs -> list",
        "the names, in order",
        (r#"[{"text":"a=1,b=2"}, {"split":","}, {"assign":"="}, "names", {"join":";"}]"#, "a;b"),
        "AWS Signature Version 4, signed headers",
    ),
    step(
        "pair",
        Some("template"),
        "pairs -> list",
        "how a name and its value are written",
        (r#"[{"pairs":{"a":{"text":"1"}}}, {"pair":"{name}={value}"}, {"join":""}]"#, "a=1"),
        "every scheme that signs parameters",
    ),
    step(
        "join",
        Some("with"),
        "list -> bytes",
        "what stands between the items",
        (r#"[{"text":"a,b"}, {"split":","}, {"join":"&"}]"#, "a&b"),
        "every scheme that signs parameters",
    ),
    step(
        "split",
        Some("at"),
        "bytes -> list",
        "takes a header value apart; empty pieces stay",
        (r#"[{"text":"a,b"}, {"split":","}, {"join":"-"}]"#, "a-b"),
        "Stripe, webhook signatures",
    ),
    step(
        "assign",
        Some("at"),
        "list -> pairs",
        "cuts each item at the first such text into name and value",
        (r#"[{"text":"a=b=c"}, {"split":","}, {"assign":"="}, {"first":"a"}]"#, "b=c"),
        "Stripe, webhook signatures",
    ),
];

/// `; did you mean …?` where a known step is near the word.
pub fn suggestion(word: &str) -> String {
    let near = STEPS.iter().map(|doc| (distance(word, doc.name), doc.name)).min();
    near.filter(|(d, _)| *d <= 2).map_or(String::new(), |(_, name)| format!(", did you mean `{name}`?"))
}

/// Edit distance of two short words.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
