<?php
/** Flipbase: the HMAC-SHA-256 of verb, encoded path and date, in the Authorization header. */

declare(strict_types=1);

namespace Countersign\Example;

final class Flipbase implements System
{
    public const OPERATIONS = ['request'];
    public const VARIANTS = [];
    public const READINGS = [
        'api-key-as-hmac-key',
        'meant-path',
        'path-with-query',
        'lower-case-path',
        'rfc4868-truncation',
        'bare-authorization',
    ];

    private const DEFAULT_SKEW = '900';

    public function sign(Signing $task): array
    {
        $message = $task->message;
        $date = $task->time()->toRfc3339Millis();
        $key = $task->credential('api_key');
        $stages = self::derive($message, $date, $key, $task->credential('api_secret'), $task->reading);
        $message->setHeader('X-Flipbase-Date', $date);
        $message->setHeader('Authorization', $stages['authorization']);

        return $stages;
    }

    public function verify(Verification $task): array
    {
        $message = $task->message;
        [$key, $received] = self::readAuthorization($message, $task->reading);
        [$date, $signed] = self::readDate($message);

        $secret = $task->accountWith('api_key', $key)['api_secret'] ?? '';
        // With an empty secret anybody could sign, so an account that has none is no account.
        Refused::unless($secret !== '', 'unknown-key');

        $skew = $task->wholeNumber('skew', self::DEFAULT_SKEW);
        Refused::unless($signed->isWithin($skew, $task->now()), 'expired');

        $stages = self::derive($message, $date, $key, $secret, $task->reading);
        Refused::unless(Verification::same($stages['signature'], $received), 'signature-mismatch');

        return $stages;
    }

    /** @return array<string, string> */
    private static function derive(
        Message $message,
        string $date,
        string $key,
        string $secret,
        ?string $reading,
    ): array {
        $path = match ($reading) {
            'meant-path' => $message->path(),
            'path-with-query' => $message->target(),
            'lower-case-path' => strtolower($message->rawPath()),
            default => $message->rawPath(),
        };
        $stringToSign = implode("\n", [$message->method, Encoding::percentEncode($path), $date]);

        $hmacKey = $reading === 'api-key-as-hmac-key' ? $key : $secret;
        $mac = hash_hmac('sha256', $stringToSign, $hmacKey, true);
        if ($reading === 'rfc4868-truncation') {
            $mac = substr($mac, 0, 16);
        }
        $signature = base64_encode($mac);

        return [
            'string_to_sign' => $stringToSign,
            'signature' => $signature,
            'authorization' => self::prefix($reading) . "$key:$signature",
        ];
    }

    private static function prefix(?string $reading): string
    {
        return $reading === 'bare-authorization' ? '' : 'Signature ';
    }

    /** @return array{string, string} key and signature, which the first colon separates */
    private static function readAuthorization(Message $message, ?string $reading): array
    {
        $authorization = $message->header('Authorization');
        Refused::unless($authorization !== null, 'missing-credential');
        $prefix = self::prefix($reading);
        if (!str_starts_with($authorization, $prefix)) {
            throw Refused::malformed('Authorization does not begin with the word Signature');
        }
        $halves = explode(':', substr($authorization, strlen($prefix)), 2);

        return count($halves) === 2 ? $halves : throw Refused::malformed('no colon in Authorization');
    }

    /** @return array{string, Instant} the signed date as received, and the moment that it means */
    private static function readDate(Message $message): array
    {
        $date = $message->header('X-Flipbase-Date') ?? $message->header('Date');
        Refused::unless($date !== null, 'missing-credential');
        $instant = Instant::fromRfc3339Millis($date) ?? Instant::fromHttpDate($date);

        return [$date, $instant ?? throw Refused::malformed('the date cannot be read')];
    }
}
