import json
W, F, O = "standard-webhooks", "flipbase", "oauth1"
rows = []
def add(id, scheme, side, says, expect, stages, visible="yes", parts=None):
    operation = "webhook" if scheme == W else "request"
    rows.append({"id": id, "scheme": scheme, "operation": operation, "side": side, "parts": parts or [id], "says": says,
                 "expect": expect, "stages": stages, "visible": visible})

# signers: 6 + 5 + 6
add("sw-s-secret-as-text", W, "sign", "The secret, once whsec_ is taken off, is used as text (its UTF-8 bytes) as the HMAC key and never Base64-decoded.", "the key is not Base64-decoded", True)
add("sw-s-prefix-decoded", W, "sign", "The whsec_ prefix is not taken off: the whole secret goes through a lenient Base64 decoder (Node's Buffer.from), so the key begins with the bytes of the prefix.", "whsec_ prefix not stripped before decoding the secret", False, "yes")
add("sw-s-body-dumped-again", W, "sign", "What is signed is the JSON body parsed and written again (json.dumps with its default separators and escapes), while the original bytes are sent.", "signs a re-serialised JSON body and not the raw bytes", False, "perhaps not: needs a signing vector whose JSON body json.dumps writes otherwise")
add("sw-s-millis", W, "sign", "The timestamp is in milliseconds (Date.now()), in the header and in the signed content.", "timestamp in milliseconds instead of seconds", True)
add("sw-s-iso-in-content", W, "sign", "The signed content has the time in ISO 8601 (isoformat of the datetime), while the header has Unix seconds.", "time signed in another form (ISO) than the webhook-timestamp header", False)
add("sw-s-no-label+urlsafe", W, "sign", "The signature is written without its version label v1, and moreover in the URL-safe Base64 alphabet.", "missing v1, prefix; and base64url instead of Base64", True, "yes", ["sw-s-no-label", "sw-s-urlsafe"])
add("fb-s-encode-uri", F, "sign", "The path is encoded with urllib.parse.quote and its default safe slash, so slashes stay as they are instead of %2F.", "slashes of the path are not encoded", True)
add("fb-s-dotnet-urlencode", F, "sign", "The path is encoded with HttpUtility.UrlEncode of .NET: hexadecimal digits in lower case (%2f), ! * ( ) left bare, and the tilde encoded.", "lower-case hexadecimal digits in percent-encoding (.NET UrlEncode)", False)
add("fb-s-base64-of-hex", F, "sign", "The signature is the Base64 of the hexadecimal digest (hexdigest) instead of the Base64 of the raw MAC.", "Base64 of the hex digest", True)
add("fb-s-date-of-client", F, "sign", "The string to sign has the ISO date with milliseconds, but the request is sent with the HTTP client's own Date in the form of HTTP and no X-Flipbase-Date.", "signed date is not the text of the date header that is sent (Date as HTTP date, X-Flipbase-Date missing)", False)
add("fb-s-line-feed-at-end+unpadded", F, "sign", "A line feed follows the date as well (each line is ended), and the padding of the Base64 signature is cut off.", "trailing line feed in the string to sign; and Base64 without padding", True, "yes", ["fb-s-line-feed-at-end", "fb-s-unpadded"])
add("oa-s-urlencoder", O, "sign", "Everything is escaped with java.net.URLEncoder without the usual repairs: a space becomes +, the asterisk stays bare, the tilde becomes %7E.", "form encoding (space as +, * bare, ~ encoded) in place of RFC 3986 percent-encoding", True, "yes")
add("oa-s-no-ampersand", O, "sign", "The signing key leaves the ampersand out where there is no token secret: the non-empty secrets are joined.", "ampersand after the consumer secret missing when the token secret is empty", False, "yes")
add("oa-s-sort-by-name", O, "sign", "Parameters are sorted by name alone; values of one name keep the order in which they were sent.", "repeated parameters not sorted by value", False, "yes")
add("oa-s-hostname", O, "sign", "The base string URI is made with the URL parser's hostname, so a port that is not the default one is lost.", "non-default port missing from the base string URI", True)
add("oa-s-dictionary", O, "sign", "Query and form parameters are gathered in a dictionary, so of a repeated name only the last value is signed.", "repeated parameters collapse to the last value", False, "yes")
add("oa-s-realm-signed+sort-by-name", O, "sign", "The realm is signed among the parameters, and parameters are sorted by name alone and not by value.", "realm included in the base string; and no sort by value", True, "perhaps not: the realm where one is given, the order where a repeated name's values are not in order; perhaps only one shows on a vector", ["oa-s-realm-signed", "oa-s-sort-by-name"])

