"""The oracle behind the adapter protocol: schemes written from their documents alone."""

import importlib
from pathlib import Path

from protocol import serve

SCHEMES = (
    "aws-sigv4", "standard-webhooks", "stripe", "github", "slack", "oauth1", "twilio", "shopify", "rfc9421",
)


def load(names):
    """Scheme -> its module, of those that stand beside this file."""
    here = Path(__file__).parent
    modules = {name: name.replace("-", "_") for name in names}
    there = {name: module for name, module in modules.items() if (here / f"{module}.py").exists()}
    return {name: importlib.import_module(module) for name, module in there.items()}


if __name__ == "__main__":
    serve("countersign-python-oracle", load(SCHEMES))
