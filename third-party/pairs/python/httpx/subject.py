"""httpx: `DigestAuth`, answering the challenge of RFC 7616 section 3.9.1 (qop="auth, auth-int"); nonces are its own."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from digest import challenge
import httpx


def sign(task):
    given = task.request
    auth = httpx.DigestAuth(task.secret("username"), task.secret("password"))
    request = httpx.Request(given.method, given.url)
    flow = getattr(auth, "auth_flow", None) or auth
    flow = flow(request)
    next(flow)
    answer = httpx.Response(401, headers={"WWW-Authenticate": challenge(task)}, request=request)
    signed = flow.send(answer)
    return Request(given.method, given.scheme, signed.url.raw_path if hasattr(signed.url, "raw_path") else signed.url.full_path.encode(),
                   list(signed.headers.raw), given.body)


run("httpx", VERSION, {"http-digest": ["sign"]}, sign=sign)
