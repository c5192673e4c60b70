#!/usr/bin/env python3
"""Adapter for slack, twilio, shopify and flip-for-business; `--bug ID` makes one mistake (or two) of bugs.json."""

import base64
import hmac
import json
import os
import re
import sys
from urllib.parse import parse_qsl, urlencode

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from systems.clock import SECOND, nanoseconds, seconds  # noqa: E402
from systems.message import Malformed, Message, decode_pairs, only_value, sent_message, split_pair  # noqa: E402
from systems.tasks import (  # noqa: E402
    Refused,
    Signing,
    Verification,
    address_listed,
    after_prefix,
    cut_at_first,
    decode_base64,
    equal,
    find_account,
    refuse_unless,
    verifier,
)

ENTRY = None  # of bugs.json
BUGS = set()  # the mistakes that the message under way meets: those of its scheme, operation and side
TALKS = True


def bug(name):
    return name in BUGS


def mac(digest, key, data):
    return hmac.new(key, data, digest).digest()


def first_account(task):
    return task.accounts[0] if task.accounts else {}


def own_secret(task, name):
    """The secret of the account; nothing is signed with one that is empty or missing."""
    secret = first_account(task).get(name)
    refuse_unless(secret, "signature-mismatch")
    return secret


def first_header(message, name):
    wanted = name.lower().encode()
    return next((value for line, value in message.headers if line.lower() == wanted), None)


def form_again(body):
    """As a framework's parsed form, written again."""
    return urlencode(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)).encode()


def json_again(body, **how):
    try:
        return json.dumps(json.loads(body), **how).encode("utf-8", "replace")
    except ValueError:
        return body


def parsed_again(message):
    body = message.body
    if body[:1] in (b"{", b"["):
        return json_again(body, separators=(",", ":"), ensure_ascii=False)
    return form_again(body)


# Slack


def slack_mac(key, text):
    if bug("sl-s-hexkey"):
        try:
            key = bytes.fromhex(key.decode())
        except ValueError:
            pass
    return mac("sha256", key, text).hex().encode()


