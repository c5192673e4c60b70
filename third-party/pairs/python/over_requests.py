"""A task as a prepared request of requests, and that request as http.client would send it."""
from urllib.parse import urlsplit

import requests

from protocol import Request, Skip, text


def prepare(task, as_text=False):
    request = task.request
    headers = dict(request.header_dict())
    headers = {n: v for n, v in headers.items() if n.lower() != "host"}
    given = requests.Request(request.method, request.url, headers=headers, data=(text(request.body, "a body") if as_text else request.body) or None)
    try:
        prepared = given.prepare()
    except requests.exceptions.InvalidHeader:
        raise Skip("requests itself refuses this header field")
    if prepared.path_url.encode() != request.target and not (task.exact_target and not request.target.isascii()):
        if request.target not in (b"", b"//") and b" " not in request.target:
            raise Skip("requests itself rewrites this target before the package sees it")
    return prepared


def sent(prepared, drop=()):
    """What requests and http.client put on the wire: the host of the URL, without its default port, unless a field has one."""
    parts = urlsplit(prepared.url)
    host = parts.netloc.rsplit("@", 1)[-1]
    if parts.port == {"http": 80, "https": 443}[parts.scheme]:
        host = host.rsplit(":", 1)[0]
    headers = []
    if not any(name.lower() == "host" for name in prepared.headers):
        headers.append((b"Host", host.encode()))
    for name, value in prepared.headers.items():
        headers.append((as_bytes(name), as_bytes(value)))
    target = parts.path or "/"
    if parts.query or prepared.url.endswith("?"):
        target += "?" + parts.query
    body = prepared.body
    return Request(prepared.method, parts.scheme, target.encode(), headers, as_bytes(body or b""))


def as_bytes(value):
    return value if isinstance(value, bytes) else value.encode("latin-1" if value.isascii() else "utf-8")
