<?php
/** A moment in whole nanoseconds, and the texts in which it is written; reading them is strict. */

declare(strict_types=1);

namespace Countersign\Example;

final class Instant
{
    private const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

    /** Seconds and nanoseconds are held apart, since 64 bits of nanoseconds end in the year 2262. */
    private function __construct(private readonly int $seconds, private readonly int $nanoseconds)
    {
    }

    /** RFC 3339 in UTC with Z, up to nine fractional digits: the form in which clocks are given to an adapter. */
    public static function fromRfc3339(string $text): self
    {
        return self::parse($text, '(?:\.(\d{1,9}))?')
            ?? throw new \RuntimeException("not a time of RFC 3339 in UTC: $text");
    }

    /** RFC 3339 in UTC with Z and exactly three fractional digits; null for any other text. */
    public static function fromRfc3339Millis(string $text): ?self
    {
        return self::parse($text, '\.(\d{3})');
    }

    /** The fixed-length date of HTTP (RFC 9110, IMF-fixdate); null for any other text. */
    public static function fromHttpDate(string $text): ?self
    {
        $pattern = '/\A([A-Z][a-z]{2}), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT\z/';
        if (!preg_match($pattern, $text, $part)) {
            return null;
        }
        $month = array_search($part[3], self::MONTHS, true);
        if ($month === false) {
            return null;
        }
        $instant = self::at((int) $part[4], $month + 1, (int) $part[2], "$part[5]:$part[6]:$part[7]", 0);

        return $instant !== null && gmdate('D', $instant->seconds) === $part[1] ? $instant : null;
    }

    private static function parse(string $text, string $fraction): ?self
    {
        $pattern = "/\\A(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d:\\d\\d:\\d\\d){$fraction}Z\\z/";
        if (!preg_match($pattern, $text, $part)) {
            return null;
        }
        $nanoseconds = (int) str_pad($part[5] ?? '', 9, '0');

        return self::at((int) $part[1], (int) $part[2], (int) $part[3], $part[4], $nanoseconds);
    }

    /** Null if there is no such day or time; PHP alone would take 30 February for 2 March. */
    private static function at(int $year, int $month, int $day, string $clock, int $nanoseconds): ?self
    {
        if (!checkdate($month, $day, $year) || $clock > '23:59:59' || !preg_match('/:[0-5]\d:[0-5]\d\z/', $clock)) {
            return null;
        }
        $text = sprintf('%04d-%02d-%02dT%sZ', $year, $month, $day, $clock);

        return new self((new \DateTimeImmutable($text))->getTimestamp(), $nanoseconds);
    }

    /** What is below a millisecond is cut off. */
    public function toRfc3339Millis(): string
    {
        return gmdate('Y-m-d\TH:i:s', $this->seconds) . sprintf('.%03dZ', intdiv($this->nanoseconds, 1_000_000));
    }

    public function isBefore(self $other): bool
    {
        return [$this->seconds, $this->nanoseconds] < [$other->seconds, $other->nanoseconds];
    }

    /** Whether this is at most so many seconds from the other, either way. */
    public function isWithin(int $seconds, self $other): bool
    {
        [$early, $late] = $this->isBefore($other) ? [$this, $other] : [$other, $this];
        $whole = $late->seconds - $early->seconds;

        return $whole < $seconds || ($whole === $seconds && $late->nanoseconds <= $early->nanoseconds);
    }

    public function plusSeconds(int $seconds): self
    {
        return new self($this->seconds + $seconds, $this->nanoseconds);
    }
}
