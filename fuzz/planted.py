#!/usr/bin/env python3
"""Plants the bugs of planted.toml in the reference, one at a time, and lets a fuzzer find each.

Works in a copy of the repository, so the files here stay as they are; the one target of a bug then
runs on one core, from its seeds, always with the same seed. Without ROW all are planted. The table of
README.md gets their lines, and keeps those of the others. Exit status 1 where a bug is not found in
time, 2 where an edit no longer fits the code.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from harness import ROOT, build, flags, folder, make_seeds, section, table, targets, write_section


def load(rows):
    """The bugs; ends the script where one names what is not there."""
    bugs = tomllib.loads((ROOT / "fuzz/planted.toml").read_text())["bug"]
    known = re.findall(r'^    (\w+) "', (ROOT / "src/mutation/rows.rs").read_text(), re.MULTILINE)
    unknown = set(rows) - {bug["row"] for bug in bugs}
    problems = [f"no bug of row {row} is in planted.toml" for row in sorted(unknown)]
    for bug in bugs:
        times = (ROOT / bug["file"]).read_text().count(bug["search"])
        if times != 1:
            found = f"the search text stands {times} times in {bug['file']}, expected once"
            problems.append(f"{bug['row']}: {found}; mend it in planted.toml")
        if bug["row"] not in known:
            problems.append(f"{bug['row']} is no row of src/mutation/rows.rs")
        if bug["target"] not in targets():
            problems.append(f"{bug['row']}: there is no target {bug['target']}")
    if problems:
        print("\n".join(problems), file=sys.stderr)
        sys.exit(2)
    return [bug for bug in bugs if not rows or bug["row"] in rows]


def copy(into):
    """Copies every file that git has or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        source, copied = ROOT / name, into / name
        # What is the same already stays, so that it is not compiled again.
        if source.is_file() and not (copied.is_file() and copied.read_bytes() == source.read_bytes()):
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copied)


class Laboratory:
    """A copy of the repository in which bugs are planted, and one folder of builds."""

    def __init__(self, scratch):
        self.root = scratch / "tree"
        self.scratch = scratch
        copy(self.root)
        # Made by the reference as it is, before anything is planted.
        make_seeds()
        shutil.copytree(ROOT / "fuzz/seeds", self.root / "fuzz/seeds", dirs_exist_ok=True)
        # Little is compiled again from bug to bug; optimised less than for a long run.
        profile = {"INCREMENTAL": "true", "LTO": "off", "OPT_LEVEL": "1"}
        self.env = os.environ | {f"CARGO_PROFILE_RELEASE_{name}": value for name, value in profile.items()}

    def build(self, target):
        return build(self.scratch / "build", "--codegen-units", "256", target, root=self.root, env=self.env) / target

    def run(self, binary, target, *arguments):
        """Exit status, seconds and output of a run that starts from the seeds."""
        found = self.scratch / "found"
        shutil.rmtree(found, ignore_errors=True)
        found.mkdir()
        command = [binary, *arguments, *flags(target, self.root), f"-artifact_prefix={found}/", found]
        start = time.monotonic()
        done = subprocess.run(
            [*command, folder("seeds", target, self.root)],
            capture_output=True,
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
        )
        return done.returncode, time.monotonic() - start, (done.stdout + done.stderr).decode(errors="replace")

    def plant(self, bug, seconds):
        """Seconds until the bug was found, or None, and what was said."""
        path = self.root / bug["file"]
        clean = path.read_text()
        path.write_text(clean.replace(bug["search"], bug["replace"]))
        try:
            binary = self.build(bug["target"])
            status, took, output = self.run(binary, bug["target"], f"-max_total_time={seconds}")
        finally:
            path.write_text(clean)
        # The message of an assertion, with the two values that it compares.
        said = re.search(r"panicked at .*\n(.*(?:\n +left: .*\n +right: .*)?)", output)
        said = said or re.search(r"(ERROR: libFuzzer: .*)", output)
        return (None, "") if status == 0 else (took, said[1] if said else output[-2000:])


def merged(lines):
    """These lines, and those of other bugs that the table in README.md has, in the order of planted.toml."""
    kept = [line.strip("| ").split(" | ") for line in section("planted bugs").splitlines()[2:]]
    found = {(line[0], line[1]): line for line in [*kept, *lines]}
    return [found[key] for key in ((bug["row"], bug["bug"]) for bug in load([])) if key in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--seconds", type=int, default=60, help="for which a bug is searched")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where copy and builds are kept for the next time")
    parser.add_argument("--check", action="store_true", help="plant nothing; say which edits fit the code no longer")
    arguments = parser.parse_args()
    bugs = load(arguments.rows)
    if arguments.check:
        return
    lines, missed = [], []
    with tempfile.TemporaryDirectory() as name:
        laboratory = Laboratory(arguments.keep or Path(name))
        for target in sorted({bug["target"] for bug in bugs}):
            # What a clean build does with the seeds shows that it is the bug that is found.
            status, _, output = laboratory.run(laboratory.build(target), target, "-runs=0")
            if status != 0:
                sys.exit(f"{target} fails on its seeds before anything is planted:\n{output[-3000:]}")
        for bug in bugs:
            took, said = laboratory.plant(bug, arguments.seconds)
            found = f"{took:.1f} s" if took is not None else f"not in {arguments.seconds} s"
            print(f"{bug['row']} {bug['bug']}: {bug['target']}: {found}\n    {said[:300]}", flush=True)
            lines.append([bug["row"], bug["bug"], f"`{bug['file']}`", f"`{bug['target']}`", found])
            if took is None:
                missed.append(bug["row"])
    write_section("planted bugs", table(["row", "bug", "planted in", "target", "found after"], merged(lines)))
    if missed:
        print(f"not found: {', '.join(missed)}", file=sys.stderr)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
