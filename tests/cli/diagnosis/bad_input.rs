//! What cannot be diagnosed is refused, with what to do.

use super::advice::{base, snack};
use crate::command::{Corpus, run};

const SIGNED: [&str; 2] = ["--signature", "f530097cccadca3635c3d0079d70f331"];

#[test]
fn a_file_that_is_no_request_is_refused() {
    for (request, says) in [
        ("", "this is no HTTP request: it is empty; expected is a request line such as `GET /path HTTP/1.1`"),
        ("GET /v1/\nHost: a\n\n", "its first line is no request line"),
        ("GET /v1/ HTTP/1.1\n\n", "it has no Host header field"),
        ("GET /v1/ HTTP/1.1\nHost: a\nHost: b\n\n", "it has several Host header fields"),
        ("GET /v1/ HTTP/1.1\nHost: a\nno colon\n\n", "one of its header lines has no name and colon"),
        (
            "GET /v1/ HTTP/1.1\nHost: a\nContent-Length: 7\n\nabc",
            "its Content-Length is more than the 3 bytes that its body has",
        ),
        ("GET /v1/ HTTP/1.1\nHost: a\nContent-Length: +3\n\nabc", "its Content-Length is no number"),
        ("GET /v1/ HTTP/1.1\nHost: a\nContent-Length:\n\nabc", "its Content-Length is no number"),
        (
            "GET /v1/ HTTP/1.1\nHost: a\nContent-Length: 99999999999999999999999\n\nabc",
            "its Content-Length is more than the 3 bytes that its body has",
        ),
        (
            "GET /v1/ HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 2\n\nabc",
            "it has several Content-Length header fields that differ",
        ),
        (
            "GET /caf\u{e9} HTTP/1.1\nHost: a\n\n",
            "the target in its first line has bytes that are not sent as they are",
        ),
    ] {
        snack(request, &SIGNED).exits(2).complains(says).complains("CORPUS/request: ");
    }
}

#[test]
fn a_curl_command_that_only_a_shell_or_curl_can_follow_is_refused() {
    for (request, says) in [
        ("curl", "it has no URL"),
        ("curl -F file=@menu.pdf https://a/", "the file that -F names: cannot be read: "),
        ("curl -d @body.json https://a/", "the file that -d names: cannot be read: "),
        ("curl -sH @body.txt https://a/", "the file that -H names: cannot be read: "),
        ("curl --json @- https://a/", "--json reads standard input, which curl had and is not here; name a file"),
        ("curl --data-urlencode a@- https://a/", "--data-urlencode reads standard input"),
        ("curl -F a https://a/", "a value of -F has no `=`"),
        ("curl -F 'a=b;type=c' https://a/", "a `;type=` that is no media type"),
        ("curl -F 'a=b;headers=c' https://a/", "`;headers=` or `;encoder=`, which is not followed"),
        ("curl -F 'a=@b,c' https://a/", "a value of -F has several files"),
        ("curl -F 'a=@b;type=c/d,e' https://a/", "a value of -F has several files"),
        ("curl -F 'a=(' -F '=)' https://a/", "a value of -F opens or closes a part with parts"),
        ("curl -F a=b -d c https://a/", "it has both data and -F"),
        ("curl -I -d c https://a/", "it has both -I and a body"),
        ("curl --form-string a https://a/", "a value of --form-string has no `=`"),
        ("curl -u key https://a/", "-u has no password, for which curl asks; write user:password"),
        ("curl -b jar.txt https://a/", "-b names a file of cookies"),
        ("curl -H x https://a/", "a value of -H has no colon"),
        ("curl https://%zz@a/", "the user in its URL has a `%` that is no escape"),
        ("curl 'https://a/[1-3]'", "its URL has brackets or braces, of which curl makes several URLs; add --globoff"),
        ("curl 'https://{a,b}/'", "its URL has brackets or braces"),
        ("curl -T file https://a/", "the option -T is not known here"),
        ("curl -sz https://a/", "the option -z is not known here"),
        ("curl --no-json https://a/", "the option --no-json is not known here"),
        ("curl ^\"https://a/^\" ^\n -s", "`^` outside quotes is for the shell of Windows"),
        ("curl $'a\\0b'", "a NUL character in $'…' ends the text"),
        ("curl $'\\400'", "an octal number in $'…' is more than a byte has"),
        ("curl $'\\ud83d'", "`\\u` in $'…' is followed by no character's number"),
        ("curl $'\\cA'", "`\\c` in $'…' is not understood"),
        ("curl $'a", "the quote $' of the curl command is not closed"),
        ("curl a\\", "it ends in a backslash"),
        (
            "curl -H 'Content-Length: 7' -d abc https://a/",
            "its Content-Length is more than the 3 bytes that its body has",
        ),
        ("curl -H 'Content-Length: x' https://a/", "its Content-Length is no number"),
        ("curl \"https://a/?key=$KEY\"", "`$` stands for something that only a shell knows"),
        ("curl https://a/?b=1&c=2", "`&` outside quotes is for a shell"),
        ("curl https://a/ | jq .", "`|` outside quotes is for a shell"),
        ("curl 'https://a/", "the quote ' of the curl command is not closed"),
        ("curl https://a/ https://b/", "it has several URLs"),
        ("curl ftp://a/", "its URL is neither http nor https"),
        ("curl https://a/b/../c", "its path has dot segments, which curl removes"),
        ("curl 'https://a/b c'", "characters that must be percent-encoded"),
        ("curl 'https://a b/c'", "characters that must be percent-encoded"),
        ("curl -G -d 'b#c' https://a/", "characters that must be percent-encoded"),
        ("curl -G -d 'b c' https://a/", "characters that must be percent-encoded"),
        ("curl https://a/ --teleport", "the option --teleport is not known here"),
        ("curl https://a/ -H", "-H lacks its value"),
    ] {
        snack(request, &SIGNED).exits(2).complains("the curl command cannot be followed: ").complains(says);
    }
}

