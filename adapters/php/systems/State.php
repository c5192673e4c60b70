<?php
/** What a server remembers of the messages that it has accepted. */

declare(strict_types=1);

namespace Countersign\Example;

final class State
{
    /** @var array<string, true> */
    private array $seen = [];

    /** @var array<string, array<string, string>> by kind, then by key */
    private array $bound = [];

    /** @var array<string, list<Instant>> by sender */
    private array $accepted = [];

    public function hasSeen(string $id): bool
    {
        return isset($this->seen[$id]);
    }

    public function see(string $id): void
    {
        $this->seen[$id] = true;
    }

    /** Whether nothing, or this very value, is bound to the key. */
    public function agrees(string $kind, string $key, string $value): bool
    {
        $bound = $this->bound[$kind][$key] ?? $value;

        return hash_equals($bound, $value);
    }

    public function bind(string $kind, string $key, string $value): void
    {
        $this->bound[$kind][$key] ??= $value;
    }

    /** Messages of the sender in the minute that ends now; one that is exactly a minute old is outside. */
    public function countInMinute(string $sender, Instant $now): int
    {
        $count = 0;
        foreach ($this->accepted[$sender] ?? [] as $time) {
            if (!$now->isBefore($time) && $now->isBefore($time->plusSeconds(60))) {
                $count++;
            }
        }

        return $count;
    }

    public function count(string $sender, Instant $now): void
    {
        $this->accepted[$sender][] = $now;
    }
}
