//! Calendar dates by a pattern of `strftime` whose every field has one width: the part of it that
//! signing schemes use, without the generality that makes it slow. The calendar itself is `jiff`'s.

use crate::primitive::Sink;
use jiff::civil::{DateTime, Weekday};

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// Bytes of the longest form.
const LONGEST: usize = 32;
/// Fields of the form that has most.
const FIELDS: usize = 8;

/// A pattern, taken apart once: its text with a zero for each digit, and where its fields stand.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// As `strftime` takes it.
    pub pattern: &'static str,
    text: [u8; LONGEST],
    len: usize,
    /// The letter of each field and its place.
    fields: [(u8, usize); FIELDS],
    count: usize,
}

impl Layout {
    /// Takes a pattern apart. Its fields are `%Y`, `%m`, `%d`, `%H`, `%M`, `%S`, `%3f`, `%b` and `%a`.
    pub const fn of(pattern: &'static str) -> Layout {
        let bytes = pattern.as_bytes();
        let mut layout = Layout { pattern, text: [b'0'; LONGEST], len: 0, fields: [(0, 0); FIELDS], count: 0 };
        let mut i = 0;
        while i < bytes.len() {
            if bytes[i] != b'%' {
                layout.text[layout.len] = bytes[i];
                layout.len += 1;
                i += 1;
                continue;
            }
            let (field, width, taken) = match bytes[i + 1] {
                b'3' => (b'f', 3, 3),
                b'Y' => (b'Y', 4, 2),
                name @ (b'b' | b'a') => (name, 3, 2),
                number => (number, 2, 2),
            };
            layout.fields[layout.count] = (field, layout.len);
            layout.count += 1;
            layout.len += width;
            i += taken;
        }
        layout
    }

    fn fields(&self) -> &[(u8, usize)] {
        &self.fields[..self.count]
    }

    /// Appends the date, cut off below the finest field; `false` where a year has other than four digits.
    pub fn write(&self, date: DateTime, out: &mut impl Sink) -> bool {
        let Ok(year) = u32::try_from(date.year()) else { return false };
        out.fill(self.len, |text| {
            text.copy_from_slice(&self.text[..self.len]);
            self.put_fields(date, year, text);
            self.len
        });
        true
    }

    fn put_fields(&self, date: DateTime, year: u32, text: &mut [u8]) {
        let millis = date.subsec_nanosecond() as u32 / 1_000_000;
        for &(field, at) in self.fields() {
            match field {
                b'Y' => {
                    put(text, at, two(year / 100));
                    put(text, at + 2, two(year % 100));
                }
                b'm' => put(text, at, two(date.month() as u32)),
                b'd' => put(text, at, two(date.day() as u32)),
                b'H' => put(text, at, two(date.hour() as u32)),
                b'M' => put(text, at, two(date.minute() as u32)),
                b'S' => put(text, at, two(date.second() as u32)),
                b'f' => {
                    put(text, at, two(millis / 10));
                    put(text, at + 1, two(millis % 100));
                }
                b'b' => put(text, at, *MONTHS[date.month() as usize - 1]),
                _ => put(text, at, *day(date)),
            }
        }
    }

    /// The date that text of exactly this pattern stands for, `None` where it is another text.
    pub fn read(&self, text: &[u8]) -> Option<DateTime> {
        let (mut year, mut month, mut date, mut time, mut weekday) = (0, 1, 1, [0u32; 4], None);
        let mut blank = self.text;
        let blank = &mut blank[..self.len];
        if text.len() != self.len {
            return None;
        }
        for &(field, at) in self.fields() {
            let width = match field {
                b'Y' => take::<4>(text, at, &mut year)?,
                b'm' => take::<2>(text, at, &mut month)?,
                b'd' => take::<2>(text, at, &mut date)?,
                b'H' => take::<2>(text, at, &mut time[0])?,
                b'M' => take::<2>(text, at, &mut time[1])?,
                b'S' => take::<2>(text, at, &mut time[2])?,
                b'f' => take::<3>(text, at, &mut time[3])?,
                b'b' => {
                    month = MONTHS.iter().position(|month| month[..] == text[at..at + 3])? as u32 + 1;
                    3
                }
                _ => {
                    weekday = Some(&text[at..at + 3]);
                    3
                }
            };
            blank[at..at + width].copy_from_slice(&text[at..at + width]);
        }
        let [hour, minute, second, millis] = time;
        // Looked at beforehand, since `jiff` puts what it says of an impossible date on the heap.
        let possible = (1..=12).contains(&month)
            && (1..=days(year, month)).contains(&date)
            && hour < 24
            && minute < 60
            && second < 60
            && blank == text;
        let small = |n: u32| n as i8;
        let read = possible.then(|| {
            let (year, nanoseconds) = (year as i16, millis as i32 * 1_000_000);
            DateTime::new(year, small(month), small(date), small(hour), small(minute), small(second), nanoseconds)
        });
        read?.ok().filter(|read| weekday.is_none_or(|name| name == day(*read)))
    }
}

/// How many days a month has.
fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn day(date: DateTime) -> &'static [u8; 3] {
    let weekday: Weekday = date.weekday();
    DAYS[weekday.to_monday_zero_offset() as usize]
}

/// The two digits of a number below 100.
fn two(number: u32) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

#[inline(always)]
fn put<const WIDTH: usize>(text: &mut [u8], at: usize, field: [u8; WIDTH]) {
    text[at..][..WIDTH].copy_from_slice(&field);
}

/// Reads a number of exactly so many digits; how many bytes it takes.
fn take<const WIDTH: usize>(text: &[u8], at: usize, number: &mut u32) -> Option<usize> {
    let digits = &text[at..at + WIDTH];
    *number = digits.iter().try_fold(0, |n, digit| digit.is_ascii_digit().then(|| n * 10 + u32::from(digit - b'0')))?;
    Some(WIDTH)
}
