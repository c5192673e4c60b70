"""A signer with one mistake, behind the adapter protocol: it sorts equal names by value."""

import hashlib, json, sys

for line in sys.stdin:
    call = json.loads(line)
    seq, given = call["seq"], call.get("given", {})
    if call["op"] == "stop":
        break
    if call["op"] == "start":
        reply = {"name": "wrong", "version": "1", "language": "python", "schemes": {"flipsnack": ["sign"]}, "capabilities": ["credentials"]}
    elif call["op"] != "sign" or "query" not in given["request"] or given["request"].get("body"):
        reply = {"skipped": "it signs queries alone"}
    else:
        account, pairs = given["account"], given["request"]["query"]
        text = lambda pair: (pair[0], pair[1] if len(pair) > 1 else "")
        pairs = [("apiKey", account["api_key"])] + [text(pair) for pair in pairs]
        pairs = [pair for pair in pairs if pair[0] not in ("signature", "file")]
        pairs.sort()
        query = "".join(name + value for name, value in pairs)
        reply = {"stages": {"canonical_query": query, "signature": hashlib.md5((account["secret"] + query).encode()).hexdigest()}}
    print(json.dumps({"seq": seq, **reply}), flush=True)
