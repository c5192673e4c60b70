"""hubspot-api-client: `utils.signature.Signature.is_valid`, version 3, with the number of the timestamp field."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from protocol import Refused, Request, Skip, run, text
import compat311
VERSION = os.environ.get("SUBJECT_VERSION", "?")

from hubspot.utils.signature import Signature


def verify(task, message):
    if task.parameter("tolerance", "300") != "300":
        raise Skip("the tolerance cannot be set")
    stamp, signature = message.header("X-HubSpot-Request-Timestamp"), message.header("X-HubSpot-Signature-v3")
    try:
        return Signature.is_valid(text(signature), text(task.one_account()["client_secret"]), text(message.body), message.url,
                                  message.method, "v3", int(stamp) if stamp and stamp.isdigit() else None)
    except Exception as error:
        if "imestamp" in type(error).__name__ + str(error):  # the exception that its interface has for this
            return False
        raise


run("hubspot-api-client", VERSION, {"hubspot-v3": ["verify"]}, verify=verify)
