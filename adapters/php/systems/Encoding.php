<?php
/** Percent-encoding, fields joined by ampersands, and Base64: written in one form, read strictly. */

declare(strict_types=1);

namespace Countersign\Example;

final class Encoding
{
    /** The characters that a path keeps beside the unreserved ones, by the escape that `rawurlencode` gives them. */
    private const KEPT_IN_PATH = [
        '%21' => '!', '%24' => '$', '%26' => '&', '%27' => "'", '%28' => '(', '%29' => ')', '%2A' => '*', '%2B' => '+',
        '%2C' => ',', '%3B' => ';', '%3D' => '=', '%3A' => ':', '%40' => '@', '%2F' => '/',
    ];

    /** All but the unreserved characters of RFC 3986 become escapes, with capital digits. */
    public static function percentEncode(string $bytes): string
    {
        return rawurlencode($bytes);
    }

    public static function percentEncodePath(string $bytes): string
    {
        return strtr(rawurlencode($bytes), self::KEPT_IN_PATH);
    }

    public static function percentDecode(string $text): string
    {
        if (preg_match('/%(?![0-9A-Fa-f]{2})/', $text)) {
            throw Refused::malformed('a broken escape');
        }

        return rawurldecode($text);
    }

    /** @param array{0: string, 1?: string} $pair without a second member it has no value, and no equals sign */
    public static function writePair(array $pair): string
    {
        return implode('=', array_map(self::percentEncode(...), $pair));
    }

    /**
     * The fields of a query or form; empty pieces are none.
     *
     * @return list<array{0: string, 1?: string}>
     */
    public static function readPairs(string $text, bool $plusIsSpace): array
    {
        $pairs = [];
        foreach (explode('&', $text) as $piece) {
            if ($piece !== '') {
                $pairs[] = self::readPair($piece, $plusIsSpace);
            }
        }

        return $pairs;
    }

    /**
     * The text with the field put at the end, and without the fields that had its name; all else stays as it is.
     */
    public static function putPair(string $text, string $name, string $value, bool $plusIsSpace): string
    {
        $pieces = $text === '' ? [] : explode('&', $text);
        $others = array_filter(
            $pieces,
            static fn (string $piece): bool => self::readPair($piece, $plusIsSpace)[0] !== $name,
        );

        return implode('&', [...$others, self::writePair([$name, $value])]);
    }

    /** @return array{0: string, 1?: string} */
    private static function readPair(string $piece, bool $plusIsSpace): array
    {
        if ($plusIsSpace) {
            $piece = strtr($piece, '+', ' ');
        }

        return array_map(self::percentDecode(...), explode('=', $piece, 2));
    }

    /**
     * Standard Base64 with its padding. PHP's own strict mode passes over spaces and missing padding, so the text
     * has to be the one that an encoder would write.
     */
    public static function base64Decode(string $text): string
    {
        $bytes = base64_decode($text, true);
        if ($bytes === false || base64_encode($bytes) !== $text) {
            throw Refused::malformed('not Base64');
        }

        return $bytes;
    }
}