const LIST: &str = "GET /v1/?apiKey=45FD-267-7SG7832 HTTP/1.1\nHost: api.flipsnack.com\n\n";
const CREATE: &str =
    "POST /api/organizations HTTP/1.1\nHost: app.flipbase.com\nX-Flipbase-Date: 2018-05-04T12:05:14.649Z\n\n";

#[test]
fn a_value_that_can_be_no_signature_is_refused() {
    for (value, says) in [
        ("", "the signature is empty"),
        ("f53009\u{7}7cccadca3635c3d0079d70f331", "the signature has a control character at byte 6"),
        (
            "f530097",
            "the signature has 7 hexadecimal digits in lower case, and the scheme writes 32 hexadecimal digits",
        ),
        ("not a signature", "the signature has 15 characters, and the scheme writes 32 hexadecimal digits"),
    ] {
        snack(LIST, &["--signature", value]).exits(2).complains(says);
    }
    base(CREATE, &["--signature", "MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcT"])
        .exits(2)
        .complains("the signature has 42 characters of Base64, and the scheme writes 44 characters of Base64");
    snack(LIST, &[])
        .exits(2)
        .complains("the request carries no signature (query signature; its header has Host); give it with --signature");
}

#[test]
fn what_is_missing_is_named() {
    let undated = CREATE.replace("X-Flipbase-Date: 2018-05-04T12:05:14.649Z\n", "");
    let signed = ["--signature", "MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc="];
    base(&undated, &signed).exits(2).complains("give it with --time");
    let dated = CREATE.replace("2018-05-04T12:05:14.649Z", "yesterday");
    base(&dated, &signed)
        .exits(2)
        .complains("`X-Flipbase-Date` of the request is no time in a form that the scheme takes");
    base(CREATE, &[signed[0], signed[1], "--time", "noon"]).exits(2).complains("--time: `noon` is no time in UTC");

    let place = Corpus::empty();
    place.write("request", LIST);
    let request = place.named("request");
    let with = |more: &[&str]| {
        let arguments = ["diagnose", "--request", &request, "--signature", SIGNED[1]];
        run(arguments.iter().chain(more))
    };
    with(&["--scheme", "flipsnack"]).exits(2).complains(
        "signing needs credential.secret, which was not given or is empty (stage `string_to_sign`); give it with --account FILE or --credential-env",
    );
    with(&["--scheme", "flipsnak"]).exits(2).complains("unknown scheme `flipsnak`; the corpus has ");
    with(&["--scheme", "flip-for-business"])
        .exits(2)
        .complains("say which operation: --operation, one of request, callback");
    with(&["--scheme", "flipsnack", "--operation", "reply"]).exits(2).complains("unknown operation `reply`");
    with(&["--scheme", "flipsnack", "--variant", "x"]).exits(2).complains("unknown variant `x`");
    with(&["--scheme", "flipsnack", "--parameter", "x"]).exits(2).complains("write NAME=VALUE");
}

#[test]
fn what_is_not_missing_is_not_asked_for() {
    for name in ["lifetime", "credential.x", "parameter.x"] {
        let parameter = format!("{name}=1");
        let ran = snack(LIST, &[SIGNED[0], SIGNED[1], "--parameter", &parameter]).exits(2);
        ran.complains(&format!("there is no parameter `{name}`")).hides("give it with");
    }
}

#[test]
fn an_account_file_is_never_quoted() {
    let place = Corpus::empty();
    place.write("request", LIST);
    let (request, account) = (place.named("request"), place.named("account"));
    let with = |text: &str| {
        place.write("account", text);
        let arguments = ["diagnose", "--scheme", "flipsnack", "--request", &request, "--account", &account];
        run(arguments.iter().chain(&SIGNED))
    };
    with("{\"secret\": \"123ABCDE-456-7890-FGH\"}").exits(1);
    with("secret: \"123ABCDE-456-7890-FGH\"\n").exits(1);
    for broken in [
        "secret: TopSecret\n",
        "secret: {a: \"TopSecret\"}\n",
        "TopSecret",
        "secret: \"TopSecret\n",
        "secret: !x \"TopSecret\"\n",
    ] {
        with(broken).exits(2).complains("an account is a map of names to quoted values").hides("TopSecret");
    }
}
