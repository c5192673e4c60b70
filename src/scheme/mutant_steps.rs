//! Steps of mutants: wrong ways that real code went, each with its row of the bug classes.

use super::step_table::{EACH, PAIRS, StepDoc, step};

/// Steps of mutants, which no scheme file may use: wrong ways that real code went.
pub static MUTANT_STEPS: &[StepDoc] = &[
    step(
        "latin1",
        None,
        EACH,
        "text in Latin-1, `?` where it has no byte for a character",
        (r#"[{"text":"é"}, "latin1", "hex"]"#, "e9"),
        "C10",
    ),
    step(
        "nfc",
        None,
        EACH,
        "text composed, Unicode normalisation form C",
        (r#"[{"text":"e\u0301"}, "nfc"]"#, "é"),
        "C73",
    ),
    step(
        "keep-first",
        None,
        PAIRS,
        "of a repeated name, the first",
        (
            r#"[{"text":"a=1&a=2"}, {"split":"&"}, {"assign":"="}, "keep-first", {"pair":"{name}{value}"}, {"join":""}]"#,
            "a1",
        ),
        "C30",
    ),
    step(
        "keep-last",
        None,
        PAIRS,
        "of a repeated name, the last",
        (
            r#"[{"text":"a=1&a=2"}, {"split":"&"}, {"assign":"="}, "keep-last", {"pair":"{name}{value}"}, {"join":""}]"#,
            "a2",
        ),
        "C30",
    ),
    step(
        "drop-empty",
        None,
        PAIRS,
        "without pairs whose value is empty or missing",
        (
            r#"[{"text":"a=&b=2"}, {"split":"&"}, {"assign":"="}, "drop-empty", {"pair":"{name}{value}"}, {"join":""}]"#,
            "b2",
        ),
        "C34",
    ),
    step(
        "drop-valueless",
        None,
        PAIRS,
        "without pairs that have no value",
        (
            r#"[{"text":"a=1"}, {"split":"&"}, {"assign":"="}, "drop-valueless", {"pair":"{name}{value}"}, {"join":""}]"#,
            "a1",
        ),
        "C33",
    ),
    step(
        "drop-leading-zeros",
        None,
        EACH,
        "a number without the zeros at its start",
        (r#"[{"text":"00a0"}, "drop-leading-zeros"]"#, "a0"),
        "C74",
    ),
    step(
        "drop-digit-zeros",
        None,
        EACH,
        "each byte's digits without a leading zero",
        (r#"[{"text":"0a10"}, "drop-digit-zeros"]"#, "a10"),
        "C74",
    ),
    step(
        "replace",
        Some("text, by"),
        EACH,
        "one text in the place of another, wherever it stands",
        (r#"[{"text":"a/b"}, {"replace":{"text":"/","by":"\\/"}}]"#, r"a\/b"),
        "C76, C66",
    ),
    step(
        "cut-at-equals",
        None,
        EACH,
        "nothing from the first equals sign on",
        (r#"[{"text":"a=b"}, "cut-at-equals"]"#, "a"),
        "C35",
    ),
    step("append", Some("text"), EACH, "something more at the end", (r#"[{"text":"a"}, {"append":"!"}]"#, "a!"), "V07"),
];
