<?php
/** An HTTP message as exact bytes: what is on the wire, read strictly, and the fields that a signer adds. */

declare(strict_types=1);

namespace Countersign\Example;

final class Message
{
    /** @var ?list<array{0: string, 1?: string}> fields of the body, read when they are first asked for */
    private ?array $form = null;

    /** @var ?array<string, mixed> members of the body, likewise */
    private ?array $json = null;

    /** @param list<array{string, string}> $headers in order, with repetitions */
    public function __construct(
        public readonly string $method,
        public readonly string $scheme,
        private string $target,
        private array $headers,
        private string $body,
    ) {
    }

    /**
     * A message to be signed, from what its sender means.
     *
     * @param list<array{0: string, 1?: string}> $query
     * @param list<array{string, string}> $headers
     */
    public static function meant(
        string $method,
        string $scheme,
        string $host,
        string $path,
        array $query,
        array $headers,
        string $body,
    ): self {
        $target = Encoding::percentEncodePath($path);
        if ($query !== []) {
            $target .= '?' . implode('&', array_map(Encoding::writePair(...), $query));
        }

        return self::toTarget($method, $scheme, $host, $target, $headers, $body);
    }

    /**
     * A message to be signed, to a target that is exact.
     *
     * @param list<array{string, string}> $headers
     */
    public static function toTarget(
        string $method,
        string $scheme,
        string $host,
        string $target,
        array $headers,
        string $body,
    ): self {
        $message = new self($method, $scheme, $target, $headers, $body);
        if ($message->headerValues('Host') === []) {
            array_unshift($message->headers, ['Host', $host]);
        }

        return $message;
    }

    public function target(): string
    {
        return $this->target;
    }

    /** @return list<array{string, string}> */
    public function headers(): array
    {
        return $this->headers;
    }

    public function body(): string
    {
        return $this->body;
    }

    // Target

    /** Scheme, host and target; null without a host. */
    public function url(): ?string
    {
        $host = $this->header('Host');

        return $host === null ? null : "$this->scheme://$host$this->target";
    }

    /** The path on the wire: all before the first question mark. */
    public function rawPath(): string
    {
        return explode('?', $this->target, 2)[0];
    }

    /** The path that is meant. */
    public function path(): string
    {
        return Encoding::percentDecode($this->rawPath());
    }

    /** @return list<array{0: string, 1?: string}> the fields of a query in which a plus sign is a space */
    public function queryPairs(): array
    {
        return Encoding::readPairs($this->rawQuery(), true);
    }

    public function queryField(string $name): ?string
    {
        return self::only(self::valuesOf($this->queryPairs(), $name), $name);
    }

    public function setQueryField(string $name, string $value): void
    {
        $this->target = $this->rawPath() . '?' . Encoding::putPair($this->rawQuery(), $name, $value, true);
    }

    private function rawQuery(): string
    {
        return explode('?', $this->target, 2)[1] ?? '';
    }

    // Header fields

    public function header(string $name): ?string
    {
        return self::only($this->headerValues($name), $name);
    }

    /** Takes the place of the first line of that name, of which no other remains, or goes to the end. */
    public function setHeader(string $name, string $value): void
    {
        $headers = [];
        $line = [$name, $value];
        foreach ($this->headers as $header) {
            if (strcasecmp($header[0], $name) !== 0) {
                $headers[] = $header;
            } elseif ($line !== null) {
                $headers[] = $line;
                $line = null;
            }
        }
        $this->headers = $line === null ? $headers : [...$headers, $line];
    }

    /** @return list<string> */
    private function headerValues(string $name): array
    {
        $values = [];
        foreach ($this->headers as [$header, $value]) {
            if (strcasecmp($header, $name) === 0) {
                $values[] = $value;
            }
        }

        return $values;
    }

    // Body

    /** @return list<array{0: string, 1?: string}> none where the media type is not that of a form */
    public function formPairs(): array
    {
        if (!$this->hasMediaType('application/x-www-form-urlencoded')) {
            return [];
        }

        return $this->form ??= Encoding::readPairs($this->body, true);
    }

    /** @return list<string> */
    public function formValues(string $name): array
    {
        return self::valuesOf($this->formPairs(), $name);
    }

    public function formField(string $name): ?string
    {
        return self::only($this->formValues($name), $name);
    }

    public function setFormField(string $name, string $value): void
    {
        if (!$this->hasMediaType('application/x-www-form-urlencoded')) {
            throw new \RuntimeException('the body is not declared as a form');
        }
        $this->body = Encoding::putPair($this->body, $name, $value, true);
        $this->form = null;
    }

    /** @return list<array{string, string}> none where the media type is another */
    public function multipartPairs(): array
    {
        if (!$this->hasMediaType('multipart/form-data')) {
            return [];
        }

        return Multipart::readPairs($this->header('Content-Type'), $this->body);
    }

    /** A member of a JSON body, whatever its media type; one that is not text cannot be taken for one. */
    public function jsonText(string $name): ?string
    {
        $this->json ??= JsonText::members($this->body);
        $value = $this->json[$name] ?? null;
        if (!is_string($value) && array_key_exists($name, $this->json)) {
            throw Refused::malformed("$name is not a text");
        }

        return $value;
    }

    public function addJsonMember(string $name, string $value): void
    {
        $this->body = JsonText::append($this->body, $name, $value);
        $this->json = null;
    }

    private function hasMediaType(string $type): bool
    {
        $value = $this->header('Content-Type') ?? '';

        return strcasecmp(trim(explode(';', $value, 2)[0], " \t"), $type) === 0;
    }

    // Fields

    /**
     * @param list<array{0: string, 1?: string}> $pairs
     * @return list<string> a field without a value counts as empty
     */
    private static function valuesOf(array $pairs, string $name): array
    {
        $values = [];
        foreach ($pairs as $pair) {
            if ($pair[0] === $name) {
                $values[] = $pair[1] ?? '';
            }
        }

        return $values;
    }

    /** @param list<string> $values */
    private static function only(array $values, string $name): ?string
    {
        if (count($values) > 1) {
            throw Refused::malformed("$name stands twice");
        }

        return $values[0] ?? null;
    }
}
