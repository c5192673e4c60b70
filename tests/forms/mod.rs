//! Forms of dates as `strftime` writes them, for the tests of the library and the fuzz targets alike.

use countersign::primitive::time::TimeFormat;

/// Each form with its pattern, and the nanoseconds of its finest field.
pub const DATES: [(&str, &str, i128); 12] = [
    ("rfc3339-millis", "%Y-%m-%dT%H:%M:%S.%3fZ", 1_000_000),
    ("rfc3339-seconds", "%Y-%m-%dT%H:%M:%SZ", 1_000_000_000),
    ("http-date", "%a, %d %b %Y %H:%M:%S GMT", 1_000_000_000),
    ("rfc5322", "%a, %d %b %Y %H:%M:%S +0000", 1_000_000_000),
    ("iso8601-basic", "%Y%m%dT%H%M%SZ", 1_000_000_000),
    ("date", "%Y%m%d", DAY),
    ("%Y-%m-%d", "%Y-%m-%d", DAY),
    ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%:z", 1),
    ("%Y%m%dT%H:%M:%S%z", "%Y%m%dT%H:%M:%S%z", 1_000_000_000),
    ("%d/%b/%Y %H:%M:%S.%6fZ", "%d/%b/%Y %H:%M:%S.%6fZ", 1_000),
    ("%a, %d %b %Y %H:%M:%S -0000", "%a, %d %b %Y %H:%M:%S -0000", 1_000_000_000),
    ("%d%m%Y%H%M", "%d%m%Y%H%M", 60_000_000_000),
];

const DAY: i128 = 86_400_000_000_000;

/// The form of a name or pattern.
pub fn form(text: &str) -> TimeFormat {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}
