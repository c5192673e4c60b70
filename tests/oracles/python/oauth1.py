"""OAuth 1.0 (RFC 5849) with HMAC-SHA1 and the Authorization header field."""

import base64
import hmac
import re

from protocol import Refused, percent_decode, percent_encode, present, require, same, single, unix_seconds

METHOD = b"HMAC-SHA1"
SKEW = b"300"
DEFAULT_PORTS = {b"http": b"80", b"https": b"443"}
VARIANTS = ()
# Section 3.2: 400 for what is unsupported, missing or twice there; 401 for what is invalid or used.
STATUSES = {
    "malformed": "400",
    "missing-credential": "400",
    "unknown-key": "401",
    "expired": "401",
    "signature-mismatch": "401",
    "replayed": "401",
}


def sign(task):
    """Sections 3.1, 3.4 and 3.5.1."""
    account = task.account
    protocol = [
        (b"oauth_consumer_key", account["consumer_key"]),
        (b"oauth_token", account.get("token") or None),  # section 2.1: an empty one is left out
        (b"oauth_signature_method", METHOD),
        (b"oauth_timestamp", str(task.time.__floor__()).encode()),
        (b"oauth_nonce", task.nonce),
        (b"oauth_callback", task.parameter("callback")),
        (b"oauth_verifier", task.parameter("verifier")),
        (b"oauth_version", task.parameter("version")),
    ]
    protocol = [(name, value) for name, value in protocol if value is not None]
    stages = derive(task.message, account, protocol)
    fields = [*protocol, (b"oauth_signature", stages["signature"])]
    if task.parameter("realm") is not None:
        quoted = re.sub(rb'(["\\])', rb"\\\1", task.parameter("realm"))
        realm = [b'realm="' + quoted + b'"']
    else:
        realm = []
    pieces = realm + [b'%s="%s"' % (percent_encode(name), percent_encode(value)) for name, value in fields]
    task.message.set_header("Authorization", b"OAuth " + b", ".join(pieces))
    return stages


def verify(task):
    """Section 3.2."""
    message = task.message
    protocol = read_authorization(present(message.header("Authorization")))
    names = [name for name, _ in protocol]
    elsewhere = {name for name, _ in message.query(plus=True) + message.form()}
    require(len(names) == len(set(names)), "malformed")
    require(not any(name in elsewhere for name in names if name.startswith(b"oauth_")), "malformed")
    values = dict(protocol)
    for name in ("consumer_key", "signature_method", "timestamp", "nonce", "signature"):
        present(values.get(b"oauth_" + name.encode()))
    require(values[b"oauth_signature_method"] == METHOD, "malformed")
    require(values.get(b"oauth_version", b"1.0") == b"1.0", "malformed")
    time = unix_seconds(values[b"oauth_timestamp"])
    require(time > 0, "malformed")  # section 3.3: a positive integer
    token = values.get(b"oauth_token", b"")
    account = find_account(task, values[b"oauth_consumer_key"], token)
    require(abs(task.now - time) <= task.number("skew", SKEW), "expired")
    stages = derive(message, account, protocol)
    require(same(values[b"oauth_signature"], stages["signature"]), "signature-mismatch")
    used = task.state.setdefault("nonces", set())
    nonce = (values[b"oauth_consumer_key"], token, time, values[b"oauth_nonce"])
    require(nonce not in used, "replayed")  # section 3.3
    used.add(nonce)


OPERATIONS = {"request": (sign, verify)}


def find_account(task, consumer_key, token):
    """Section 2.1: an empty token is the same as none."""
    for account in task.accounts:
        known = "consumer_secret" in account and account.get("consumer_key") == consumer_key
        if known and account.get("token", b"") == token:
            return account
    raise Refused("unknown-key")


def derive(message, account, protocol):
    """Sections 3.4.1.1 and 3.4.2: base string, key, and their HMAC-SHA1 in Base64."""
    base_uri, parameters = base_string_uri(message), normalized_parameters(message, protocol)
    base_string = b"&".join(map(percent_encode, [message.method.upper(), base_uri, parameters]))
    key = percent_encode(account["consumer_secret"]) + b"&" + percent_encode(account.get("token_secret", b""))
    return {
        "base_uri": base_uri,
        "normalized_parameters": parameters,
        "string_to_sign": base_string,
        "signing_key": key,
        "signature": base64.b64encode(hmac.digest(key, base_string, "sha1")),
    }


def base_string_uri(message):
    """Section 3.4.1.2: scheme and host in lower case, without the default port, and the path."""
    scheme, host = message.scheme.lower(), single(message.lines("Host"))
    require(host is not None, "malformed")
    name, colon, port = host.lower().rpartition(b":")
    if colon and port == DEFAULT_PORTS.get(scheme):
        host = name
    return scheme + b"://" + host.lower() + (message.raw_path or b"/")


def normalized_parameters(message, protocol):
    """Section 3.4.1.3: of the query, the header field and a form; encoded, sorted, joined."""
    sent = [pair for pair in protocol if pair[0] != b"realm"]
    pairs = [pair for pair in message.query(plus=True) + sent + message.form() if pair[0] != b"oauth_signature"]
    return b"&".join(b"=".join(pair) for pair in sorted(tuple(map(percent_encode, pair)) for pair in pairs))


def read_authorization(value):
    """Section 3.5.1: `OAuth`, whatever its case, then names and quoted values with commas between, both encoded."""
    scheme, _, rest = value.partition(b" ")
    require(scheme.lower() == b"oauth" and rest.strip(b" \t"), "malformed")
    pairs = []
    for piece in split_outside_quotes(rest):
        match = re.fullmatch(rb'[ \t]*([^=" \t]+)="((?:[^"\\]|\\.)*)"[ \t]*', piece)
        require(match, "malformed")
        name = percent_decode(match[1])
        pairs.append((name, match[2] if name == b"realm" else percent_decode(match[2])))
    return pairs


def split_outside_quotes(text):
    """The pieces at commas that are in no quoted string."""
    return re.findall(rb'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+', text)
