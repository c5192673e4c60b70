"""The adapter protocol, once for all subjects: messages in, answers out, values to bytes and back.

A subject calls `run(name, version, schemes, sign=…, verify=…)`. `sign(task)` answers a `Request` (or a dict of
stages and such); `verify(task, message)` answers True or False, or raises. Nothing here signs or checks.
"""
import datetime
import json
import sys
import urllib.parse


class Skip(Exception):
    """What the package cannot do, with the reason."""


class Refused(Exception):
    """The package refuses a message by an exception that its interface documents."""


def to_bytes(value):
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode("utf-8")
    return bytes.fromhex(value["hex"])


def from_bytes(value):
    if isinstance(value, str):
        return value
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def text(value, what="a value"):
    """What is given to an interface of text; where it is no text, the package is not asked."""
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Skip(f"{what} is not UTF-8, and the package's interface takes text")


def pairs(listed):
    return [tuple(to_bytes(part) for part in pair) for pair in listed or []]


class Request:
    """A request: `method` str, `scheme` str, `target` bytes, `headers` [(bytes, bytes)], `body` bytes."""

    def __init__(self, method, scheme, target, headers, body):
        self.method, self.scheme, self.target, self.headers, self.body = method, scheme, target, headers, body

    def header(self, name, default=None):
        """The only field of that name."""
        found = [v for n, v in self.headers if n.lower() == name.lower().encode()]
        if len(found) > 1:
            raise Skip(f"more than one field {name}, and the package's interface takes one value a name")
        return found[0] if found else default

    def header_dict(self):
        names = [n.lower() for n, _ in self.headers]
        if len(names) != len(set(names)):
            raise Skip("more than one field of one name, and the package's interface takes one value a name")
        return {text(n): text(v, "a field") for n, v in self.headers}

    @property
    def host(self):
        return text(self.header("Host"))

    @property
    def url(self):
        return f"{self.scheme}://{self.host}{text(self.target, 'the target')}"

    @property
    def path(self):
        return text(self.target, "the target").partition("?")[0]

    @property
    def query_string(self):
        return text(self.target, "the target").partition("?")[2]

    def json(self):
        return {
            "method": self.method,
            "scheme": self.scheme,
            "target": from_bytes(self.target),
            "headers": [[from_bytes(n), from_bytes(v)] for n, v in self.headers],
            "body": from_bytes(self.body),
        }


def encode_target(path, query):
    """From what a caller means to the wire, as vectors/README.md has it."""
    out = urllib.parse.quote(path, safe="!$&'()*+,;=:@/-._~")
    fields = []
    for pair in query:
        fields.append("=".join(urllib.parse.quote(part, safe="-._~") for part in pair))
    return (out + ("?" + "&".join(fields) if fields else "")).encode()


class SignTask:
    def __init__(self, call):
        given = call["given"]
        self.operation, self.variant = call.get("operation"), call.get("variant")
        self.account = {k: to_bytes(v) for k, v in given["account"].items() if not isinstance(v, list)}
        self.parameters = {k: to_bytes(v) for k, v in (given.get("parameters") or {}).items()}
        self.time = parse_time(given.get("time"))
        self.nonce = to_bytes(given.get("nonce"))
        wanted = given["request"]
        host = to_bytes(wanted.get("host"))
        self.query = pairs(wanted.get("query"))
        self.raw_path = to_bytes(wanted.get("path"))
        if "target" in wanted and wanted["target"] is not None:
            target, self.exact_target = to_bytes(wanted["target"]), True
        else:
            target, self.exact_target = encode_target(self.raw_path, self.query), False
        self.caller_headers = pairs(wanted.get("headers"))
        headers = list(self.caller_headers)
        if host is not None and not any(n.lower() == b"host" for n, _ in headers):
            headers.insert(0, (b"Host", host))
        body = to_bytes(wanted.get("body"))
        self.body_absent = wanted.get("body") is None
        self.request = Request(wanted["method"], wanted.get("scheme") or "https", target, headers, body or b"")

    def secret(self, name):
        return text(self.account.get(name), name)

    def parameter(self, name, default=None):
        return text(self.parameters.get(name), name) if name in self.parameters else default


class VerifyTask:
    def __init__(self, call):
        given = call["given"]
        self.operation, self.variant = call.get("operation"), call.get("variant")
        self.accounts = [{k: to_bytes(v) for k, v in a.items() if not isinstance(v, list)} for a in given.get("accounts") or []]
        self.parameters = {k: to_bytes(v) for k, v in (given.get("parameters") or {}).items()}
        self.messages = []
        self.state = {}
        for message in given["messages"]:
            r = message["request"]
            request = Request(r["method"], r.get("scheme") or "https", to_bytes(r["target"]), pairs(r.get("headers")), to_bytes(r.get("body") or "") or b"")
            request.now = parse_time(message.get("now"))
            self.messages.append(request)

    def one_account(self):
        if len(self.accounts) != 1:
            raise Skip("the package's interface takes one secret")
        return self.accounts[0]

    def parameter(self, name, default=None):
        return text(self.parameters.get(name), name) if name in self.parameters else default


def parse_time(value):
    if value is None:
        return None
    base = value[:19]
    fraction = (value[19:].strip(".Z") or "0").ljust(6, "0")[:6]
    return datetime.datetime.strptime(base, "%Y-%m-%dT%H:%M:%S").replace(
        microsecond=int(fraction), tzinfo=datetime.timezone.utc
    )


def clock(when):
    """Sets the clock that the package reads."""
    import contextlib

    if when is None:
        return contextlib.nullcontext()
    import time_machine

    return time_machine.travel(when, tick=False)


def run(name, version, schemes, sign=None, verify=None, capabilities=("time", "credentials", "state")):
    """`schemes`: scheme → ["sign", "verify"]. Answers until `stop`."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what a package prints is no answer
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        call = json.loads(line)
        op, seq = call.get("op"), call.get("seq")
        if op == "stop":
            return
        try:
            if op == "start":
                answer = {"name": name, "version": version, "language": "python", "schemes": schemes, "capabilities": list(capabilities)}
            elif op == "sign" and sign:
                task = SignTask(call)
                with clock(task.time):
                    answer = sign(task)
                if isinstance(answer, Request):
                    answer = {"signed_request": answer.json()}
            elif op == "verify" and verify:
                task = VerifyTask(call)
                results = []
                for message in task.messages:
                    with clock(message.now):
                        try:
                            results.append({"accept": bool(verify(task, message))})
                        except Refused:
                            results.append({"accept": False})
                answer = {"results": results}
            else:
                raise Skip(f"no {op}")
        except Skip as reason:
            answer = {"skipped": str(reason)}
        except Exception as error:  # noqa: BLE001
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        out.write(json.dumps({"seq": seq, **answer}, separators=(",", ":")) + "\n")
        out.flush()
