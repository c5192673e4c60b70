//! The rows of the bug classes: which operators cover each, or why none does.

use super::operators::OPERATORS;

/// A row of the table of bug classes.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its id: C canonicalisation, V verification, K keys, D weakness of a scheme.
    pub id: &'static str,
    /// What goes wrong.
    pub says: &'static str,
    /// Why no operator covers it, where none does.
    pub left_out: Option<&'static str>,
}

const fn row(id: &'static str, says: &'static str) -> Row {
    Row { id, says, left_out: None }
}

const fn out(id: &'static str, says: &'static str, why: &'static str) -> Row {
    Row { id, says, left_out: Some(why) }
}

const OTHER_SCHEME: &str = "no scheme of the corpus has this part";

/// All rows.
pub static ROWS: &[Row] = &[
    row("C01", "a space as + in the canonical query"),
    row("C02", "+ in the path turned into a space"),
    row("C03", "the path encoded twice"),
    row("C04", "the path encoded once where twice is right"),
    row("C05", "~ encoded"),
    row("C06", "!*'() left bare"),
    row("C07", "@:=,; left bare"),
    row("C08", "lower-case digits in escapes"),
    row("C09", "one % for all bytes of a character"),
    row("C10", "another character set than UTF-8"),
    row("C11", "escapes encoded again, or kept"),
    row("C12", "decoded twice by the verifier"),
    row("C13", "{}^|[] not encoded"),
    row("C14", "re-serialised by a URL library"),
    row("C15", "the key not percent-encoded, or encoded where it must not be"),
    row("C16", "names encoded twice"),
    row("C17", "%2F in a path segment"),
    row("C20", "sorted before or after encoding, the wrong way round"),
    row("C21", "values of a repeated name sorted raw"),
    row("C22", "joined strings sorted"),
    row("C23", "ties left in order, or sorted"),
    row("C24", "no sort"),
    row("C25", "sorted where the message's order counts"),
    row("C26", "sorted without regard to case"),
    row("C27", "sorted by a locale"),
    row("C28", "sorted by UTF-16 code units"),
    row("C29", "names compared by prefix"),
    row("C30", "repeated names collapsed"),
    row("C31", "repeated names joined"),
    row("C32", "arrays sorted by number"),
    row("C33", "a parameter without = signed otherwise"),
    row("C34", "empty parameters dropped"),
    row("C35", "a value cut at ="),
    out(
        "C36",
        "empty pieces of a query",
        "pieces are skipped by the wire rule before a scheme sees them; vectors pin it",
    ),
    row("C37", "some parameters signed only"),
    row("C38", "the list of sub-resources incomplete"),
    out("C39", "response overrides encoded", OTHER_SCHEME),
    row("C40", "names or values lower-cased"),
    row("C50", "double slashes collapsed"),
    row("C51", "double slashes not collapsed"),
    row("C52", "dot segments not removed"),
    row("C53", "dot segments removed"),
    row("C54", "slash at the end"),
    row("C55", "empty path"),
    out("C56", "default ports", "no scheme of the corpus signs the host"),
    out("C57", "IPv6 literals", "no scheme of the corpus signs the host"),
    row("C58", "case of method, path or host"),
    row("C59", "the query left in the address"),
    row("C60", "header values not trimmed"),
    row("C61", "white space in quotes"),
    out("C62", "tabs", OTHER_SCHEME),
    row("C63", "several lines of one header field"),
    row("C64", "names compared in another case"),
    row("C65", "what is sent differs from what is signed"),
    row("C66", "a re-serialised body"),
    out("C67", "a body decoded with replacement characters", "no scheme of the corpus signs the body; the fixtures do"),
    out("C68", "a byte-order mark stripped", "no scheme of the corpus signs the body; the fixtures do"),
    row("C69", "an empty body"),
    row("C70", "the body of a GET ignored"),
    row("C71", "form parameters signed for other types, or not signed"),
    row("C72", "the time in another form"),
    row("C73", "Unicode composed"),
    row("C74", "leading zeros of digits dropped"),
    row("C75", "the result encoded otherwise"),
    row("C76", "backslash and n for a line feed"),
    row("C77", "separators"),
    out("C78", "signature parameters of RFC 9421", OTHER_SCHEME),
    out("C79", "query parameters of RFC 9421", OTHER_SCHEME),
    out("C80", "duplicate components of RFC 9421", OTHER_SCHEME),
    out("C81", "shadowed components of RFC 9421", OTHER_SCHEME),
    out("C82", "a signing key cached across midnight", "an implementation's memory, not its rule"),
    row("V01", "a prefix of the signature accepted"),
    out("V02", "comparison not in constant time", "no input shows it; it is read off the code"),
    out(
        "V03",
        "a signature of wrong length throws",
        "an error, not another answer: the runner keeps errors apart from refusals",
    ),
    out(
        "V04",
        "a signature beyond ASCII throws",
        "an error, not another answer: the runner keeps errors apart from refusals",
    ),
    row("V05", "an empty secret accepted"),
    row("V06", "a secret of white space accepted"),
    row("V07", "a secret trimmed, or not"),
    row("V08", "no freshness"),
    row("V09", "future times accepted"),
    row("V10", "seconds against milliseconds"),
    row("V11", "the tolerance off by one"),
    row("V12", "a time that is no number"),
    row("V13", "numbers read leniently"),
    row("V14", "first or last of a repeated field"),
    out(
        "V15",
        "the first bad signature ends the list",
        "no scheme of the corpus has candidate signatures; the fixtures do",
    ),
    out(
        "V16",
        "a malformed header throws",
        "an error, not another answer: the runner keeps errors apart from refusals",
    ),
    row("V17", "the algorithm taken from the message"),
    row("V18", "Base64 read leniently"),
    row("V19", "case of digits"),
    row("V20", "trailing junk ignored"),
    row("V21", "other versions accepted"),
    out("V22", "unsigned headers honoured", OTHER_SCHEME),
    row("V23", "a required part not required"),
    row("V24", "scope not tied to the date"),
    row("V25", "a hash not compared with the body"),
    row("V26", "another place of credentials skips verification"),
    out("V27", "lifetimes", OTHER_SCHEME),
    out(
        "V28",
        "the expected MAC in the error",
        "a message for people, not an answer; a test of the reference holds it",
    ),
    row("V29", "an absent signature valid"),
    row("V30", "Basic taken apart otherwise"),
    row("V31", "Bearer taken apart otherwise"),
    row("V32", "the decoded path verified"),
    row("K01", "a separator of the key left out"),
    row("K02", "another key"),
    row("K03", "a key decoded, or not"),
    row("K04", "a key in another Base64"),
    out(
        "D01",
        "no delimiter between parts",
        "a weakness of schemes, shown by vectors, not a mistake of implementations",
    ),
    row("D02", "a hash where a MAC is due"),
    row("D03", "delimiters inside values"),
    out("D04", "dots inside an id", OTHER_SCHEME),
    out("D05", "line feeds inside a part", "a weakness of schemes, shown by vectors, not a mistake of implementations"),
    out("D06", "names and values joined", "a weakness of schemes, shown by vectors, not a mistake of implementations"),
];

impl Row {
    /// Ids of the operators that cover this row.
    pub fn operators(&self) -> Vec<&'static str> {
        let covers = OPERATORS.iter().copied().flatten().filter(|operator| operator.rows.contains(&self.id));
        covers.map(|operator| operator.id).collect()
    }
}
