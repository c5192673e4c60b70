//! Encodings, and their way back.

use crate::primitive::encoding::{self, Alphabet, Base64};
use crate::primitive::{Sink, percent};
use crate::scheme::item::{Coder, Expression, Item, Kind, Opt, OptionKind, items};
use crate::scheme::machine::{Args, Does, Failure, Out};
use serde_json::json;

/// Sides of a pair that a step can work on.
pub(super) const OF: Opt = Opt::word("of", &["both", "name", "value"], "both");
const CASES: &[&str] = &["lower", "upper"];
const ALPHABET: Opt = Opt::word("alphabet", &["standard", "url"], "standard");
const PADDING: Opt = Opt::flag("padding", true);

pub const ITEMS: &[Item<Does>] = items! {
    "hex" | "to-hex" | "hex-encode" | "hexdigest" | "bin2hex" Short [Opt::word("case", CASES, "lower")]
        "hexadecimal digits" ("RFC 4648 section 8")
        r#"[{"text":"~"}, "hex"]"# => "7e"
        Does::write(|o, bytes, out| {
            encoding::hex(bytes, o.case(0), out);
            Ok(())
        }), |c| {
            let [py, js] = if c.option("case") == "upper" { [".upper()", ".toUpperCase()"] } else { ["", ""] };
            let it = c.bytes();
            let python = it.strip_suffix(".digest()").map_or(format!("{it}.hex()"), |hash| format!("{hash}.hexdigest()"));
            c.gives_text(python + py, c.encoded("hex") + js)
        };

    "hex-decode" | "from-hex" | "hex2bin" Options []
        "bytes that hexadecimal digits stand for" ("RFC 4648 section 8")
        r#"[{"text":"7E"}, "hex-decode"]"# => "~"
        Does::write(|_, text, out| encoding::hex_decode(text, out).map_err(|e| out.malformed(e))), |c| {
            let it = c.flow.of(Kind::Text, c.language);
            c.gives_bytes(format!("bytes.fromhex({it})"), format!("Buffer.from({it}, \"hex\")"))
        };

    "base64" | "base64-encode" | "b64encode" | "to-base64" Short [ALPHABET, PADDING]
        "Base64" ("RFC 4648 sections 4 and 5")
        r#"[{"text":"fo"}, "base64"]"# => "Zm8="
        Does::write(|o, bytes, out| {
            base64(o).encode(bytes, out);
            Ok(())
        }), |c| {
            let (url, padded, it) = (c.option("alphabet") == "url", c.has("padding"), c.bytes());
            c.gives_string(
                format!("base64.{}b64encode({it}){}", url_safe(url), if padded { "" } else { ".rstrip(b\"=\")" }),
                match (url, padded) {
                    (false, true) => c.encoded("base64"),
                    (false, false) => c.encoded("base64") + ".replace(/=+$/, \"\")",
                    (true, true) => c.encoded("base64") + "\n.replaceAll(\"+\", \"-\").replaceAll(\"/\", \"_\")",
                    (true, false) => c.encoded("base64url"),
                },
            )
        };

    "base64-decode" | "b64decode" | "from-base64" Short [ALPHABET, PADDING, Opt::deviation(&["any-base64"])]
        "bytes that Base64 stands for; strict" ("RFC 4648 sections 3 to 5")
        r#"[{"text":"Zm8="}, "base64-decode"]"# => "fo"
        Does::write(|o, text, out| {
            let room = out.bump.alloc_slice_fill_copy(text.len() + 4, 0);
            let decoded = match o.deviates(2, "any-base64") {
                true => encoding::base64_decode_leniently(text, room),
                false => base64(o).decode_into(text, room),
            };
            out.put(&room[..decoded.map_err(|e| out.malformed(e))?]);
            Ok(())
        }), |c| {
            let [more, url] = [if c.has("padding") { "" } else { " + b\"==\"" }, url_safe(c.option("alphabet") == "url")];
            c.gives_bytes(
                format!("base64.{url}b64decode({}{more})", c.bytes()),
                format!("Buffer.from({}, \"base64\")", c.text()),
            )
        };

    "percent-encode" | "url-encode" | "urlencode" | "rawurlencode" | "encodeuricomponent" Short [
        Opt::required("keep", OptionKind::Keep), Opt::word("case", CASES, "upper"), Opt::flag("plus", false), OF,
        Opt::deviation(&["keeps-escapes", "one-percent"]),
    ]
        "canonical queries and paths" ("RFC 3986 section 2.1")
        r#"[{"text":"a b/é"}, {"percent-encode":["unreserved","/"]}]"# => "a%20b/%C3%A9"
        Does::write_unless(|o, bytes| bytes.iter().all(|&b| o.keep(0).keeps(b)), percent_encode), escaped;

    "percent-decode" | "url-decode" | "urldecode" | "decodeuricomponent" Short [Opt::flag("plus", false), OF]
        "what arrives encoded" ("RFC 3986 section 2.1")
        r#"[{"text":"a%20b"}, "percent-decode"]"# => "a b"
        Does::write(|o, bytes, out| percent::decode(bytes, o.plus(0), out).map_err(|e| out.malformed(e))), |c| {
            let [py, js] = match c.has("plus") {
                true => [c.bytes() + ".replace(b\"+\", b\" \")", c.text() + ".replaceAll(\"+\", \" \")"],
                false => [c.bytes(), c.any()],
            };
            c.gives_string(format!("urllib.parse.unquote_to_bytes({py})"), format!("decodeURIComponent({js})"))
        };
};

