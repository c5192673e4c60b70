<?php
/** The systems of this example by the name of their scheme. */

declare(strict_types=1);

namespace Countersign\Example;

final class Systems
{
    private const CLASSES = [
        'flip-for-business' => FlipForBusiness::class,
        'flexiown-payments' => FlexiownPayments::class,
        'flipsnack' => Flipsnack::class,
        'client-system-api' => ClientSystemApi::class,
        'flipbase' => Flipbase::class,
    ];

    /** @return list<string> */
    public static function names(): array
    {
        return array_keys(self::CLASSES);
    }

    public static function find(string $scheme): ?System
    {
        static $systems = [];
        $class = self::CLASSES[$scheme] ?? null;

        return $class === null ? null : $systems[$scheme] ??= new $class();
    }
}
