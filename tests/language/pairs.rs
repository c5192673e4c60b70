//! Key pairs: what is refused when a scheme or a vector is loaded, who holds which half, and signatures of every
//! algorithm.

use crate::setting::{CORPUS, entry};
use countersign::case::Task;
use countersign::corpus::{Files, load_entry};
use countersign::primitive::key_pair::{PairKind, PrivateKey, PublicKey, SignatureAlgorithm, SignatureForm, fresh};
use countersign::scheme::{Account, Credential, Implementation, load};
use countersign::subject::Call;
use proptest::prelude::*;
use serde_json::json;
use std::sync::{Arc, LazyLock};

/// A scheme of a pair of this kind, with these stages and this check.
fn scheme(kind: &str, derive: &str, verify: &str) -> String {
    format!(
        "title: \"A scheme\"\nkind: primitive\naccount: {{ key: {{ pair: {kind} }} }}\noperations:\n  request:\n    \
         direction: request\n    wire: {{ query: percent }}\n    derive:\n{derive}    verify:\n      - {verify}\n"
    )
}

const STAGE: &str = "      signature: [body, { sign: { with: ed25519, key: credential.key.private } }]\n";
const CHECK: &str = "{ signed: { with: ed25519, key: credential.key.public, message: body, signature: header.S }, \
                     reject: signature-mismatch }";

#[track_caller]
fn refused(scheme: &str, says: &str) {
    let error = load("scheme.yaml", scheme.as_bytes()).expect_err("it is taken").to_string();
    assert!(error.contains(says), "{error}");
    assert!(error.starts_with("scheme.yaml:"), "no place is said: {error}");
}

#[test]
fn what_no_pair_can_do_is_refused_where_it_stands() {
    assert!(load("scheme.yaml", scheme("ed25519", STAGE, CHECK).as_bytes()).is_ok());
    refused(&scheme("rsa", STAGE, CHECK), "`ed25519` needs a pair ed25519, and this one is rsa");
    let der = STAGE.replace("key.private", "key.private, form: der");
    refused(&scheme("ed25519", &der, CHECK), "a signature of `ed25519` has one form");
    let public = STAGE.replace("key.private", "key.public");
    refused(&scheme("ed25519", &public, CHECK), "is no private half of a pair, which is credential.X.private");
    let whole = STAGE.replace("key.private", "key");
    refused(&scheme("ed25519", &whole, CHECK), "is no private half of a pair");
    let other = STAGE.replace("key.private", "kee.private");
    refused(&scheme("ed25519", &other, CHECK), "unknown credential `kee.private`, did you mean `key.private`?");
    let unknown = STAGE.replace("with: ed25519", "with: ed25518");
    refused(&scheme("ed25519", &unknown, CHECK), "ed25518");
    let source = "      signature: [credential.key.private, hex]\n";
    refused(&scheme("ed25519", source, CHECK), "is a private half, with which only `sign` does anything");
    let dotted = scheme("ed25519", STAGE, CHECK).replace("{ key: {", "{ k.x: public, key: {");
    refused(&dotted, "a dot stands between a pair and its half");
    let secret = scheme("ed25519", STAGE, CHECK).replace("{ pair: ed25519 }", "secret");
    refused(&secret, "unknown credential `key.private`");
}

#[test]
fn whoever_verifies_signs_nothing() {
    let equal = "{ equal: [header.S, stage.signature], reject: signature-mismatch }";
    let says = "whoever verifies has no private half: use the check `signed`, or receive the stage";
    refused(&scheme("ed25519", STAGE, equal), says);
    let later = format!("{STAGE}      encoded: [stage.signature, base64]\n");
    refused(&scheme("ed25519", &later, &equal.replace("stage.signature", "stage.encoded")), says);
    // What is received in its place is no signature that the verifier makes.
    let received = scheme("ed25519", STAGE, equal)
        .replace("    derive:", "    receive: { stage.signature: header.S }\n    derive:");
    assert!(load("scheme.yaml", received.as_bytes()).is_ok());
}

/// The first topic of a scheme of the corpus with one text for another, loaded.
#[track_caller]
fn changed(scheme: &str, topic: &str, from: &str, to: &str) -> String {
    let mut files = Files::in_directory(&crate::setting::place("vectors")).unwrap();
    let (_, bytes) = files.0.get_mut(scheme).unwrap().get_mut(topic).unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{from} is not there");
    *bytes = text.replacen(from, to, 1).into_bytes().into();
    load_entry(&files, scheme).expect_err("it is taken").to_string()
}

