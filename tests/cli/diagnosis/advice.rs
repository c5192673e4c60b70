//! What a developer reads for typical mistakes. The signatures were made by another program.

use crate::command::{Corpus, Ran, run_with};
use crate::setting;
use insta::assert_snapshot;

/// A GET with a capital among its names, a space and a letter beyond ASCII.
const LIST: &str = "GET /v1/?action=collection.getList&Sort=newest+first&collectionHash=fxh4k89&title=Caf%C3%A9%20menu&apiKey=45FD-267-7SG7832 HTTP/1.1\r\nHost: api.flipsnack.com\r\n\r\n";

/// An upload as a form.
const UPLOAD: &str = "POST /v1/?apiKey=45FD-267-7SG7832 HTTP/1.1\nHost: api.flipsnack.com\nContent-Type: application/x-www-form-urlencoded\n\naction=collection.create&title=Menu&file=JVBERi0xLjQ%3D\n";

/// A POST with its date.
pub const CREATE: &str = "POST /api/organizations HTTP/1.1\nHost: app.flipbase.com\nContent-Type: application/json\nX-Flipbase-Date: 2018-05-04T12:05:14.649Z\n\n{\"data\":{}}\n";

pub const SNACK: [(&str, &str); 1] = [("SNACK_SECRET", "123ABCDE-456-7890-FGH")];
pub const BASE: [(&str, &str); 2] =
    [("BASE_KEY", "11bb3344aabb11ee22dd"), ("BASE_SECRET", "99xx88yy77vv66ww55cc44ee33bb22aa11oo00ss77vv")];

/// Diagnoses a signature that was made for a request.
pub fn snack(request: &str, more: &[&str]) -> Ran {
    diagnose("flipsnack", request, &["--credential-env", "secret=SNACK_SECRET"], &SNACK, more)
}

/// The same of a request on standard input.
pub fn snack_from(name: &str, input: &str, more: &[&str]) -> Ran {
    let credentials = ["--credential-env", "secret=SNACK_SECRET"];
    let arguments = ["diagnose", "--scheme", "flipsnack", "--request", name];
    run_with(arguments.iter().chain(&credentials).chain(more), &SNACK, input)
}

pub fn base(request: &str, more: &[&str]) -> Ran {
    let credentials = ["--credential-env", "api_key=BASE_KEY", "--credential-env", "api_secret=BASE_SECRET"];
    diagnose("flipbase", request, &credentials, &BASE, more)
}

pub fn diagnose(scheme: &str, request: &str, credentials: &[&str], secrets: &[(&str, &str)], more: &[&str]) -> Ran {
    let place = Corpus::empty();
    place.write("request", request);
    let corpus = setting::place("vectors").join(scheme);
    let corpus = corpus.to_str().unwrap();
    let arguments = ["diagnose", "--scheme", scheme, "--request", &place.named("request"), "--corpus", corpus];
    // Time enough on a machine under load, where none is told.
    let time = if more.contains(&"--diagnosis-time") { &[][..] } else { &["--diagnosis-time", "600"] };
    let mut ran = run_with(arguments.iter().chain(credentials).chain(time).chain(more), secrets, "");
    for (_, secret) in secrets.iter().filter(|(name, _)| name.ends_with("SECRET")) {
        ran = ran.hides(secret);
    }
    ran.stderr = place.redacted(&ran.stderr);
    ran
}

fn signature(value: &str) -> [&str; 2] {
    ["--signature", value]
}

