<?php
/** What a system is given to sign a message; what is not there but needed is an error of the caller. */

declare(strict_types=1);

namespace Countersign\Example;

final class Signing
{
    /**
     * @param array<string, string|list<string>> $account
     * @param array<string, string> $parameters
     * @param ?string $time RFC 3339 in UTC
     */
    public function __construct(
        public readonly Message $message,
        private readonly array $account,
        private readonly array $parameters,
        private readonly ?string $time,
        private readonly ?string $nonce,
        public readonly string $operation,
        public readonly ?string $variant = null,
        public readonly ?string $reading = null,
    ) {
    }

    public function credential(string $name): string
    {
        return $this->account[$name] ?? throw new \RuntimeException("the account has no $name");
    }

    public function parameter(string $name): string
    {
        return $this->optionalParameter($name) ?? throw new \RuntimeException("the parameter $name is not given");
    }

    public function optionalParameter(string $name): ?string
    {
        return $this->parameters[$name] ?? null;
    }

    public function time(): Instant
    {
        return Instant::fromRfc3339($this->time ?? throw new \RuntimeException('the time is not given'));
    }

    public function nonce(): string
    {
        return $this->nonce ?? throw new \RuntimeException('the nonce is not given');
    }
}
