#!/usr/bin/env bash
# Installs the frameworks, in the versions that the lock files beside this one name, into MENDS_CACHE or target/mends,
# and runs each file of src/diagnosis/mends in its framework.
set -euo pipefail
cd "$(dirname "$0")"
export MENDS_CACHE=${MENDS_CACHE:-$(cd ../.. && pwd)/target/mends}
python=$MENDS_CACHE/python node=$MENDS_CACHE/node

# installed FOLDER TEXT: the folder was filled for this text.
installed() { [ "$(cat "$1/installed" 2>/dev/null)" = "$2" ]; }
wanted=$(python3 --version && cat requirements.txt)
if ! installed "$python" "$wanted"; then
  rm -rf "$python"
  # The list is whole, and what else is installed on the machine is not asked.
  options=(--quiet --root-user-action ignore --no-deps --no-compile)
  python3 -m pip install "${options[@]}" --target "$python" --requirement requirements.txt
  printf '%s' "$wanted" >"$python/installed"
fi
wanted=$(node --version && cat package.json package-lock.json)
if ! installed "$node" "$wanted"; then
  rm -rf "$node"
  mkdir -p "$node"
  cp package.json package-lock.json "$node"
  # What is optional are the compilers of Next.js, which no route needs that is JavaScript already.
  npm ci --prefix "$node" --omit optional --ignore-scripts --no-audit --no-fund --loglevel error
  printf '%s' "$wanted" >"$node/installed"
fi

# Nothing is written beside the tests.
export PYTHONPATH=$python PYTHONDONTWRITEBYTECODE=1
python3 -m pytest --quiet -p no:cacheprovider test_mends.py
node --test mends.test.mjs >"$MENDS_CACHE/node.log" || { cat "$MENDS_CACHE/node.log"; exit 1; }
tail -n 8 "$MENDS_CACHE/node.log"
