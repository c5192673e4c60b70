//! Patterns of times: the part of `strftime` that signing schemes need, read as strictly as it is written.
//! The calendar itself is `jiff`'s.

use super::instant::{Instant, SECOND};
use crate::primitive::ROOM;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
/// All fields, for whoever mistakes one.
const KNOWN: &str = "%Y, %m, %b, %d, %a, %H, %M, %S, %3f and other numbers of digits, %.f, %z, %:z, %Z and %s";

/// A pattern, taken apart.
#[derive(Debug, Clone)]
pub struct Pattern {
    pieces: Box<[TimePiece]>,
    /// Bytes of the longest text.
    longest: usize,
    /// Seconds that a fixed offset at its end puts it ahead of UTC.
    ahead: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TimePiece {
    Text(Box<[u8]>),
    Year,
    Month,
    MonthName,
    Day,
    DayName,
    Hour,
    Minute,
    Second,
    /// So many digits of a fraction of a second.
    Digits(usize),
    /// A fraction with its point, or nothing.
    Fraction,
    /// An offset from UTC, with its colon or without.
    Offset {
        colon: bool,
    },
    /// `Z`, or an offset with a colon.
    Zone,
    /// Units of so many nanoseconds since 1970.
    Count(i64),
}

impl TimePiece {
    /// Takes the next piece off a pattern: the piece, and what follows it.
    fn next(pattern: &str) -> Result<(TimePiece, &str), String> {
        let Some(field) = pattern.strip_prefix('%') else {
            let (text, rest) = pattern.split_at(pattern.find('%').unwrap_or(pattern.len()));
            return Ok((TimePiece::Text(text.as_bytes().into()), rest));
        };
        const FIELDS: &[(&str, TimePiece)] = &[
            ("Y", TimePiece::Year),
            ("m", TimePiece::Month),
            ("b", TimePiece::MonthName),
            ("d", TimePiece::Day),
            ("a", TimePiece::DayName),
            ("H", TimePiece::Hour),
            ("M", TimePiece::Minute),
            ("S", TimePiece::Second),
            (".f", TimePiece::Fraction),
            ("z", TimePiece::Offset { colon: false }),
            (":z", TimePiece::Offset { colon: true }),
            ("Z", TimePiece::Zone),
        ];
        let known = FIELDS.iter().find_map(|(name, piece)| Some((piece.clone(), field.strip_prefix(name)?)));
        let digits = |text: &str| (1..=9).find(|n| text.starts_with(&format!("{n}f")));
        let count = |rest: &str| match rest.strip_prefix('%').and_then(digits) {
            Some(n) => (TimePiece::Count(SECOND / power(n)), rest[3..].len()),
            None => (TimePiece::Count(SECOND), rest.len()),
        };
        let counted = field.strip_prefix('s').map(count).map(|(piece, left)| (piece, &field[field.len() - left..]));
        let fraction = digits(field).map(|n| (TimePiece::Digits(n), &field[2..]));
        known.or(counted).or(fraction).ok_or_else(|| {
            let letter: String = field.chars().take(1).collect();
            format!("`%{letter}` is no field of a time; the fields are {KNOWN}")
        })
    }

    /// Returns the part of a time that it gives; two pieces of the same part cannot stand in one pattern.
    fn says(&self) -> &'static str {
        match self {
            TimePiece::Text(_) => "",
            TimePiece::Year => "year",
            TimePiece::Month | TimePiece::MonthName => "month",
            TimePiece::Day => "day",
            TimePiece::DayName => "day of the week",
            TimePiece::Hour => "hour",
            TimePiece::Minute => "minute",
            TimePiece::Second => "second",
            TimePiece::Digits(_) | TimePiece::Fraction => "fraction of a second",
            TimePiece::Offset { .. } | TimePiece::Zone => "offset",
            TimePiece::Count(_) => "count",
        }
    }

