<?php
/** The client-system API: a public key, a request id and a language in headers, and a bearer token by operation. */

declare(strict_types=1);

namespace Countersign\Example;

final class ClientSystemApi implements System
{
    public const OPERATIONS = ['request', 'refresh-access-token', 'renew-refresh-token'];
    public const VARIANTS = ['user-data'];
    public const READINGS = ['unknown-language-passes'];

    /** The credential that is the bearer token of an operation. */
    private const BEARER = [
        'request' => 'access_token',
        'refresh-access-token' => 'refresh_token',
        'renew-refresh-token' => 'user_token',
    ];

    private const LANGUAGES = ['id', 'en'];
    private const DEFAULT_LANGUAGE = 'id';

    public function sign(Signing $task): array
    {
        $message = $task->message;
        $message->setHeader('x-app-key', $task->credential('app_key'));
        $message->setHeader('x-request-id', $task->nonce());
        if (self::concernsUser($task)) {
            $message->setHeader('x-user-token', $task->credential('user_token'));
        }
        $language = $task->optionalParameter('language');
        if ($language !== null) {
            $message->setHeader('x-language', $language);
        }
        $stages = [
            'language' => self::language($message),
            'authorization' => 'Bearer ' . $task->credential(self::BEARER[$task->operation]),
        ];
        $message->setHeader('Authorization', $stages['authorization']);

        return $stages;
    }

    public function verify(Verification $task): array
    {
        $message = $task->message;
        $token = self::readBearerToken($message);

        $key = $message->header('x-app-key') ?? '';
        Refused::unless($key !== '', 'missing-credential');
        $account = $task->accountWith('app_key', $key);
        Refused::unless($account !== null, 'unknown-key');

        $id = $message->header('x-request-id') ?? '';
        Refused::unless($id !== '', 'malformed');
        if ($task->reading !== 'unknown-language-passes') {
            Refused::unless(in_array(self::language($message), self::LANGUAGES, true), 'malformed');
        }

        Refused::unless($token !== '', 'missing-credential');
        $expected = $account[self::BEARER[$task->operation]] ?? null;
        Refused::unless(Verification::same($expected, $token), 'wrong-token');
        if (self::concernsUser($task)) {
            $userToken = $message->header('x-user-token') ?? '';
            Refused::unless($userToken !== '', 'missing-credential');
            Refused::unless(Verification::same($account['user_token'] ?? null, $userToken), 'wrong-token');
        }

        Refused::unless(!$task->state->hasSeen($id), 'replayed');
        $task->state->see($id);

        return self::languageStage($message) + ['authorization' => "Bearer $expected"];
    }

    /** Only a regular call can be one to an endpoint that gives data of the user. */
    private static function concernsUser(Signing|Verification $task): bool
    {
        return $task->operation === 'request' && $task->variant === 'user-data';
    }

    private static function language(Message $message): string
    {
        return $message->header('x-language') ?? self::DEFAULT_LANGUAGE;
    }

    /** In the reading that does not look at the language, two lines of it do no harm, but name none. */
    private static function languageStage(Message $message): array
    {
        try {
            return ['language' => self::language($message)];
        } catch (Refused) {
            return [];
        }
    }

    private static function readBearerToken(Message $message): string
    {
        $authorization = $message->header('Authorization');
        Refused::unless($authorization !== null, 'missing-credential');
        if (strncasecmp($authorization, 'Bearer ', 7) !== 0) {
            throw Refused::malformed('Authorization does not begin with the word Bearer');
        }

        return substr($authorization, 7);
    }
}
