"""Authlib: `JsonWebSignature` or, with the option jwt, `jose.jwt.decode` and `validate`."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import json
from authlib.jose import JsonWebSignature, jwt
from authlib.jose.errors import JoseError
ALG = {"jwt-hs256": "HS256", "jwt-rs256": "RS256", "jwt-es256": "ES256", "jwt-eddsa": "EdDSA"}
SCHEME = os.environ["SUBJECT_SCHEME"]


def sign(task):
    key = task.account["secret"] if SCHEME == "jwt-hs256" else task.account["key.private"]
    expires = int(task.time.timestamp()) + int(task.parameter("lifetime", "3600"))
    token = jwt.encode({"alg": ALG[SCHEME]}, {"iss": task.secret("issuer"), "exp": expires}, key)
    request = task.request
    return Request(request.method, request.scheme, request.target, request.headers + [(b"Authorization", b"Bearer " + token)], request.body)


def verify(task, message):
    field = text(message.header("Authorization")) or ""
    if not field.startswith("Bearer "):
        return False
    account = task.one_account()
    key = account["secret"] if SCHEME == "jwt-hs256" else account["key.public"]
    try:
        if "jwt" in os.environ.get("SUBJECT_OPTIONS", ""):
            jwt.decode(field[7:], key, claims_options={"iss": {"value": text(account["issuer"])}}).validate()
        else:
            JsonWebSignature().deserialize_compact(field[7:], key)
    except JoseError:
        return False
    except ValueError as error:
        if "unsafe" in str(error) or "may not be safe" in str(error):
            return False
        raise
    return True


run("Authlib", VERSION, {SCHEME: ["sign", "verify"]}, sign=sign, verify=verify)
