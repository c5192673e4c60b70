"""Runs each mend that is Python, PHP or Java: it must hand the bytes that were sent, as they were sent, to the check.

FastAPI and Django are the real ones, behind servers on loopback. Laravel and Spring are stubs of what their mends call,
over the servers of PHP and of the JDK. A function of Lambda is called with the events that API Gateway documents.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import types
import wsgiref.simple_server

import pytest

HERE = pathlib.Path(__file__).parent
MENDS = HERE.parent.parent / "src" / "diagnosis" / "mends"
BODIES = {
    name: (kind, text.encode("latin-1"))
    for name, (kind, text) in json.loads((HERE / "bodies.json").read_text("utf-8"))["bodies"].items()
}
# For each mend, text of it, what the usual mistake writes in its place, and a body which that mistake changes.
MISTAKES = {
    "fastapi.py": ("await request.body()", "json.dumps(await request.json()).encode()", "json"),
    "django.py": ("request.body", "json.dumps(json.loads(request.body)).encode()", "json"),
    "laravel.php": ("$request->getContent()", "json_encode($request->all())", "json"),
    "spring.java": ("in.readAllBytes()", 'new String(in.readAllBytes(), "UTF-8").getBytes("UTF-8")', "invalid-utf-8"),
    "api-gateway.py": ("body = base64.b64decode(body)", "pass", "binary"),
}


def signature(body):
    return hmac.new(b"key of the test", body, hashlib.sha256).hexdigest()


class Check:
    """The reader's own function, which also keeps what it was called with."""

    def __init__(self):
        self.seen = []

    def __call__(self, body, header):
        self.seen.append(body)
        return hmac.compare_digest(signature(body), header or "")


def module(name, source, check):
    made = types.ModuleType("mend_" + re.sub(r"\W", "_", name))
    made.__dict__.update(is_right=check, json=json)
    sys.modules[made.__name__] = made
    exec(compile(source, name, "exec"), made.__dict__)
    return made


def post(port, body, kind, header):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": kind, "X-Signature": header}
    connection.request("POST", "/webhook", body, {name: text for name, text in headers.items() if text is not None})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def posting(port, check):
    """A function that sends one request to a server of this process; it returns the status and what the check saw."""

    def send(body, kind, header):
        check.seen.clear()
        return post(port, body, kind, header).status, list(check.seen)

    return send


def asking(port):
    """The same for a server of another process, which tells in a header what its check saw."""

    def send(body, kind, header):
        response = post(port, body, kind, header)
        seen = response.getheader("X-Seen")
        return response.status, [] if seen is None else [bytes.fromhex(seen)]

    return send


@contextlib.contextmanager
def fastapi(source, directory):
    import uvicorn

    check = Check()
    app = module("fastapi.py", source, check).app
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait(lambda: server.started)
        try:
            yield posting(listener.getsockname()[1], check)
        finally:
            server.should_exit = True
            thread.join(10)


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def django(source, directory):
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import clear_url_caches, path

    if not settings.configured:
        middleware = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
        settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF="urls_of_test", MIDDLEWARE=middleware)
    check = Check()
    urls = sys.modules["urls_of_test"] = types.ModuleType("urls_of_test")
    urls.urlpatterns = [path("webhook", module("django.py", source, check).webhook)]
    clear_url_caches()
    with wsgiref.simple_server.make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield posting(server.server_port, check)
        finally:
            server.shutdown()
            thread.join(10)


def wait(is_ready):
    until = time.monotonic() + 20
    while not is_ready():
        assert time.monotonic() < until, "the server does not start"
        time.sleep(0.02)


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, **options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def need(language):
    if shutil.which(language):
        return
    assert "COUNTERSIGN_REQUIRE_ADAPTERS" not in os.environ, f"{language} is not installed"
    pytest.skip(f"{language} is not installed")


