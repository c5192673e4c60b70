"""requests-aws-sign: `AWSV4Sign` on a prepared request of requests, with credentials of botocore."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from botocore.credentials import Credentials
from over_requests import prepare, sent
from requests_aws_sign import AWSV4Sign


def sign(task):
    if task.operation != "request" or task.parameters.get("payload"):
        raise Skip("no presigned URLs, and no payload that is not signed")
    credentials = Credentials(task.secret("access_key_id"), task.secret("secret_access_key"),
                              task.secret("session_token") if task.account.get("session_token") else None)
    return sent(AWSV4Sign(credentials, task.parameter("region"), task.parameter("service"))(prepare(task)))


run("requests-aws-sign", VERSION, {"aws-sigv4": ["sign"]}, sign=sign)
