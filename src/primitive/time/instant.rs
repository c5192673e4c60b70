//! Instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use thiserror::Error;

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;
/// The first and the last moment of the years that have four digits.
const YEARS: [i128; 2] = [-62_167_219_200_000_000_000, 253_402_300_799_999_999_999];

/// An instant in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i128);

/// Text that is not a time of the form asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is no time of the form {form}")]
pub struct BadTime {
    /// Text that was found.
    pub text: String,
    /// Form that was expected.
    pub form: &'static str,
}

impl Instant {
    /// Reads RFC 3339 with any number of fractional digits, as vectors and the protocol write it.
    pub fn parse(text: &str) -> Result<Instant, BadTime> {
        let bad = || BadTime { text: text.into(), form: "RFC 3339" };
        let stamp: Timestamp = text.parse().map_err(|_| bad())?;
        Ok(Instant(stamp.as_nanosecond()))
    }

    /// The date in UTC; that of the nearest year which has four digits.
    pub fn civil(self) -> DateTime {
        let [first, last] = YEARS;
        let (seconds, rest) = Instant(self.0.clamp(first, last)).split(SECOND);
        let stamp = Timestamp::new(seconds as i64, rest as i32).unwrap_or(Timestamp::UNIX_EPOCH);
        TimeZone::UTC.to_datetime(stamp)
    }

    /// Whole units since 1970, rounded down, and the nanoseconds that are left.
    pub fn split(self, unit: i64) -> (i128, i64) {
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
