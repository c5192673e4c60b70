#!/usr/bin/env python3
"""Installs both releases of each pair, tests each with `countersign test`, and prints what only the one before the fix fails.

    python3 third-party/pairs/run.py --binary target/release/countersign [--only ID …] [--cache DIR] [--results FILE]

A pair is red where a vector fails before the fix and passes after it; the causes that are printed are those of such
vectors. Python packages come with pip, each release into a folder of its own beside one virtual environment; Node packages
with npm, without their scripts. FILE gets the same as JSON.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class NotInstalled(Exception):
    """A release cannot be had; the last line of what was said."""


def install(command, folder, **options):
    """Runs a command that fills a folder, once."""
    done = folder.with_name(folder.name + ".done")
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    ran = subprocess.run(command, capture_output=True, text=True, **options)
    if ran.returncode:
        raise NotInstalled((ran.stderr.strip().splitlines() or ["no reason given"])[-1][:300])
    done.touch()


def python_subject(pair, version, cache):
    """The command of the adapter over a release of a Python package, and its environment."""
    venv = cache / "venv"
    install([sys.executable, "-m", "venv", str(venv)], venv)
    pip = [str(venv / "bin/pip"), "install", "-q", "--disable-pip-version-check"]
    install([*pip, "-r", str(HERE / "python/requirements.txt")], cache / "requirements")
    more = pair.get("with", [])
    folder = cache / "python" / "+".join([f"{pair['package']}-{version}", *more])
    exact = ["--no-deps", "--no-compile", "--no-build-isolation", "--target", str(folder)]
    install([*pip, *exact, f"{pair['package']}=={version}", *more], folder)
    environment = {"PYTHONPATH": str(folder), "SUBJECT_VERSION": version, "SUBJECT_SCHEME": pair["scheme"],
                   "SUBJECT_OPTIONS": pair.get("options", ""), "PYTHONWARNINGS": "ignore"}
    return [str(venv / "bin/python"), "-B", str(HERE / "python" / pair["subject"] / "subject.py")], environment


def node_subject(pair, version, cache):
    """The command of the adapter over a release of a Node package, and its environment."""
    folder = cache / "node" / f"{pair['package'].replace('/', '+')}@{version}"
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix", str(folder)]
    install([*npm, f"{pair['package']}@{version}", *pair.get("with", [])], folder)
    environment = {"SUBJECT_DIR": str(folder), "NODE_NO_WARNINGS": "1", **pair.get("env", {})}
    return ["node", str(HERE / "node" / pair["adapter"] / "subject.mjs")], environment


def report(options, pair, side):
    """The report of `countersign test` on one release."""
    subject = python_subject if pair["ecosystem"] == "pypi" else node_subject
    command, own = subject(pair, pair[side], options.cache)
    environment = {name: value for name, value in os.environ.items() if name not in CREDENTIALS}
    test = [str(options.binary), "test", "--corpus", str(ROOT / "tests/fixtures/schemes"), "--scheme", pair["scheme"]]
    ran = subprocess.run([*test, "--level", "decision", "--format", "json", "--", *command], capture_output=True, text=True,
                         env={**environment, "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1", **own})
    try:
        return json.loads(ran.stdout)
    except ValueError:
        raise NotInstalled(f"status {ran.returncode}: {ran.stderr.strip()[:300]}") from None


def compared(options, pair):
    """What only the release before the fix fails, and the causes that are named for it."""
    before, after = (report(options, pair, side) for side in ("before", "after"))
    failed = [{failure["vector"]: failure["kind"] for failure in one["failures"]} for one in (before, after)]
    only = [vector for vector in failed[0] if vector not in failed[1]]
    causes = [{"says": cause["finding"], "vectors": [vector for vector in cause["vectors"] if vector in only]}
              for cause in before["causes"]]
    return {"only_before": only, "errors": [vector for vector in only if failed[0][vector] == "error"],
            "failed": [len(one) for one in failed], "causes": [cause for cause in causes if cause["vectors"]]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target/pairs")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--results", type=pathlib.Path)
    options = parser.parse_args()
    options.binary, options.cache = options.binary.resolve(), options.cache.resolve()
    pairs = [pair for language in ("python", "node") for pair in json.loads((HERE / language / "pairs.json").read_text())]
    results, red = {}, 0
    for pair in pairs:
        if options.only and pair["id"] not in options.only:
            continue
        name = f"{pair['id']}: {pair['package']} {pair['before']} -> {pair['after']}, {pair['scheme']} {pair['side']}"
        try:
            result = compared(options, pair)
        except NotInstalled as why:
            print(f"{name}\n  not run: {why}", flush=True)
            continue
        results[pair["id"]] = result
        red += bool(result["only_before"])
        shown, errors = len(result["only_before"]), len(result["errors"])
        print(f"{name}\n  red in {shown} ({errors} by an error), {result['failed'][1]} fail after it too\n  is: {pair['expect']}")
        for cause in result["causes"]:
            print(f"  named: {cause['says']} ({len(cause['vectors'])})")
        sys.stdout.flush()
        if options.results:
            options.results.write_text(json.dumps(results, indent=1))
    print(f"{red} of {len(results)} pairs are red before the fix in a vector that passes after it")


main()
