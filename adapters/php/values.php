<?php
/** From the JSON values of the protocol and the corpus to bytes, messages and tasks, and back. */

declare(strict_types=1);

namespace Countersign\Example;

final class Values
{
    /** The member of an object, which must be there. */
    public static function member(mixed $object, string $name): mixed
    {
        $value = is_array($object) ? $object[$name] ?? null : null;

        return $value ?? throw new \UnexpectedValueException("$name is missing");
    }

    /** The member of an object, which must be there and an object or a list. */
    public static function arrayMember(mixed $object, string $name): array
    {
        $value = self::member($object, $name);

        return is_array($value) ? $value : throw new \UnexpectedValueException("$name is a single value");
    }

    /** The member of an object, which must be there and a text. */
    public static function textMember(mixed $object, string $name): string
    {
        $value = self::member($object, $name);

        return is_string($value) ? $value : throw new \UnexpectedValueException("$name is not a string");
    }

    public static function bytes(mixed $value): string
    {
        if (is_string($value)) {
            return $value;
        }
        $hex = is_array($value) ? $value['hex'] ?? null : null;
        if (!is_string($hex) || strlen($hex) % 2 !== 0 || ($hex !== '' && !ctype_xdigit($hex))) {
            throw new \UnexpectedValueException('a value is neither a string nor {"hex":"…"}');
        }

        return hex2bin($hex);
    }

    public static function optionalBytes(mixed $value): ?string
    {
        return $value === null ? null : self::bytes($value);
    }

    /** A string where the bytes are UTF-8, `{"hex":"…"}` where not. */
    public static function json(string $bytes): string|array
    {
        return preg_match('//u', $bytes) ? $bytes : ['hex' => bin2hex($bytes)];
    }

    public static function signing(array $call, array $given): Signing
    {
        return new Signing(
            self::messageToSign(self::arrayMember($given, 'request')),
            self::account(self::arrayMember($given, 'account')),
            self::named($given['parameters'] ?? []),
            $given['time'] ?? null,
            self::optionalBytes($given['nonce'] ?? null),
            $call['operation'],
            $call['variant'] ?? null,
            $call['reading'] ?? null,
        );
    }

    /** @return \Generator<Verification> one task a message, which share what the server remembers */
    public static function verifications(array $call, array $given): \Generator
    {
        $accounts = array_map(self::account(...), array_values($given['accounts'] ?? []));
        $parameters = self::named($given['parameters'] ?? []);
        $state = new State();
        foreach (self::arrayMember($given, 'messages') as $arrived) {
            yield new Verification(
                self::messageReceived(self::arrayMember($arrived, 'request')),
                $accounts,
                $parameters,
                $arrived['now'] ?? null,
                $arrived['client_address'] ?? null,
                $state,
                $call['operation'],
                $call['variant'] ?? null,
                $call['reading'] ?? null,
            );
        }
    }

    public static function writtenMessage(Message $message): array
    {
        return [
            'method' => self::json($message->method),
            'scheme' => self::json($message->scheme),
            'target' => self::json($message->target()),
            'headers' => array_map(
                static fn (array $header): array => array_map(self::json(...), $header),
                $message->headers(),
            ),
            'body' => self::json($message->body()),
        ];
    }

    private static function messageToSign(array $request): Message
    {
        $method = self::bytes(self::member($request, 'method'));
        $scheme = self::bytes($request['scheme'] ?? 'https');
        $host = self::bytes(self::member($request, 'host'));
        $headers = self::headers($request['headers'] ?? []);
        $body = self::bytes($request['body'] ?? '');
        if (isset($request['target'])) {
            return Message::toTarget($method, $scheme, $host, self::bytes($request['target']), $headers, $body);
        }
        $path = self::bytes(self::member($request, 'path'));

        return Message::meant($method, $scheme, $host, $path, self::pairs($request['query'] ?? []), $headers, $body);
    }

    private static function messageReceived(array $request): Message
    {
        return new Message(
            self::bytes(self::member($request, 'method')),
            self::bytes($request['scheme'] ?? 'https'),
            self::bytes(self::member($request, 'target')),
            self::headers($request['headers'] ?? []),
            self::bytes($request['body'] ?? ''),
        );
    }

    /** Credentials are bytes; a list, of addresses, stays one. */
    private static function account(array $account): array
    {
        return array_map(
            static fn (mixed $value): string|array
                => is_array($value) && array_is_list($value) ? $value : self::bytes($value),
            array_filter($account, static fn (mixed $value): bool => $value !== null),
        );
    }

    /** @return array<string, string> */
    private static function named(array $values): array
    {
        return array_map(self::bytes(...), $values);
    }

    /** @return list<array{0: string, 1?: string}> */
    private static function pairs(array $pairs): array
    {
        return array_map(static fn (array $pair): array => array_map(self::bytes(...), $pair), $pairs);
    }

    /** @return list<array{string, string}> */
    private static function headers(array $headers): array
    {
        foreach ($headers as $header) {
            if (!is_array($header) || count($header) !== 2) {
                throw new \UnexpectedValueException('a header field is not a pair of name and value');
            }
        }

        return self::pairs($headers);
    }
}
