"""PyJWT: `jwt.encode` and `jwt.decode`; with the option any-algorithm, `decode` is given no list of algorithms, as versions before 2 permit."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import datetime, inspect
import jwt
ALG = {"jwt-hs256": "HS256", "jwt-rs256": "RS256", "jwt-es256": "ES256", "jwt-eddsa": "EdDSA"}
ANY = "any-algorithm" in os.environ.get("SUBJECT_OPTIONS", "")
SCHEME = os.environ["SUBJECT_SCHEME"]


def sign(task):
    key = task.account["secret"] if SCHEME == "jwt-hs256" else task.secret("key.private")
    expires = int(task.time.timestamp()) + int(task.parameter("lifetime", "3600"))
    token = jwt.encode({"iss": task.secret("issuer"), "exp": expires}, key, ALG[SCHEME])
    token = token if isinstance(token, bytes) else token.encode()
    request = task.request
    return Request(request.method, request.scheme, request.target, request.headers + [(b"Authorization", b"Bearer " + token)], request.body)


def verify(task, message):
    field = text(message.header("Authorization")) or ""
    if not field.startswith("Bearer "):
        return False
    token, account = field[7:], task.one_account()
    key = account["secret"] if SCHEME == "jwt-hs256" else text(account["key.public"])
    options = {} if ANY else {"algorithms": [ALG[SCHEME]]}
    if "issuer" in inspect.signature(jwt.decode).parameters or VERSION[0] > "0":
        options["issuer"] = text(account["issuer"])
    try:
        jwt.decode(token, key, **options)
    except (jwt.DecodeError, jwt.ExpiredSignature if hasattr(jwt, "ExpiredSignature") else jwt.InvalidTokenError,
            getattr(jwt, "InvalidTokenError", jwt.DecodeError), getattr(jwt, "PyJWTError", jwt.DecodeError)):
        return False
    except (jwt.exceptions.InvalidKeyError if hasattr(jwt, "exceptions") and hasattr(jwt.exceptions, "InvalidKeyError") else ()):
        return False
    return True


run("PyJWT", VERSION, {SCHEME: ["sign", "verify"]}, sign=sign, verify=verify)
