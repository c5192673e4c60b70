"""Each bug once against made-up lines: it must start, answer without error, and differ from the right one."""
import base64, copy, json, subprocess, sys

def run(lines, *arguments):
    text = "".join(json.dumps({"seq": i, **line}) + "\n" for i, line in enumerate(lines))
    done = subprocess.run([sys.executable, "subject.py", *arguments], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [json.loads(reply) for reply in done.stdout.splitlines()]

def sign(scheme, request, account, time="2026-03-01T10:00:00.250Z", nonce=None, parameters=None, variant=None):
    given = {"account": account, "request": {"scheme": "https", "host": "api.example.test", **request}, "time": time}
    if nonce is not None: given["nonce"] = nonce
    if parameters: given["parameters"] = parameters
    return {"op": "sign", "scheme": scheme, "operation": "webhook" if scheme[0] == "s" else "request", "given": given, **({"variant": variant} if variant else {})}

def verify(scheme, accounts, messages, parameters=None, variant=None):
    return {"op": "verify", "scheme": scheme, "operation": "webhook" if scheme[0] == "s" else "request",
            "given": {"accounts": accounts, "parameters": parameters or {}, "messages": [{"now": now, "request": request} for request, now in messages]},
            **({"variant": variant} if variant else {})}

def signed(*a, **k):
    return run([sign(*a, **k)])[0]["signed_request"]

def head(request, name, value):
    request = copy.deepcopy(request)
    request["headers"] = [h for h in request["headers"] if h[0].lower() != name.lower()]
    if value is not None: request["headers"].append([name, value])
    return request

def get(request, name):
    return next(v for n, v in request["headers"] if n.lower() == name.lower())

S, F, O = "standard-webhooks", "flipbase", "oauth1"
T = "2026-03-01T10:00:00.250Z"; NOW = "2026-03-01T10:00:00Z"
sw = {"secret": "whsec_" + base64.b64encode(b"0123456789abcdefghijklmnopqr\xff\xfe").decode()}
hook = {"method": "POST", "path": "/hook", "headers": [["Content-Type", "application/json"]], "body": '{"a": 1,"n":"\u00fc"}'}
fb = {"api_key": "k1", "api_secret": "s1"}
fb2 = {"api_key": "k2", "api_secret": "s2"}
oa = {"consumer_key": "c1", "consumer_secret": "cs", "token": "", "token_secret": ""}
oa2 = {"consumer_key": "c1", "consumer_secret": "cs", "token": "t2", "token_secret": "ts"}
form = {"method": "POST", "path": "/a b", "query": [["q", "z y*~"], ["q", "a"], ["e"]], "headers": [["Content-Type", "application/x-www-form-urlencoded"]], "body": "q=1&f=2"}
signs = {
 S: [sign(S, {**hook, "body": b} , sw, nonce=f"msg_{i}") for i, b in enumerate(["", '{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}'])],
 F: [sign(F, {"method": "POST", "path": "/a/B(c)~"}, fb), sign(F, {"method": "GET", "path": "/"}, fb)],
 O: [sign(O, form, oa, nonce="n"), sign(O, {**form, "host": "x.test:8443"}, oa2, nonce="n", parameters={"realm": "R", "version": "1.0"})],
}
right_lines = {S: [], F: [], O: []}
m = signed(S, hook, sw, nonce="m1"); sig = get(m, "webhook-signature"); bad = "v1," + base64.b64encode(b"x" * 32).decode()
L = lambda scheme, accounts, *messages, **k: right_lines[scheme].append(verify(scheme, accounts, list(messages), **k))
L(S, [sw], (m, NOW)); L(S, [sw], (head(m, "webhook-signature", bad + " " + sig), NOW)); L(S, [sw], (head(m, "webhook-signature", sig + " " + bad), NOW))
L(S, [sw], (head(m, "webhook-signature", "v2" + sig[2:]), NOW)); L(S, [sw], (m, "2026-03-01T10:05:00Z")); L(S, [sw], (m, "2026-03-01T10:04:00Z")); L(S, [sw], (m, "2026-03-01T09:50:00Z")); L(S, [sw], (m, "2026-03-01T10:10:00Z"))
L(S, [sw], (signed(S, hook, sw, nonce=""), NOW)); L(S, [sw], (head(m, "webhook-signature", "v1,"), NOW))
try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives import serialization as z
    import hashlib, hmac
    k = Ed25519PrivateKey.generate(); pub = k.public_key()
    ed = {"key.public": pub.public_bytes(z.Encoding.PEM, z.PublicFormat.SubjectPublicKeyInfo).decode()}
    ts = get(m, "webhook-timestamp")
    forged = base64.b64encode(hmac.digest(pub.public_bytes_raw(), f"m1.{ts}.{hook['body']}".encode(), "sha256")).decode()
    L(S, [ed], (head(m, "webhook-signature", "v1," + forged), NOW), variant="ed25519")
except ImportError: pass
f = signed(F, {"method": "POST", "path": "/a/B/"}, fb)
L(F, [fb], (f, NOW)); L(F, [fb], (head(f, "Date", "Sun, 01 Mar 2026 09:00:00 GMT"), NOW)); L(F, [{"api_key": "k1", "api_secret": ""}], (signed(F, {"method": "GET", "path": "/a"}, {"api_key": "k1", "api_secret": ""}), NOW))
g = signed(F, {"method": "GET", "path": "/a"}, fb)
L(F, [fb], (g, NOW)); L(F, [fb], (head(g, "Authorization", get(g, "Authorization").replace("k1:", "k9:")), NOW)); L(F, [fb], (g, "2026-03-02T10:01:00Z")); L(F, [fb], (g, "2026-03-01T09:59:00Z"))
two = copy.deepcopy(g); two["headers"].append(["Authorization", get(g, "Authorization")]); L(F, [fb], (two, NOW))
L(F, [fb], (head(g, "Authorization", get(g, "Authorization").rstrip("=")), NOW)); L(F, [fb], (head(g, "Authorization", "signature" + get(g, "Authorization")[9:]), NOW))
L(F, [fb], (g, "2026-03-01T10:05:00Z"), parameters={"skew": "60"})
import hashlib, hmac
date = "Sun, 01 Mar 2026 10:00:00 GMT"
for method, as_signed in ("GET", "GET"), ("get", "GET"):
    mac = base64.b64encode(hmac.digest(b"s1", f"{as_signed}\n%2Fa\n{date}".encode(), "sha256")).decode()
    L(F, [fb], ({"method": method, "scheme": "https", "target": "/a", "headers": [["Host", "api.example.test"], ["Date", date], ["Authorization", "Signature k1:" + mac]]}, NOW))
low = signed(F, {"method": "get", "path": "/a"}, fb); L(F, [fb], (low, NOW))
def one(account, time=T, nonce="n1", **k): return signed(O, form, account, time=time, nonce=nonce, **k)
a = one(oa); b = one(oa2)
L(O, [oa], (a, NOW)); L(O, [oa], (a, NOW), (a, NOW)); L(O, [oa, oa2], (a, NOW), (b, NOW)); L(O, [oa], (a, NOW), (one(oa, nonce="n2"), NOW))
L(O, [oa], (head(a, "Authorization", get(a, "Authorization").replace("oauth_signature=\"", "oauth_signature=\"A")), NOW), (a, NOW))
L(O, [oa], (head(a, "Authorization", get(a, "Authorization").partition(", oauth_signature=")[0]), NOW))
L(O, [oa], (head(a, "Authorization", get(a, "Authorization").replace("HMAC-SHA1", "PLAINTEXT")), NOW)); L(O, [oa], (head(a, "Authorization", get(a, "Authorization").replace(", ", ",")), NOW))
L(O, [{**oa2, "token": "other"}], (b, NOW)); L(O, [oa], (one(oa, parameters={"realm": "R", "version": "1.0"}), NOW)); L(O, [oa], (a, "2026-03-01T12:00:00Z"))
import re
plus = copy.deepcopy(a); plus["target"] = plus["target"].replace("%20y", "+y"); L(O, [oa], (plus, NOW))
m2 = head(a, "Authorization", get(a, "Authorization").replace("HMAC-SHA1", "PLAINTEXT"))
bugs = json.load(open("bugs.json"))
if __name__ == "__main__":
    right = {s: (run(signs[s]), run(right_lines[s])) for s in signs}
    if "-v" in sys.argv:
        for s in right: print(s, *right[s][1], sep="\n  ")
    strip = lambda reply, full: reply if full else {**{k: v for k, v in reply.items() if k != "stages"}, **({"results": [{"accept": r["accept"]} for r in reply["results"]]} if "results" in reply else {})}
    for bug in bugs:
        got = [run(lines, "--bug", bug["id"]) for lines in (signs[bug["scheme"]], right_lines[bug["scheme"]])]
        errors = [r for rs in got for r in rs if "error" in r or "skipped" in r]
        differ = [[i for i, (x, y) in enumerate(zip(g, r)) if strip(x, bug["stages"]) != strip(y, bug["stages"])] for g, r in zip(got, right[bug["scheme"]])]
        print(f"{bug['id']:36} sign {differ[0]} verify {differ[1]}", "ERRORS" if errors else "", errors or "")
        other = differ[1] if bug["side"] == "sign" else differ[0]
        assert not other, "the other side differs"
        if not (differ[0] or differ[1]): print("    NO DIFFERENCE")
