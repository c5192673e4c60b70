<?php
/**
 * The corpus as a test suite without a runner: every vector of the five systems, alone and in each reading.
 *
 * `php vectors_test.php [BEGINNING OF A NAME]`; COUNTERSIGN_VECTORS names another folder with the JSON files.
 */

declare(strict_types=1);

namespace Countersign\Example;

require __DIR__ . '/systems/autoload.php';
require __DIR__ . '/values.php';

function main(string $wanted): int
{
    set_error_handler(static function (int $level, string $text, string $file, int $line): never {
        throw new \ErrorException($text, 0, $level, $file, $line);
    });
    $passed = 0;
    $failed = 0;
    foreach (testCases($wanted) as $name => $case) {
        $differences = outcome($case);
        if ($differences === []) {
            $passed++;
            continue;
        }
        $failed++;
        echo "FAILED $name\n";
        foreach ($differences as $difference) {
            echo "    $difference\n";
        }
    }
    if ($passed + $failed === 0) {
        echo "no vectors were found\n";
    }
    echo "$passed passed, $failed failed\n";

    return $failed === 0 && $passed > 0 ? 0 : 1;
}

/** @return list<string> what differs, or why there is nothing to compare */
function outcome(\Closure $case): array
{
    try {
        return $case();
    } catch (\Throwable $error) {
        return [get_class($error) . ': ' . $error->getMessage()];
    }
}

/** @return \Generator<string, \Closure(): list<string>> name → what finds the differences */
function testCases(string $wanted): \Generator
{
    $folder = getenv('COUNTERSIGN_VECTORS') ?: __DIR__ . '/../../vectors/json';
    foreach (Systems::names() as $scheme) {
        try {
            $corpus = readCorpus("$folder/$scheme.json", $scheme);
        } catch (\Throwable $error) {
            yield "$scheme corpus" => static fn (): array => throw $error;
            continue;
        }
        foreach ($corpus['vectors'] as $vector) {
            foreach ([null, ...array_keys($corpus['readings'])] as $reading) {
                $name = $vector['name'] . ($reading === null ? '' : " ($reading)");
                if (str_starts_with($name, $wanted)) {
                    yield $name => static fn (): array => differences($scheme, $vector, $reading);
                }
            }
        }
    }
}

/** The corpus of one scheme, in the form that this test knows, with its stamp and at least one vector. */
function readCorpus(string $file, string $scheme): array
{
    $corpus = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
    if (Values::member($corpus, 'format') !== 2) {
        throw new \UnexpectedValueException("$file is not of format 2");
    }
    $stamp = Values::member($corpus, 'corpus');
    if (!is_string($stamp) || $stamp === '') {
        throw new \UnexpectedValueException("$file has no version stamp");
    }
    if (Values::member($corpus, 'scheme') !== $scheme || Values::member($corpus, 'vectors') === []) {
        throw new \UnexpectedValueException("$file has no vectors of $scheme");
    }

    return $corpus;
}

/** @return list<string> */
function differences(string $scheme, array $vector, ?string $reading): array
{
    $system = Systems::find($scheme);
    $given = $vector['given'];
    $expect = expectation($vector['expect'], $reading);
    $call = ['operation' => $given['operation'], 'variant' => $given['variant'] ?? null, 'reading' => $reading];
    if (isset($given['sign'])) {
        $task = Values::signing($call, $given['sign']);
        $stages = $system->sign($task);

        return [
            ...stageDifferences('', $expect['stages'] ?? [], $stages),
            ...messageDifferences($expect['signed_request'] ?? [], $task->message),
        ];
    }
    $differences = [];
    $messages = 0;
    foreach (Values::verifications($call, $given['verify']) as $i => $task) {
        $messages++;
        $expected = $expect['results'][$i];
        $differences = [...$differences, ...resultDifferences("message $i: ", $expected, $system, $task)];
    }

    return $messages === count($expect['results']) ? $differences : [...$differences, 'not every result has a message'];
}

/** The vector's own expectation; where it lists the reading, what it lists takes the place of that. */
function expectation(array $expect, ?string $reading): array
{
    $differing = $expect['readings'][$reading ?? ''] ?? [];
    foreach (['stages', 'signed_request'] as $part) {
        if (isset($differing[$part])) {
            $expect[$part] = array_replace($expect[$part] ?? [], $differing[$part]);
        }
    }
    $expect['results'] = $differing['results'] ?? $expect['results'] ?? [];

    return $expect;
}

/** @return list<string> */
function stageDifferences(string $where, array $expected, array $stages): array
{
    $differences = [];
    foreach ($expected as $name => $value) {
        array_push($differences, ...difference("{$where}stage $name", Values::bytes($value), $stages[$name] ?? null));
    }

    return $differences;
}

/** @return list<string> */
function messageDifferences(array $expected, Message $message): array
{
    $parts = ['url' => $message->url(), 'target' => $message->target(), 'body' => $message->body()];
    $differences = [];
    foreach (array_intersect_key($expected, $parts) as $part => $value) {
        array_push($differences, ...difference($part, Values::bytes($value), $parts[$part]));
    }
    foreach ($expected['headers'] ?? [] as [$name, $value]) {
        // Two lines of the name are refused by `header`, so that one which is there is there once.
        $found = $message->header(Values::bytes($name));
        array_push($differences, ...difference("header $name", Values::bytes($value), $found));
    }

    return $differences;
}

/** @return list<string> */
function resultDifferences(string $where, array $expected, System $system, Verification $task): array
{
    try {
        $stages = $system->verify($task);
    } catch (Refused $refusal) {
        $differences = difference("{$where}outcome", $expected['outcome'], 'reject');
        $found = ['class' => $refusal->rejectClass] + $refusal->details;
        foreach (array_intersect_key($expected, $found) as $name => $value) {
            array_push($differences, ...difference($where . $name, $value, $found[$name]));
        }

        return $differences;
    }

    return [
        ...difference("{$where}outcome", $expected['outcome'], 'accept'),
        ...stageDifferences($where, $expected['stages'] ?? [], $stages),
    ];
}

/** @return list<string> */
function difference(string $what, string $expected, ?string $found): array
{
    if ($expected === $found) {
        return [];
    }

    return [sprintf('%s: expected %s, found %s', $what, var_export($expected, true), var_export($found, true))];
}

exit(main($argv[1] ?? ''));