#[test]
fn a_key_that_is_none_is_refused_at_its_line_and_not_shown() {
    let error = changed("rfc8032", "ed25519.yaml", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ");
    assert!(error.contains("ed25519.yaml:4:") || error.contains("ed25519.yaml:5:"), "{error}");
    assert!(error.contains("no private key in PEM (`BEGIN PRIVATE KEY`, PKCS#8)"), "{error}");
    assert!(!error.contains("MC4CAQ"), "{error}");
    let error = changed("rfc8032", "ed25519.yaml", "BEGIN PUBLIC KEY", "BEGIN RSA PUBLIC KEY");
    assert!(error.contains("no public key in PEM"), "{error}");
}

#[test]
fn a_signature_that_signers_make_differently_is_no_expectation() {
    let error = changed("rfc6979-p256", "raw.yaml", "        digest:", "        signature: \"AA==\"\n        digest:");
    assert!(error.contains("other signers make another signature here"), "{error}");
}

#[test]
fn who_verifies_is_given_no_private_half() {
    let (mut halves, mut signers) = (0, 0);
    for entry in &CORPUS.entries {
        for (topic, vector) in entry.vectors() {
            let case = entry.case(topic, vector, None);
            let told = json!(Call::of(1, &case)).to_string();
            match &case.task {
                Task::Sign(_) => signers += usize::from(told.contains("PRIVATE KEY")),
                Task::Verify(task) => {
                    assert!(!told.contains("PRIVATE KEY"), "{}", vector.name);
                    let is_half = |name: &&String| name.ends_with(".public");
                    halves += task.accounts.iter().flat_map(|account| account.0.keys()).filter(is_half).count();
                }
            }
            for shown in [format!("{case:?}"), format!("{:?}", topic.file.accounts)] {
                assert!(!shown.contains(" KEY-----"), "{shown}");
            }
        }
    }
    assert!(halves > 200 && signers > 15, "{halves} halves, {signers} signers");
}

#[test]
fn a_prepared_private_half_does_not_print() {
    let scheme = load("scheme.yaml", scheme("ed25519", STAGE, CHECK).as_bytes()).unwrap();
    let program = Implementation::of(&Arc::new(scheme), "request", None, None).unwrap().program;
    let [private, public] = fresh(PairKind::Ed25519, b"a").unwrap();
    let account = |private: &str| {
        let private = Credential::Value(private.into());
        Account(
            [("key.private".to_owned(), private), ("key.public".to_owned(), Credential::Value((&*public).into()))]
                .into(),
        )
    };
    let prepared = program.account(&account(&private)).unwrap();
    assert_eq!(format!("{prepared:?}"), "PreparedAccount(***)");
    assert_eq!(format!("{:?}", PrivateKey::read(PairKind::Ed25519, private.as_bytes()).unwrap()), "PrivateKey(***)");
    let error = program.account(&account("S3cr3t")).unwrap_err().to_string();
    assert!(error.contains("`key.private` of the account is no private key") && !error.contains("S3cr3t"), "{error}");
}

#[test]
fn ecdsa_signs_as_rfc_6979_says() {
    let mut seen = 0;
    for (name, with) in
        [("rfc6979-p256", SignatureAlgorithm::EcdsaP256Sha256), ("rfc6979-p384", SignatureAlgorithm::EcdsaP384Sha384)]
    {
        let entry = entry(name);
        for (topic, vector) in
            entry.vectors().filter(|(_, vector)| vector.name == "accepted" || vector.name == "test-accepted")
        {
            let form = if topic.name == "raw" { SignatureForm::Raw } else { SignatureForm::Der };
            let Task::Verify(task) = &vector.given.task else { unreachable!("it is accepted") };
            let Credential::Value(pem) = &topic.file.accounts["published"].0["key.private"] else { unreachable!() };
            let key = PrivateKey::read(with.pair(), &pem.0).unwrap();
            let request = &task.messages[0].request;
            let made = key.sign(with, form, &request.body.0).unwrap();
            assert_eq!(data_encoding::BASE64.encode(&made).as_bytes(), request.headers[1].1.0, "{name} {}", topic.name);
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
}

/// A pair of each kind; that of RSA stands in the corpus, for making one takes long.
static PAIRS: LazyLock<Vec<(PairKind, PrivateKey, PublicKey)>> = LazyLock::new(|| {
    let pair = |kind: PairKind| {
        let [private, public] = match kind {
            PairKind::Rsa => ["private", "public"].map(|half| {
                let account = &entry("rfc8017").topics[0].file.accounts["jose"];
                let Credential::Value(pem) = &account.0[&format!("key.{half}")] else { unreachable!() };
                String::from_utf8(pem.0.clone()).unwrap()
            }),
            kind => fresh(kind, b"a seed").unwrap(),
        };
        (kind, PrivateKey::read(kind, private.as_bytes()).unwrap(), PublicKey::read(kind, public.as_bytes()).unwrap())
    };
    PairKind::ALL.map(pair).into()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_signed_verifies_and_nothing_near_it(message: Vec<u8>, bit: usize) {
        for with in SignatureAlgorithm::ALL {
            let (kind, private, public) = PAIRS.iter().find(|(kind, ..)| *kind == with.pair()).unwrap();
            for form in [SignatureForm::Raw, SignatureForm::Der] {
                let signature = private.sign(with, form, &message).unwrap();
                prop_assert_eq!(&signature, &private.sign(with, form, &message).unwrap());
                prop_assert!(public.verify(with, form, &message, &signature), "{}", with.name());
                let mut near = signature.clone();
                let at = bit % (8 * near.len());
                near[at / 8] ^= 1 << (at % 8);
                prop_assert!(!public.verify(with, form, &message, &near), "{} with bit {at} flipped", with.name());
                let longer = [&message[..], b"\0"].concat();
                prop_assert!(!public.verify(with, form, &longer, &signature), "{} of a longer message", with.name());
                let others = SignatureAlgorithm::ALL.into_iter().filter(|other| *other != with);
                for other in others {
                    prop_assert!(!public.verify(other, form, &message, &signature), "{} as {}", with.name(), other.name());
                }
                if kind.is_ecdsa() {
                    let other = if form == SignatureForm::Raw { SignatureForm::Der } else { SignatureForm::Raw };
                    prop_assert!(!public.verify(with, other, &message, &signature), "{} in the other form", with.name());
                }
            }
        }
    }
}
