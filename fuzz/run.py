#!/usr/bin/env python3
"""Builds every fuzz target, runs each for a time and prints what came out.

Runs start from corpus, seeds and regressions; new inputs go to the corpus. Exit status 1 where a
target has a finding.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import ROOT, build, flags, folder, make_seeds, section, table, targets, write_section

HEAD = ["target", "executions", "a second", "edges covered", "features", "inputs kept", "peak memory", "findings"]


def measure(binary, target, seconds):
    """A line of the table."""
    artifacts = folder("artifacts", target)
    inputs = [folder(kind, target) for kind in ("corpus", "seeds", "regressions")]
    command = [binary, *flags(target), f"-max_total_time={seconds}", "-print_final_stats=1"]
    done = subprocess.run([*command, f"-artifact_prefix={artifacts}/", *inputs], capture_output=True, check=False)
    output = (done.stdout + done.stderr).decode(errors="replace")
    stats = dict(re.findall(r"stat::(\w+): +(\d+)", output))
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/", output)
    if not stats:
        sys.exit(f"{target} ended with {done.returncode} before it had run:\n{output[-3000:]}")
    # An input that was kept before can fail before anything is counted.
    cov, ft, kept = (f"{int(figure):,}" for figure in (reached or [(0, 0, 0)])[-1])
    # A slow input is written, too, and is no finding: its limit of time has not passed.
    finding = done.returncode != 0 and re.search(r"Test unit written to (\S+)", output)
    print(f"{target}: {finding[0] if finding else 'no finding'}", flush=True)
    executed, rate = (f"{int(stats[name]):,}" for name in ("number_of_executed_units", "average_exec_per_sec"))
    found = "none" if done.returncode == 0 else "1"
    return [f"`{target}`", executed, rate, cov, ft, kept, f"{stats['peak_rss_mb']} MB", found]


def merged(lines):
    """These lines, and those of other targets that the table in README.md has."""
    kept = {line.split("|")[1].strip(): line.strip("| ").split(" | ") for line in section("measured").splitlines()[4:]}
    known = {f"`{target}`" for target in targets()}
    return [line for name, line in sorted((kept | {line[0]: line for line in lines}).items()) if name in known]


def main():
    cores = os.cpu_count() or 1
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("seconds", type=int, nargs="?", default=10, help="how long each target runs (default: 10)")
    options.add_argument("targets", nargs="*", help="which targets (default: all)")
    options.add_argument("--at-once", type=int, default=cores, help="how many run at once (default: one a core)")
    options.add_argument("--built", type=Path, help="a folder of built targets, which are then not built here")
    options.add_argument("--write", action="store_true", help="write these lines into the table of README.md")
    asked = options.parse_args()
    unknown = set(asked.targets) - set(targets())
    if unknown:
        options.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    # All are built first, so that a broken one shows before any time is spent.
    make_seeds()
    built = asked.built or build(os.environ.get("CARGO_TARGET_DIR", ROOT / "fuzz/target"))
    with ThreadPoolExecutor(asked.at_once) as pool:
        wanted = asked.targets or targets()
        lines = list(pool.map(lambda target: measure(built / target, target, asked.seconds), wanted))
    print(table(HEAD, lines))
    if asked.write:
        says = f"Each target for {asked.seconds} s, {asked.at_once} at a time on {cores} cores, without a sanitizer:"
        write_section("measured", f"{says}\n\n{table(HEAD, merged(lines))}")
    sys.exit(any(line[-1] != "none" for line in lines))


if __name__ == "__main__":
    main()
