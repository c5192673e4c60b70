"""HTTP Message Signatures (RFC 9421), with Content-Digest (RFC 9530), of requests and responses."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Callable

import ecdsa
import ed25519
import keys
import rsa
from protocol import Fraction, Refused, percent_encode, present, require
from structured import parse_dictionary, parse_inner_list, serialize_bare_item, serialize_member, serialize_parameters

LABEL = b"sig1"
SKEW = b"300"
STATUS = b"200"
COMPONENTS = {
    "request": b'"@method" "@authority" "@path" "@query" "content-digest"',
    "response": b'"@status" "content-digest"',
}
DIGESTS = {"sha-256": "sha256", "sha-512": "sha512"}  # RFC 9530, section 5
DEFAULT_PORTS = {b"http": b":80", b"https": b":443"}
FORM_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._"
VARIANTS = ("rsa-pss-sha512", "rsa-v1_5-sha256", "ecdsa-p256-sha256", "ecdsa-p384-sha384", "ed25519")


@dataclass
class Algorithm:
    """Section 3.3. `credential` names the key or pair, which `private` and `public` read for `sign` and `verify`."""

    credential: str
    sign: Callable
    verify: Callable
    private: Callable | None = None
    public: Callable | None = None


def mac(key, message):
    """Section 3.3.3; the secret is in Base64, as in appendix B.1.5."""
    return hmac.digest(base64.b64decode(key, validate=True), message, "sha256")


ALGORITHMS = {
    "hmac-sha256": Algorithm("secret", mac, lambda key, data, sent: hmac.compare_digest(mac(key, data), sent)),
    "rsa-pss-sha512": Algorithm(
        "rsa",
        lambda key, data: rsa.sign_pss(key, data, "sha512"),
        lambda key, data, sent: rsa.verify_pss(key, data, sent, "sha512"),
        keys.rsa_private,
        keys.rsa_public,
    ),
    "rsa-v1_5-sha256": Algorithm(
        "rsa",
        lambda key, data: rsa.sign_v1_5(key, data, "sha256"),
        lambda key, data, sent: rsa.verify_v1_5(key, data, sent, "sha256"),
        keys.rsa_private,
        keys.rsa_public,
    ),
    "ecdsa-p256-sha256": Algorithm(
        "p256",
        lambda key, data: ecdsa.sign(ecdsa.P256, key, data),
        lambda key, data, sent: ecdsa.verify(ecdsa.P256, key, data, sent),
        keys.ec_private,
        keys.ec_public,
    ),
    "ecdsa-p384-sha384": Algorithm(
        "p384",
        lambda key, data: ecdsa.sign(ecdsa.P384, key, data),
        lambda key, data, sent: ecdsa.verify(ecdsa.P384, key, data, sent),
        keys.ec_private,
        keys.ec_public,
    ),
    "ed25519": Algorithm("ed25519", ed25519.sign, ed25519.verify, keys.ed25519_private, keys.ed25519_public),
}


def sign(task):
    """Section 3.1."""
    message, account = task.message, task.account
    label = task.parameter("label", LABEL).decode()
    keyid = serialize_bare_item(account["keyid"].decode()).encode()
    parameters = b";created=%d;keyid=%s" % (task.time.__floor__(), keyid)
    prefix = "" if task.operation == "request" else "response_"
    components = task.parameter(prefix + "components", COMPONENTS[task.operation])
    covered = parse_inner_list(b"(" + components + b")" + parameters + task.parameter("more", b""))
    if any(name == "content-digest" for name, _ in covered[0]) and not message.lines("Content-Digest"):
        message.set_header("Content-Digest", b"sha-512=:%s:" % base64.b64encode(hashlib.sha512(message.body).digest()))
    stages = signature_base(task, covered)
    signature = signer(task)(stages["signature_base"])
    append_member(message, "Signature-Input", label.encode() + b"=" + stages["signature_params"])
    append_member(message, "Signature", b"%s=:%s:" % (label.encode(), base64.b64encode(signature)))
    return {**stages, "signature": signature}


def verify(task):
    """Section 3.2."""
    message = task.message
    label = task.parameter("label", LABEL).decode()
    covered, parameters = read_member(message, "Signature-Input", label)
    sent, _ = read_member(message, "Signature", label)
    require(isinstance(covered, list) and isinstance(sent, bytes), "malformed")
    require(isinstance(present(parameters.get("keyid")), str), "malformed")
    account = find_account(task, parameters["keyid"].encode())
    require(parameters.get("alg", algorithm_name(task)) == algorithm_name(task), "value-mismatch")
    check_required(task, covered)
    stages = signature_base(task, (covered, parameters))
    check_digest(message)
    check_times(task, parameters)
    require(verifier(task, account)(stages["signature_base"], sent), "signature-mismatch")
    return stages


OPERATIONS = {"request": (sign, verify), "response": (sign, verify)}


# Keys


def algorithm_name(task):
    """Section 3.2, step 6: the algorithm is that of the key, whatever the message says."""
    return task.variant or "hmac-sha256"


def signer(task):
    algorithm = ALGORITHMS[algorithm_name(task)]
    if algorithm.private is None:
        return lambda data: algorithm.sign(task.account[algorithm.credential], data)
    key = algorithm.private(task.account[algorithm.credential + ".private"])
    return lambda data: algorithm.sign(key, data)


def verifier(task, account):
    algorithm = ALGORITHMS[algorithm_name(task)]
    if algorithm.public is None:
        secret = account[algorithm.credential]
        return lambda data, sent: bool(secret) and algorithm.verify(secret, data, sent)
    key = algorithm.public(account[algorithm.credential + ".public"])
    return lambda data, sent: algorithm.verify(key, data, sent)


def find_account(task, keyid):
    for account in task.accounts:
        if account.get("keyid") == keyid:
            return account
    raise Refused("unknown-key")


# Checks


def read_member(message, name, label):
    """Section 3.2, steps 1 and 2: the member of that label of both dictionaries."""
    require(message.lines(name), "missing-credential")
    return present(read_dictionary(message, name).get(label))


def read_dictionary(message, name):
    """RFC 8941, section 4.2: lines of one name are joined before they are read."""
    try:
        return parse_dictionary(b", ".join(message.lines(name)))
    except ValueError:
        raise Refused("malformed") from None


def check_required(task, covered):
    """Section 3.2.1: what the application requires must be covered."""
    name = "required" if task.operation == "request" else "response_required"
    required, _ = parse_inner_list(b"(" + task.parameter(name, COMPONENTS[task.operation]) + b")")
    require(all(component in covered for component in required), "unsigned-part")


def check_digest(message):
    """RFC 9530, section 2: a digest of a known algorithm is there, and each of these is that of the body."""
    if not message.lines("Content-Digest"):
        return
    known = {name: value for name, (value, _) in read_dictionary(message, "Content-Digest").items() if name in DIGESTS}
    require(known, "unsigned-part")
    for name, value in known.items():
        require(isinstance(value, bytes), "malformed")
        require(value == hashlib.new(DIGESTS[name], message.body).digest(), "value-mismatch")


def check_times(task, parameters):
    """Section 2.3: created and expires are integers of seconds since 1970."""
    created, expires = present(parameters.get("created")), parameters.get("expires")
    require(type(created) is int and type(expires) in (int, type(None)), "malformed")
    require(abs(task.now - Fraction(created)) <= task.number("skew", SKEW), "expired")
    require(expires is None or task.now <= expires, "expired")


# Signature base


def signature_base(task, covered):
    """Section 2.5. An identifier is a component's name with its parameters, and stands once."""
    components, parameters = covered
    identifiers = [serialize_member(component) for component in components]
    require(len(set(map(comparable, components))) == len(components), "malformed")
    require(all(type(name) is str and name == name.lower() for name, _ in components), "malformed")
    params = serialize_member((components, parameters)).encode()
    lines = [
        identifier.encode() + b": " + component_value(task, *component)
        for identifier, component in zip(identifiers, components)
    ]
    lines.append(b'"@signature-params": ' + params)
    return {"signature_params": params, "signature_base": b"\n".join(lines)}


