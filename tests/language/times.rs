//! Times are written and read as `jiff`'s own `strftime` writes them, at every moment of the years that
//! have four digits; and text that is not what a moment is written as is no time.

#[path = "../forms/mod.rs"]
mod forms;

use countersign::primitive::time::{Instant, TimeFormat};
use forms::DATES;
use proptest::prelude::*;

const YEAR_0: jiff::Timestamp = jiff::Timestamp::constant(-62_167_219_200, 0);

fn written(form: TimeFormat, instant: i128) -> Vec<u8> {
    let mut text = Vec::new();
    form.write(Instant(instant), &mut text);
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// From the year 0 to 9999, and before it, where years have a sign.
    #[test]
    fn what_is_written_is_what_jiff_writes(instant in -100_000_000_000_000_000_000i128..253_000_000_000_000_000_000) {
        for (form, pattern, unit) in DATES {
            let cut = instant.div_euclid(unit) * unit;
            let stamp = jiff::Timestamp::from_nanosecond(cut).unwrap();
            let text = written(form, instant);
            prop_assert_eq!(&text, &stamp.strftime(pattern).to_string().into_bytes());
            // What `jiff` itself cannot read again where digits follow a signed year is no time here either.
            if stamp >= YEAR_0 {
                prop_assert_eq!(form.read(&text), Some(Instant(cut)), "{}", text.escape_ascii());
            }
        }
    }

    /// A byte of a time, changed, gives another time or none: never the same one.
    #[test]
    fn what_is_read_is_written_so(instant in 0..253_000_000_000_000_000_000i128, at in 0..40usize, byte: u8) {
        let counts = [TimeFormat::UnixSeconds, TimeFormat::UnixMillis];
        for form in DATES.map(|(form, ..)| form).into_iter().chain(counts) {
            let mut text = written(form, instant);
            let at = at % text.len();
            text[at] = byte;
            if let Some(read) = form.read(&text) {
                prop_assert_eq!(written(form, read.0), text);
            }
        }
    }
}

#[test]
fn days_that_no_calendar_has_are_no_times() {
    let read = |text: &str| TimeFormat::Date.read(text.as_bytes());
    for text in
        ["20230229", "19000229", "20240230", "20240431", "20241301", "20240001", "20240100", "2024010", "+0240101"]
    {
        assert_eq!(read(text), None, "{text}");
    }
    assert!(read("20240229").is_some() && read("20000229").is_some());
    for text in ["", "-", "+1", "01", "-0", "1 ", "9223372036854775808"] {
        assert_eq!(TimeFormat::UnixSeconds.read(text.as_bytes()), None, "{text}");
    }
    assert_eq!(TimeFormat::UnixSeconds.read(b"-1"), Some(Instant(-1_000_000_000)));
}