def slack_sign(task):
    now = nanoseconds(task.time)
    stamp = b"%d" % (now // SECOND)
    if bug("sl-s-ms"):
        stamp = b"%d" % (now // 1_000_000)
    body = task.message.body
    if bug("sl-s-reencode"):
        body = parsed_again(task.message)
    separator = b"." if bug("sl-s-dot") else b":"
    text = separator.join([b"v0", stamp, body])
    signature = slack_mac(task.account["secret"], text)
    task.message.set_header("X-Slack-Request-Timestamp", stamp)
    task.message.set_header("X-Slack-Signature", (b"" if bug("sl-s-noprefix") else b"v0=") + signature)
    return {"string_to_sign": text, "signature": signature}


def slack_header(task, name):
    if bug("sl-v-headercase"):
        return dict(task.message.headers).get(name.encode())
    return task.message.header(name)


def zip_equal(left, right):
    """Home-made comparison in constant time."""
    different = 0
    for one, other in zip(left, right):
        different |= one ^ other
    return different == 0


def slack_verify(task):
    stamp = slack_header(task, "X-Slack-Request-Timestamp")
    header = slack_header(task, "X-Slack-Signature")
    if stamp is None:
        raise Refused(None)  # the scheme names no class for this
    if not re.fullmatch(rb"0|-?[1-9][0-9]*", stamp):
        raise Malformed("timestamp")
    tolerance = seconds(task.parameters.get("tolerance", b"300"))
    if bug("sl-v-minutes"):
        tolerance *= 60
    age = task.now - int(stamp) * SECOND
    if bug("sl-v-future"):
        fresh = age <= tolerance
    elif bug("sl-v-edge"):
        fresh = abs(age) < tolerance
    else:
        fresh = abs(age) <= tolerance
    if not bug("sl-v-notime"):
        refuse_unless(fresh, "expired")
    if bug("sl-v-dedupe"):
        seen = task.state.setdefault("stamps", set())
        refuse_unless(stamp not in seen, "replayed")
    body = parsed_again(task.message) if bug("sl-v-rebuild") else task.message.body
    signature = slack_mac(own_secret(task, "secret"), b":".join([b"v0", stamp, body]))
    if header is None:
        if bug("sl-v-ifpresent"):
            return {}
        raise Refused(None)
    if bug("sl-v-anyversion"):
        sent = header.rsplit(b"=", 1)[-1]
    else:
        sent = after_prefix(header, b"v0=")
    if bug("sl-v-hexcase"):
        sent = sent.lower()
    good = zip_equal(sent, signature) if bug("sl-v-zip") else equal(sent, signature)
    refuse_unless(good, "signature-mismatch")
    if bug("sl-v-dedupe"):
        task.state["stamps"].add(stamp)
    return {}


# Twilio

TWILIO_KNOWN = {
    b"AccountSid", b"ApiVersion", b"Body", b"CallSid", b"CallStatus", b"Called", b"CalledCity", b"CalledCountry",
    b"CalledState", b"CalledZip", b"Caller", b"CallerCity", b"CallerCountry", b"CallerState", b"CallerZip", b"Digits",
    b"Direction", b"From", b"FromCity", b"FromCountry", b"FromState", b"FromZip", b"MessageSid", b"NumMedia",
    b"NumSegments", b"SmsMessageSid", b"SmsSid", b"SmsStatus", b"To", b"ToCity", b"ToCountry", b"ToState", b"ToZip",
    b"CallDuration", b"RecordingUrl", b"RecordingSid", b"StirVerstat", b"CallToken", b"AddOns", b"ForwardedFrom",
}


def twilio_fields(message):
    if bug("tw-v-ctype") and message.header("Content-Type") != b"application/x-www-form-urlencoded":
        pairs = []
    else:
        pairs = message.form_pairs()
    if bug("tw-s-mergequery"):
        pairs = pairs + message.query_pairs()
    if bug("tw-v-getquery") and message.method == b"GET":
        pairs = message.query_pairs()
    if bug("tw-v-known"):
        pairs = [pair for pair in pairs if pair[0] in TWILIO_KNOWN]
    if bug("tw-s-dropempty") or bug("tw-v-dropblank"):
        pairs = [pair for pair in pairs if pair[1]]
    if bug("tw-s-trim"):
        pairs = [(name, value.strip()) for name, value in pairs]
    if bug("tw-s-sortci"):
        pairs.sort(key=lambda pair: pair[0].lower())
    else:
        pairs.sort(key=lambda pair: pair[0])
    return b"".join(name + value for name, value in pairs)


def without_port(url):
    return re.sub(rb"^([a-z]+://[^/?]*?):[0-9]+(?=[/?]|$)", rb"\1", url)


def with_port(url):
    match = re.match(rb"^(https?)://([^/?:]+)(?=[/?]|$)", url)
    if not match:
        return url
    port = b":443" if match[1] == b"https" else b":80"
    return url[: match.end()] + port + url[match.end() :]


def twilio_url(message):
    url = message.url
    if url is None:
        raise Malformed("no host")
    if bug("tw-s-port"):
        url = without_port(url)
    if bug("tw-v-noquery"):
        url = url.partition(b"?")[0]
    return url


def twilio_mac(token, text):
    digest = mac("sha1", token, text)
    if bug("tw-s-b64hex"):
        return base64.b64encode(digest.hex().encode())
    return base64.b64encode(digest)


def twilio_sign(task):
    fields = twilio_fields(task.message)
    text = twilio_url(task.message) + fields
    signature = twilio_mac(task.account["auth_token"], text)
    task.message.set_header("X-Twilio-Signature", signature)
    return {"parameters": fields, "string_to_sign": text, "signature": signature}


def twilio_verify(task):
    sent = task.message.header("X-Twilio-Signature")
    if bug("tw-v-missingpasses") and not sent:
        return {}
    if bug("tw-v-missingclass"):
        sent = sent or b""
    else:
        refuse_unless(sent, "missing-credential")
    token = own_secret(task, "auth_token")
    fields = twilio_fields(task.message)
    url = twilio_url(task.message)
    urls = [url]
    if bug("tw-v-bothports"):
        urls = [without_port(url), with_port(url), url]
    for one in urls:
        signature = twilio_mac(token, one + fields)
        if bug("tw-v-lower"):
            good = sent.lower() == signature.lower()
        elif bug("tw-v-b64lenient"):
            try:
                good = equal(base64.b64decode(sent + b"=="), base64.b64decode(signature))
            except ValueError:
                good = False
        else:
            good = equal(sent, signature)
        if good:
            return {}
    raise Refused("signature-mismatch")


# Shopify

SHOPIFY_KNOWN = {b"code", b"shop", b"state", b"timestamp"}


def shopify_pairs(message):
    if bug("sh-v-plus"):
        pieces = [piece for piece in message.target.partition(b"?")[2].split(b"&") if piece]
        pairs = [split_pair(piece.replace(b"+", b"%2B")) for piece in pieces]
    else:
        pairs = message.query_pairs()
    if bug("sh-v-firstonly"):
        first = {}
        for name, value in pairs:
            first.setdefault(name, value)
        pairs = list(first.items())
    return pairs


def shopify_message(message):
    if bug("sh-v-rawquery"):
        raw = message.target.partition(b"?")[2]
        return re.sub(rb"hmac=[^&]*&|&?hmac=[^&]*$", b"", raw)
    pairs = [pair for pair in shopify_pairs(message) if pair[0] != b"hmac"]
    if bug("sh-s-known"):
        pairs = [pair for pair in pairs if pair[0] in SHOPIFY_KNOWN]
    if bug("sh-v-oldescape"):  # the vendor's page asked for this once
        pairs = [
            (
                name.replace(b"%", b"%25").replace(b"&", b"%26").replace(b"=", b"%3D"),
                value.replace(b"%", b"%25").replace(b"&", b"%26"),
            )
            for name, value in pairs
        ]
    pairs.sort(key=lambda pair: pair[0])
    if bug("sh-s-encode"):
        return urlencode(pairs).encode()
    separator = b"" if bug("sh-s-proxyjoin") else b"&"
    return separator.join(name + b"=" + value for name, value in pairs)


def shopify_sign(task):
    text = shopify_message(task.message)
    signature = mac("sha256", task.account["secret"], text).hex().encode()
    if bug("sh-s-upper"):
        signature = signature.upper()
    task.message.set_query(b"hmac", signature)
    return {"message": text, "signature": signature}


def shopify_verify(task):
    sent = only_value(shopify_pairs(task.message), b"hmac")
    if bug("sh-v-popdefault") and sent is None:
        sent = mac("sha256", own_secret(task, "secret"), shopify_message(task.message)).hex().encode()
    refuse_unless(sent, "missing-credential")
    signature = mac("sha256", own_secret(task, "secret"), shopify_message(task.message)).hex().encode()
    if bug("sh-v-hexcase"):
        sent = sent.lower()
    refuse_unless(equal(sent, signature), "signature-mismatch")
    return {}


def webhook_mac(secret, message):
    body = message.body
    if bug("wh-s-escape"):
        body = json_again(body, separators=(",", ":"), ensure_ascii=False)
        body = body.replace(b"/", b"\\/").replace(b"&", b"\\u0026")
    if bug("wh-v-latin1"):  # request.getReader() without an encoding, then getBytes(UTF_8)
        body = body.decode("latin-1").encode("utf-8")
    if bug("wh-v-strip"):
        body = body.strip()
    return mac("sha256", secret, body)


def webhook_sign(task):
    digest = webhook_mac(task.account["secret"], task.message)
    signature = base64.urlsafe_b64encode(digest) if bug("wh-s-urlsafe") else base64.b64encode(digest)
    task.message.set_header("X-Shopify-Hmac-Sha256", signature)
    return {"signature": signature}


def webhook_verify(task):
    sent = task.message.header("X-Shopify-Hmac-Sha256")
    refuse_unless(sent is not None if bug("wh-v-prefix") else sent, "missing-credential")
    digest = webhook_mac(own_secret(task, "secret"), task.message)
    signature = base64.b64encode(digest)
    if bug("wh-v-prefix"):  # strncmp(expected, sent, strlen(sent))
        good = equal(sent, signature[: len(sent)])
    elif bug("wh-v-nopad"):
        good = equal(sent.rstrip(b"="), signature.rstrip(b"="))
    elif bug("wh-v-either"):
        good = equal(sent, signature) or equal(sent, digest.hex().encode())
    else:
        good = equal(sent, signature)
    refuse_unless(good, "signature-mismatch")
    return {}


# Flip for Business

SANDBOX_URL = b"https://bigflip.id/big_sandbox_api"
PRODUCTION_URL = b"https://bigflip.id/api/"
CALLBACK_ADDRESSES = [
    "149.129.234.86",
    "149.129.218.31",
    "34.101.204.31",
    "34.101.114.113",
    "34.101.63.196",
    "34.101.161.100",
    "34.101.232.118",
    "34.101.212.103",
]


def flip_base(task):
    return PRODUCTION_URL if task.variant == "production" else SANDBOX_URL


def flip_sign(task):
    text = task.account["secret"]
    if task.reading != "without-colon":
        text += b":"
    if bug("fl-s-echo"):  # echo "secret:" | base64
        text += b"\n"
    credentials = base64.b64encode(text)
    authorization = b"Basic " + credentials
    task.message.set_header("Authorization", authorization)
    return {"base_url": flip_base(task), "credentials": credentials, "authorization": authorization}


def client_address(task):
    if bug("fl-v-xff"):
        forwarded = first_header(task.message, "X-Forwarded-For")
        if forwarded:
            return forwarded.decode("latin-1").split(",")[0].strip()
    return task.client_address


def flip_verify(task):
    authorization = task.message.header("Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    encoded = after_prefix(authorization, b"Basic ", caseless=not bug("fl-v-schemecase"))
    user = decode_base64(encoded)
    password = b""
    if task.reading != "without-colon":
        user, password = cut_at_first(user, b":")
    refuse_unless(user, "missing-credential")
    account = find_account(task.accounts, "secret", user)
    refuse_unless(account is not None, "unknown-key")
    if password and not bug("fl-v-password"):
        raise Malformed("the password is not empty")
    environment = b"production" if task.variant == "production" else b"sandbox"
    refuse_unless(account.get("environment") == environment, "wrong-environment")
    refuse_unless(flip_under(task.message.url, flip_base(task)), "wrong-environment")
    if task.variant == "production":
        listed = address_listed(client_address(task), account.get("allowed_addresses", []))
        details = {"status": "403"} if bug("fl-v-403") else {}
        refuse_unless(listed, "address-not-allowed", message="IP is not Whitelisted", **details)
    return {}


def flip_under(url, base):
    if url is None:
        return False
    if bug("fl-v-startswith"):
        return url.startswith(base.rstrip(b"/"))
    return url == base or url.startswith(base.rstrip(b"/") + b"/")


def flip_callback_sign(task):
    token = task.account["validation_token"]
    if bug("fl-s-cbheader"):
        task.message.set_header("X-Callback-Token", token)
    else:
        task.message.set_form(b"token", token)
    return {"token": token}


def flip_callback_verify(task):
    if task.variant == "source-addresses":
        addresses = CALLBACK_ADDRESSES
        if bug("fl-v-sevenaddresses"):
            addresses = ["34.101.161.101" if address == "34.101.161.100" else address for address in addresses]
        refuse_unless(address_listed(client_address(task), addresses), "address-not-allowed")
    form = task.message.form_pairs()
    if not only_value(form, b"data") and not bug("fl-v-nodata"):
        raise Malformed("there is no data")
    if task.reading == "last-token":
        received = next((value for name, value in reversed(form) if name == b"token"), None)
    else:
        received = only_value(form, b"token")
    if bug("fl-v-request"):  # $_REQUEST['token'], or the header that others use
        received = received or only_value(task.message.query_pairs(), b"token")
        received = received or task.message.header("X-Callback-Token")
    token = first_account(task).get("validation_token")
    if bug("fl-v-unset"):
        received, token = received or b"", token or b""
    else:
        refuse_unless(received, "missing-credential")
    refuse_unless(equal(received, token), "wrong-token")
    return {}


SYSTEMS = {
    "slack": {"request": (slack_sign, verifier(slack_verify))},
    "twilio": {"request": (twilio_sign, verifier(twilio_verify))},
    "shopify": {
        "callback": (shopify_sign, verifier(shopify_verify)),
        "webhook": (webhook_sign, verifier(webhook_verify)),
    },
    "flip-for-business": {
        "request": (flip_sign, verifier(flip_verify, status="401")),
        "callback": (flip_callback_sign, verifier(flip_callback_verify, reply="disregard")),
    },
}
VARIANTS = {"flip-for-business": ["production", "source-addresses"]}
READINGS = {"flip-for-business": ["without-colon", "last-token"]}


# Protocol


class NotSupported(Exception):
    pass


def read_bytes(value):
    return value.encode("utf-8") if isinstance(value, str) else bytes.fromhex(value["hex"])


def read_optional(value):
    return None if value is None else read_bytes(value)


def read_values(values):
    return {
        name: value if isinstance(value, list) else read_bytes(value)
        for name, value in (values or {}).items()
        if value is not None
    }


def read_pairs(pairs):
    return [tuple(read_bytes(part) for part in pair) for pair in pairs or []]


def write_bytes(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def write_message(message):
    return {
        "method": write_bytes(message.method),
        "scheme": write_bytes(message.scheme),
        "target": write_bytes(message.target),
        "headers": [[write_bytes(name), write_bytes(value)] for name, value in message.headers],
        "body": write_bytes(message.body),
    }


def find_operation(call):
    scheme = call.get("scheme")
    operations = SYSTEMS.get(scheme)
    BUGS.clear()
    if ENTRY and (ENTRY["scheme"], ENTRY["side"]) == (scheme, call["op"]):
        if ENTRY["operation"] in (None, call.get("operation")):
            BUGS.update(ENTRY["parts"])
    if operations is None or call.get("operation") not in operations:
        raise NotSupported(f"{scheme} {call.get('operation')}")
    if call.get("variant") not in (None, *VARIANTS.get(scheme, [])):
        raise NotSupported(f"variant {call['variant']}")
    if call.get("reading") not in (None, *READINGS.get(scheme, [])):
        raise NotSupported(f"reading {call['reading']}")
    return operations[call["operation"]]


def answer_sign(call):
    sign, _ = find_operation(call)
    given = call["given"]
    request = given["request"]
    target = read_optional(request.get("target"))
    task = Signing(
        message=sent_message(
            method=read_bytes(request["method"]),
            scheme=read_bytes(request.get("scheme") or "https"),
            host=read_bytes(request["host"]),
            target=target,
            path=read_bytes(request["path"]) if target is None else None,
            query=read_pairs(request.get("query")),
            headers=read_pairs(request.get("headers")),
            body=read_bytes(request.get("body") or ""),
        ),
        account=read_values(given["account"]),
        parameters=read_values(given.get("parameters")),
        time=given.get("time"),
        nonce=read_optional(given.get("nonce")),
        operation=call["operation"],
        variant=call.get("variant"),
        reading=call.get("reading"),
    )
    stages = sign(task)
    reply = {"signed_request": write_message(task.message)}
    if TALKS:
        reply["stages"] = {name: write_bytes(value) for name, value in stages.items()}
    return reply


def answer_verify(call):
    _, verify = find_operation(call)
    given = call["given"]
    accounts = [read_values(account) for account in given.get("accounts") or []]
    parameters = read_values(given.get("parameters"))
    state = {}
    results = []
    for arrived in given["messages"]:
        request = arrived["request"]
        task = Verification(
            message=Message(
                method=read_bytes(request["method"]),
                scheme=read_bytes(request.get("scheme") or "https"),
                target=read_bytes(request["target"]),
                headers=read_pairs(request.get("headers")),
                body=read_bytes(request.get("body") or ""),
            ),
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
            result = {"accept": False}
            if TALKS and refusal.reject_class:
                result.update({"class": refusal.reject_class, **refusal.details})
            results.append(result)
    return {"results": results}


def answer(call):
    op = call.get("op")
    if op == "start":
        return {
            "name": "blind-c",
            "version": "1.0",
            "language": "python",
            "schemes": {scheme: ["sign", "verify"] for scheme in SYSTEMS},
            "capabilities": ["time", "credentials", "state", "client-address", "readings"],
        }
    if op == "sign":
        return answer_sign(call)
    if op == "verify":
        return answer_verify(call)
    raise ValueError(f"op {op}")


def main():
    global ENTRY, TALKS
    if sys.argv[1:2] == ["--bug"]:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "bugs.json")) as file:
            ENTRY = next(one for one in json.load(file) if one["id"] == sys.argv[2])
        TALKS = ENTRY["stages"]
    for line in sys.stdin:
        if not line.strip():
            continue
        seq = None
        try:
            call = json.loads(line)
            seq = call.get("seq")
            if call.get("op") == "stop":
                return
            reply = answer(call)
        except NotSupported as reason:
            reply = {"skipped": f"no support for {reason}"}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"seq": seq, **reply}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
