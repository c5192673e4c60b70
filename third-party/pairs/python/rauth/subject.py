"""rauth: `OAuth1Session.request`, with the sending of requests caught; nonces are its own."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import requests
from over_requests import prepare, sent
from rauth import OAuth1Session

caught = []


def catch(self, prepared, **options):
    caught.append(prepared)
    answer = requests.Response()
    answer.status_code, answer._content = 200, b""
    return answer


requests.Session.send = catch


def sign(task):
    request = task.request
    prepare(task)  # skips what requests itself would rewrite
    session = OAuth1Session(task.secret("consumer_key"), task.secret("consumer_secret"), task.secret("token") or None,
                            task.secret("token_secret") or None)
    if task.parameter("callback") or task.parameter("verifier"):
        raise Skip("no callback and no verifier on requests of a session")
    fields = {n: v for n, v in request.header_dict().items() if n.lower() != "host"}
    options = {"headers": fields}
    if request.body:
        options["data"] = text(request.body, "a body")
    if task.parameter("realm"):
        options["realm"] = task.parameter("realm")
    caught.clear()
    if request.query_string:
        options["params"] = request.query_string
    session.request(request.method, request.url.partition("?")[0], header_auth=True, **options)
    return sent(caught[-1])


run("rauth", VERSION, {"oauth1": ["sign"]}, sign=sign)
