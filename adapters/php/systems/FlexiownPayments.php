<?php
/** Flexiown Payments: an API key in a header, trust seed and value in the payload, a trust signature in answers. */

declare(strict_types=1);

namespace Countersign\Example;

final class FlexiownPayments implements System
{
    public const OPERATIONS = ['request', 'response'];
    public const VARIANTS = [];
    public const READINGS = [];

    public function sign(Signing $task): array
    {
        $message = $task->message;
        $seed = $task->parameter('trust_seed');
        $value = $task->parameter('trust_value');
        $stages = ['trust_signature' => self::trustSignature($value, $seed)];

        // The client sends seed and value; the signature that they give is in the answer of the API.
        if ($task->operation === 'request') {
            $message->addJsonMember('trust_seed', $seed);
            $message->addJsonMember('trust_value', $value);
            $message->setHeader('api-key', $task->credential('api_key'));
        } else {
            $message->addJsonMember('trust_signature', $stages['trust_signature']);
        }

        return $stages;
    }

    public function verify(Verification $task): array
    {
        return $task->operation === 'request' ? self::verifyRequest($task) : self::verifyResponse($task);
    }

    /** The document has no formula; this is that of the vendor's published plugin. No secret enters it. */
    private static function trustSignature(string $value, string $seed): string
    {
        return hash('sha256', $value . $seed);
    }

    /** @return array<string, string> */
    private static function verifyRequest(Verification $task): array
    {
        $message = $task->message;
        $key = $message->header('api-key') ?? '';
        Refused::unless($key !== '', 'missing-credential');
        $account = $task->accountWith('api_key', $key);
        Refused::unless($account !== null, 'unknown-key');
        Refused::unless(($account['status'] ?? 'valid') === 'valid', 'revoked-key');

        $now = $task->now();
        $belowLimit = $task->state->countInMinute($key, $now) < $task->wholeNumber('limit', '60');
        Refused::unless($belowLimit, 'rate-limited', ['status' => '429', 'message' => 'Too Many Requests']);

        $payment = $message->jsonText('payment_id') ?? '';
        Refused::unless($payment !== '', 'malformed');
        $seed = $message->jsonText('trust_seed') ?? '';
        Refused::unless($seed !== '', 'missing-credential');
        $value = $message->jsonText('trust_value') ?? '';
        Refused::unless($value !== '', 'missing-credential');
        Refused::unless($task->state->agrees('trust_seed', $payment, $seed), 'value-mismatch');
        Refused::unless($task->state->agrees('trust_value', $payment, $value), 'value-mismatch');

        $task->state->count($key, $now);
        $task->state->bind('trust_seed', $payment, $seed);
        $task->state->bind('trust_value', $payment, $value);

        return ['trust_signature' => self::trustSignature($value, $seed)];
    }

    /** @return array<string, string> */
    private static function verifyResponse(Verification $task): array
    {
        $received = $task->message->jsonText('trust_signature') ?? '';
        Refused::unless($received !== '', 'missing-credential');

        $expected = self::trustSignature($task->parameter('trust_value'), $task->parameter('trust_seed'));
        Refused::unless(Verification::same($expected, $received), 'signature-mismatch');

        return ['trust_signature' => $expected];
    }
}
