<?php
/** The refusal of a message: its reject class, and status, code, message and reply where a document gives them. */

declare(strict_types=1);

namespace Countersign\Example;

final class Refused extends \Exception
{
    /** @param array<string, string> $details `status`, `code`, `message`, `reply`, as far as they are known */
    public function __construct(
        public readonly string $rejectClass,
        public readonly array $details = [],
        string $reason = '',
    ) {
        parent::__construct($reason === '' ? $rejectClass : "$rejectClass: $reason");
    }

    /** The refusal of something that cannot be read. */
    public static function malformed(string $reason): self
    {
        return new self('malformed', [], $reason);
    }

    /** @param array<string, string> $details */
    public static function unless(bool $holds, string $rejectClass, array $details = []): void
    {
        if (!$holds) {
            throw new self($rejectClass, $details);
        }
    }

    /**
     * The same refusal with what the system says in every refusal that has no details of its own.
     *
     * @param array<string, string> $details
     */
    public function withDefaults(array $details): self
    {
        return new self($this->rejectClass, $this->details + $details);
    }
}
