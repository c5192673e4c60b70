<?php
/** A JSON object as text: its members, and one more member at its end without a change to the rest. */

declare(strict_types=1);

namespace Countersign\Example;

final class JsonText
{
    private const SPACE = " \t\n\r";

    /**
     * The members of a body that must be one object, in which no name may stand twice.
     *
     * @return array<string, mixed>
     */
    public static function members(string $text): array
    {
        try {
            $members = json_decode($text, true, flags: JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw Refused::malformed('not JSON: ' . $error->getMessage());
        }
        if (!is_array($members) || ltrim($text, self::SPACE)[0] !== '{') {
            throw Refused::malformed('not a JSON object');
        }
        // PHP takes the last of several members of one name, so the names are counted in the text.
        if (iterator_count(self::rawMembers($text)) !== count($members)) {
            throw Refused::malformed('a member stands twice');
        }

        return $members;
    }

    /** The object with the member as its last one; an empty text counts as an empty object. */
    public static function append(string $text, string $name, string $value): string
    {
        $text = $text === '' ? '{}' : $text;
        $members = self::members($text);
        if (array_key_exists($name, $members)) {
            throw new \RuntimeException("the body has a member $name already");
        }
        $member = self::written($name) . ':' . self::written($value);

        return substr_replace($text, ($members === [] ? '' : ',') . $member, strrpos($text, '}'), 0);
    }

    /** A JSON string with no more escapes than JSON requires. */
    private static function written(string $text): string
    {
        $asItIs = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS;

        return json_encode($text, $asItIs | JSON_THROW_ON_ERROR);
    }

    /**
     * Name and text of the value of each member of the outermost object, of a text that is known to be one.
     *
     * @return \Generator<string, string>
     */
    public static function rawMembers(string $text): \Generator
    {
        $at = self::afterSpace($text, strpos($text, '{') + 1);
        while ($text[$at] !== '}') {
            $nameEnd = self::afterString($text, $at);
            $value = self::afterSpace($text, self::afterSpace($text, $nameEnd) + 1);
            $end = self::afterValue($text, $value);
            $name = json_decode(substr($text, $at, $nameEnd - $at));
            yield $name => rtrim(substr($text, $value, $end - $value), self::SPACE);
            $at = $text[$end] === ',' ? self::afterSpace($text, $end + 1) : $end;
        }
    }

    private static function afterSpace(string $text, int $at): int
    {
        return $at + strspn($text, self::SPACE, $at);
    }

    /** The place after the string that begins here with its quotation mark. */
    private static function afterString(string $text, int $at): int
    {
        $at++;
        while (true) {
            $at += strcspn($text, '"\\', $at);
            if ($text[$at] === '"') {
                return $at + 1;
            }
            $at += 2;
        }
    }

    /** The place of the comma or brace that ends the value that begins here. */
    private static function afterValue(string $text, int $at): int
    {
        $depth = 0;
        while (true) {
            $at += strcspn($text, '"{}[],', $at);
            $character = $text[$at];
            if ($character === '"') {
                $at = self::afterString($text, $at);
                continue;
            }
            if ($depth === 0 && ($character === ',' || $character === '}')) {
                return $at;
            }
            $depth += match ($character) {
                '{', '[' => 1,
                '}', ']' => -1,
                default => 0,
            };
            $at++;
        }
    }
}