fn url_safe(url: bool) -> &'static str {
    if url { "urlsafe_" } else { "" }
}

/// Percent-encoding by the function that a language has for it, and what else it must keep and encode.
fn escaped(c: &Coder) -> Option<Expression> {
    let words = c.texts("keep");
    let marks = words.iter().map(|word| match *word {
        "unreserved" => "-._~",
        "alphanumeric" => "",
        mark => mark,
    });
    let marks = marks.collect::<String>();
    let is_usual = words.contains(&"unreserved") || words.contains(&"alphanumeric");
    if !is_usual || !marks.bytes().all(|mark| mark.is_ascii_punctuation() && mark != b'%') {
        return None;
    }
    let (is_lower, plus) = (c.option("case") == "lower", c.has("plus"));
    let code = |mark: char| format!("%{:02X}", u32::from(mark));
    let mut python =
        format!("urllib.parse.quote{}({}, safe={})", if plus { "_plus" } else { "" }, c.bytes(), json!(marks));
    let mut javascript = format!("encodeURIComponent({})", c.any());
    for mark in "_.-~".chars().filter(|mark| !marks.contains(*mark)) {
        python += &format!(".replace(\"{mark}\", \"{}\")", code(mark));
    }
    let also: String = "!'()*._~-".chars().filter(|mark| !marks.contains(*mark)).collect();
    if !also.is_empty() {
        let by = "c => \n\"%\" + c.charCodeAt(0).toString(16).toUpperCase()";
        javascript += &format!("\n.replace(/[{also}]/g, {by})");
    }
    for mark in marks.chars().filter(|mark| !"!'()*._~-".contains(*mark)) {
        javascript += &format!("\n.replaceAll(\"{}\", {})", code(mark), json!(mark));
    }
    if plus {
        javascript += "\n.replaceAll(\"%20\", \"+\")";
    }
    if is_lower {
        python = format!("re.sub(\"%..\", lambda m: m[0].lower(), \n{python})");
        javascript += "\n.replace(/%../g, c => c.toLowerCase())";
    }
    c.gives_text(python, javascript)
}

fn base64(o: &Args) -> Base64 {
    let alphabet = if o.word(0) == 0 { Alphabet::Standard } else { Alphabet::Url };
    Base64 { alphabet, padding: o.flag(1) }
}

fn percent_encode<'a>(o: &'a Args, bytes: &[u8], out: &mut Out<'_, 'a>) -> Result<(), Failure<'a>> {
    let (keep, case, plus) = (o.keep(0), o.case(1), o.flag(2));
    if !o.has(4) {
        percent::encode_with(bytes, keep, case, plus, out);
        return Ok(());
    }
    let is_escape =
        |i: usize| bytes[i] == b'%' && bytes.get(i + 1..i + 3).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit));
    for (i, byte) in bytes.iter().enumerate() {
        let continues = (0x80..0xc0).contains(byte) && i > 0 && bytes[i - 1] >= 0x80;
        if o.deviates(4, "keeps-escapes") && is_escape(i) {
            out.put(b"%");
        } else if o.deviates(4, "one-percent") && continues {
            let mut escape = Vec::new();
            percent::encode_with(&[*byte], keep, case, plus, &mut escape);
            out.put(&escape[1..]);
        } else {
            percent::encode_with(&[*byte], keep, case, plus, out);
        }
    }
    Ok(())
}
