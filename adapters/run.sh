#!/usr/bin/env bash
# Builds every adapter, runs the corpus against it as it is and with fresh credentials, and runs its own tests of the JSON
# corpus. With names of folders, only those.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --quiet --release --manifest-path ../Cargo.toml
countersign=${CARGO_TARGET_DIR:-$PWD/../target}/release/countersign
[ $# -gt 0 ] || set -- */

# The commands of a field of adapter.json, one a line, quoted for the shell; a command alone counts as a list of one.
commands() {
  python3 - "$1" <<'END'
import json, shlex, sys
value = json.load(open("adapter.json"))[sys.argv[1]]
for command in value if value and isinstance(value[0], list) else [value] if value else []:
    print(shlex.join(command))
END
}

for folder; do
  ( cd "$folder"
    printf '\n-- %s\n' "$folder"
    while read -r command; do eval "$command"; done < <(commands build)
    command=$(commands command)
    eval "\"$countersign\" test --level decision -- $command"
    eval "\"$countersign\" test --level decision --rekey 7 -- $command" | tail -n 1
    while read -r command; do eval "$command" > build.log 2>&1 || { cat build.log; exit 1; }; tail -n 12 build.log; rm build.log; done < <(commands test) )
done
