// Times: strictly parsed, since what a lenient parser takes for a date is not what was agreed on.

package systems

import (
	"errors"
	"strings"
	"time"
)

var errNoTime = errors.New("not a time of the expected form")

// Instant is a moment, in seconds since 1970 and nanoseconds after them. A time.Duration between
// two of them would not reach over a few centuries.
type Instant struct {
	seconds, nanoseconds int64
}

// since gives the time from an earlier moment in whole seconds, rounded down, and the rest.
func (i Instant) since(earlier Instant) (seconds, nanoseconds int64) {
	seconds = i.seconds - earlier.seconds
	nanoseconds = i.nanoseconds - earlier.nanoseconds
	if nanoseconds < 0 {
		seconds, nanoseconds = seconds-1, nanoseconds+1e9
	}
	return seconds, nanoseconds
}

// within is true where the two are at most so many seconds apart, ends included.
func (i Instant) within(seconds int64, other Instant) bool {
	return i.atMostAfter(other, seconds) && other.atMostAfter(i, seconds)
}

func (i Instant) atMostAfter(other Instant, limit int64) bool {
	seconds, nanoseconds := i.since(other)
	return seconds < limit || seconds == limit && nanoseconds == 0
}

// ParseTime reads RFC 3339 in UTC with a Z, with up to nine fractional digits or none.
func ParseTime(text string) (Instant, error) {
	whole, fraction, err := splitTime(text)
	if err != nil {
		return Instant{}, err
	}
	nanoseconds, err := digits((fraction + "000000000")[:9])
	if err != nil {
		return Instant{}, err
	}
	seconds, err := parseWhole(whole)
	return Instant{seconds, nanoseconds}, err
}

// parseMillis reads RFC 3339 in UTC with exactly three fractional digits.
func parseMillis(text string) (Instant, error) {
	if _, fraction, err := splitTime(text); err != nil || len(fraction) != 3 {
		return Instant{}, errNoTime
	}
	return ParseTime(text)
}

// formatMillis writes a time with exactly three fractional digits; the others are cut off.
func formatMillis(text string) (string, error) {
	if _, err := ParseTime(text); err != nil {
		return "", err
	}
	whole, fraction, _ := splitTime(text)
	return whole + "." + (fraction + "000")[:3] + "Z", nil
}

// splitTime takes the zone and the fraction off.
func splitTime(text string) (whole, fraction string, err error) {
	before, after, zulu := strings.Cut(text, "Z")
	whole, fraction, pointed := strings.Cut(before, ".")
	if !zulu || after != "" || pointed && fraction == "" || len(fraction) > 9 {
		return "", "", errNoTime
	}
	return whole, fraction, nil
}

// parseWhole reads 2006-01-02T15:04:05. The time is written anew and compared, because time.Parse
// takes other forms of it too.
func parseWhole(text string) (int64, error) {
	return parseExactly("2006-01-02T15:04:05", text)
}

// parseHTTPDate reads the fixed-length date of RFC 9110, section 5.6.7, day of the week included.
func parseHTTPDate(text string) (Instant, error) {
	seconds, err := parseExactly("Mon, 02 Jan 2006 15:04:05 GMT", text)
	return Instant{seconds, 0}, err
}

func parseExactly(layout, text string) (int64, error) {
	moment, err := time.Parse(layout, text)
	if err != nil || moment.Format(layout) != text {
		return 0, errNoTime
	}
	return moment.Unix(), nil
}

func digits(text string) (int64, error) {
	value := int64(0)
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return 0, errNoTime
		}
		value = value*10 + int64(text[i]-'0')
	}
	return value, nil
}
