<?php
/** Flipsnack: the MD5 of the secret and the sorted parameters, as a parameter of the query. */

declare(strict_types=1);

namespace Countersign\Example;

final class Flipsnack implements System
{
    public const OPERATIONS = ['request'];
    public const VARIANTS = ['upload'];
    public const READINGS = ['caseless-sort', 'url-encoded-values', 'upper-case-digits'];

    private const EXCLUDED = ['signature', 'file'];

    public function sign(Signing $task): array
    {
        $message = $task->message;
        $message->setQueryField('apiKey', $task->credential('api_key'));
        $stages = self::derive($message, $task->credential('secret'), $task->reading);
        $message->setQueryField('signature', $stages['signature']);

        return $stages;
    }

    public function verify(Verification $task): array
    {
        $message = $task->message;
        $method = $task->variant === 'upload' ? 'POST' : 'GET';
        Refused::unless($message->method === $method, 'wrong-method', ['code' => '40']);

        $key = $message->queryField('apiKey') ?? '';
        Refused::unless($key !== '', 'missing-credential', ['code' => '30']);
        $received = $message->queryField('signature') ?? '';
        Refused::unless($received !== '', 'missing-credential', ['code' => '30']);

        $secret = $task->accountWith('api_key', $key)['secret'] ?? '';
        // With an empty secret anybody could sign, so an account that has none is no account.
        Refused::unless($secret !== '', 'unknown-key', ['code' => '41']);

        $stages = self::derive($message, $secret, $task->reading);
        if ($task->reading === 'upper-case-digits') {
            $received = strtolower($received);
        }
        $same = Verification::same($stages['signature'], $received);
        Refused::unless($same, 'signature-mismatch', ['code' => '44', 'message' => 'Invalid signature']);

        return $stages;
    }

    /** @return array<string, string> */
    private static function derive(Message $message, string $secret, ?string $reading): array
    {
        $canonicalQuery = '';
        foreach (self::sortedParameters($message, $reading === 'caseless-sort') as $pair) {
            if ($reading === 'url-encoded-values') {
                $pair = array_map(Encoding::percentEncode(...), $pair);
            }
            $canonicalQuery .= implode('', $pair);
        }
        $stringToSign = $secret . $canonicalQuery;

        return [
            'canonical_query' => $canonicalQuery,
            'string_to_sign' => $stringToSign,
            'signature' => md5($stringToSign),
        ];
    }

    /**
     * The parameters of query and body, without those that are not signed, by the bytes of their names; those of one
     * name stay in the order in which they are sent.
     *
     * @return list<array{0: string, 1?: string}>
     */
    private static function sortedParameters(Message $message, bool $caseless): array
    {
        $pairs = [...$message->queryPairs(), ...$message->formPairs(), ...$message->multipartPairs()];
        $pairs = array_filter($pairs, static fn (array $pair): bool => !in_array($pair[0], self::EXCLUDED, true));
        $byName = static fn (array $a, array $b): int => strcmp($a[0], $b[0]);
        $byNameCaseless = static fn (array $a, array $b): int
            => strcmp(strtolower($a[0]), strtolower($b[0])) ?: strcmp($a[0], $b[0]);
        usort($pairs, $caseless ? $byNameCaseless : $byName);

        return $pairs;
    }
}
