#!/usr/bin/env python3
"""Adapter of the blind set: slack, twilio, shopify, flip-for-business. `--bug ID` switches one entry of bugs.json on."""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import urllib.parse
from itertools import takewhile

from base.clock import SECOND, nanoseconds
from base.flip_for_business import CALLBACK_ADDRESSES, READINGS, base_url, sign_request, under
from base.message import (
    FORM, Malformed, Message, decode_pairs, only_value, percent_decode, percent_encode, sent_message,
)
from base.tasks import (
    Refused, Signing, Verification, address_listed, after_prefix, cut_at_first, decode_base64, equal,
    find_account, refuse_unless, verifier,
)

HERE = os.path.dirname(os.path.abspath(__file__))
BUG = None          # the entry of bugs.json, or None
PARTS = frozenset()


def bug(part):
    return part in PARTS


def mac(key, data, digest):
    return hmac.new(key, data, digest).digest()


def b64(data):
    return base64.b64encode(data)


def only_secret(task, name):
    """These callbacks name no account: the receiver has one secret."""
    return task.accounts[0].get(name) if task.accounts else None


# ---------------------------------------------------------------- Slack


def slack_base(timestamp, body):
    return b":".join([b"v0", timestamp, body])


def slack_sign(task):
    now = nanoseconds(task.time)
    timestamp = str(now // SECOND).encode()
    if bug("ms-time"):
        timestamp = str(now // 1_000_000).encode()
    body = task.message.body
    if bug("json-redump"):
        try:
            body = json.dumps(json.loads(body)).encode()
        except ValueError:
            pass
    base = slack_base(timestamp, body)
    if bug("base-without-version"):
        base = timestamp + b":" + body
    signature = mac(task.account["secret"], base, "sha256").hex().encode()
    if bug("upper-hex"):
        signature = signature.upper()
    task.message.set_header("X-Slack-Request-Timestamp", timestamp)
    task.message.set_header("X-Slack-Signature", b"v0=" + signature)
    return {"string_to_sign": base, "signature": signature}


def slack_verify(task):
    message = task.message
    timestamp = message.header("X-Slack-Request-Timestamp")
    sent = message.header("X-Slack-Signature")
    if bug("missing-throws"):
        # The fields are used (for a log line) as if they were always there.
        _log = timestamp.decode("latin-1") + " " + sent.decode("latin-1")
    refuse_unless(timestamp is not None and sent is not None, "missing-credential")
    if not re.fullmatch(rb"0|[1-9][0-9]*", timestamp):
        raise Malformed("no number of seconds")
    if bug("version-ignored"):
        sent = sent.split(b"=", 1)[-1]
    else:
        sent = after_prefix(sent, b"v0=")

    tolerance = int(task.parameters.get("tolerance", b"300").decode())
    when = int(timestamp) * SECOND
    age = task.now - when
    if bug("no-fresh"):
        fresh = True
    elif bug("one-sided"):
        fresh = age <= tolerance * SECOND
    elif bug("boundary"):
        fresh = abs(age) < tolerance * SECOND
    elif bug("ms-tolerance"):
        fresh = abs(age) // 1_000_000 <= tolerance
    else:
        fresh = abs(age) <= tolerance * SECOND
    refuse_unless(fresh, "expired")

    body = message.body
    if bug("body-rebuilt"):
        body = slack_body_rebuilt(message)
    secret = only_secret(task, "secret")
    expected = mac(secret, slack_base(timestamp, body), "sha256").hex().encode()
    refuse_unless(equal(sent, expected), "signature-mismatch")
    if bug("dedupe"):
        seen = task.state.setdefault("seen", set())
        refuse_unless(sent not in seen, "replayed")
        seen.add(sent)
    return {}


def slack_body_rebuilt(message):
    """What a framework that has parsed the body leaves to write it from."""
    if message.media_type() == FORM:
        pairs = urllib.parse.parse_qsl(message.body.decode("utf-8", "replace"), keep_blank_values=True)
        return urllib.parse.urlencode(pairs).encode()
    try:
        return json.dumps(json.loads(message.body), separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:
        return message.body


# ---------------------------------------------------------------- Twilio


def twilio_fields(message):
    """Names and values of the form as the implementation sees them."""
    if message.media_type() != FORM:
        return []
    if bug("blank-dropped"):
        return [(n, v) for n, v in decode_pairs(message.body) if v]
    if bug("plus-stays"):
        pieces = [piece.partition(b"=") for piece in message.body.split(b"&") if piece]
        return [(percent_decode(n), percent_decode(v)) for n, _, v in pieces]
    if bug("raw-values"):
        pieces = [piece.partition(b"=") for piece in message.body.split(b"&") if piece]
        return [(n, v) for n, _, v in pieces]
    return decode_pairs(message.body)


def twilio_parameters(message):
    fields = twilio_fields(message)
    if bug("sort-caseless"):
        fields = sorted(fields, key=lambda pair: pair[0].lower())
    else:
        fields = sorted(fields, key=lambda pair: pair[0])
    if bug("delimiters"):
        return b"&".join(n + b"=" + v for n, v in fields)
    return b"".join(n + v for n, v in fields)


def twilio_url(message):
    host = message.header("Host")
    scheme = message.scheme
    target = message.target
    if bug("port-written"):
        if b":" not in host:
            host += b":443" if scheme == b"https" else b":80"
    if bug("url-without-query"):
        target = message.raw_path
    if bug("http-scheme"):
        # TLS ends at the load balancer; this process is spoken to in plain HTTP.
        scheme = b"http"
    if bug("forwarded-host"):
        host = message.header("X-Forwarded-Host") or host
    return scheme + b"://" + (host or b"") + target


def twilio_stages(message, token):
    parameters = twilio_parameters(message)
    text = twilio_url(message) + parameters
    signature = b64(mac(token, text, "sha256" if bug("sha256") else "sha1"))
    return {"parameters": parameters, "string_to_sign": text, "signature": signature}


def twilio_sign(task):
    stages = twilio_stages(task.message, task.account["auth_token"])
    task.message.set_header("X-Twilio-Signature", stages["signature"])
    return stages


def twilio_verify(task):
    sent = task.message.header("X-Twilio-Signature")
    if bug("missing-passes"):
        if not sent:
            return {}
    if bug("missing-is-mismatch"):
        sent = sent or b""
    else:
        refuse_unless(sent, "missing-credential")
    expected = twilio_stages(task.message, only_secret(task, "auth_token"))["signature"]
    if bug("compare-caseless"):
        refuse_unless(sent.lower() == expected.lower(), "signature-mismatch")
    else:
        refuse_unless(equal(sent, expected), "signature-mismatch")
    return {}


# ---------------------------------------------------------------- Shopify

SHOPIFY_KNOWN = (b"code", b"host", b"shop", b"state", b"timestamp")


def shopify_message(message):
    raw = message.target.partition(b"?")[2]
    if bug("hmac-by-regex"):
        raw = re.sub(rb"hmac=[^&]*&", b"", raw)
        pairs = decode_pairs(raw)
    elif bug("query-raw"):
        pairs = [(n, v) for n, _, v in (piece.partition(b"=") for piece in raw.split(b"&") if piece) if n != b"hmac"]
    else:
        pairs = [(n, v) for n, v in decode_pairs(raw) if n != b"hmac"]
    if bug("signature-removed"):
        pairs = [(n, v) for n, v in pairs if n != b"signature"]
    if bug("known-fields"):
        pairs = [(n, v) for n, v in pairs if n in SHOPIFY_KNOWN]
    if not bug("unsorted"):
        pairs.sort(key=lambda pair: pair[0])
    if bug("values-encoded"):
        pairs = [(n, urllib.parse.quote_plus(v).encode()) for n, v in pairs]
    joint = b"" if bug("proxy-join") else b"&"
    return joint.join(n + b"=" + v for n, v in pairs)


def shopify_sign_callback(task):
    text = shopify_message(task.message)
    digest = mac(task.account["secret"], text, "sha256")
    signature = b64(digest) if bug("callback-base64") else digest.hex().encode()
    task.message.set_query(b"hmac", signature)
    return {"message": text, "signature": signature}


def shopify_verify_callback(task):
    sent = only_value(task.message.query_pairs(), b"hmac")
    if bug("no-hmac-passes"):
        if not sent:
            return {}
    refuse_unless(sent, "missing-credential")
    expected = mac(only_secret(task, "secret"), shopify_message(task.message), "sha256").hex().encode()
    refuse_unless(equal(sent, expected), "signature-mismatch")
    return {}


def shopify_sign_webhook(task):
    body = task.message.body
    if bug("latin1"):
        body = body.decode("latin-1").encode("utf-8")
    digest = mac(task.account["secret"], body, "sha256")
    signature = b64(digest.hex().encode()) if bug("base64-of-hex") else b64(digest)
    task.message.set_header("X-Shopify-Hmac-Sha256", signature)
    return {"signature": signature}


def shopify_verify_webhook(task):
    sent = task.message.header("X-Shopify-Hmac-Sha256")
    refuse_unless(sent, "missing-credential")
    if bug("empty-body-passes"):
        if not task.message.body:
            return {}
    digest = mac(only_secret(task, "secret"), task.message.body, "sha256")
    expected = digest.hex().encode() if bug("hex-only") else b64(digest)
    if bug("compare-by-zip"):
        same = True
        for left, right in zip(sent, expected):
            same = same and left == right
    elif bug("either-encoding"):
        same = sent in (expected, digest.hex().encode())
    else:
        same = equal(sent, expected)
    refuse_unless(same, "signature-mismatch")
    return {}


# ---------------------------------------------------------------- Flip for Business


def flip_sign_request(task):
    if bug("secret-as-password"):
        credentials = b64(b":" + task.account["secret"])
        authorization = b"Basic " + credentials
        task.message.set_header("Authorization", authorization)
        return {"base_url": base_url(task), "credentials": credentials, "authorization": authorization}
    return sign_request(task)


def flip_verify_request(task):
    authorization = task.message.header("Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    if bug("session-cache"):
        # A credential that has passed is good for the life of the process.
        if authorization in task.state.setdefault("good", set()):
            return {}
    encoded = after_prefix(authorization, b"Basic ", caseless=not bug("scheme-word-exact"))
    if bug("lenient-base64"):
        try:
            user = base64.b64decode(encoded)
        except ValueError:
            raise Malformed("not Base64") from None
    else:
        user = decode_base64(encoded)
    password = b""
    if task.reading != "without-colon":
        user, password = cut_at_first(user, b":")
    refuse_unless(user, "missing-credential")
    account = find_account(task.accounts, "secret", user)
    refuse_unless(account is not None, "unknown-key")
    if password and not bug("password-ignored"):
        raise Malformed("the password is not empty")

    environment = b"production" if task.variant == "production" else b"sandbox"
    refuse_unless(account.get("environment") == environment, "wrong-environment")
    if bug("url-prefix"):
        below = (task.message.url or b"").startswith(base_url(task).rstrip(b"/"))
    else:
        below = under(task.message.url, base_url(task))
    refuse_unless(below, "wrong-environment")
    if task.variant == "production":
        client = task.client_address
        if bug("forwarded-for"):
            forwarded = task.message.header("X-Forwarded-For")
            if forwarded:
                client = forwarded.decode("latin-1").split(",")[0].strip()
        listed = address_listed(client, account.get("allowed_addresses", []))
        details = {"message": "IP is not Whitelisted"}
        if bug("status-403"):
            details["status"] = "403"
        refuse_unless(listed, "address-not-allowed", **details)
    if bug("session-cache"):
        task.state["good"].add(authorization)
    return {}


def flip_sign_callback(task):
    token = task.account["validation_token"]
    if bug("token-in-header"):
        task.message.set_header("X-Callback-Token", token)
    else:
        task.message.set_form(b"token", token)
    return {"token": token}


def flip_verify_callback(task):
    if task.variant == "source-addresses":
        refuse_unless(address_listed(task.client_address, CALLBACK_ADDRESSES), "address-not-allowed")
    form = task.message.form_pairs()
    if bug("request-merged"):
        # What PHP calls $_REQUEST: the query, and the form over it.
        form = [*form, *[(n, v) for n, v in task.message.query_pairs() if n not in [name for name, _ in form]]]
    if not bug("data-unchecked"):
        if not only_value(form, b"data"):
            raise Malformed("there is no data")
    if bug("first-token"):
        received = next((v for n, v in form if n == b"token"), None)
    elif task.reading == "last-token":
        received = next((v for n, v in reversed(form) if n == b"token"), None)
    else:
        received = only_value(form, b"token")
    refuse_unless(received, "missing-credential")
    token = only_secret(task, "validation_token")
    refuse_unless(equal(received, token), "wrong-token")
    return {}


SYSTEMS = {
    "slack": {"request": (slack_sign, verifier(slack_verify))},
    "twilio": {"request": (twilio_sign, verifier(twilio_verify))},
    "shopify": {
        "callback": (shopify_sign_callback, verifier(shopify_verify_callback)),
        "webhook": (shopify_sign_webhook, verifier(shopify_verify_webhook)),
    },
    "flip-for-business": {
        "request": (flip_sign_request, verifier(flip_verify_request, status="401")),
        "callback": (flip_sign_callback, verifier(flip_verify_callback, reply="disregard")),
    },
}
VARIANTS = {"flip-for-business": ["production", "source-addresses"]}
READINGS_OF = {"flip-for-business": READINGS}

START_REPLY = {
    "name": "blind-c",
    "version": "1",
    "language": "python",
    "schemes": {scheme: ["sign", "verify"] for scheme in SYSTEMS},
    "capabilities": ["time", "credentials", "state", "client-address", "readings"],
}


# ---------------------------------------------------------------- The protocol


class NotSupported(Exception):
    pass


def main():
    global BUG, PARTS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bug")
    wanted = parser.parse_args().bug
    if wanted:
        with open(os.path.join(HERE, "bugs.json"), encoding="utf-8") as file:
            BUG = next(entry for entry in json.load(file) if entry["id"] == wanted)
    for lines in batches(sys.stdin.buffer.raw):
        replies = list(takewhile(bool, map(answer_line, lines)))
        sys.stdout.write("".join(json.dumps(reply, separators=(",", ":")) + "\n" for reply in replies))
        sys.stdout.flush()
        if len(replies) < len(lines):
            return


def batches(stream):
    rest = bytearray()
    while chunk := stream.read(1 << 16):
        lines, feed, begun = chunk.rpartition(b"\n")
        if feed:
            yield list(filter(bytearray.strip, (rest + lines).split(b"\n")))
            rest.clear()
        rest += begun
    yield [rest] if rest.strip() else []


def answer_line(line):
    seq = None
    try:
        call = json.loads(line)
        seq = call.get("seq")
        if call.get("op") == "stop":
            return None
        reply = answer(call)
    except NotSupported as reason:
        reply = {"skipped": f"no support for {reason}"}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    return {"seq": seq, **reply}


def answer(call):
    global PARTS
    op = call.get("op")
    if op == "start":
        if call.get("protocol") != 1:
            raise ValueError(f"this adapter speaks protocol 1, not {call.get('protocol')}")
        return START_REPLY
    if op not in ("sign", "verify"):
        raise NotSupported(f"op {op}")
    here = BUG and BUG["scheme"] == call.get("scheme") and BUG["side"] == op
    PARTS = frozenset(BUG["parts"]) if here else frozenset()
    return answer_sign(call) if op == "sign" else answer_verify(call)


def find_operation(call):
    operations = SYSTEMS.get(call.get("scheme"))
    if operations is None:
        raise NotSupported(f"scheme {call.get('scheme')}")
    if call.get("operation") not in operations:
        raise NotSupported(f"operation {call.get('operation')}")
    if call.get("variant") not in (None, *VARIANTS.get(call["scheme"], [])):
        raise NotSupported(f"variant {call['variant']}")
    if call.get("reading") not in (None, *READINGS_OF.get(call["scheme"], [])):
        raise NotSupported(f"reading {call['reading']}")
    return operations[call["operation"]]


def answer_sign(call):
    sign, _ = find_operation(call)
    given = call["given"]
    task = Signing(
        message=message_to_sign(given["request"]),
        account=read_account(given["account"]),
        parameters=read_named_values(given.get("parameters")),
        time=given.get("time"),
        nonce=read_optional(given.get("nonce")),
        operation=call["operation"],
        variant=call.get("variant"),
        reading=call.get("reading"),
    )
    stages = write_stages(sign(task))
    if BUG and BUG["scheme"] == call["scheme"] and not BUG["stages"]:
        if BUG.get("sends") == "signature":
            return {"stages": {"signature": stages["signature"]}}
        return {"signed_request": write_message(task.message)}
    return {"stages": stages, "signed_request": write_message(task.message)}


def answer_verify(call):
    _, verify = find_operation(call)
    given = call["given"]
    accounts = [read_account(account) for account in given.get("accounts") or []]
    parameters = read_named_values(given.get("parameters"))
    state = {}
    results = []
    for arrived in given["messages"]:
        task = Verification(
            message=message_received(arrived["request"]),
            accounts=accounts,
            parameters=parameters,
            now=None if arrived.get("now") is None else nanoseconds(arrived["now"]),
            client_address=arrived.get("client_address"),
            state=state,
            operation=call["operation"],
            variant=call.get("variant"),
            reading=call.get("reading"),
        )
        try:
            verify(task)
            results.append({"accept": True})
        except Refused as refusal:
            told = {} if BUG and BUG["scheme"] == call["scheme"] and not BUG["stages"] else {"class": refusal.reject_class, **refusal.details}
            results.append({"accept": False, **told})
    return {"results": results}


def read_bytes(value):
    if isinstance(value, str):
        return value.encode("utf-8")
    return bytes.fromhex(value["hex"])


def read_optional(value):
    return None if value is None else read_bytes(value)


def read_named_values(values):
    return {name: read_bytes(value) for name, value in (values or {}).items()}


def read_account(account):
    return {
        name: value if isinstance(value, list) else read_bytes(value)
        for name, value in account.items()
        if value is not None
    }


def read_pairs(pairs):
    return [tuple(read_bytes(part) for part in pair) for pair in pairs or []]


def message_to_sign(request):
    target = read_optional(request.get("target"))
    return sent_message(
        method=read_bytes(request["method"]),
        scheme=read_bytes(request.get("scheme") or "https"),
        host=read_bytes(request["host"]),
        target=target,
        path=read_bytes(request["path"]) if target is None else None,
        query=read_pairs(request.get("query")),
        headers=read_pairs(request.get("headers")),
        body=read_bytes(request.get("body") or ""),
    )


def message_received(request):
    return Message(
        method=read_bytes(request["method"]),
        scheme=read_bytes(request.get("scheme") or "https"),
        target=read_bytes(request["target"]),
        headers=read_pairs(request.get("headers")),
        body=read_bytes(request.get("body") or ""),
    )


def write_bytes(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def write_stages(stages):
    return {name: write_bytes(value) for name, value in stages.items()}


def write_message(message):
    return {
        "method": write_bytes(message.method),
        "scheme": write_bytes(message.scheme),
        "target": write_bytes(message.target),
        "headers": [[write_bytes(name), write_bytes(value)] for name, value in message.headers],
        "body": write_bytes(message.body),
    }


if __name__ == "__main__":
    main()