    /// Bytes of the longest text that it stands for.
    fn longest(&self) -> usize {
        match self {
            TimePiece::Text(text) => text.len(),
            TimePiece::Month | TimePiece::Day | TimePiece::Hour | TimePiece::Minute | TimePiece::Second => 2,
            TimePiece::MonthName | TimePiece::DayName => 3,
            TimePiece::Year => 4,
            TimePiece::Offset { colon: false } => 5,
            TimePiece::Offset { colon: true } | TimePiece::Zone => 6,
            TimePiece::Digits(n) => *n,
            TimePiece::Fraction => 10,
            TimePiece::Count(_) => 40,
        }
    }
}

/// A time that was read.
pub struct Moment {
    pub instant: Instant,
    /// Seconds that its offset puts it ahead of UTC.
    pub ahead: i64,
}

/// Parts of a time that have been read.
struct TimeParts {
    year: u32,
    month: u32,
    day: u32,
    weekday: Option<[u8; 3]>,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    ahead: i64,
    count: Option<i128>,
}

impl Pattern {
    /// Takes a pattern apart; the error says what is wrong with it.
    pub fn of(pattern: &str) -> Result<Pattern, String> {
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while !rest.is_empty() {
            let (piece, after) = TimePiece::next(rest)?;
            pieces.push(piece);
            rest = after;
        }
        let said: Vec<&str> = pieces.iter().map(TimePiece::says).filter(|said| !said.is_empty()).collect();
        let has = |what: &str| said.contains(&what);
        if let Some((_, twice)) = said.iter().enumerate().find(|(i, said_again)| said[..*i].contains(said_again)) {
            return Err(format!("`{pattern}` says the {twice} twice"));
        }
        let is_moment = match has("count") {
            true => said.iter().all(|what| ["count", "fraction of a second"].contains(what)),
            false => ["year", "month", "day"].into_iter().all(has),
        };
        if !is_moment {
            return Err(format!("`{pattern}` is no time: it needs %Y, %m or %b, and %d; or %s without these"));
        }
        let longest = pieces.iter().map(TimePiece::longest).sum();
        if longest > ROOM {
            return Err(format!("`{pattern}` is too long: a time has at most {ROOM} bytes"));
        }
        let ahead = match pieces.last() {
            Some(TimePiece::Text(text)) if !has("count") && !has("offset") => {
                let ends = [5, 6].into_iter().filter_map(|n| text.len().checked_sub(n));
                ends.filter_map(|at| offset(&text[at..], text.len() - at == 6)).map(|(ahead, _)| ahead).next()
            }
            _ => None,
        };
        Ok(Pattern { pieces: pieces.into(), longest, ahead: ahead.unwrap_or_default() })
    }

    /// Bytes of the longest text, at most [`ROOM`].
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Nanoseconds of the unit that it counts, where it counts units since 1970 and nothing else.
    pub fn unit(&self) -> Option<i64> {
        match self.pieces[..] {
            [TimePiece::Count(unit)] => Some(unit),
            _ => None,
        }
    }

    /// Returns whether it is a date, a `T`, and a time of the day, as RFC 3339 has them.
    pub fn is_rfc3339(&self) -> bool {
        let text = |text: &'static [u8]| TimePiece::Text(text.into());
        let (dash, t) = (text(b"-"), text(b"T"));
        self.pieces.starts_with(&[
            TimePiece::Year,
            dash.clone(),
            TimePiece::Month,
            dash,
            TimePiece::Day,
            t,
            TimePiece::Hour,
        ])
    }

    /// Returns whether an offset is read.
    pub fn has_offset(&self) -> bool {
        self.pieces.iter().any(|piece| piece.says() == "offset")
    }

