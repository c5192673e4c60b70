"""requests: `HTTPDigestAuth`, answering the challenge of RFC 7616 section 3.9.1 (qop="auth, auth-int"); nonces are its own."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from digest import challenge
import requests
from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header


def sign(task):
    request = task.request
    auth = HTTPDigestAuth(task.secret("username"), task.secret("password"))
    if hasattr(auth, "init_per_thread_state"):
        auth.init_per_thread_state()
    state = getattr(auth, "_thread_local", auth)
    state.chal = parse_dict_header(challenge(task)[len("Digest "):])
    answer = auth.build_digest_header(request.method, request.url)
    if answer is None:
        raise Skip("this algorithm is not supported")
    return Request(request.method, request.scheme, request.target, request.headers + [(b"Authorization", answer.encode())], request.body)


run("requests", VERSION, {"http-digest": ["sign"]}, sign=sign)
