"""Each bug against made-up lines of its scheme; says where it differs from the right one."""
import json, subprocess, sys
def run(lines, bug=None):
    cmd = [sys.executable, "subject.py"] + (["--bug", bug] if bug else [])
    inp = "".join(json.dumps({"seq": i, **l}) + "\n" for i, l in enumerate(lines))
    p = subprocess.run(cmd, input=inp, capture_output=True, text=True, timeout=20)
    assert not p.stderr, p.stderr
    out = [json.loads(x) for x in p.stdout.splitlines()]
    assert [o["seq"] for o in out] == list(range(len(lines)))
    return out
FORM = [["Content-Type", "application/x-www-form-urlencoded"]]
JSON = [["Content-Type", "application/json"]]
NOW = "2026-11-28T12:00:00Z"
def sg(s, o, acc, variant=None, **req):
    r = {"method": "POST", "host": "hooks.example.com", "path": "/in", "headers": []}; r.update(req)
    l = {"op": "sign", "scheme": s, "operation": o, "given": {"account": acc, "parameters": {}, "time": NOW, "request": r}}
    if variant: l["variant"] = variant
    return l
A = {"slack": {"secret": "8f742231b10e8888abcd99yyyzzz85a5"}, "twilio": {"auth_token": "12345"}, "shopify": {"secret": "hush"}}
FS = {"secret": "JDJ5JDEzJ~?>", "validation_token": "tok$2y$13", "environment": "sandbox", "allowed_addresses": ["203.0.113.7"]}
FP = {**FS, "environment": "production"}
signs = [
 sg("slack","request",A["slack"],headers=JSON,body='{"a":"é/", "b":[1,2]}'),
 sg("slack","request",A["slack"],headers=FORM,body="token=x&text=a%20b"),
 sg("twilio","request",A["twilio"],headers=FORM,query=[["q","1"]],body="To=%2B1415&from=a+b&Digits=&Called=Z"),
 sg("twilio","request",A["twilio"],method="GET",query=[["q","1"]]),
 sg("shopify","callback",A["shopify"],method="GET",query=[["timestamp","1"],["shop","a.myshopify.com"],["code","0 9/="],["extra","x"],["signature","old"]]),
 sg("shopify","webhook",A["shopify"],headers=JSON,body='{"t":"mânecă/"}'),
 sg("shopify","webhook",A["shopify"],headers=JSON,body=''),
 sg("flip-for-business","request",FS,host="bigflip.id",path="/big_sandbox_api/v2/x",method="GET"),
 sg("flip-for-business","request",FP,"production",host="bigflip.id",path="/api/v2/x",method="GET"),
 sg("flip-for-business","callback",FS,headers=FORM,body="data=%7B%7D"),
]
right = run(signs)
def ver(i, changes=({},), accounts=None):
    """Messages made of the right signed request i, each with changes."""
    src = signs[i]; msgs = []
    for c in changes:
        r = json.loads(json.dumps(right[i]["signed_request"])); now = c.get("now", NOW)
        for n, v in c.get("set", {}).items(): r["headers"] = [h for h in r["headers"] if h[0] != n] + ([[n, v]] if v is not None else [])
        for n, f in c.get("edit", {}).items(): r["headers"] = [[a, f(b) if a == n else b] for a, b in r["headers"]]
        if "target" in c: r["target"] = c["target"](r["target"])
        if "body" in c: r["body"] = c["body"](r["body"])
        msgs.append({"now": now, "client_address": c.get("ip", "203.0.113.7"), "request": r})
    l = {"op": "verify", "scheme": src["scheme"], "operation": src["operation"], "given": {"accounts": [src["given"]["account"]], "parameters": {}, "messages": msgs}}
    if "variant" in src: l["variant"] = src["variant"]
    return l
S, T, W, Z = "X-Slack-Signature", "X-Twilio-Signature", "X-Shopify-Hmac-Sha256", "Authorization"
import base64
vers = [
 ver(0), ver(1), ver(2), ver(3), ver(4), ver(5), ver(6), ver(7), ver(8), ver(9),
 ver(1, [{}, {}]), ver(1, [{"now": "2026-11-28T12:05:00Z"}]), ver(1, [{"now": "2026-11-28T12:06:00Z"}]), ver(1, [{"now": "2026-11-28T11:50:00Z"}]),
 ver(1, [{"set": {S: None}}]), ver(1, [{"edit": {S: lambda v: "v1" + v[2:]}}]), ver(1, [{"now": "2026-11-28T12:00:30Z"}]),
 ver(2, [{"set": {T: None}}]), ver(2, [{"edit": {T: str.swapcase}}]), ver(2, [{"set": {"Host": "inner", "X-Forwarded-Host": "hooks.example.com"}}]),
 ver(3, [{"edit": {T: str.swapcase}}]), ver(4, [{"target": lambda t: t + "&more=1"}]), ver(4, [{"target": lambda t: t.split("&hmac")[0]}]), ver(4, [{"target": lambda t: t + "&signature=new"}]),
 ver(5, [{"edit": {W: lambda v: base64.b64decode(v).hex()}}]), ver(5, [{"edit": {W: lambda v: v[:8]}}]), ver(5, [{"body": lambda b: ""}]),
 ver(7, [{"target": lambda t: "/big_sandbox_apix/v2"}]), ver(7, [{"edit": {Z: lambda v: v + "*"}}]), ver(7, [{}, {"target": lambda t: "/api/v2"}]),
 ver(7, [{"edit": {Z: lambda v: v.lower()[:5] + v[5:]}}]), ver(7, [{"edit": {Z: lambda v: "Basic " + base64.b64encode(base64.b64decode(v[6:]) + b"pw").decode()}}]),
 ver(8, [{"ip": "198.51.100.1"}]), ver(8, [{"ip": "198.51.100.1", "set": {"X-Forwarded-For": "203.0.113.7, 10.0.0.1"}}]),
 ver(9, [{"target": lambda t: t + "?token=tok%242y%2413", "body": lambda b: "data=1"}]), ver(9, [{"body": lambda b: b + "&token=z"}]), ver(9, [{"body": lambda b: b.split("&")[1]}]),
]
rv = run(vers)
def strip(o):  # a reply without stages and classes
    o = dict(o)
    if "results" in o: o["results"] = [{"accept": r["accept"]} for r in o["results"]]
    o.pop("stages", None)
    return o
def sign_view(o): return o.get("stages", {}).get("signature"), o.get("signed_request")
print("right verify:", [[r["accept"] for r in o.get("results", [])] for o in rv[:11]])
for b in json.load(open("bugs.json")):
    if b["side"] == "sign":
        got = run(signs, b["id"])
        diff = [i for i, (g, r) in enumerate(zip(got, right)) if
                (g["signed_request"] != r["signed_request"] if "signed_request" in g else g["stages"]["signature"] != r["stages"].get("signature")) ] if not any("error" in g for g in got) else got
        diff = [i for i in (diff) if signs[i]["scheme"] == b["scheme"]] if diff and isinstance(diff[0], int) else diff
    else:
        got = run(vers, b["id"])
        diff = [i for i, (g, r) in enumerate(zip(got, rv)) if (strip(g) != strip(r) if not b["stages"] else g != r)]
    print(f"{b['id']:34}", "NO DIFFERENCE" if not diff else diff, [got[i].get("error") for i in diff if isinstance(i, int) and "error" in got[i]] or "")
