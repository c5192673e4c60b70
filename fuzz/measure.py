#!/usr/bin/env python3
"""Runs every fuzz target for a time, as many at once as there are cores, and writes what came out
into README.md.

Usage: measure.py SECONDS. Runs start from corpus, seeds and regressions; new inputs go to the corpus.
Exit status 1 where a target has a finding.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from harness import ROOT, build, flags, folder, table, targets, write_section

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
    if not reached or not stats:
        sys.exit(f"{target} ended with {done.returncode} before it had run:\n{output[-3000:]}")
    cov, ft, kept = (f"{int(figure):,}" for figure in reached[-1])
    finding = re.search(r"Test unit written to (\S+)", output)
    print(f"{target}: {finding[0] if finding else 'no finding'}", flush=True)
    executed, rate = (f"{int(stats[name]):,}" for name in ("number_of_executed_units", "average_exec_per_sec"))
    found = "none" if done.returncode == 0 else "1"
    return [f"`{target}`", executed, rate, cov, ft, kept, f"{stats['peak_rss_mb']} MB", found]


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit("usage: measure.py SECONDS; give how long each target is to run")
    seconds = int(sys.argv[1])
    built = build(os.environ.get("CARGO_TARGET_DIR", ROOT / "fuzz/target"))
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        lines = list(pool.map(lambda target: measure(built / target, target, seconds), targets()))
    says = f"Each target for {seconds} s on one core, {cores} at a time, without a sanitizer:"
    write_section("measured", f"{says}\n\n{table(HEAD, lines)}")
    sys.exit(any(line[-1] != "none" for line in lines))


if __name__ == "__main__":
    main()
