//! Documented but wrong values, put to diagnosis: what it finds stands in the discrepancy.

use super::advice::{BASE, CREATE, base, diagnose, snack};
use crate::command::Ran;
use crate::setting::entry;

/// What the record of a discrepancy says is found.
fn finds(scheme: &str, id: &str) -> &'static str {
    &entry(scheme).statements.discrepancies[id].finds
}

/// How many candidates the report says were tried.
fn tried(ran: &Ran) -> String {
    let report = ran.json();
    assert_eq!(report["verdict"], "unexplained");
    report["tried"]["candidates"].to_string()
}

#[test]
fn the_sample_signature() {
    let value = "vWHRrjnw+QpH1DgDTrR5Lpa9vqP14toWz0X2Tdp3/Ck=";
    assert_eq!(BASE[0].1, "11bb3344aabb11ee22dd", "the example's own credentials");
    let ran = base(CREATE, &["--signature", value, "--format", "json"]).exits(1);
    let says = format!("explained by none of {} candidates", tried(&ran));
    assert!(finds("flipbase", "sample-signature").contains(&says), "the record should say that it is {says}");
}

#[test]
fn the_signature_beside_the_illustration() {
    let request = "GET /v1/?action=3&collectionHash=1&apiKey=2 HTTP/1.1\nHost: api.flipsnack.com\n\n";
    let value = ["--signature", "26e781d3d1751d82ec284acf4a019def", "--format", "json"];
    let credentials = ["--credential-env", "secret=SNACK_SECRET"];
    let ran = diagnose("flipsnack", request, &credentials, &[("SNACK_SECRET", "secretKey")], &value).exits(1);
    let says = format!("explained by none of {} candidates", tried(&ran));
    let found = finds("flipsnack", "illustration-signature");
    assert!(found.contains(&says), "the record should say that it is {says}");
}

#[test]
fn the_digest_of_29_digits() {
    let request = "GET /v1/?action=collection.getCollection&collectionHash=fxh4k89&apiKey=45FD-267-7SG7832 HTTP/1.1\nHost: api.flipsnack.com\n\n";
    let ran = snack(request, &["--signature", "26e781d3d1751d82ec284acf4a019"]).exits(2);
    ran.complains("has 29 hexadecimal digits in lower case, and the scheme writes 32");
    assert!(finds("flipsnack", "digits-29").contains("`countersign diagnose` refuses the value by its form"));
}
