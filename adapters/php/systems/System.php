<?php
/** What every system offers: the names that it knows, signing, and verifying. */

declare(strict_types=1);

namespace Countersign\Example;

interface System
{
    public const OPERATIONS = [];
    public const VARIANTS = [];
    public const READINGS = [];

    /**
     * Completes the message of the task, in place.
     *
     * @return array<string, string> the stages, in the order in which they are derived
     */
    public function sign(Signing $task): array;

    /**
     * Returns if the message is accepted, and remembers it in the state where the system has one.
     *
     * @return array<string, string> the stages that can be derived
     * @throws Refused
     */
    public function verify(Verification $task): array;
}