# verifiers: standard-webhooks 11
add("sw-v-first-only", W, "verify", "Only the first signature of the list is looked at, so a message signed with old and new secrets is refused when the fitting one stands second.", "only the first of several signatures is checked", True)
add("sw-v-any-version", W, "verify", "The version label before the comma is cut off and not looked at: a signature of any version (v2, v1a) is compared as if it were v1.", "signature version is not checked", False)
add("sw-v-future", W, "verify", "Only timestamps that are too old are refused (now - timestamp > tolerance); those far in the future pass.", "timestamps in the future are accepted", True)
add("sw-v-exclusive", W, "verify", "The tolerance excludes its ends (abs(now - timestamp) < tolerance), so a message exactly 300 seconds old is refused.", "boundary of the tolerance: exclusive instead of inclusive", False)
add("sw-v-milliseconds", W, "verify", "The age in milliseconds is compared with the tolerance in seconds, so what is older than 300 ms is expired.", "tolerance in seconds compared with milliseconds", False)
add("sw-v-empty-id", W, "verify", "The id is only tested for being there (is not None): an empty webhook-id, signed so, is accepted.", "empty webhook-id accepted", True, "perhaps not: needs a vector with an empty id")
add("sw-v-body-parsed", W, "verify", "The signature is computed over JSON.stringify of the parsed body and not the raw bytes (body parser before the check).", "body parsed and serialised again before verification", True, "yes")
add("sw-v-zip-compare", W, "verify", "A home-made constant-time comparison runs over the shorter of both strings and forgets the length: an empty or truncated signature is accepted.", "comparison only to the shorter length; truncated or empty signature accepted", False, "perhaps not: needs a vector with an empty or truncated v1 signature")
add("sw-v-key-confusion", W, "verify", "The verifier of asymmetric signatures lets the sender choose the algorithm: a v1 signature is checked as an HMAC whose key is the public key (32 bytes).", "algorithm confusion: v1 HMAC under the public key accepted (variant ed25519)", False)
add("sw-v-any-version+exclusive", W, "verify", "The version label is not looked at, and the ends of the tolerance are excluded.", "signature version ignored; and exclusive tolerance boundary", True, "yes", ["sw-v-any-version", "sw-v-exclusive"])
add("sw-v-comma-split+future", W, "verify", "The signature header is split at commas and its second piece taken, without splitting the list at spaces first, so a list of several fails; and timestamps in the future are accepted.", "list of signatures not split at spaces; and no check of future timestamps", False, "yes", ["sw-v-comma-split", "sw-v-future"])
# flipbase 10
add("fb-v-date-first", F, "verify", "Where both are sent, Date wins over X-Flipbase-Date.", "Date takes precedence over X-Flipbase-Date", True)
add("fb-v-empty-secret", F, "verify", "An account whose secret is empty is not refused: the signature is checked with an empty key.", "empty secret accepted", False)
add("fb-v-key-not-looked-up", F, "verify", "The api_key of the request is never looked up: the one configured account (the first) is always used.", "api_key of the request is not checked", True)
add("fb-v-timedelta-seconds", F, "verify", "The age is (now - date).seconds of Python's timedelta: whole days are dropped, so a date exactly a day old passes, and one slightly in the future is refused (86400 less a little).", "future dates refused / whole days ignored (timedelta.seconds)", False)
add("fb-v-date-rewritten", F, "verify", "The date is parsed and signed anew in ISO form with milliseconds in place of the text that was received, so an HTTP date is refused.", "date re-formatted instead of signed as received", True)
add("fb-v-slash-stripped", F, "verify", "The path is taken from a router that strips the trailing slash before the string to sign is made.", "trailing slash of the path removed before verification", False, "perhaps not: needs a verify vector whose path ends in a slash")
add("fb-v-last-field", F, "verify", "Header fields are put in a dictionary, so of a repeated Authorization or date the last one counts instead of the request being refused.", "repeated header fields accepted (last one wins)", True)
add("fb-v-base64-lenient", F, "verify", "The received signature is Base64-decoded leniently (Node's Buffer.from: both alphabets, padding optional, junk ignored) and the bytes are compared.", "lenient Base64 decoding of the signature: base64url or missing padding accepted", False)
add("fb-v-prefix-caseless+skew-fixed", F, "verify", "The word Signature is matched without regard to case, and the skew is fixed at 900 seconds whatever is configured.", "prefix compared caselessly; and skew parameter ignored", True, "perhaps not: the second needs a verify vector that sets the skew; the first is visible", ["fb-v-prefix-caseless", "fb-v-skew-fixed"])
add("fb-v-method-upper+iso-only", F, "verify", "The method is upper-cased before it is signed, and dates in the form of HTTP are refused.", "method upper-cased; and HTTP dates not accepted", False, "yes", ["fb-v-method-upper", "fb-v-iso-only"])
# oauth1 12
add("oa-v-nonce-alone", O, "verify", "The memory of nonces has the nonce alone as its key, without timestamp, client and token, so the right nonce of another client or time is refused as a replay.", "nonce remembered without client/timestamp", True)
add("oa-v-nonce-before-signature", O, "verify", "The nonce is remembered before the signature is checked, so a forged request uses up the nonce of the right one that follows.", "nonce stored before the signature check; a refused message burns it", False, "perhaps not: needs a forged message and then the right one with its nonce")
add("oa-v-increasing-time", O, "verify", "In place of nonces, the timestamp must be greater than the last one of this client, so a second request in the same second is refused.", "timestamps must strictly increase instead of nonce uniqueness", True, "perhaps not: needs two requests with one timestamp or in falling order")
add("oa-v-signature-if-given", O, "verify", "The signature is compared only if oauth_signature was sent: without it everything is accepted.", "missing signature accepted", False)
add("oa-v-any-method", O, "verify", "oauth_signature_method is not checked: whatever it says, HMAC-SHA1 is computed.", "signature method not checked", True)
add("oa-v-form-left-out", O, "verify", "The parameters of the form body are left out of the base string.", "form body parameters not included in verification", False)
add("oa-v-http-behind-proxy", O, "verify", "The server stands behind a proxy that ends TLS, and rebuilds the base string URI with http, so right requests over https are refused.", "scheme http instead of https in the base string URI", False)
add("oa-v-comma-and-space", O, "verify", "The parameters of the header are split at a comma followed by a space, so a header without spaces is refused.", "header split at ', ': commas without spaces refused", True)
add("oa-v-token-not-matched", O, "verify", "The account is found by the consumer key alone: the token of the request is not compared with the account's.", "oauth_token is not checked", False)
add("oa-v-always-401+replay", O, "verify", "Every refusal has the status 401, also where the request is malformed or lacks a parameter; and nonces are not remembered at all.", "401 in place of 400; and replay not detected", True, "yes", ["oa-v-always-401", "oa-v-replay"])
add("oa-v-realm-signed+version-required", O, "verify", "The realm is put in the base string, and a request without oauth_version is refused.", "realm included in the base string; and oauth_version required", False, "perhaps not: the realm needs a verify vector with one that has a version too", ["oa-v-realm-signed", "oa-v-version-required"])
add("oa-v-plus-kept+no-time", O, "verify", "The query is decoded with unquote, so a plus sign stays a plus sign and does not become a space; and the timestamp is not checked.", "plus in the query not decoded as a space; and timestamp not checked", False, "perhaps not: the time is visible; the plus needs a verify vector with a plus sign in the query", ["oa-v-plus-kept", "oa-v-no-time"])

for side, n in ("sign", 17), ("verify", 33):
    assert sum(r["side"] == side for r in rows) == n, (side, sum(r["side"] == side for r in rows))
    print(side, n, "stages", sum(r["stages"] for r in rows if r["side"] == side), "doubles", sum(len(r["parts"]) > 1 for r in rows if r["side"] == side))
assert len({r["id"] for r in rows}) == 50
import re
used = set(re.findall(r'bug\("([^"]+)"\)', open("subject.py").read()))
parts = {p for r in rows for p in r["parts"]}
print("unimplemented", parts - used, "unused", used - parts)
json.dump(rows, open("bugs.json", "w"), indent=1, ensure_ascii=False)
