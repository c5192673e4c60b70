"""Adapter protocol, version 1, and HTTP messages as exact bytes: all that the schemes here share."""

import hmac
import json
import re
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from fractions import Fraction

UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
PATH_CHARACTERS = UNRESERVED + b"!$&'()*+,;=:@/"
FORM = b"application/x-www-form-urlencoded"
WHITE_SPACE = b" \t"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Refused(Exception):
    """A message is refused, by a reject class."""


class NotSupported(Exception):
    """The message asks for something that is not implemented here."""


@dataclass
class Message:
    """A request on the wire. `headers` is a list of (name, value); everything is bytes."""

    method: bytes
    scheme: bytes
    target: bytes
    headers: list
    body: bytes

    @property
    def raw_path(self):
        return self.target.partition(b"?")[0]

    @property
    def raw_query(self):
        return self.target.partition(b"?")[2]

    def query(self, plus=False):
        """Names and values of the query; `plus` says that a plus sign means a space."""
        return decode_pairs(self.raw_query, plus)

    def is_form(self):
        media_type = (self.header("Content-Type") or b"").partition(b";")[0]
        return media_type.strip(WHITE_SPACE).lower() == FORM

    def form(self):
        """Names and values of a form body; none where the body is no form."""
        return decode_pairs(self.body, plus=True) if self.is_form() else []

    def lines(self, name):
        """Values of every header field of that name, in order."""
        return [value for line, value in self.headers if line.lower() == name.lower().encode()]

    def header(self, name):
        """The value of a field that may stand once; None where it is absent."""
        return single(self.lines(name))

    def set_header(self, name, value):
        """Puts one line in the place of the first of that name, or at the end."""
        here = [place for place, (line, _) in enumerate(self.headers) if line.lower() == name.lower().encode()]
        for place in reversed(here[1:]):
            del self.headers[place]
        if here:
            self.headers[here[0]] = (name.encode(), value)
        else:
            self.headers.append((name.encode(), value))

    def set_query(self, name, value):
        """Makes a field the last one of the query; others of its name go away."""
        self.target = self.raw_path + b"?" + replace_pair(self.raw_query, name.encode(), value)

    def set_form(self, name, value):
        if not self.is_form():
            raise ValueError("the body is no form")
        self.body = replace_pair(self.body, name.encode(), value)


@dataclass
class Task:
    """What a scheme is given. Signing has `account`, `time`, `nonce`; verifying has the others.

    Times are seconds since 1970, exact fractions. `state` lives across the messages of one line.
    """

    message: Message
    operation: str
    variant: str | None
    parameters: dict
    account: dict | None = None
    time: Fraction | None = None
    nonce: bytes | None = None
    accounts: list = field(default_factory=list)
    now: Fraction | None = None
    client_address: str | None = None
    state: dict = field(default_factory=dict)

    def parameter(self, name, default=None):
        return self.parameters.get(name, default)

    def number(self, name, default):
        """A parameter that is a decimal number."""
        return Fraction(self.parameters.get(name, default).decode("ascii"))


# Values


def single(values):
    """The one value of a list; None where there is none. Two are malformed."""
    require(len(values) < 2, "malformed")
    return values[0] if values else None


def pick(pairs, name):
    """The value of a field that may stand once; None where it is absent."""
    return single([value for found, value in pairs if found == name])


def require(condition, reject_class):
    if not condition:
        raise Refused(reject_class)


def present(value):
    """A credential that must be there."""
    require(value is not None, "missing-credential")
    return value


def same(left, right):
    """Equality in constant time; what is absent equals nothing."""
    return left is not None and right is not None and hmac.compare_digest(left, right)


def percent_encode(data, keep=UNRESERVED):
    """RFC 3986, section 2.1: every byte that is not kept becomes `%` and two digits in upper case."""
    return b"".join(bytes([byte]) if byte in keep else b"%%%02X" % byte for byte in data)


def percent_decode(data):
    require(not re.search(rb"%(?![0-9A-Fa-f]{2})", data), "malformed")
    return re.sub(rb"%(..)", lambda escape: bytes([int(escape[1], 16)]), data)


def decode_pairs(text, plus):
    return [decode_pair(piece, plus) for piece in text.split(b"&") if piece]


def decode_pair(piece, plus):
    name, _, value = (piece.replace(b"+", b" ") if plus else piece).partition(b"=")
    return percent_decode(name), percent_decode(value)


def replace_pair(text, name, value):
    pieces = [piece for piece in text.split(b"&") if decode_pair(piece, False)[0] != name] if text else []
    return b"&".join([*pieces, percent_encode(name) + b"=" + percent_encode(value)])


