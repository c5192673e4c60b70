// Times as text, strictly read and written: RFC 3339 in UTC, and the fixed-length date of HTTP.
package systems;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import message.Malformed;

public final class Clock {
    private static final Pattern RFC3339 = Pattern.compile(
            "([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]+))?Z");
    private static final Pattern HTTP_DATE = Pattern.compile(
            "([A-Z][a-z]{2}), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT");
    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Clock() {
    }

    /** RFC 3339 in UTC, with or without a fraction; what is finer than a nanosecond is cut off. */
    public static Instant read(String text) {
        Matcher parts = RFC3339.matcher(text);
        if (!parts.matches()) {
            throw new Malformed("not a time of RFC 3339 in UTC: " + text);
        }
        String fraction = parts.group(7) == null ? "" : parts.group(7);
        int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
        return instant(date(parts.group(1), number(parts, 2), parts.group(3)), parts, 4, nanos);
    }

    /** RFC 3339 in UTC with exactly three fractional digits, or the date of HTTP (RFC 9110, IMF-fixdate). */
    public static Instant readMillisOrHttpDate(String text) {
        if (RFC3339.matcher(text).matches() && text.length() == "2018-05-04T12:05:14.649Z".length()) {
            return read(text);
        }
        Matcher parts = HTTP_DATE.matcher(text);
        if (!parts.matches()) {
            throw new Malformed("neither RFC 3339 with milliseconds nor a date of HTTP");
        }
        LocalDate date = date(parts.group(4), MONTHS.indexOf(parts.group(3)) + 1, parts.group(2));
        if (!DAYS.get(date.getDayOfWeek().getValue() - 1).equals(parts.group(1))) {
            throw new Malformed("the day of the week is not that of the date");
        }
        return instant(date, parts, 5, 0);
    }

    /** RFC 3339 in UTC with exactly three fractional digits; the rest is cut off, not rounded. */
    public static String writeMillis(Instant time) {
        return MILLIS.format(time);
    }

    private static LocalDate date(String year, int month, String day) {
        try {
            return LocalDate.of(Integer.parseInt(year), month, Integer.parseInt(day));
        } catch (DateTimeException e) {
            throw new Malformed("no such day");
        }
    }

    /** Hour, minute and second stand in three groups from the first on. */
    private static Instant instant(LocalDate date, Matcher parts, int first, int nanos) {
        try {
            LocalTime time = LocalTime.of(
                    number(parts, first), number(parts, first + 1), number(parts, first + 2), nanos);
            return date.atTime(time).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new Malformed("no such time of day");
        }
    }

    private static int number(Matcher parts, int group) {
        return Integer.parseInt(parts.group(group));
    }
}
