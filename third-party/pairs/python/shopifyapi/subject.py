"""ShopifyAPI: `Session.validate_hmac`, with the query as a dict of texts (of lists, where a name is repeated)."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from urllib.parse import parse_qs
import shopify


def verify(task, message):
    if task.operation != "callback":
        raise Skip("no check of webhooks")
    shopify.Session.setup(api_key="key", secret=text(task.one_account()["secret"]))
    params = {n: v[0] if len(v) == 1 else v for n, v in parse_qs(message.query_string, keep_blank_values=True).items()}
    return shopify.Session.validate_hmac(params)


run("ShopifyAPI", VERSION, {"shopify": ["verify"]}, verify=verify)
