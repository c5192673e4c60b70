//! Forms of dates as `strftime` writes them, for the tests of the library and the fuzz targets alike.

use countersign::primitive::time::TimeFormat;

/// Each form with its pattern, and the nanoseconds of its finest field.
pub const DATES: [(TimeFormat, &str, i128); 6] = [
    (TimeFormat::Rfc3339Millis, "%Y-%m-%dT%H:%M:%S.%3fZ", 1_000_000),
    (TimeFormat::Rfc3339Seconds, "%Y-%m-%dT%H:%M:%SZ", 1_000_000_000),
    (TimeFormat::HttpDate, "%a, %d %b %Y %H:%M:%S GMT", 1_000_000_000),
    (TimeFormat::Rfc5322, "%a, %d %b %Y %H:%M:%S +0000", 1_000_000_000),
    (TimeFormat::Iso8601Basic, "%Y%m%dT%H%M%SZ", 1_000_000_000),
    (TimeFormat::Date, "%Y%m%d", 86_400_000_000_000),
];
