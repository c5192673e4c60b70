<?php
/** Flip for Business: a Basic credential on requests, a validation token in the form of callbacks. */

declare(strict_types=1);

namespace Countersign\Example;

final class FlipForBusiness implements System
{
    public const OPERATIONS = ['request', 'callback'];
    public const VARIANTS = ['production', 'source-addresses'];
    public const READINGS = ['without-colon', 'last-token'];

    private const SANDBOX_URL = 'https://bigflip.id/big_sandbox_api';
    private const PRODUCTION_URL = 'https://bigflip.id/api/';

    private const CALLBACK_ADDRESSES = [
        '149.129.234.86',
        '149.129.218.31',
        '34.101.204.31',
        '34.101.114.113',
        '34.101.63.196',
        '34.101.161.100',
        '34.101.232.118',
        '34.101.212.103',
    ];

    public function sign(Signing $task): array
    {
        if ($task->operation === 'callback') {
            $stages = ['token' => $task->credential('validation_token')];
            $task->message->setFormField('token', $stages['token']);

            return $stages;
        }
        $stages = self::requestStages($task->credential('secret'), $task);
        $task->message->setHeader('Authorization', $stages['authorization']);

        return $stages;
    }

    public function verify(Verification $task): array
    {
        $callback = $task->operation === 'callback';
        try {
            return $callback ? self::verifyCallback($task) : self::verifyRequest($task);
        } catch (Refused $refusal) {
            throw $refusal->withDefaults($callback ? ['reply' => 'disregard'] : ['status' => '401']);
        }
    }

    /** @return array<string, string> */
    private static function requestStages(string $secret, Signing|Verification $task): array
    {
        // The secret is the user name, and the password behind the colon is empty.
        $userPass = $task->reading === 'without-colon' ? $secret : "$secret:";
        $credentials = base64_encode($userPass);

        return [
            'base_url' => $task->variant === 'production' ? self::PRODUCTION_URL : self::SANDBOX_URL,
            'credentials' => $credentials,
            'authorization' => "Basic $credentials",
        ];
    }

    /** @return array<string, string> */
    private static function verifyRequest(Verification $task): array
    {
        $production = $task->variant === 'production';
        [$user, $password] = self::readUserPass($task);
        Refused::unless($user !== '', 'missing-credential');

        $account = $task->accountWith('secret', $user);
        Refused::unless($account !== null, 'unknown-key');
        Refused::unless($password === '', 'malformed');

        $environment = $production ? 'production' : 'sandbox';
        Refused::unless(($account['environment'] ?? null) === $environment, 'wrong-environment');
        $stages = self::requestStages($account['secret'], $task);
        Refused::unless(self::isUnder($task->message->url(), $stages['base_url']), 'wrong-environment');

        if ($production) {
            $listed = $task->comesFrom($account['allowed_addresses'] ?? []);
            Refused::unless($listed, 'address-not-allowed', ['message' => 'IP is not Whitelisted']);
        }

        return $stages;
    }

    /** @return array{string, string} user name and password, split at the first colon */
    private static function readUserPass(Verification $task): array
    {
        $authorization = $task->message->header('Authorization');
        Refused::unless($authorization !== null, 'missing-credential');
        if (strncasecmp($authorization, 'Basic ', 6) !== 0) {
            throw Refused::malformed('Authorization does not begin with the word Basic');
        }
        $decoded = Encoding::base64Decode(substr($authorization, 6));
        if ($task->reading === 'without-colon') {
            return [$decoded, ''];
        }
        $halves = explode(':', $decoded, 2);

        return count($halves) === 2 ? $halves : throw Refused::malformed('no colon in the credentials');
    }

    /** Of the two base URLs one ends in a slash; behind the other one the URL must go on with it. */
    private static function isUnder(?string $url, string $base): bool
    {
        return $url === $base || ($url !== null && str_starts_with($url, rtrim($base, '/') . '/'));
    }

    /** @return array<string, string> */
    private static function verifyCallback(Verification $task): array
    {
        $message = $task->message;
        if ($task->variant === 'source-addresses') {
            Refused::unless($task->comesFrom(self::CALLBACK_ADDRESSES), 'address-not-allowed');
        }
        Refused::unless(($message->formField('data') ?? '') !== '', 'malformed');

        if ($task->reading === 'last-token') {
            $values = $message->formValues('token');
            $token = end($values);
        } else {
            $token = $message->formField('token') ?? '';
        }
        // An empty token proves nothing, even to a merchant who has not set one.
        Refused::unless($token !== false && $token !== '', 'missing-credential');

        $expected = $task->accounts[0]['validation_token'] ?? null;
        Refused::unless(Verification::same($expected, $token), 'wrong-token');

        return ['token' => $expected];
    }
}
