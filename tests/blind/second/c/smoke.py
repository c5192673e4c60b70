"""Each bug once on made-up lines: it answers, and differs from the right one somewhere."""
import base64, hashlib, hmac, json, subprocess, sys
def run(args, lines):
    p = subprocess.run([sys.executable, "subject.py", *args], input="".join(json.dumps(l) + "\n" for l in lines), capture_output=True, text=True)
    assert p.returncode == 0, p.stderr
    return [json.loads(l) for l in p.stdout.splitlines()]
h = lambda d, k, t: hmac.new(k.encode(), t if isinstance(t, bytes) else t.encode(), d).digest()
b64 = lambda x: base64.b64encode(x).decode()
FORM = ["Content-Type", "application/x-www-form-urlencoded"]
L = []
def sign(scheme, op, account, request, **k):
    L.append({"seq": len(L), "op": "sign", "scheme": scheme, "operation": op, "given": {"account": account, "time": "2024-05-01T10:00:00.250Z", "request": request}, **k})
def verify(scheme, op, accounts, messages, **k):
    L.append({"seq": len(L), "op": "verify", "scheme": scheme, "operation": op, "given": {"accounts": accounts, "messages": messages}, **k})
def m(method, target, headers, body="", now="2024-05-01T10:00:00Z", ip="10.0.0.1"):
    return {"now": now, "client_address": ip, "request": {"method": method, "scheme": "https", "target": target, "headers": [["Host", "h.example"], *headers], "body": body}}
SL = "00112233445566778899aabbccddeeff"
for body in ['{"a": 1}', "a=1&b=%20x"]:
    sign("slack", "request", {"secret": SL}, {"method": "POST", "host": "h.example", "path": "/x", "query": [], "headers": [FORM], "body": body})
T = 1714557600
def slack(ts, body="a=1", f=lambda s: "v0=" + s, names=("X-Slack-Request-Timestamp", "X-Slack-Signature"), now="2024-05-01T10:00:00Z"):
    s = f(h("sha256", SL, f"v0:{ts}:{body}").hex())
    return m("POST", "/x", [FORM, [names[0], str(ts)], *([[names[1], s]] if s is not None else [])], body, now)
for x in [slack(T), slack(T + 900), slack(T - 300), slack(T - 900), slack(T - 90000), slack(T, f=lambda s: None), slack(T, f=lambda s: "v1=" + s), slack(T, "a=%20"),
          slack(T, f=lambda s: "v0=" + s[:5]), slack(T, f=lambda s: "v0=" + s.upper()), slack(T, names=("x-slack-request-timestamp", "x-slack-signature"))]:
    verify("slack", "request", [{"secret": SL}], [x])
verify("slack", "request", [{"secret": SL}], [slack(T, "a=1"), slack(T, "a=2")])
for body, host in [("B=1&a= x&C=&Zed=%20q", "h.example"), ("a=1", "h.example:8443")]:
    sign("twilio", "request", {"auth_token": "tok"}, {"method": "POST", "host": host, "path": "/x", "query": [["q", "1"]], "headers": [FORM], "body": body})
def tw(method, target, fields, body, ct=FORM, f=b64, url=None, extra=lambda s: s):
    s = extra(f(h("sha1", "tok", (url or "https://h.example" + target) + fields)))
    return m(method, target, [*([ct] if ct else []), *([["X-Twilio-Signature", s]] if s is not None else [])], body)
for x in [tw("POST", "/x", "From1", "From=1"), tw("GET", "/x?a=1", "", "", None), tw("POST", "/x", "From1", "From=1&Evil=1"), tw("POST", "/x", "From1", "From=1", extra=lambda s: s.rstrip("=")),
          tw("POST", "/x", "From1", "From=1", ["Content-Type", FORM[1] + "; charset=UTF-8"]), tw("POST", "/x", "From1", "From=1", url="https://h.example:443/x"), tw("POST", "/x", "", "", extra=lambda s: None),
          tw("POST", "/x", "From1", "From=1", extra=str.upper), tw("POST", "/x?a=1", "", "", url="https://h.example/x"), tw("POST", "/x", "AFrom1", "From=1&A=")]:
    verify("twilio", "request", [{"auth_token": "tok"}], [x])
for q in [[["shop", "a b&c"], ["code", "1"], ["host", "zz"]], [["b", "1"], ["a", "2"]]]:
    sign("shopify", "callback", {"secret": "hush"}, {"method": "GET", "host": "h.example", "path": "/cb", "query": q, "headers": [], "body": ""})
