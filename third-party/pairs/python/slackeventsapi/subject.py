"""slackeventsapi: `SlackEventAdapter` in a test client of Flask."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import json
from flask import Flask
from slackeventsapi import SlackEventAdapter


def verify(task, message):
    if task.parameter("tolerance", "300") != "300":
        raise Skip("the tolerance cannot be set")
    app = Flask("subject")
    adapter = SlackEventAdapter(text(task.one_account()["secret"]), "/events", app)
    fields = {n: v for n, v in message.header_dict().items() if n.lower() not in ("host", "content-length")}
    app.testing = True
    adapter.on("error", lambda error: None)
    try:
        answer = app.test_client().post("/events", data=message.body, headers=fields)
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError):  # the body is read after the signature is found right
        return True
    except TypeError as error:
        if "did not return a valid response" in str(error):  # likewise: no event in the body
            return True
        raise
    return answer.status_code != 403


run("slackeventsapi", VERSION, {"slack": ["verify"]}, verify=verify)
