"""requests-http-signature before 0.3: `HTTPSignatureAuth`, on a prepared request and its `verify`."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import requests
from over_requests import prepare, sent
from requests_http_signature import HTTPSignatureAuth

SIGNED = ["(request-target)", "host", "date", "digest"]


def sign(task):
    auth = HTTPSignatureAuth(key=task.account["key"], key_id=task.secret("key_id"), algorithm="hmac-sha256", headers=list(SIGNED))
    return sent(auth(prepare(task)))


def verify(task, message):
    account = task.one_account()
    prepared = requests.Request(message.method, message.url, headers=message.header_dict(), data=message.body or None).prepare()
    try:
        HTTPSignatureAuth.verify(prepared, lambda key_id, algorithm: account["key"])
    except AssertionError:
        return False
    return True


run("requests-http-signature", VERSION, {"cavage-hmac": ["sign", "verify"]}, sign=sign, verify=verify)