/// The text without what changes with every new vector or operator.
fn stable(ran: &Ran) -> String {
    let paragraphs = ran.stdout.trim_end().split("\n\n").map(|paragraph| {
        let paragraph = match paragraph.contains(" candidates") {
            true => paragraph.lines().collect::<Vec<_>>().join(" "),
            false => paragraph.to_owned(),
        };
        if paragraph.contains(" candidates") {
            paragraph.split(' ').map(number).collect::<Vec<_>>().join(" ")
        } else if paragraph.starts_with("To tell them apart") {
            "To tell them apart, let your code sign VECTOR […]".to_owned()
        } else {
            paragraph
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn number(word: &str) -> String {
    let digits = word.trim_start_matches('(');
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        word.replace(digits, "N")
    } else {
        word.to_owned()
    }
}

#[test]
fn a_right_signature() {
    assert_snapshot!(stable(&base(CREATE, &signature("MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=")).exits(0)));
    snack(LIST, &signature("f530097cccadca3635c3d0079d70f331")).exits(0).prints("Your signing is right");
    snack(UPLOAD, &signature("c5ed43e2fa7c4d191559405a28085bde")).exits(0).prints("Your signing is right");
}

#[test]
fn what_follows_the_told_length_is_not_the_body() {
    // As fields of a form it would be signed; both length fields say the same.
    let form =
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\nmore=1";
    let request = LIST.strip_suffix("\r\n").unwrap().to_owned() + form;
    let signed = signature("f530097cccadca3635c3d0079d70f331");
    snack(&request, &signed).exits(0).prints("Your signing is right");
    snack(&request.replace("Length: 0", "Length: 6"), &signed).exits(1);
}

#[test]
fn a_space_as_plus() {
    assert_snapshot!(stable(&snack(LIST, &signature("7a24d5c248385398d72a664ecac9d98a")).exits(1)));
}

#[test]
fn not_sorted() {
    assert_snapshot!(stable(&snack(LIST, &signature("03c898e74de939ec3e3a779307766fe0")).exits(1)));
}

#[test]
fn sorted_without_regard_to_case() {
    assert_snapshot!(stable(&snack(LIST, &signature("95fb8c947b0b76744d17c5755ee87d34")).exits(1)));
}

#[test]
fn secret_at_the_end() {
    assert_snapshot!(stable(&snack(LIST, &signature("5d97722ffa11616bf7050fa40788d4d5")).exits(1)));
}

#[test]
fn upper_case_digits() {
    assert_snapshot!(stable(&snack(LIST, &signature("F530097CCCADCA3635C3D0079D70F331")).exits(1)));
}

#[test]
fn two_mistakes() {
    assert_snapshot!(stable(&snack(LIST, &signature("0ce0e12738962de84ffb66aa91e5d163")).exits(1)));
}

#[test]
fn excluded_field_signed() {
    assert_snapshot!(stable(&snack(UPLOAD, &signature("8e9a2e88e80d3e9cee4fe9d74e6e23e2")).exits(1)));
}

#[test]
fn public_key_as_secret() {
    assert_snapshot!(stable(&base(CREATE, &signature("3/dTr7lDEP4UROmZo4Tg86FG1MS3KXC1ClHGDz468Rc=")).exits(1)));
}

#[test]
fn path_not_encoded() {
    assert_snapshot!(stable(&base(CREATE, &signature("yds09Lrz2lCakDSpWlx3CDrozFEvSfRHwrzMOM/SVDI=")).exits(1)));
}

#[test]
fn backslash_and_n() {
    assert_snapshot!(stable(&base(CREATE, &signature("R8eZU8nGIa89Qz3aOm+NoZKHMoI95CdlleJ5rt9p5kc=")).exits(1)));
}

#[test]
fn lower_case_escapes() {
    assert_snapshot!(stable(&base(CREATE, &signature("uOb/8xQJwE4W/8IaWdhlLTwdDV7MriwCELXNBUbc1dw=")).exits(1)));
}

#[test]
fn hexadecimal_for_base64() {
    let hex = "302cd90f30ac0ae6499099ce2675cf8615e53cee3d8e92e301bd730e5ed57137";
    assert_snapshot!(stable(&base(CREATE, &signature(hex)).exits(1)));
}

#[test]
fn key_with_a_line_feed() {
    assert_snapshot!(stable(&base(CREATE, &signature("PWvOaZOK8ohvKQEEackgSbgBZC0Z6zA4ASQOFC8nUCw=")).exits(1)));
}

#[test]
fn the_sample_signature_of_a_document() {
    assert_snapshot!(stable(&base(CREATE, &signature("vWHRrjnw+QpH1DgDTrR5Lpa9vqP14toWz0X2Tdp3/Ck=")).exits(1)));
}

#[test]
fn signature_and_time_are_taken_from_the_request() {
    let signed = |date: &str| {
        let authorization =
            "Authorization: Signature 11bb3344aabb11ee22dd:MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=";
        format!("POST /api/organizations HTTP/1.1\nHost: app.flipbase.com\n{date}{authorization}\n\n")
    };
    let dated = signed("X-Flipbase-Date: 2018-05-04T12:05:14.649Z\n");
    base(&dated, &[]).exits(0).prints("Note: the signature was taken from the request.");
    let undated = base(&signed(""), &["--time", "2018-05-04T12:05:14.649Z"]).exits(1);
    undated.prints("Your code does not put a field into the request, in the header field\nX-Flipbase-Date.");
    let query = LIST.replace("title=", "signature=f530097cccadca3635c3d0079d70f331&title=");
    snack(&query, &[]).exits(0).prints("Note: `api_key` was taken from the request.");
}

#[test]
fn a_curl_command_is_a_request() {
    let curl = "curl -sX POST 'https://app.flipbase.com/api/organizations' \\\n  -H \"X-Flipbase-Date: 2018-05-04T12:05:14.649Z\" \\\n  --data-raw '{\"data\":{}}'\n";
    base(curl, &signature("MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=")).exits(0);
    let post = curl.replace("-sX POST ", "");
    base(&post, &signature("MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=")).exits(0);
    let get = "curl -G https://api.flipsnack.com/v1/ -d action=collection.getList -d 'Sort=newest+first' \\\n --data collectionHash=fxh4k89 -d title=Caf%C3%A9%20menu -d apiKey=45FD-267-7SG7832";
    snack(get, &signature("f530097cccadca3635c3d0079d70f331")).exits(0);
    let upload = "curl $'https://api.flipsnack.com/v1/?apiKey=45FD-267-7SG7832' -d action=collection.create -d title=Menu -d file=x";
    snack(upload, &signature("c5ed43e2fa7c4d191559405a28085bde")).exits(0);
}

#[test]
fn the_report_is_data_too() {
    let mut arguments = signature("F530097CCCADCA3635C3D0079D70F331").to_vec();
    arguments.extend(["--format", "json"]);
    let report = snack(LIST, &arguments).exits(1).json();
    assert_eq!(report["verdict"], "explained");
    assert_eq!(report["candidates"][0]["parts"][0]["mutant"], "upper-case-digits@request.derive.signature.hex");
    assert_eq!(report["evidence"]["expected"], "f530097cccadca3635c3d0079d70f331");
}
