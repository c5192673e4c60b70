"""mohawk: `Sender` and `Receiver`."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import re
re.LOCALE = re.RegexFlag(0)  # before 0.3.4 it stands on a pattern of text, which Python 3.6 and later refuse to compile; no effect otherwise
from mohawk import Receiver, Sender
from mohawk.exc import HawkFail


def credentials(account):
    return {"id": text(account["id"]), "key": text(account["key"]), "algorithm": "sha256"}


def sign(task):
    request, options = task.request, {}
    if task.variant == "no-payload":
        options["always_hash_content"] = False
    else:
        options["content"] = request.body
        options["content_type"] = text(request.header("Content-Type")) or ""
    sender = Sender(credentials(task.account), request.url, request.method, ext=task.parameter("ext"), nonce=text(task.nonce),
                    _timestamp=int(task.time.timestamp()), **options)
    headers = request.headers + [(b"Authorization", sender.request_header.encode())]
    return Request(request.method, request.scheme, request.target, headers, request.body)


def verify(task, message):
    def lookup(name):
        found = [a for a in task.accounts if text(a["id"]) == name]
        if not found:
            raise LookupError(name)
        return credentials(found[0])

    def seen(sender, nonce, timestamp):
        known = (sender, nonce, timestamp) in task.state
        task.state[(sender, nonce, timestamp)] = True
        return known

    field = message.header("Authorization")
    try:
        Receiver(lookup, text(field) if field is not None else None, message.url, message.method, content=message.body,
                 content_type=text(message.header("Content-Type")) or "", seen_nonce=seen,
                 accept_untrusted_content=task.variant == "no-payload", timestamp_skew_in_seconds=int(task.parameter("skew", "60")))
    except HawkFail:
        return False
    return True


run("mohawk", VERSION, {"hawk": ["sign", "verify"]}, sign=sign, verify=verify)
