//! Calendar dates by a pattern of `strftime` whose every field has one width: the part of it that
//! signing schemes use, without the generality that makes it slow. The calendar itself is `jiff`'s.

use jiff::civil::{DateTime, Weekday};

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// Bytes of the longest form, and some.
const LONGEST: usize = 40;

/// A piece of a pattern, and how many bytes of the pattern it takes.
fn piece(pattern: &[u8]) -> (u8, usize) {
    match pattern {
        [b'%', b'3', b'f', ..] => (b'f', 3),
        [b'%', field, ..] => (*field, 2),
        _ => (0, 1),
    }
}

/// Appends the date, cut off below the finest field; `false` where a year has other than four digits.
pub fn write(pattern: &str, date: DateTime, out: &mut Vec<u8>) -> bool {
    let Ok(year) = u32::try_from(date.year()) else { return false };
    let mut text = Text { bytes: [0; LONGEST], end: 0 };
    let mut rest = pattern.as_bytes();
    while let Some(&literal) = rest.first() {
        let (field, width) = piece(rest);
        match field {
            b'Y' => text.put(digits::<4>(year)),
            b'm' => text.put(digits::<2>(date.month() as u32)),
            b'd' => text.put(digits::<2>(date.day() as u32)),
            b'H' => text.put(digits::<2>(date.hour() as u32)),
            b'M' => text.put(digits::<2>(date.minute() as u32)),
            b'S' => text.put(digits::<2>(date.second() as u32)),
            b'f' => text.put(digits::<3>(date.subsec_nanosecond() as u32 / 1_000_000)),
            b'b' => text.put(*MONTHS[date.month() as usize - 1]),
            b'a' => text.put(*day(date)),
            _ => text.put([literal]),
        }
        rest = &rest[width..];
    }
    out.extend_from_slice(&text.bytes[..text.end]);
    true
}

/// Text that is being written. Pieces of known lengths are stored without a call to copy them.
struct Text {
    bytes: [u8; LONGEST],
    end: usize,
}

impl Text {
    #[inline(always)]
    fn put<const WIDTH: usize>(&mut self, piece: [u8; WIDTH]) {
        self.bytes[self.end..][..WIDTH].copy_from_slice(&piece);
        self.end += WIDTH;
    }
}

/// The date that text of exactly this pattern stands for, `None` where it is another text.
pub fn read(pattern: &str, text: &[u8]) -> Option<DateTime> {
    let (mut year, mut month, mut date, mut time, mut weekday) = (0, 1, 1, [0u32; 4], None);
    let (mut rest, mut text) = (pattern.as_bytes(), text);
    while let Some(&literal) = rest.first() {
        let (field, width) = piece(rest);
        match field {
            b'Y' => year = number::<4>(&mut text)?,
            b'm' => month = number::<2>(&mut text)?,
            b'd' => date = number::<2>(&mut text)?,
            b'H' => time[0] = number::<2>(&mut text)?,
            b'M' => time[1] = number::<2>(&mut text)?,
            b'S' => time[2] = number::<2>(&mut text)?,
            b'f' => time[3] = number::<3>(&mut text)?,
            b'b' => {
                let name = text.split_off(..3)?;
                month = MONTHS.iter().position(|month| *month == name)? as u32 + 1;
            }
            b'a' => weekday = Some(text.split_off(..3)?),
            _ => _ = text.split_off_first().filter(|&&byte| byte == literal)?,
        }
        rest = &rest[width..];
    }
    let [hour, minute, second, millis] = time;
    // Looked at beforehand, since `jiff` puts what it says of an impossible date on the heap.
    let possible = (1..=12).contains(&month)
        && (1..=days(year, month)).contains(&date)
        && hour < 24
        && minute < 60
        && second < 60
        && text.is_empty();
    let small = |n: u32| n as i8;
    let read = possible.then(|| {
        let (year, nanoseconds) = (year as i16, millis as i32 * 1_000_000);
        DateTime::new(year, small(month), small(date), small(hour), small(minute), small(second), nanoseconds)
    });
    read?.ok().filter(|read| weekday.is_none_or(|name| name == day(*read)))
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

fn digits<const WIDTH: usize>(mut number: u32) -> [u8; WIDTH] {
    let mut text = [b'0'; WIDTH];
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text
}

/// A number of exactly so many digits, taken off the front.
fn number<const WIDTH: usize>(text: &mut &[u8]) -> Option<u32> {
    let digits = text.split_off(..WIDTH)?;
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}
