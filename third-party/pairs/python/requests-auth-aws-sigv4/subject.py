"""requests-auth-aws-sigv4: `AWSSigV4` on a prepared request of requests."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from over_requests import prepare, sent
from requests_auth_aws_sigv4 import AWSSigV4


def sign(task):
    if task.operation != "request" or task.parameters.get("payload"):
        raise Skip("no presigned URLs, and no payload that is not signed")
    auth = AWSSigV4(task.parameter("service"), aws_access_key_id=task.secret("access_key_id"),
                    aws_secret_access_key=task.secret("secret_access_key"), region=task.parameter("region"),
                    aws_session_token=task.secret("session_token") if task.account.get("session_token") else None)
    return sent(auth(prepare(task)))


run("requests-auth-aws-sigv4", VERSION, {"aws-sigv4": ["sign"]}, sign=sign)
