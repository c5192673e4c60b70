<?php
/** What a system is given to verify a message, and the comparisons that systems have in common. */

declare(strict_types=1);

namespace Countersign\Example;

final class Verification
{
    /**
     * @param list<array<string, string|list<string>>> $accounts what the server knows
     * @param array<string, string> $parameters
     * @param ?string $now the server's clock, RFC 3339 in UTC
     */
    public function __construct(
        public readonly Message $message,
        public readonly array $accounts,
        private readonly array $parameters,
        private readonly ?string $now,
        private readonly ?string $clientAddress,
        public readonly State $state,
        public readonly string $operation,
        public readonly ?string $variant = null,
        public readonly ?string $reading = null,
    ) {
    }

    /** The clock and the configuration are the verifier's own: without them there is no answer, not a refusal. */
    public function now(): Instant
    {
        return Instant::fromRfc3339($this->now ?? throw new \RuntimeException('now is not given'));
    }

    public function parameter(string $name): string
    {
        return $this->parameters[$name] ?? throw new \RuntimeException("the parameter $name is not given");
    }

    public function wholeNumber(string $name, string $default): int
    {
        $text = $this->parameters[$name] ?? $default;
        if (!ctype_digit($text)) {
            throw new \RuntimeException("the parameter $name is not a whole number");
        }

        return (int) $text;
    }

    /**
     * The account with this credential. All accounts are looked at, so that time tells nothing of where it stands.
     *
     * @return ?array<string, string|list<string>>
     */
    public function accountWith(string $credential, ?string $value): ?array
    {
        $found = null;
        foreach ($this->accounts as $account) {
            if (self::same($account[$credential] ?? null, $value)) {
                $found ??= $account;
            }
        }

        return $found;
    }

    /** @param list<string> $addresses */
    public function comesFrom(array $addresses): bool
    {
        return $this->clientAddress !== null && in_array($this->clientAddress, $addresses, true);
    }

    /** Whether both are there and equal, in a time that does not depend on where they differ. */
    public static function same(?string $known, ?string $received): bool
    {
        return $known !== null && $received !== null && hash_equals($known, $received);
    }
}
