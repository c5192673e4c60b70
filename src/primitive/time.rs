//! Instants and the forms in which schemes write them. A clock is never read here.

mod layout;

use super::{Sink, Writer};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::strtime};
use layout::Layout;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An instant in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i128);

/// Text that is not a time of the form asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is no time of the form {form}")]
pub struct BadTime {
    /// What was found.
    pub text: String,
    /// What was expected.
    pub form: &'static str,
}

impl Instant {
    /// Reads RFC 3339 with any number of fractional digits, as vectors and the protocol write it.
    pub fn parse(text: &str) -> Result<Instant, BadTime> {
        let bad = || BadTime { text: text.into(), form: "RFC 3339" };
        let stamp: Timestamp = text.parse().map_err(|_| bad())?;
        Ok(Instant(stamp.as_nanosecond()))
    }

    fn civil(self) -> DateTime {
        // Out of jiff's range (years beyond 9999) the nearest representable time stands in.
        let clamped = self.0.clamp(Timestamp::MIN.as_nanosecond(), Timestamp::MAX.as_nanosecond());
        let (seconds, rest) = Instant(clamped).split(1_000_000_000);
        let stamp = Timestamp::new(seconds as i64, rest as i32).unwrap_or(Timestamp::UNIX_EPOCH);
        TimeZone::UTC.to_datetime(stamp)
    }

    /// Whole units since 1970, rounded down, and the nanoseconds that are left.
    fn split(self, unit: i64) -> (i128, i64) {
        // Division of 64 bits is several times as fast, and enough from 1678 to 2261.
        match i64::try_from(self.0) {
            Ok(short) => (short.div_euclid(unit).into(), short.rem_euclid(unit)),
            Err(_) => (self.0.div_euclid(unit.into()), self.0.rem_euclid(unit.into()) as i64),
        }
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}Z", self.civil())
    }
}

/// A unit of lengths of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TimeUnit {
    /// `s`.
    Seconds,
    /// `ms`.
    Milliseconds,
}

impl TimeUnit {
    /// Reads a number and a unit, as in `300 s` or `5000 ms`, into digits and unit.
    pub fn parse(text: &str) -> Option<(&str, TimeUnit)> {
        let (digits, unit) = text.split_once(' ')?;
        let unit = match unit {
            "s" => TimeUnit::Seconds,
            "ms" => TimeUnit::Milliseconds,
            _ => return None,
        };
        super::text::digits(digits.as_bytes()).map(|digits| (digits, unit))
    }

    /// Its length in nanoseconds.
    pub fn nanoseconds(self) -> i128 {
        match self {
            TimeUnit::Seconds => 1_000_000_000,
            TimeUnit::Milliseconds => 1_000_000,
        }
    }
}

/// A written form of an instant; what is finer than the form is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TimeFormat {
    /// `2018-05-04T12:05:14.649Z`.
    Rfc3339Millis,
    /// `2018-05-04T12:05:14Z`.
    Rfc3339Seconds,
    /// `Fri, 04 May 2018 12:05:14 GMT`, IMF-fixdate of RFC 9110 section 5.6.7.
    HttpDate,
    /// `Fri, 04 May 2018 12:05:14 +0000`, RFC 5322 section 3.3, in UTC.
    Rfc5322,
    /// `20180504T120514Z`.
    Iso8601Basic,
    /// `20180504`.
    Date,
    /// Seconds since 1970-01-01T00:00:00Z, decimal.
    UnixSeconds,
    /// Milliseconds since then, decimal.
    UnixMillis,
}

/// What a form writes.
enum Notation {
    /// A date, by a pattern of `strftime`.
    Date(&'static Layout),
    /// A count of units of so many nanoseconds.
    Count(i64),
}

impl TimeFormat {
    fn written(self) -> Notation {
        match self {
            TimeFormat::Rfc3339Millis => Notation::Date(const { &Layout::of("%Y-%m-%dT%H:%M:%S.%3fZ") }),
            TimeFormat::Rfc3339Seconds => Notation::Date(const { &Layout::of("%Y-%m-%dT%H:%M:%SZ") }),
            TimeFormat::HttpDate => Notation::Date(const { &Layout::of("%a, %d %b %Y %H:%M:%S GMT") }),
            TimeFormat::Rfc5322 => Notation::Date(const { &Layout::of("%a, %d %b %Y %H:%M:%S +0000") }),
            TimeFormat::Iso8601Basic => Notation::Date(const { &Layout::of("%Y%m%dT%H%M%SZ") }),
            TimeFormat::Date => Notation::Date(const { &Layout::of("%Y%m%d") }),
            TimeFormat::UnixSeconds => Notation::Count(1_000_000_000),
            TimeFormat::UnixMillis => Notation::Count(1_000_000),
        }
    }

    /// Appends the instant in this form.
    pub fn write(self, instant: Instant, out: &mut impl Sink) {
        use std::io::Write;
        let written = match self.written() {
            Notation::Count(unit) => write!(Writer(out), "{}", instant.split(unit).0),
            Notation::Date(layout) if layout.write(instant.civil(), out) => Ok(()),
            Notation::Date(layout) => {
                // Truncated first, so that formatting never rounds up.
                let unit = if self == TimeFormat::Rfc3339Millis { 1_000_000 } else { 1_000_000_000 };
                let cut = Instant(instant.0 - i128::from(instant.split(unit).1));
                write!(Writer(out), "{}", cut.civil().strftime(layout.pattern))
            }
        };
        written.unwrap_or_else(|_| unreachable!("writing to memory does not fail"));
    }

    /// Reads text of exactly this form: what it stands for, written again, is the same text.
    pub fn read(self, text: &[u8]) -> Option<Instant> {
        match self.written() {
            Notation::Count(unit) => Some(Instant(i128::from(whole_number(text)?) * i128::from(unit))),
            Notation::Date(layout) => match layout.read(text) {
                Some(date) => {
                    let stamp = TimeZone::UTC.to_timestamp(date).ok()?;
                    Some(Instant(i128::from(stamp.as_second()) * 1_000_000_000 + i128::from(stamp.subsec_nanosecond())))
                }
                None if text.starts_with(b"-") || text.windows(2).any(|two| two == b" -") => {
                    self.read_before_christ(layout.pattern, text)
                }
                None => None,
            },
        }
    }

    /// Years below zero, which have a sign.
    fn read_before_christ(self, pattern: &str, text: &[u8]) -> Option<Instant> {
        let broken = strtime::parse(pattern, text).ok()?;
        let datetime = match self {
            TimeFormat::Date => broken.to_date().ok()?.to_datetime(jiff::civil::Time::midnight()),
            _ => broken.to_datetime().ok()?,
        };
        let instant = Instant(TimeZone::UTC.to_timestamp(datetime).ok()?.as_nanosecond());
        let mut again = Vec::with_capacity(text.len());
        self.write(instant, &mut again);
        (again == text).then_some(instant)
    }
}

/// An integer as it is printed: no plus sign, no zeros before it.
fn whole_number(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical = match digits {
        [b'0'] => text.len() == 1,
        [first, ..] => first.is_ascii_digit() && *first != b'0',
        [] => false,
    };
    std::str::from_utf8(text).ok().filter(|_| canonical)?.parse().ok()
}
