<?php
/** Finds a class of this example in the file of its name. */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $prefix = 'Countersign\\Example\\';
    if (str_starts_with($class, $prefix)) {
        require __DIR__ . '/' . substr($class, strlen($prefix)) . '.php';
    }
});