def instant(text):
    """A time in RFC 3339 form, UTC, as seconds since 1970."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z", text)
    whole = datetime.strptime(match[1] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    return Fraction((whole - EPOCH) // timedelta(seconds=1)) + Fraction("0" + (match[2] or ""))


def calendar(time):
    """The UTC calendar time of an instant; parts of a second are cut off."""
    return EPOCH + timedelta(seconds=time.__floor__())


def unix_seconds(value):
    """Seconds since 1970, an integer in decimal digits, without a plus sign, a leading zero or white space."""
    require(re.fullmatch(rb"0|-?[1-9][0-9]*", value), "malformed")
    return Fraction(int(value))


# Protocol


def serve(name, schemes):
    """Answers the lines of standard input.

    `schemes`: name -> module with OPERATIONS (operation -> its sign and verify functions), VARIANTS, and STATUSES
    (reject class -> status) where the document gives them.
    """
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        call = {}
        try:
            call = json.loads(line)
            if call.get("op") == "stop":
                return
            reply = answer(name, schemes, call)
        except NotSupported as reason:
            reply = {"skipped": f"no support for {reason}"}
        except Exception as error:  # one message that goes wrong must not end the run
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"seq": call.get("seq"), **reply}), flush=True)


def answer(name, schemes, call):
    if call["op"] == "start":
        return {
            "name": name,
            "version": "1.0",
            "language": "python",
            "schemes": {scheme: ["sign", "verify"] for scheme in schemes},
            "capabilities": ["time", "credentials", "state", "client-address"],
        }
    if call["op"] not in ("sign", "verify"):
        raise NotSupported(f"op {call['op']}")
    scheme = schemes.get(call["scheme"])
    if scheme is None or call["operation"] not in scheme.OPERATIONS:
        raise NotSupported(f"{call['scheme']}/{call['operation']}")
    if call.get("variant") not in (None, *scheme.VARIANTS):
        raise NotSupported(f"variant {call['variant']}")
    if call.get("reading") is not None:
        raise NotSupported(f"reading {call['reading']}")
    sign, verify = scheme.OPERATIONS[call["operation"]]
    if call["op"] == "sign":
        return answer_sign(sign, call)
    return answer_verify(verify, call, getattr(scheme, "STATUSES", {}))


def answer_sign(sign, call):
    given = call["given"]
    task = Task(
        message_to_send(given["request"]),
        call["operation"],
        call.get("variant"),
        read_values(given.get("parameters")),
        account=read_values(given["account"]),
        time=None if given.get("time") is None else instant(given["time"]),
        nonce=None if given.get("nonce") is None else read(given["nonce"]),
    )
    stages = sign(task)
    return {"stages": write_stages(stages), "signed_request": write_message(task.message)}


def answer_verify(verify, call, statuses):
    given, state, results = call["given"], {}, []
    for arrived in given["messages"]:
        request = arrived["request"]
        message = Message(
            read(request["method"]),
            read(request.get("scheme") or "https"),
            read(request["target"]),
            read_pairs(request.get("headers")),
            read(request.get("body") or ""),
        )
        task = Task(
            message,
            call["operation"],
            call.get("variant"),
            read_values(given.get("parameters")),
            accounts=[read_values(account) for account in given["accounts"]],
            now=None if arrived.get("now") is None else instant(arrived["now"]),
            client_address=arrived.get("client_address"),
            state=state,
        )
        try:
            results.append({"accept": True, "stages": write_stages(verify(task) or {})})
        except Refused as refusal:
            refused = str(refusal)
            status = {"status": statuses[refused]} if refused in statuses else {}
            results.append({"accept": False, "class": refused, **status})
    return {"results": results}


def message_to_send(request):
    """A request as the caller means it, by the rules of vectors/README.md."""
    target = request.get("target")
    if target is None:
        pairs = [b"=".join(map(percent_encode, pair)) for pair in read_pairs(request.get("query"))]
        path = percent_encode(read(request["path"]), PATH_CHARACTERS)
        target = path + (b"?" + b"&".join(pairs) if pairs else b"")
    else:
        target = read(target)
    headers = read_pairs(request.get("headers"))
    if not any(name.lower() == b"host" for name, _ in headers):
        headers.insert(0, (b"Host", read(request["host"])))
    scheme = read(request.get("scheme") or "https")
    return Message(read(request["method"]), scheme, target, headers, read(request.get("body") or ""))


def read(value):
    return value.encode() if isinstance(value, str) else bytes.fromhex(value["hex"])


def read_values(values):
    """Names and values; a list stays a list of text."""
    return {name: value if isinstance(value, list) else read(value) for name, value in (values or {}).items()}


def read_pairs(pairs):
    return [tuple(map(read, pair)) for pair in pairs or []]


def write(value):
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def write_stages(stages):
    return {name: write(value) for name, value in stages.items()}


def write_message(message):
    return {
        "method": write(message.method),
        "scheme": write(message.scheme),
        "target": write(message.target),
        "headers": [[write(name), write(value)] for name, value in message.headers],
        "body": write(message.body),
    }