    /// Writes an instant, cut off below the finest field; how many bytes.
    pub fn write(&self, instant: Instant, text: &mut [u8]) -> usize {
        let (seconds, fraction) = instant.split(SECOND);
        let mut civil = None;
        let mut at = 0;
        let mut put = |bytes: &[u8], at: usize| {
            crate::primitive::copy(bytes, &mut text[at..at + bytes.len()]);
            at + bytes.len()
        };
        for piece in &self.pieces {
            let date = civil.get_or_insert_with(|| match piece {
                TimePiece::Count(_) => DateTime::ZERO,
                _ => Instant(instant.0 + i128::from(self.ahead) * i128::from(SECOND)).civil(),
            });
            let pair = |number: i8| two(number as u32);
            at = match piece {
                TimePiece::Text(fixed) => put(fixed, at),
                TimePiece::Year => {
                    let year = date.year() as u32;
                    let half = put(&two(year / 100), at);
                    put(&two(year % 100), half)
                }
                TimePiece::Month => put(&pair(date.month()), at),
                TimePiece::MonthName => put(MONTHS[date.month() as usize - 1], at),
                TimePiece::Day => put(&pair(date.day()), at),
                TimePiece::DayName => put(day_name(*date), at),
                TimePiece::Hour => put(&pair(date.hour()), at),
                TimePiece::Minute => put(&pair(date.minute()), at),
                TimePiece::Second => put(&pair(date.second()), at),
                TimePiece::Digits(n) => put(&digits(fraction)[..*n], at),
                TimePiece::Fraction if fraction == 0 => at,
                TimePiece::Fraction => {
                    let all = digits(fraction);
                    let end = all.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
                    let point = put(b".", at);
                    put(&all[..end], point)
                }
                TimePiece::Offset { colon: false } => put(b"+0000", at),
                TimePiece::Offset { colon: true } => put(b"+00:00", at),
                TimePiece::Zone => put(b"Z", at),
                TimePiece::Count(unit) => {
                    let count = if *unit == SECOND { seconds } else { instant.split(*unit).0 };
                    let mut room = [0; 40];
                    put(decimal(count, &mut room), at)
                }
            };
        }
        at
    }

    /// Reads the time that text begins with, and what follows it.
    pub fn read<'t>(&self, text: &'t [u8]) -> Option<(Moment, &'t [u8])> {
        let mut found = TimeParts {
            year: 0,
            month: 1,
            day: 1,
            weekday: None,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            ahead: self.ahead,
            count: None,
        };
        let mut rest = text;
        for piece in &self.pieces {
            rest = match piece {
                TimePiece::Text(fixed) => rest.strip_prefix(&**fixed)?,
                TimePiece::Year => number::<4>(rest, &mut found.year)?,
                TimePiece::Month => number::<2>(rest, &mut found.month)?,
                TimePiece::Day => number::<2>(rest, &mut found.day)?,
                TimePiece::Hour => number::<2>(rest, &mut found.hour)?,
                TimePiece::Minute => number::<2>(rest, &mut found.minute)?,
                TimePiece::Second => number::<2>(rest, &mut found.second)?,
                TimePiece::MonthName => {
                    let (name, rest) = rest.split_first_chunk::<3>()?;
                    found.month = MONTHS.iter().position(|month| *month == name)? as u32 + 1;
                    rest
                }
                TimePiece::DayName => {
                    let (name, rest) = rest.split_first_chunk::<3>()?;
                    found.weekday = Some(*name);
                    rest
                }
                TimePiece::Digits(n) => fraction(rest, *n, &mut found.nanosecond)?,
                TimePiece::Fraction => match rest.strip_prefix(b".") {
                    Some(rest) => {
                        let n = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                        fraction(rest, n, &mut found.nanosecond).filter(|_| (1..=9).contains(&n))?
                    }
                    None => rest,
                },
                TimePiece::Zone if rest.first() == Some(&b'Z') => &rest[1..],
                TimePiece::Offset { colon: false } => {
                    let (ahead, rest) = offset(rest, false)?;
                    found.ahead = ahead;
                    rest
                }
                TimePiece::Offset { colon: true } | TimePiece::Zone => {
                    let (ahead, rest) = offset(rest, true)?;
                    found.ahead = ahead;
                    rest
                }
                TimePiece::Count(unit) => {
                    let (count, rest) = whole_number(rest)?;
                    found.count = Some(i128::from(count) * i128::from(*unit));
                    rest
                }
            };
        }
        Some((Moment { instant: found.instant()?, ahead: found.ahead }, rest))
    }
}

