"""requests-oauthlib: `OAuth1` on a prepared request of requests (with one version of oauthlib for all)."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from over_requests import prepare, sent
from requests_oauthlib import OAuth1


def sign(task):
    auth = OAuth1(task.secret("consumer_key"), task.secret("consumer_secret"), task.secret("token") or None,
                  task.secret("token_secret") or None, callback_uri=task.parameter("callback"),
                  verifier=task.parameter("verifier"))
    auth.client.realm = task.parameter("realm")
    auth.client.nonce, auth.client.timestamp = text(task.nonce), str(int(task.time.timestamp()))
    return sent(auth(prepare(task, as_text=True)))


run("requests-oauthlib", VERSION, {"oauth1": ["sign"]}, sign=sign)
