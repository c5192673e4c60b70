"""aws-request-signer: `AwsRequestSigner.sign_with_headers` and `presign_url`, over a URL as it is on the wire."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import hashlib
from urllib.parse import urlsplit
from aws_request_signer import AwsRequestSigner, UNSIGNED_PAYLOAD


def sign(task):
    if task.account.get("session_token"):
        raise Skip("no temporary credentials in each version")
    request = task.request
    signer = AwsRequestSigner(task.parameter("region"), task.secret("access_key_id"), task.secret("secret_access_key"),
                              task.parameter("service"))
    fields = {n: v for n, v in request.header_dict().items() if n.lower() != "host"}
    digest = UNSIGNED_PAYLOAD if task.parameters.get("payload") else hashlib.sha256(request.body).hexdigest()
    if task.operation == "presigned":
        if task.variant == "s3":
            digest = UNSIGNED_PAYLOAD
        url = signer.presign_url(request.method, request.url, fields, digest, int(task.parameter("expires", "3600")))
        parts = urlsplit(url)
        return Request(request.method, request.scheme, f"{parts.path}?{parts.query}".encode(), request.headers, request.body)
    added = signer.sign_with_headers(request.method, request.url, fields, digest)
    headers = request.headers + [(n.encode(), v.encode()) for n, v in added.items()]
    return Request(request.method, request.scheme, request.target, headers, request.body)


run("aws-request-signer", VERSION, {"aws-sigv4": ["sign"]}, sign=sign)