@contextlib.contextmanager
def laravel(source, directory):
    need("php")
    mend = directory / "laravel.php"
    mend.write_text(source)
    subprocess.run(["php", "-l", mend], check=True, stdout=subprocess.DEVNULL)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["php", "-S", f"127.0.0.1:{port}", HERE / "stubs" / "laravel.php"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with running(command, env={**os.environ, "MEND": str(mend)}, **silent) as process:

        def answers():
            assert process.poll() is None, "the server of PHP ended"
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True

        wait(answers)
        yield asking(port)


STUBS = {
    "org/springframework/http/ResponseEntity": """public class ResponseEntity<T> {
        public final int status;
        ResponseEntity(int status) { this.status = status; }
        public static BodyBuilder status(int status) { return new BodyBuilder(status); }
        public record BodyBuilder(int status) {
            public <T> ResponseEntity<T> build() { return new ResponseEntity<>(status); }
        }
    }""",
    **{
        f"org/springframework/web/bind/annotation/{name}": "import java.lang.annotation.*;"
        f" @Retention(RetentionPolicy.RUNTIME) public @interface {name} {{ String value() default \"\"; }}"
        for name in ["RestController", "PostMapping", "RequestHeader"]
    },
}


@contextlib.contextmanager
def spring(source, directory):
    need("javac")
    files = [HERE / "stubs" / "Server.java", directory / "Webhook.java"]
    files[1].write_text(source)
    for name, text in STUBS.items():
        files.append(directory / f"{name}.java")
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        files[-1].write_text(f"package {name.rpartition('/')[0].replace('/', '.')};\n{text}\n")
    subprocess.run(["javac", "-Xlint:all,-auxiliaryclass", "-Werror", "-d", directory / "classes", *files], check=True)
    command = ["java", "-Xshare:auto", "-cp", directory / "classes", "Server"]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
        yield asking(int(process.stdout.readline()))


@contextlib.contextmanager
def api_gateway(source, directory):
    check = Check()
    handler = module("api-gateway.py", source, check).handler

    def send(body, kind, header):
        check.seen.clear()
        statuses = set()
        for event in events(body, kind, header):
            statuses.add(handler(json.loads(json.dumps(event)), None)["statusCode"])
        (status,) = statuses
        (seen,) = set(check.seen)
        return status, [seen]

    yield send


def events(body, kind, header):
    """Events of either payload format: 1.0 keeps the case of names, and an empty body is null there and absent in 2.0.
    Whether the body comes as Base64 hangs on its type and on the settings of the API; text alone can come as text."""
    headers = {name: text for name, text in [("Content-Type", kind), ("X-Signature", header)] if text is not None}
    small = {name.lower(): text for name, text in headers.items()}
    forms = [{"isBase64Encoded": True, "body": base64.b64encode(body).decode()}]
    with contextlib.suppress(UnicodeDecodeError):
        forms.append({"isBase64Encoded": False, "body": body.decode("utf-8")})
    for form in forms if body else [{"isBase64Encoded": False}, {"isBase64Encoded": False, "body": None}]:
        yield {"version": "2.0", "routeKey": "POST /webhook", "headers": small, **form}
        yield {"version": "1.0", "httpMethod": "POST", "path": "/webhook", "headers": headers, **form}


RECEIVERS = {
    "fastapi.py": fastapi,
    "django.py": django,
    "laravel.php": laravel,
    "spring.java": spring,
    "api-gateway.py": api_gateway,
}


@pytest.fixture(scope="module", params=RECEIVERS)
def send(request, tmp_path_factory):
    with RECEIVERS[request.param]((MENDS / request.param).read_text(), tmp_path_factory.mktemp("mend")) as send:
        yield send


@pytest.mark.parametrize("name", BODIES)
def test_the_check_is_given_the_bytes_that_were_sent(send, name):
    kind, body = BODIES[name]
    assert send(body, kind, signature(body)) == (204, [body])


@pytest.mark.parametrize("header", [signature(b"another body"), "", None])
def test_a_wrong_signature_is_refused(send, header):
    kind, body = BODIES["json"]
    status, seen = send(body, kind, header)
    assert status in (400, 401) and seen in ([body], [])
    assert header is None or status == 401


@pytest.mark.parametrize("name", RECEIVERS)
def test_with_the_usual_mistake_in_it_the_same_request_is_refused(name, tmp_path):
    right, wrong, changed = MISTAKES[name]
    source = (MENDS / name).read_text()
    # The comment of the first line stays as it is.
    head, code = source.split("\n", 1)
    assert code.count(right) == 1
    kind, body = BODIES[changed]
    with RECEIVERS[name](f"{head}\n{code.replace(right, wrong)}", tmp_path) as send:
        status, seen = send(body, kind, signature(body))
        assert status == 401 and seen and seen != [body]


def test_django_has_no_body_left_once_a_form_with_files_was_read(tmp_path):
    source = (MENDS / "django.py").read_text()
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x"
    with django(source, tmp_path) as send:
        assert send(body, kind, signature(body)) == (204, [body])
    with django(source.replace("body = request", "request.POST; body = request"), tmp_path) as send:
        assert send(body, kind, signature(body)) == (500, [])
    with django(source.replace("@csrf_exempt", "#"), tmp_path) as send:
        assert send(body, kind, signature(body)) == (403, [])


def test_each_mend_is_short_enough_to_print_and_is_run():
    run = set(RECEIVERS) | set(re.findall(r'"([a-z-]+\.js)"', (HERE / "mends.test.mjs").read_text()))
    assert {path.name for path in MENDS.iterdir()} == run
    for path in MENDS.iterdir():
        text = path.read_text("ascii")
        lines = text.splitlines()
        assert 4 <= len(lines) <= 14 and max(map(len, lines)) <= 78 and "\t" not in text, path
        assert re.match(r"(//|#|<\?php //) [A-Z][\w.]+.*[,:] ", lines[0]), path
        assert len(re.findall(r"is_?right\(", text, re.I)) == 1 and text.count("x-signature") == 1, path
        assert sum("exactly these bytes" in line for line in lines) == 1, path
