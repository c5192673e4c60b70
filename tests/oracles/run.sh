#!/usr/bin/env bash
# Runs both oracles over the schemes that they know, decisions included, and prints how many vectors each confirms; exits 1
# where one of them fails. COUNTERSIGN is the binary; unless it is given, that of a release build.
set -euo pipefail
cd "$(dirname "$0")/../.."
countersign=${COUNTERSIGN:-target/release/countersign}
schemes=(aws-sigv4 github oauth1 rfc9421 shopify slack standard-webhooks stripe twilio)
options=(--corpus tests/fixtures/schemes --level decision --no-diagnosis --format junit)
for scheme in "${schemes[@]}"; do options+=(--scheme "$scheme"); done
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# run ORACLE COMMAND…: each vector's result goes into a file of the oracle's name.
status=0
run() {
  "$countersign" test "${options[@]}" --output "$results/$1" -- "${@:2}" && return
  echo "the oracle in $1 fails" >&2
  status=1
}
run Python python3 -B tests/oracles/python/subject.py
run JavaScript node tests/oracles/javascript/subject.mjs

python3 - "$results" "${schemes[@]}" <<'PYTHON' || status=1
import sys
from pathlib import Path
from xml.etree import ElementTree

folder, schemes = Path(sys.argv[1]), sys.argv[2:]
vectors, confirmed = {scheme: set() for scheme in schemes}, {}
for oracle in ("Python", "JavaScript"):
    confirmed[oracle] = {scheme: set() for scheme in schemes}
    file = folder / oracle
    for case in ElementTree.parse(file).iter("testcase") if file.exists() else ():
        name = case.get("name")
        scheme = name.partition("/")[0]
        if scheme not in vectors:  # the oracle's own conduct
            continue
        vectors[scheme].add(name)
        if len(case) == 0:  # neither failed, nor an error, nor skipped
            confirmed[oracle][scheme].add(name)
python, javascript = confirmed.values()


def row(title, schemes):
    count = lambda names: sum(len(names[scheme]) for scheme in schemes)
    total, either = count(vectors), sum(len(python[scheme] | javascript[scheme]) for scheme in schemes)
    share = f"{100 * either / total:.1f} %" if total else "-"
    print(f"{title:<20}{total:>8}{count(python):>10}{count(javascript):>12}{share:>10}")
    return total == count(python) == count(javascript) > 0


print(f"{'scheme':<20}{'vectors':>8}{'Python':>10}{'JavaScript':>12}{'either':>10}")
passed = [row(scheme, [scheme]) for scheme in schemes]
row("all", schemes)
sys.exit(0 if all(passed) else 1)
PYTHON
exit "$status"
