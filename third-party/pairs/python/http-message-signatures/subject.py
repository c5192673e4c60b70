"""http-message-signatures: `HTTPMessageSigner.sign` and `HTTPMessageVerifier.verify`. The caller's part is the digest field when signing, and to ask whether what must be signed is, when verifying."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import base64, datetime, hashlib, inspect, re
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature, algorithms
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from requests.structures import CaseInsensitiveDict

ALGORITHMS = {None: "HMAC_SHA256", "rsa-pss-sha512": "RSA_PSS_SHA512", "rsa-v1_5-sha256": "RSA_V1_5_SHA256",
              "ecdsa-p256-sha256": "ECDSA_P256_SHA256", "ecdsa-p384-sha384": "ECDSA_P384_SHA384", "ed25519": "ED25519"}
KEYS = {None: "secret", "rsa-pss-sha512": "rsa", "rsa-v1_5-sha256": "rsa", "ecdsa-p256-sha256": "p256",
        "ecdsa-p384-sha384": "p384", "ed25519": "ed25519"}


class Message:
    """A request, or a response where it has a status."""

    def __init__(self, request, status=None):
        self.method, self.url = request.method, request.url
        self.headers = CaseInsensitiveDict()
        for n, v in request.headers:
            n, v = text(n), text(v, "a field").strip()
            self.headers[n] = f"{self.headers[n]}, {v}" if n in self.headers else v
        self.body = request.body
        if status:
            self.status_code, self.request = status, None


class Resolver(HTTPSignatureKeyResolver):
    def __init__(self, task, accounts):
        self.name, self.accounts = KEYS[task.variant], accounts

    def resolve(self, key_id, half):
        for account in self.accounts:
            if text(account["keyid"]) == key_id:
                return base64.b64decode(account["secret"]) if self.name == "secret" else account[f"{self.name}.{half}"]
        raise Refused("unknown key")

    def resolve_private_key(self, key_id):
        return self.resolve(key_id, "private")

    def resolve_public_key(self, key_id):
        return self.resolve(key_id, "public")


def algorithm(task):
    name = ALGORITHMS[task.variant]
    if not hasattr(algorithms, name):
        raise Skip(f"no {task.variant}")
    return getattr(algorithms, name)


def items(listed):
    """As the interface takes them: names alone, and quoted where they have parameters."""
    found = re.findall(r'"[^"]*"(?:;[a-z]+(?:="[^"]*")?)*', listed)
    return [i if ";" in i else i.strip('"') for i in found]


def sign(task):
    response = task.operation == "response"
    message = Message(task.request, int(task.parameter("status", "200")) if response else None)
    if "content-digest" not in message.headers:
        message.headers["Content-Digest"] = "sha-512=:" + base64.b64encode(hashlib.sha512(task.request.body).digest()).decode() + ":"
    more, options = task.parameter("more", ""), {}
    if re.search(r";expires=(\d+)", more):
        options["expires"] = datetime.datetime.fromtimestamp(int(re.search(r";expires=(\d+)", more)[1]))
    for name in ("nonce", "tag"):
        if f';{name}="' in more:
            options[name] = re.search(f';{name}="([^"]*)"', more)[1]
    signer = HTTPMessageSigner(signature_algorithm=algorithm(task), key_resolver=Resolver(task, [task.account]))
    if "use_existing_digest" in inspect.signature(signer.sign).parameters:
        options["use_existing_digest"] = True
    default = '"@status" "content-digest"' if response else '"@method" "@authority" "@path" "@query" "content-digest"'
    try:
        signer.sign(message, key_id=task.secret("keyid"), created=datetime.datetime.fromtimestamp(task.time.timestamp()),
                    label=task.parameter("label", "sig1"), include_alg=";alg=" in more,
                    covered_component_ids=items(task.parameter("response_components" if response else "components", default)), **options)
    except TypeError as error:
        if "unexpected keyword" in str(error):
            raise Skip(str(error))
        raise
    wire = [(n.encode(), v.encode()) for n, v in message.headers.items()]
    return Request(task.request.method, task.request.scheme, task.request.target, wire, task.request.body)


def verify(task, message):
    response = task.operation == "response"
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm(task), key_resolver=Resolver(task, task.accounts))
    if hasattr(verifier, "max_clock_skew"):
        verifier.max_clock_skew = datetime.timedelta(0)  # an attribute that callers may set
    options = {}
    if "max_age" in inspect.signature(verifier.verify).parameters:
        options["max_age"] = datetime.timedelta(seconds=int(task.parameter("skew", "300")))
    try:
        results = verifier.verify(Message(message, int(task.parameter("status", "200")) if response else None), **options)
    except (InvalidSignature, HTTPMessageSignaturesException):
        return False
    default = '"@status" "content-digest"' if response else '"@method" "@authority" "@path" "@query" "content-digest"'
    required = items(task.parameter("response_required" if response else "required", default))
    return all(any((name if ";" in name else f'"{name}"') in result.covered_components for result in results) for name in required)


run("http-message-signatures", VERSION, {"rfc9421": ["sign", "verify"]}, sign=sign, verify=verify)
