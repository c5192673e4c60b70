"""oauthlib: `oauth1.Client.sign`, and `SignatureOnlyEndpoint` (`ResourceEndpoint` before 0.7) with a validator over the accounts given."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import inspect
from oauthlib import oauth1
from oauthlib.oauth1 import Client

RequestValidator = getattr(oauth1, "RequestValidator", object)  # before 0.4 the server is of another form, and not asked here
Endpoint = getattr(oauth1, "SignatureOnlyEndpoint", None) or getattr(oauth1, "ResourceEndpoint", None)


def own(task):
    if "nonce" in inspect.signature(Client.__init__).parameters:
        return {"nonce": text(task.nonce), "timestamp": str(int(task.time.timestamp()))}
    return {}  # before 0.3.5 they are its own


def sign(task):
    request = task.request
    client = Client(task.secret("consumer_key"), task.secret("consumer_secret"),
                    task.secret("token") or None, task.secret("token_secret") or None,
                    callback_uri=task.parameter("callback"), verifier=task.parameter("verifier"), realm=task.parameter("realm"),
                    **own(task))
    fields = {n: v for n, v in request.header_dict().items() if n.lower() != "host"}
    url, headers, body = client.sign(request.url, request.method, text(request.body, "a body") or None, fields)
    wire = [(b"Host", request.host.encode())] + [(n.encode(), v.encode()) for n, v in headers.items()]
    target = url.partition("://")[2]
    target = "/" + target.partition("/")[2] if "/" in target else "/"
    return Request(request.method, request.scheme, target.encode(), wire, (body or "").encode())


class Validator(RequestValidator):
    enforce_ssl = False
    timestamp_lifetime = property(lambda self: int(self.task.parameter("skew", "300")))

    def __init__(self, task):
        super().__init__()
        self.task, self.seen = task, task.state.setdefault("seen", set())
        self.accounts = [{k: text(v) for k, v in a.items()} for a in task.accounts]

    check_client_key = check_access_token = check_request_token = check_nonce = check_verifier = lambda self, value: True
    dummy_client = dummy_access_token = dummy_request_token = "no-such"

    def known(self, client, token=None):
        return [a for a in self.accounts if a["consumer_key"] == client and token in (None, a.get("token", ""))]

    def validate_client_key(self, client_key, request):
        return bool(self.known(client_key, request.resource_owner_key or ""))

    def validate_access_token(self, client_key, token, request):
        return bool(self.known(client_key, token))

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def get_client_secret(self, client_key, request):
        return (self.known(client_key) or [{"consumer_secret": "no-such"}])[0]["consumer_secret"]

    def get_access_token_secret(self, client_key, token, request):
        return (self.known(client_key, token) or [{"token_secret": "no-such"}])[0]["token_secret"]

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        entry = (client_key, request_token or access_token, timestamp, nonce)
        if entry in self.seen:
            return False
        self.pending = entry
        return True


def verify(task, message):
    if Endpoint is None:
        raise Skip("no endpoint that checks a request alone")
    validator = Validator(task)
    answer = Endpoint(validator).validate_request(message.url, message.method, text(message.body, "a body") or None, message.header_dict())
    if answer[0] and hasattr(validator, "pending"):
        validator.seen.add(validator.pending)
    return answer[0]


run("oauthlib", VERSION, {"oauth1": ["sign", "verify"]}, sign=sign, verify=verify)
