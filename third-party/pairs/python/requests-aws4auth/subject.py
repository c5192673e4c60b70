"""requests-aws4auth: `AWS4Auth` on a prepared request of requests."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from over_requests import prepare, sent
from requests_aws4auth import AWS4Auth


def sign(task):
    if task.operation != "request" or task.parameters.get("payload"):
        raise Skip("no presigned URLs, and no payload that is not signed")
    options = {}
    if task.account.get("session_token"):
        options["session_token"] = task.secret("session_token")
    auth = AWS4Auth(task.secret("access_key_id"), task.secret("secret_access_key"), task.parameter("region"),
                    task.parameter("service"), **options)
    return sent(auth(prepare(task)))


run("requests-aws4auth", VERSION, {"aws-sigv4": ["sign"]}, sign=sign)
