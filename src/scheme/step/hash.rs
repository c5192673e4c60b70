//! Digests, authentication codes and signatures: the steps from which nothing comes back.

use crate::primitive::digest::Algorithm;
use crate::scheme::item::{Coder, Expression, Item, Opt, OptionKind, items};
use crate::scheme::machine::{Does, Type};

pub const ITEMS: &[Item<Does>] = items! {
    "md5" Options []
        "hashes the bytes" ("RFC 1321")
        r#"[{"text":"abc"}, "md5", "hex"]"# => "900150983cd24fb0d6963f7d28e17f72"
        Does::digest(Algorithm::Md5), |c| hashed(c, "md5");

    "sha1" Options []
        "hashes the bytes" ("RFC 3174")
        r#"[{"text":"abc"}, "sha1", "hex"]"# => "a9993e364706816aba3e25717850c26c9cd0d89d"
        Does::digest(Algorithm::Sha1), |c| hashed(c, "sha1");

    "sha224" Options []
        "hashes the bytes" ("FIPS 180-4")
        r#"[{"text":"abc"}, "sha224", {"truncate":8}, "hex"]"# => "23097d223405d822"
        Does::digest(Algorithm::Sha224), |c| hashed(c, "sha224");

    "sha256" Options []
        "hashes the bytes" ("FIPS 180-4")
        r#"[{"text":"abc"}, "sha256", {"truncate":8}, "hex"]"# => "ba7816bf8f01cfea"
        Does::digest(Algorithm::Sha256), |c| hashed(c, "sha256");

    "sha384" Options []
        "hashes the bytes" ("FIPS 180-4")
        r#"[{"text":"abc"}, "sha384", {"truncate":8}, "hex"]"# => "cb00753f45a35e8b"
        Does::digest(Algorithm::Sha384), |c| hashed(c, "sha384");

    "sha512" Options []
        "hashes the bytes" ("FIPS 180-4")
        r#"[{"text":"abc"}, "sha512", {"truncate":8}, "hex"]"# => "ddaf35a193617aba"
        Does::digest(Algorithm::Sha512), |c| hashed(c, "sha512");

    "hmac" | "hmac-sha1" | "hmac-sha256" | "hmac-sha512" | "hash-hmac" Options [
        Opt::required("with", OptionKind::Digest),
        Opt::optional("key", OptionKind::Pipeline(Type::Bytes)),
        Opt::optional("message", OptionKind::Pipeline(Type::Bytes)),
    ]
        "with `key` the flow is the message, with `message` it is the key" ("RFC 2104")
        r#"[{"text":"what do ya want for nothing?"}, {"hmac":{"with":"md5","key":{"text":"Jefe"}}}, "hex"]"#
            => "750c783e6ab0b503eaa86e310a5db738"
        Does::Mac, |c| {
            let (with, it, other) = (c.option("with"), c.any(), c.inner[0].any(c.language));
            let (key, message) = if c.has("key") { (other, it) } else { (it, other) };
            c.gives_bytes(
                format!("hmac.new({key}, \n{message}, hashlib.{with}).digest()"),
                format!("crypto.createHmac(\"{with}\", {key})\n.update({message}).digest()"),
            )
        };

    "sign" Options [
        Opt::required("with", OptionKind::Signature),
        Opt::required("key", OptionKind::Key("private")),
        Opt::word("form", &["raw", "der"], "raw"),
    ]
        "signature under a key pair; of ECDSA as two numbers of equal length, or in DER" ("RFC 8032; RFC 8017; FIPS 186-5")
        r#"[{"text":"abc"}, {"sign":{"with":"ed25519","key":"credential.pair.private"}}, {"truncate":8}, "hex"]"#
            => "80d724b01e7ca260"
        Does::Sign;
};

fn hashed(c: &Coder, with: &str) -> Option<Expression> {
    let it = c.any();
    c.gives_bytes(
        format!("hashlib.{with}({it}).digest()"),
        format!("crypto.createHash(\"{with}\")\n.update({it}).digest()"),
    )
}
