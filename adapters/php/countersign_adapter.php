<?php
/** Example adapter: five request-signing systems behind the adapter protocol, version 1, as JSON lines. */

declare(strict_types=1);

namespace Countersign\Example;

require __DIR__ . '/systems/autoload.php';
require __DIR__ . '/values.php';

/** The message asks for something that this adapter does not have. */
final class NotSupported extends \Exception
{
}

function main(): void
{
    // Standard output belongs to the protocol, and what PHP only warns of is a failure here.
    ini_set('display_errors', 'stderr');
    ini_set('memory_limit', '1G');
    set_error_handler(static function (int $level, string $text, string $file, int $line): never {
        throw new \ErrorException($text, 0, $level, $file, $line);
    });

    while (($line = fgets(STDIN)) !== false) {
        if (trim($line) === '') {
            continue;
        }
        $seq = 'null';
        try {
            $call = readCall($line);
            $seq = readSeq($line);
            if (!isUtf8($line)) {
                throw new \UnexpectedValueException('the message is not UTF-8');
            }
            if (Values::textMember($call, 'op') === 'stop') {
                return;
            }
            $reply = answer($call);
        } catch (NotSupported $reason) {
            $reply = ['skipped' => 'no support for ' . $reason->getMessage()];
        } catch (\Throwable $error) {
            // Whatever goes wrong in one message must not end the run.
            $reply = ['error' => $error->getMessage()];
        }
        fwrite(STDOUT, writeReply($seq, $reply));
    }
}

/** A message that is not UTF-8 is read as far as it goes: it is refused, but the sender learns which one it was. */
function readCall(string $line): array
{
    $call = json_decode($line, true, flags: JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
    if (!is_array($call) || ltrim($line)[0] !== '{') {
        throw new \UnexpectedValueException('the message is not a JSON object');
    }

    return $call;
}

/** The text of `seq` as it stands in the message, so that it goes back unchanged whatever its type. */
function readSeq(string $line): string
{
    foreach (JsonText::rawMembers($line) as $name => $value) {
        if ($name === 'seq' && isUtf8($value)) {
            return $value;
        }
    }

    return 'null';
}

function isUtf8(string $bytes): bool
{
    return preg_match('//u', $bytes) === 1;
}

function writeReply(string $seq, array $reply): string
{
    $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR;

    return "{\"seq\":$seq," . substr(json_encode($reply, $flags), 1) . "\n";
}

function answer(array $call): array
{
    return match ($call['op']) {
        'start' => answerStart($call),
        'sign' => answerSign($call),
        'verify' => answerVerify($call),
        default => throw new NotSupported("op {$call['op']}"),
    };
}

function answerStart(array $call): array
{
    $protocol = Values::member($call, 'protocol');
    if ($protocol !== 1) {
        throw new \UnexpectedValueException('this adapter speaks protocol 1, not ' . json_encode($protocol));
    }

    return [
        'name' => 'countersign-php-example',
        'version' => '1.0',
        'language' => 'php',
        'schemes' => array_fill_keys(Systems::names(), ['sign', 'verify']),
        'capabilities' => ['time', 'credentials', 'state', 'client-address', 'readings'],
    ];
}

function answerSign(array $call): array
{
    $system = findSystem($call);
    $task = Values::signing($call, Values::arrayMember($call, 'given'));
    $stages = $system->sign($task);

    return ['stages' => writeStages($stages), 'signed_request' => Values::writtenMessage($task->message)];
}

function answerVerify(array $call): array
{
    $system = findSystem($call);
    $results = [];
    foreach (Values::verifications($call, Values::arrayMember($call, 'given')) as $task) {
        try {
            $results[] = ['accept' => true, 'stages' => writeStages($system->verify($task))];
        } catch (Refused $refusal) {
            $results[] = ['accept' => false, 'class' => $refusal->rejectClass] + $refusal->details;
        }
    }

    return ['results' => $results];
}

/** The system that the message names, if it has the operation, variant and reading that are named as well. */
function findSystem(array $call): System
{
    $scheme = Values::textMember($call, 'scheme');
    $system = Systems::find($scheme) ?? throw new NotSupported("scheme $scheme");
    $names = [
        'operation' => [Values::textMember($call, 'operation'), $system::OPERATIONS],
        'variant' => [$call['variant'] ?? null, $system::VARIANTS],
        'reading' => [$call['reading'] ?? null, $system::READINGS],
    ];
    foreach ($names as $what => [$name, $known]) {
        if ($name !== null && !in_array($name, $known, true)) {
            throw new NotSupported("$what $name");
        }
    }

    return $system;
}

/** @param array<string, string> $stages */
function writeStages(array $stages): array
{
    return array_map(Values::json(...), $stages);
}

main();
