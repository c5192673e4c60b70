"""requests-aws: `S3Auth` on a prepared request of requests; buckets by host."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from over_requests import prepare, sent
from awsauth import S3Auth


def sign(task):
    if task.operation != "request":
        raise Skip("no signed URLs")
    host = task.request.host
    bucket = task.parameter("bucket")
    if bucket and not host.startswith(bucket + "."):
        raise Skip("the bucket is read from the host, before the address of the service")
    service = host[len(bucket) + 1:] if bucket else host
    return sent(S3Auth(task.secret("access_key_id"), task.secret("secret_access_key"), service)(prepare(task)))


run("requests-aws", VERSION, {"amazon-s3-rest": ["sign"]}, sign=sign)