def comparable(component):
    """Section 2: the order of parameters makes no difference."""
    name, parameters = component
    return name, tuple(sorted((key, serialize_parameters({key: value})) for key, value in parameters.items()))


def component_value(task, name, parameters):
    """Sections 2.1 and 2.2. A component that is not in the message is malformed; parameters not known here, too."""
    if not name.startswith("@"):
        return field_value(task.message, name, parameters)
    if name == "@query-param":
        require(list(parameters) == ["name"], "malformed")
        return query_parameter(task.message, parameters["name"])
    require(not parameters, "malformed")
    derived = RESPONSE_COMPONENTS if task.operation == "response" else REQUEST_COMPONENTS
    require(name in derived, "malformed")
    return derived[name](task)


def field_value(message, name, parameters):
    """Section 2.1: lines trimmed, joined by a comma and a space; section 2.1.2: with `key`, a dictionary's member."""
    lines = [b" ".join(value.split(b"\r\n")).strip(b" \t") for value in message.lines(name)]
    require(lines, "malformed")
    if not parameters:
        return b", ".join(lines)
    require(list(parameters) == ["key"], "malformed")
    members = read_dictionary(message, name)
    require(parameters["key"] in members, "malformed")
    return serialize_member(members[parameters["key"]]).encode()


def query_parameter(message, name):
    """Section 2.2.8: decoded as a form, encoded anew; it must stand once."""
    pairs = [(encode_anew(found), value) for found, value in message.query(plus=True)]
    values = [value for found, value in pairs if found == name.encode()]
    require(len(values) == 1, "malformed")
    return encode_anew(values[0])


def encode_anew(value):
    """WHATWG URL, "percent-encode after encoding", with the set of forms."""
    return percent_encode(value.decode("utf-8", "replace").encode(), FORM_CHARACTERS)


def authority(task):
    """Section 2.2.3: in lower case, without the default port."""
    host = task.message.header("Host")
    require(host is not None, "malformed")
    return host.lower().removesuffix(DEFAULT_PORTS.get(task.message.scheme.lower(), b" "))


REQUEST_COMPONENTS = {
    "@method": lambda task: task.message.method,
    "@target-uri": lambda task: task.message.scheme + b"://" + task.message.header("Host") + task.message.target,
    "@authority": authority,
    "@scheme": lambda task: task.message.scheme.lower(),
    "@request-target": lambda task: task.message.target,
    "@path": lambda task: task.message.raw_path or b"/",
    "@query": lambda task: b"?" + task.message.raw_query,
}
RESPONSE_COMPONENTS = {"@status": lambda task: task.parameter("status", STATUS)}


def append_member(message, name, member):
    """Section 4.3: a signature is one more member of the dictionaries that are there."""
    message.set_header(name, b", ".join([*message.lines(name), member]))
