"""twilio: `RequestValidator.validate`, with the form as Werkzeug gives it."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from urllib.parse import parse_qsl
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict


def verify(task, message):
    account = task.one_account()
    signature = message.header("X-Twilio-Signature")
    kind = (text(message.header("Content-Type")) or "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        params = MultiDict(parse_qsl(text(message.body, "a body"), keep_blank_values=True))
    else:
        params = text(message.body, "a body") if "bodySHA256" in text(message.target) else {}
    return RequestValidator(text(account["auth_token"])).validate(message.url, params, text(signature) or "")


run("twilio", VERSION, {"twilio": ["verify"]}, verify=verify)
