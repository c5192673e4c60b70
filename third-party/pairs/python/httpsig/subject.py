"""httpsig: `HeaderSigner.sign` and `HeaderVerifier.verify`. Date and digest are the caller's."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import base64, email.utils, hashlib
from httpsig import HeaderSigner, HeaderVerifier

SIGNED = ["(request-target)", "host", "date", "digest"]


def sign(task):
    request = task.request
    fields = request.header_dict()
    fields["Date"] = email.utils.formatdate(task.time.timestamp(), usegmt=True)
    fields["Digest"] = "SHA-256=" + base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    signer = HeaderSigner(task.secret("key_id"), task.secret("key"), algorithm="hmac-sha256", headers=SIGNED)
    signed = signer.sign(fields, method=request.method, path=text(request.target))
    return Request(request.method, request.scheme, request.target, [(n.encode(), v.encode()) for n, v in signed.items()], request.body)


def verify(task, message):
    account = task.one_account()
    headers = {n.lower(): v for n, v in message.header_dict().items()}
    verifier = HeaderVerifier(headers, text(account["key"]), required_headers=["(request-target)", "date", "digest"],
                              method=message.method, path=text(message.target))
    try:
        return verifier.verify()
    except Exception as error:
        if "is a required header" in str(error):
            raise Refused(str(error))
        raise


run("httpsig", VERSION, {"cavage-hmac": ["sign", "verify"]}, sign=sign, verify=verify)
