<?php
// The parts of Laravel that its mend calls, over requests to PHP's own server. MEND names the file of the mend.

namespace Illuminate\Http {
    class Request
    {
        public function getContent(): string
        {
            return file_get_contents('php://input');
        }

        public function all(): array
        {
            return json_decode($this->getContent(), true) ?? $_POST;
        }

        public function header(string $name): ?string
        {
            return $_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? null;
        }
    }
}

namespace Illuminate\Support\Facades {
    class Route
    {
        public static function post(string $path, callable $action): void
        {
            if ($_SERVER['REQUEST_METHOD'] === 'POST' && $_SERVER['REQUEST_URI'] === $path) {
                $action(new \Illuminate\Http\Request());
            }
        }
    }
}

namespace {
    function response(string $content, int $status): void
    {
        http_response_code($status);
        echo $content;
    }

    function isRight(string $body, ?string $header): bool
    {
        header('X-Seen: ' . bin2hex($body));
        return hash_equals(hash_hmac('sha256', $body, 'key of the test'), $header ?? '');
    }

    http_response_code(404);
    require getenv('MEND');
}
