"""awscurl: `make_request`, with the sending of requests caught."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import requests
from over_requests import prepare, sent
from awscurl import awscurl

caught = []


def catch(self, prepared, **options):
    caught.append(prepared)
    answer = requests.Response()
    answer.status_code, answer._content = 200, b""
    return answer


requests.Session.send = catch


def sign(task):
    if task.operation != "request" or task.parameters.get("payload"):
        raise Skip("no presigned URLs, and no payload that is not signed")
    request = task.request
    prepare(task)  # skips what requests itself would rewrite
    fields = {n: v for n, v in request.header_dict().items() if n.lower() != "host"}
    caught.clear()
    awscurl.make_request(request.method, task.parameter("service"), task.parameter("region"), request.url, fields,
                         text(request.body, "a body"), task.secret("access_key_id"), task.secret("secret_access_key"),
                         task.secret("session_token") if task.account.get("session_token") else None, False)
    return sent(caught[-1])


run("awscurl", VERSION, {"aws-sigv4": ["sign"]}, sign=sign)
