//! Dates on the wire, by the calendar arithmetic of RFC 3339 and RFC 9110 and no crate.

/// A moment in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// 0 to 9999.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to the last of the month.
    pub day: u32,
    /// Milliseconds since midnight.
    pub millis: u32,
}

const DAY: u32 = 24 * 60 * 60 * 1000;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Moment {
    /// The moment so many nanoseconds after 1970-01-01T00:00:00Z; what is finer than a millisecond is cut off.
    pub fn at(nanoseconds: i128) -> Moment {
        let millis = nanoseconds.div_euclid(1_000_000) as i64;
        let days = millis.div_euclid(DAY.into()) + days_before(1970, 1);
        // No year is longer than 366 days, so this one is not before the first that is tried.
        let year = (days.max(0) as u32 / 366..).find(|&year| days_before(year + 1, 1) > days).unwrap_or_default();
        let month = (1..=12).rev().find(|&month| days_before(year, month) <= days).unwrap_or(1);
        let day = 1 + (days - days_before(year, month)) as u32;
        Moment { year, month, day, millis: millis.rem_euclid(DAY.into()) as u32 }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn since_1970(&self) -> i64 {
        (days_before(self.year, self.month) + i64::from(self.day - 1) - days_before(1970, 1)) * i64::from(DAY)
            + i64::from(self.millis)
    }

    /// `2018-05-04T12:05:14.649Z`.
    pub fn rfc3339_millis(&self) -> String {
        let Moment { year, month, day, .. } = self;
        format!("{year:04}-{month:02}-{day:02}T{}.{:03}Z", self.clock(), self.millis % 1000)
    }

    /// `Fri, 04 May 2018 12:05:14 GMT`; what is finer than a second is cut off.
    pub fn http_date(&self) -> String {
        let days = self.since_1970().div_euclid(i64::from(DAY));
        let weekday = WEEKDAYS[days.rem_euclid(7) as usize];
        let month = MONTHS[self.month as usize - 1];
        format!("{weekday}, {:02} {month} {:04} {} GMT", self.day, self.year, self.clock())
    }

    fn clock(&self) -> String {
        let seconds = self.millis / 1000;
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// Reads either of the two forms, exactly; `None` is any other text.
    pub fn read(text: &[u8]) -> Option<Moment> {
        let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
        let number = |from: usize, to: usize| {
            let digits = text.get(from..to)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
        };
        let (numbers, clock, fraction) = if text.len() == 24 {
            ((number(0, 4)?, number(5, 7)?, number(8, 10)?), 11, number(20, 23)?)
        } else {
            let month = MONTHS.iter().position(|name| text.get(8..11) == Some(name))? as u32 + 1;
            ((number(12, 16)?, month, number(5, 7)?), 17, 0)
        };
        let (year, month, day) = numbers;
        let (hour, minute, second) =
            (number(clock, clock + 2)?, number(clock + 3, clock + 5)?, number(clock + 6, clock + 8)?);
        let real = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        if !real || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let moment = Moment { year, month, day, millis: ((hour * 60 + minute) * 60 + second) * 1000 + fraction };
        // The punctuation and the day of the week are right if it is written so.
        [moment.rfc3339_millis(), moment.http_date()].iter().any(|form| form == text).then_some(moment)
    }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the first of January of the year 0 to the first of this month.
fn days_before(year: u32, month: u32) -> i64 {
    let leaps = |years: u32| years / 4 - years / 100 + years / 400;
    // The year 0 is a leap year, and all years before this one have passed.
    let years = if year == 0 { 0 } else { i64::from(year) * 365 + i64::from(leaps(year - 1)) + 1 };
    years + (1..month).map(|m| i64::from(days_in(year, m))).sum::<i64>()
}
