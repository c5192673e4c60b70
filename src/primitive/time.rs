//! Instants and the forms in which schemes write them. A clock is never read here.

mod instant;
mod pattern;

use super::Sink;
use instant::SECOND;
pub use instant::{BadTime, Instant};
use pattern::Pattern;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

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
            TimeUnit::Seconds => SECOND.into(),
            TimeUnit::Milliseconds => 1_000_000,
        }
    }
}

/// The named forms: name, pattern, and what it gives.
const NAMED: &[(&str, &str, &str)] = &[
    ("rfc3339-millis", "%Y-%m-%dT%H:%M:%S.%3fZ", "`2018-05-04T12:05:14.649Z`."),
    ("rfc3339-seconds", "%Y-%m-%dT%H:%M:%SZ", "`2018-05-04T12:05:14Z`."),
    ("http-date", "%a, %d %b %Y %H:%M:%S GMT", "`Fri, 04 May 2018 12:05:14 GMT`, RFC 9110 section 5.6.7."),
    ("rfc5322", "%a, %d %b %Y %H:%M:%S +0000", "`Fri, 04 May 2018 12:05:14 +0000`, RFC 5322 section 3.3."),
    ("iso8601-basic", "%Y%m%dT%H%M%SZ", "`20180504T120514Z`."),
    ("date", "%Y%m%d", "`20180504`."),
    ("unix-seconds", "%s", "Seconds since 1970."),
    ("unix-millis", "%s%3f", "Milliseconds since 1970."),
];

/// A written form of an instant: one that has a name, or a pattern, which has a `%`. What is finer than the form
/// is cut off. In plain data it is its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeFormat {
    text: String,
    pattern: Pattern,
    laxity: Laxity,
}

/// Exactness that text of a form must have; the lax ways are those of mutants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laxity {
    /// Exactly.
    None,
    /// White space may stand before it, and anything after it.
    Ends,
    /// An offset from UTC is read and counts for nothing.
    Offset,
    /// A count may be any number: white space around it, a sign, a fraction, an exponent.
    Number,
    /// A count may have white space around it, a sign, and `_` between digits.
    Digits,
    /// Any form of RFC 3339 passes: another offset, other digits of a fraction, small letters.
    Rfc3339,
}

impl TimeFormat {
    /// The forms that have a name.
    pub fn named() -> impl Iterator<Item = TimeFormat> {
        NAMED.iter().filter_map(|(name, ..)| name.parse().ok())
    }

    /// Appends the instant in this form.
    pub fn write(&self, instant: Instant, out: &mut impl Sink) {
        out.fill(self.pattern.longest(), |text| self.pattern.write(instant, text));
    }

    /// Reads text of exactly this form.
    pub fn read(&self, text: &[u8]) -> Option<Instant> {
        if let Some(instant) = self.read_laxly(text) {
            return Some(instant);
        }
        let text = if self.laxity == Laxity::Ends { text.trim_ascii_start() } else { text };
        let (read, rest) = self.pattern.read(text)?;
        let ahead = if self.laxity == Laxity::Offset { read.ahead } else { 0 };
        let instant = Instant(read.instant.0 + i128::from(ahead) * i128::from(SECOND));
        (rest.is_empty() || self.laxity == Laxity::Ends).then_some(instant)
    }

    /// Reads text as a library does that takes more than this form.
    fn read_laxly(&self, text: &[u8]) -> Option<Instant> {
        let plain = std::str::from_utf8(text).ok().filter(|_| self.laxity != Laxity::None)?.trim_ascii();
        match self.laxity {
            Laxity::None | Laxity::Ends | Laxity::Offset => None,
            Laxity::Number => {
                let unit = self.pattern.unit()?;
                let number = super::text::number(plain.as_bytes()).filter(|number| number.abs() < 1e18)?;
                let whole = plain.parse::<i64>().map_or(number as i128, i128::from);
                Some(Instant(whole * i128::from(unit) + ((number - number.trunc()) * unit as f64) as i128))
            }
            Laxity::Digits => {
                let digits = plain.strip_prefix('+').unwrap_or(plain).replace('_', "");
                self.pattern.unit()?;
                self.pattern.read(digits.as_bytes()).filter(|(_, rest)| rest.is_empty()).map(|(read, _)| read.instant)
            }
            Laxity::Rfc3339 => {
                let stamp: jiff::Timestamp = plain.parse().ok()?;
                Some(Instant(stamp.as_nanosecond()))
            }
        }
    }

    /// Returns whether it counts units since 1970.
    pub fn counts(&self) -> bool {
        self.pattern.unit().is_some()
    }

    /// Returns whether it is a form of RFC 3339.
    pub fn is_rfc3339(&self) -> bool {
        self.pattern.is_rfc3339()
    }

    /// Returns the form as somebody takes it who reads it so exactly.
    pub fn taken(self, laxity: Laxity) -> TimeFormat {
        TimeFormat { laxity, ..self }
    }

    /// Returns whether it says an offset from UTC that differs from time to time.
    pub fn has_offset(&self) -> bool {
        self.pattern.has_offset()
    }

    /// Returns its name or pattern.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for TimeFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<TimeFormat, String> {
        let named = NAMED.iter().find(|(name, ..)| *name == text).map(|(_, pattern, _)| *pattern);
        let pattern = named.or(Some(text).filter(|text| text.contains('%'))).ok_or_else(|| {
            let names: Vec<&str> = NAMED.iter().map(|(name, ..)| *name).collect();
            format!("unknown form of a time `{text}`; it is {}, or a pattern such as `%Y-%m-%d`", names.join(", "))
        })?;
        Ok(TimeFormat { text: text.to_owned(), pattern: Pattern::of(pattern)?, laxity: Laxity::None })
    }
}

impl TryFrom<String> for TimeFormat {
    type Error = String;

    fn try_from(text: String) -> Result<TimeFormat, String> {
        text.parse()
    }
}

impl From<TimeFormat> for String {
    fn from(form: TimeFormat) -> String {
        form.text
    }
}

impl PartialEq for TimeFormat {
    fn eq(&self, other: &TimeFormat) -> bool {
        self.text == other.text && self.laxity == other.laxity
    }
}

impl Eq for TimeFormat {}

#[cfg(feature = "cli")]
impl schemars::JsonSchema for TimeFormat {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TimeFormat".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let named = NAMED.iter().map(|(name, _, says)| serde_json::json!({ "const": name, "description": says }));
        let pattern = serde_json::json!({
            "title": "%…",
            "type": "string",
            "pattern": "%",
            "description": "A pattern of `strftime`: `%Y`, `%m`, `%b`, `%d`, `%a`, `%H`, `%M`, `%S`; `%3f` digits of a fraction; \
                            `%.f` a fraction with its point, or nothing; `%z`, `%:z` an offset, `%Z` that or `Z`; `%s` seconds \
                            since 1970, `%s%3f` milliseconds. It is written in UTC, or with the offset that ends it.",
        });
        schemars::json_schema!({ "oneOf": named.chain([pattern]).collect::<Vec<_>>() })
    }
}