for body in ['{"u": "a/b"}', '{"a":2}', '{"a":3}', '{"a":4}']:
    sign("shopify", "webhook", {"secret": "hush"}, {"method": "POST", "host": "h.example", "path": "/wh", "query": [], "headers": [], "body": body})
def cb(q, text, f=lambda s: "&hmac=" + s):
    return m("GET", "/cb?" + q + f(h("sha256", "hush", text).hex()), [])
for x in [cb("a=1&b=2", "a=1&b=2"), cb("b=2&a=1", "a=1&b=2"), cb("a=x%26y", "a=x&y"), cb("a=1&a=2", "a=1"), cb("a=x+y", "a=x y"), cb("a=1", "a=1", lambda s: ""), cb("a=1", "a=1", lambda s: "&hmac=" + s.upper())]:
    verify("shopify", "callback", [{"secret": "hush"}], [x])
def wh(body, f=b64, hashed=None):
    return m("POST", "/wh", [["X-Shopify-Hmac-Sha256", f(h("sha256", "hush", hashed or body))]], body)
for x in [wh('{"a":1}'), wh('{"a":"é"}'), wh('{"a":1}', bytes.hex), wh('{"a":1}', lambda d: b64(d)[:4]), wh('{"a":1}', lambda d: b64(d).rstrip("=")), wh('{"a":1}\n', hashed='{"a":1}')]:
    verify("shopify", "webhook", [{"secret": "hush"}], [x])
sign("flip-for-business", "request", {"secret": "k"}, {"method": "GET", "host": "bigflip.id", "path": "/big_sandbox_api/v2/x", "query": [], "headers": [], "body": ""})
sign("flip-for-business", "callback", {"validation_token": "t"}, {"method": "POST", "host": "h.example", "path": "/c", "query": [], "headers": [FORM], "body": "data=1"})
A = {"secret": "k", "environment": "sandbox"}
P = {"secret": "k", "environment": "production", "allowed_addresses": ["10.0.0.2"]}
def fl(path="/big_sandbox_api/v2/x", auth="Basic " + b64(b"k:"), extra=()):
    r = m("GET", path, [["Authorization", auth], *extra])
    r["request"]["headers"][0][1] = "bigflip.id"
    return r
for x in [fl(), fl("/big_sandbox_api2/x"), fl(auth="Basic " + b64(b"k:pw")), fl(auth="basic " + b64(b"k:"))]:
    verify("flip-for-business", "request", [A], [x])
verify("flip-for-business", "request", [P], [fl("/api/v2")], variant="production")
verify("flip-for-business", "request", [P], [fl("/api/v2", extra=[["X-Forwarded-For", "10.0.0.2"]])], variant="production")
V = {"validation_token": "t"}
for acc, x in [(V, m("POST", "/c", [FORM], "data=1&token=t")), (V, m("POST", "/c?token=t", [FORM], "data=1")), (V, m("POST", "/c", [FORM], "token=t")), ({}, m("POST", "/c", [FORM], "data=1"))]:
    verify("flip-for-business", "callback", [acc], [x])
verify("flip-for-business", "callback", [V], [m("POST", "/c", [FORM], "data=1&token=t", ip="34.101.161.100")], variant="source-addresses")

def bare(reply, op, keep):
    if op == "sign":
        return reply.get("signed_request")
    return [r if keep else {"accept": r["accept"]} for r in reply["results"]]
right = run([], L)
assert not [r for r in right if "error" in r or "skipped" in r], right
for one in json.load(open("bugs.json")):
    got = run(["--bug", one["id"]], L)
    bad = [r for r in got if "error" in r or "skipped" in r]
    differs = [i for i, (g, r) in enumerate(zip(got, right)) if bare(g, L[i]["op"], one["stages"]) != bare(r, L[i]["op"], one["stages"])]
    where = [i for i in differs if (L[i]["scheme"], L[i]["operation"], L[i]["op"]) != (one["scheme"], one["operation"], one["side"])]
    print(one["id"], one["parts"], "differs", len(differs), "ELSEWHERE %s" % where if where else "", "NONE" if not differs else "", bad or "")
print("right accepts:", [(r["seq"], [x["accept"] for x in r["results"]]) for r in right if "results" in r])