impl TimeParts {
    /// The instant, where the calendar has it.
    fn instant(&self) -> Option<Instant> {
        if let Some(count) = self.count {
            return Some(Instant(count + i128::from(self.nanosecond)));
        }
        // Looked at beforehand, since `jiff` puts what it says of an impossible date on the heap.
        let possible = (1..=12).contains(&self.month)
            && (1..=days(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        let small = |n: u32| n as i8;
        let read = possible.then(|| {
            let (month, day, hour, minute) = (small(self.month), small(self.day), small(self.hour), small(self.minute));
            DateTime::new(self.year as i16, month, day, hour, minute, small(self.second), 0)
        });
        let date = read?.ok().filter(|date| self.weekday.is_none_or(|name| name == *day_name(*date)))?;
        let stamp = TimeZone::UTC.to_timestamp(date).ok()?;
        let seconds = stamp.as_second() - self.ahead;
        Some(Instant(i128::from(seconds) * i128::from(SECOND) + i128::from(self.nanosecond)))
    }
}

/// Returns the number of days of a month.
fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn day_name(date: DateTime) -> &'static [u8; 3] {
    let weekday: Weekday = date.weekday();
    DAYS[weekday.to_monday_zero_offset() as usize]
}

/// The two digits of a number below 100.
fn two(number: u32) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

fn power(n: usize) -> i64 {
    10i64.pow(n as u32)
}

/// The nine digits of nanoseconds.
fn digits(nanoseconds: i64) -> [u8; 9] {
    let mut left = nanoseconds as u32;
    let mut all = [b'0'; 9];
    for digit in all.iter_mut().rev() {
        *digit += (left % 10) as u8;
        left /= 10;
    }
    all
}

/// A whole number as it is printed.
fn decimal(number: i128, room: &mut [u8; 40]) -> &[u8] {
    let mut at = room.len();
    let mut put = |digit: u8| {
        at -= 1;
        room[at] = digit;
    };
    // Division of 64 bits is several times as fast.
    match u64::try_from(number.unsigned_abs()) {
        Ok(mut left) => loop {
            put(b'0' + (left % 10) as u8);
            left /= 10;
            if left == 0 {
                break;
            }
        },
        Err(_) => {
            let mut left = number.unsigned_abs();
            while left > 0 {
                put(b'0' + (left % 10) as u8);
                left /= 10;
            }
        }
    }
    if number < 0 {
        put(b'-');
    }
    &room[at..]
}

/// Reads a number of exactly so many digits; what follows it.
fn number<'t, const WIDTH: usize>(text: &'t [u8], number: &mut u32) -> Option<&'t [u8]> {
    let (digits, rest) = text.split_first_chunk::<WIDTH>()?;
    *number = digits.iter().try_fold(0, |n, digit| digit.is_ascii_digit().then(|| n * 10 + u32::from(digit - b'0')))?;
    Some(rest)
}

/// Reads so many digits of a fraction; what follows them.
fn fraction<'t>(text: &'t [u8], n: usize, nanoseconds: &mut u32) -> Option<&'t [u8]> {
    let (digits, rest) = text.split_at_checked(n)?;
    let padded = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
    *nanoseconds =
        padded.copied().try_fold(0, |n, digit| digit.is_ascii_digit().then(|| n * 10 + u32::from(digit - b'0')))?;
    Some(rest)
}

/// Reads an offset: seconds ahead of UTC, and what follows it.
fn offset(text: &[u8], colon: bool) -> Option<(i64, &[u8])> {
    let (sign, rest) = text.split_first()?;
    let (mut hours, mut minutes) = (0, 0);
    let rest = number::<2>(rest, &mut hours)?;
    let rest = if colon { rest.strip_prefix(b":")? } else { rest };
    let rest = number::<2>(rest, &mut minutes)?;
    let seconds = i64::from(hours * 3600 + minutes * 60);
    match sign {
        _ if hours > 23 || minutes > 59 => None,
        b'+' => Some((seconds, rest)),
        b'-' => Some((-seconds, rest)),
        _ => None,
    }
}

/// Reads an integer as it is printed, without plus sign and zeros before it; what follows it.
fn whole_number(text: &[u8]) -> Option<(i64, &[u8])> {
    let sign = usize::from(text.first() == Some(&b'-'));
    let digits = text[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(sign + digits);
    let is_printed = match number {
        b"0" => true,
        [b'-', first, ..] | [first, ..] => (b'1'..=b'9').contains(first),
        [] => false,
    };
    std::str::from_utf8(number).ok().filter(|_| is_printed)?.parse().ok().map(|number| (number, rest))
}
