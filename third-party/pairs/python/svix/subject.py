"""svix: `Webhook.sign` and `Webhook.verify`."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import json
from svix.webhooks import Webhook, WebhookVerificationError


def sign(task):
    if task.variant:
        raise Skip("no asymmetric signatures")
    request = task.request
    hook = Webhook(task.secret("secret"))
    signature = hook.sign(text(task.nonce), task.time, text(request.body, "a body"))
    headers = request.headers + [(b"webhook-id", task.nonce), (b"webhook-timestamp", str(int(task.time.timestamp())).encode()),
                                 (b"webhook-signature", signature.encode())]
    return Request(request.method, request.scheme, request.target, headers, request.body)


def verify(task, message):
    if task.variant:
        raise Skip("no asymmetric signatures")
    if task.parameter("tolerance", "300") != "300":
        raise Skip("the tolerance cannot be set")
    try:
        hook = Webhook(text(task.one_account()["secret"]))
    except Exception as error:  # a configuration that the package refuses to take
        if "empty" in str(error):
            return False
        raise
    try:
        hook.verify(message.body, message.header_dict())
    except WebhookVerificationError:
        return False
    except json.JSONDecodeError:
        raise Skip("bodies are JSON")
    return True


run("svix", VERSION, {"standard-webhooks": ["sign", "verify"]}, sign=sign, verify=verify)
