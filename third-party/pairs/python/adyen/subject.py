"""Adyen: `util.is_valid_hmac_notification`."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import json
from Adyen.util import is_valid_hmac_notification


def verify(task, message):
    item = json.loads(message.body)["notificationItems"][0]["NotificationRequestItem"]
    return bool(is_valid_hmac_notification(item, text(task.one_account()["hmac_key"])))


run("Adyen", VERSION, {"adyen-webhook": ["verify"]}, verify=verify)
