<?php
/** Fields of a `multipart/form-data` body (RFC 7578), and parameters of a header value; both are read strictly. */

declare(strict_types=1);

namespace Countersign\Example;

final class Multipart
{
    private const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /**
     * Name and content of each part in order, files among them; a content is taken as it is.
     *
     * @return list<array{string, string}>
     */
    public static function readPairs(string $contentType, string $body): array
    {
        $boundary = self::parameter($contentType, 'boundary') ?? '';
        if ($boundary === '') {
            throw Refused::malformed('a multipart body without boundary');
        }
        // The line break before a delimiter belongs to it; the first one may stand at the very beginning.
        $text = "\r\n" . $body;
        $delimiter = "\r\n--" . $boundary;
        $pairs = [];
        $at = self::after($delimiter, $text, 0);
        while (substr($text, $at, 2) !== '--') {
            $start = $at + strspn($text, " \t", $at);
            if (substr($text, $start, 2) !== "\r\n") {
                throw Refused::malformed('text after a boundary');
            }
            $at = self::after($delimiter, $text, $start);
            $end = $at - strlen($delimiter);
            $pairs[] = self::readPart(substr($text, $start + 2, max(0, $end - $start - 2)));
        }

        return $pairs;
    }

    private static function after(string $delimiter, string $text, int $from): int
    {
        $at = strpos($text, $delimiter, $from);
        if ($at === false) {
            throw Refused::malformed('a multipart body that does not end');
        }

        return $at + strlen($delimiter);
    }

    /** @return array{string, string} */
    private static function readPart(string $part): array
    {
        $halves = explode("\r\n\r\n", $part, 2);
        $name = null;
        foreach (explode("\r\n", $halves[0]) as $line) {
            if (strncasecmp($line, 'Content-Disposition:', 20) === 0) {
                if ($name !== null || !preg_match('/\A[ \t]*form-data[ \t]*(?:;|\z)/i', substr($line, 20))) {
                    throw Refused::malformed('a part that is no field');
                }
                $name = self::parameter(substr($line, 20), 'name');
            }
        }
        if ($name === null || count($halves) < 2) {
            throw Refused::malformed('a part without a name');
        }

        return [$name, $halves[1]];
    }

    /** A parameter of a header value; the first part of the value, up to a semicolon, is none. */
    private static function parameter(string $value, string $wanted): ?string
    {
        $token = self::TOKEN;
        $pattern = "/\\G[ \\t]*;[ \\t]*(?:($token)=(?:($token)|\"((?:[^\"\\\\]|\\\\.)*+)\"))?[ \\t]*/s";
        $found = null;
        $at = strcspn($value, ';');
        while ($at < strlen($value)) {
            if (!preg_match($pattern, $value, $part, PREG_UNMATCHED_AS_NULL, $at)) {
                throw Refused::malformed('parameters of a header field');
            }
            if ($part[1] !== null && strcasecmp($part[1], $wanted) === 0) {
                if ($found !== null) {
                    throw Refused::malformed("$wanted stands twice");
                }
                $found = $part[2] ?? preg_replace('/\\\\(.)/s', '$1', $part[3]);
            }
            $at += strlen($part[0]);
        }

        return $found;
    }
}
