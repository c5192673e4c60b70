//! Times are written and read as `jiff`'s own `strftime` writes them, at every moment of the years that
//! have four digits; and text that is not what a moment is written as is no time.

#[path = "../forms/mod.rs"]
mod forms;

use countersign::primitive::time::{Instant, Laxity, TimeFormat};
use forms::{DATES, form};
use proptest::prelude::*;

const YEAR_0: i128 = -62_167_219_200_000_000_000;
const YEAR_10000: i128 = 253_402_300_800_000_000_000;
const SECOND: i128 = 1_000_000_000;

fn written(form: &TimeFormat, instant: i128) -> Vec<u8> {
    let mut text = Vec::new();
    form.write(Instant(instant), &mut text);
    text
}

/// The nanoseconds of a text of a form.
fn read(name: &str, text: &str) -> Option<i128> {
    form(name).read(text.as_bytes()).map(|instant| instant.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_written_is_what_jiff_writes(instant in YEAR_0..YEAR_10000) {
        for (name, pattern, unit) in DATES {
            let cut = instant.div_euclid(unit) * unit;
            let stamp = jiff::Timestamp::from_nanosecond(cut).unwrap();
            let form = form(name);
            let text = written(&form, instant);
            prop_assert_eq!(&text, &stamp.strftime(pattern).to_string().into_bytes());
            prop_assert_eq!(form.read(&text), Some(Instant(cut)), "{}", text.escape_ascii());
        }
    }

    /// Where fraction and offset may be left out or said in another way, `jiff` reads the same instant.
    #[test]
    fn an_offset_and_a_fraction_are_read_as_jiff_reads_them(
        seconds in -60_000_000_000i64..253_000_000_000, fraction in "|[.][0-9]{1,9}",
        hours in 0..=23, minutes in 0..=59, behind: bool,
    ) {
        let sign = if behind { '-' } else { '+' };
        let date = jiff::Timestamp::from_second(seconds).unwrap().strftime("%Y-%m-%dT%H:%M:%S");
        let text = format!("{date}{fraction}{sign}{hours:02}:{minutes:02}");
        let known: jiff::Timestamp = text.parse().unwrap();
        for pattern in ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%Z"] {
            prop_assert_eq!(read(pattern, &text), Some(known.as_nanosecond()));
        }
        let ahead = if behind { -1 } else { 1 } * i128::from(hours * 3600 + minutes * 60) * SECOND;
        let ignoring = form("%Y-%m-%dT%H:%M:%S%.f%:z").taken(Laxity::Offset);
        prop_assert_eq!(ignoring.read(text.as_bytes()), Some(Instant(known.as_nanosecond() + ahead)));
        // A pattern that ends with this offset says the same.
        let fixed = form(&format!("%Y-%m-%dT%H:%M:%S.%9f{sign}{hours:02}:{minutes:02}"));
        let text = written(&fixed, known.as_nanosecond());
        prop_assert_eq!(fixed.read(&text), Some(Instant(known.as_nanosecond())), "{}", text.escape_ascii());
    }

    /// A byte of a time, changed, gives another time or none: never the same one.
    #[test]
    fn what_is_read_is_written_so(instant in 0..253_000_000_000_000_000_000i128, at in 0..40usize, byte: u8) {
        let exact = DATES.map(|(name, ..)| name).into_iter().filter(|name| !name.contains(".f") && !name.contains('z'));
        for name in exact.chain(["unix-seconds", "unix-millis", "%s%6f", "%s.%3f"]) {
            let form = form(name);
            let mut text = written(&form, instant);
            let at = at % text.len();
            text[at] = byte;
            if let Some(read) = form.read(&text) {
                prop_assert_eq!(written(&form, read.0), text);
            }
        }
    }
}

#[test]
fn days_that_no_calendar_has_are_no_times() {
    for text in
        ["20230229", "19000229", "20240230", "20240431", "20241301", "20240001", "20240100", "2024010", "+0240101"]
    {
        assert_eq!(read("date", text), None, "{text}");
    }
    assert!(read("date", "20240229").is_some() && read("date", "20000229").is_some());
    for text in ["", "-", "+1", "01", "-0", "1 ", "9223372036854775808"] {
        assert_eq!(read("unix-seconds", text), None, "{text}");
    }
    assert_eq!(read("unix-seconds", "-1"), Some(-SECOND));
}

/// A fraction of a count is read as it is written, and no other one.
#[test]
fn counts_have_units_and_fractions() {
    for (pattern, text, nanoseconds) in [
        ("%s%6f", "1700000000123456", 1_700_000_000_123_456_000),
        ("%s%9f", "1700000000123456789", 1_700_000_000_123_456_789),
        ("%s.%3f", "1700000000.123", 1_700_000_000_123_000_000),
        ("%s%.f", "1700000000.5", 1_700_000_000_500_000_000),
        ("%s%.f", "1700000000", 1_700_000_000_000_000_000),
    ] {
        assert_eq!(read(pattern, text), Some(nanoseconds), "{pattern}");
        assert_eq!(written(&form(pattern), nanoseconds), text.as_bytes(), "{pattern}");
    }
    for (pattern, text) in
        [("%s%.f", "1700000000."), ("%s%.f", "1.1234567891"), ("%s.%3f", "1700000000.12"), ("%s%6f", "1.7e15")]
    {
        assert_eq!(read(pattern, text), None, "{pattern} of {text}");
    }
    assert_eq!(
        read("%Y-%m-%dT%H:%M:%S%Z", "2020-01-01T00:00:00Z"),
        read("%Y-%m-%dT%H:%M:%S%Z", "2020-01-01T07:00:00+07:00")
    );
    assert_eq!(form("date").taken(Laxity::Ends).read(b" 20240229T"), form("date").read(b"20240229"));
}

#[test]
fn a_pattern_that_is_no_time_is_refused() {
    for (pattern, says) in [
        ("%q", "`%q` is no field of a time"),
        ("%Y-%m", "it needs %Y, %m or %b, and %d; or %s"),
        ("%Y-%m-%d %d", "says the day twice"),
        ("%s %Y", "it needs"),
        ("%", "`%` is no field"),
        ("today", "unknown form of a time `today`"),
    ] {
        let error = pattern.parse::<TimeFormat>().err().unwrap_or_default();
        assert!(error.contains(says), "{pattern}: {error}");
    }
    let long = format!("%Y%m%d{}", "-".repeat(200));
    assert!(long.parse::<TimeFormat>().is_err_and(|error| error.contains("too long")));
}
