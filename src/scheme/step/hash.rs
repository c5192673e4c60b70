//! Digests and authentication codes: the steps from which nothing comes back.

use crate::primitive::digest::Algorithm;
use crate::scheme::item::{Item, Kind, Opt, StepItem, Written};
use crate::scheme::machine::{Does, Type};

/// A digest, and what it gives of `abc`.
const fn digest(with: Algorithm, example: (&'static str, &'static str), document: &'static str) -> StepItem {
    Item {
        word: with.name(),
        options: &[],
        written: Written::Options,
        reason: "hashes the bytes",
        example,
        document,
        does: Does::Digest(with),
    }
}

pub static MD5: StepItem =
    digest(Algorithm::Md5, (r#"[{"text":"abc"}, "md5", "hex"]"#, "900150983cd24fb0d6963f7d28e17f72"), "RFC 1321");

pub static SHA1: StepItem = digest(
    Algorithm::Sha1,
    (r#"[{"text":"abc"}, "sha1", "hex"]"#, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    "RFC 3174",
);

pub static SHA224: StepItem = digest(
    Algorithm::Sha224,
    (r#"[{"text":"abc"}, "sha224", {"truncate":8}, "hex"]"#, "23097d223405d822"),
    "FIPS 180-4",
);

pub static SHA256: StepItem = digest(
    Algorithm::Sha256,
    (r#"[{"text":"abc"}, "sha256", {"truncate":8}, "hex"]"#, "ba7816bf8f01cfea"),
    "FIPS 180-4",
);

pub static SHA384: StepItem = digest(
    Algorithm::Sha384,
    (r#"[{"text":"abc"}, "sha384", {"truncate":8}, "hex"]"#, "cb00753f45a35e8b"),
    "FIPS 180-4",
);

pub static SHA512: StepItem = digest(
    Algorithm::Sha512,
    (r#"[{"text":"abc"}, "sha512", {"truncate":8}, "hex"]"#, "ddaf35a193617aba"),
    "FIPS 180-4",
);

pub static HMAC: StepItem = Item {
    word: "hmac",
    options: &[
        Opt::required("with", Kind::Digest),
        Opt::optional("key", Kind::Pipeline(Type::Bytes)),
        Opt::optional("message", Kind::Pipeline(Type::Bytes)),
    ],
    written: Written::Options,
    reason: "keyed MAC; with `key` the flow is the message, with `message` it is the key, as in key derivation",
    example: (
        r#"[{"text":"what do ya want for nothing?"}, {"hmac":{"with":"md5","key":{"text":"Jefe"}}}, "hex"]"#,
        "750c783e6ab0b503eaa86e310a5db738",
    ),
    document: "RFC 2104",
    does: Does::Mac,
};
