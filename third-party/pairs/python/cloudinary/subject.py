"""cloudinary: `utils.api_sign_request`; the form is the caller's. Version 2 is the default of those that know versions."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

import inspect
from urllib.parse import parse_qsl, quote
from cloudinary.utils import api_sign_request


def sign(task):
    request = task.request
    fields = [(n, v) for n, v in parse_qsl(text(request.body), keep_blank_values=True)] + [("timestamp", str(int(task.time.timestamp())))]
    options = {}
    known = inspect.signature(api_sign_request).parameters
    if task.variant == "sha256":
        if "algorithm" not in known:
            raise Skip("no SHA-256")
        options["algorithm"] = "sha256"
    if task.variant != "version-2" and "signature_version" in known:
        options["signature_version"] = 1
    signature = api_sign_request(dict(fields), task.secret("api_secret"), **options)
    body = text(request.body) + f"&timestamp={int(task.time.timestamp())}&api_key={quote(task.secret('api_key'))}&signature={signature}"
    return Request(request.method, request.scheme, request.target, request.headers, body.encode())


run("cloudinary", VERSION, {"cloudinary": ["sign"]}, sign=sign)
