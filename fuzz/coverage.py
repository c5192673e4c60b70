#!/usr/bin/env python3
"""Lines of the code that reads and evaluates hostile bytes which the fuzz targets together do not
reach, from their seeds, regressions and corpora.

Usage: coverage.py. Builds the targets with rustc's own instrumentation, replays, prints the uncovered
lines by file with those marked that uncovered.toml does not explain, and writes the figures into README.md.
Needs llvm-profdata and llvm-cov of LLVM 19 or later: those of `rustup component add llvm-tools
--toolchain nightly`, those of the folder in LLVM_PATH, or the newest of a Debian package llvm-NN.
Exit status 1 below the goal or where a line is not explained, 2 where an explanation is of no line.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import ROOT, build, flags, folder, host, make_seeds, table, targets, write_section

GOAL = 95.0
AREAS = {
    "schemes": ["src/scheme/"],
    "primitives": ["src/primitive/"],
    "requests": ["src/request.rs"],
    "loaders": [
        "src/yaml.rs",
        "src/yaml/segment.rs",
        "src/bytes.rs",
        "src/corpus/load.rs",
        "src/corpus/files.rs",
        "src/corpus/model.rs",
        "src/corpus/request.rs",
        "src/corpus/statements.rs",
    ],
}


def tool(name):
    """Path of one of LLVM's tools."""
    asked = ["rustc", "+nightly", "--print", "sysroot"]
    sysroot = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    debian = Path("/usr/lib").glob("llvm-[0-9]*/bin")
    debian = sorted(debian, key=lambda path: int(path.parent.name.removeprefix("llvm-")), reverse=True)
    named = [Path(os.environ["LLVM_PATH"])] if "LLVM_PATH" in os.environ else []
    for place in [*named, sysroot / "lib/rustlib" / host() / "bin", *debian]:
        if (place / name).is_file():
            return str(place / name)
    sys.exit(f"{name} is not found; `rustup component add llvm-tools --toolchain nightly`, or install llvm-19")


def replayed(built, profiles):
    """Runs every target over all its inputs and returns the merged profile."""

    def replay(target):
        inputs = [folder(kind, target) for kind in ("seeds", "regressions", "corpus")]
        env = os.environ | {"LLVM_PROFILE_FILE": str(profiles / f"{target}.profraw")}
        command = [built / target, *flags(target), "-runs=0", *inputs]
        done = subprocess.run(command, env=env, capture_output=True, cwd=profiles, check=False)
        if done.returncode != 0:
            sys.exit(f"{target} fails on one of its inputs:\n{done.stderr.decode(errors='replace')[-3000:]}")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(replay, targets()))
    merged = profiles / "merged.profdata"
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", *profiles.glob("*.profraw"), "-o", merged], check=True)
    return merged


def counts(built, profile):
    """By file of an area, how often each of its lines ran."""
    objects = [part for target in targets() for part in ("--object", built / target)][1:]
    command = [tool("llvm-cov"), "export", "--format=lcov", f"--instr-profile={profile}", *objects]
    lines, file = defaultdict(dict), ""
    for record in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        key, _, value = record.partition(":")
        if key == "SF":
            path = Path(value)
            file = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else ""
        elif key == "DA" and area(file):
            number, ran = value.split(",")[:2]
            lines[file][int(number)] = max(int(ran), lines[file].get(int(number), 0))
    return lines


def area(file):
    return next((name for name, places in AREAS.items() if any(file.startswith(place) for place in places)), None)


def explained():
    """Pairs of file and text of a line that uncovered.toml explains."""
    groups = tomllib.loads((ROOT / "fuzz/uncovered.toml").read_text()).get("group", [])
    pairs = {(file, text) for group in groups for file, texts in group["lines"].items() for text in texts}
    gone = [pair for pair in pairs if pair[1] not in code(pair[0]).values()]
    for file, text in sorted(gone):
        print(f"uncovered.toml explains `{text}`, which is no line of {file}; delete it", file=sys.stderr)
    if gone:
        sys.exit(2)
    return pairs


def code(file):
    """By number, the text of each line without its indentation."""
    path = ROOT / file
    return {i: line.strip() for i, line in enumerate(path.read_text().splitlines(), 1)} if path.is_file() else {}


def runs(ran, texts):
    """Uncovered lines in a row; a function starts another row."""
    rows, last_ran = [], 1
    for number, count in sorted(ran.items()):
        if count == 0:
            if last_ran or re.search(r"\bfn \w", texts[number]):
                rows.append([])
            rows[-1].append(number)
        last_ran = count
    return rows


def report(lines, known):
    """Prints what is uncovered and returns the table's rows and the figures of all areas together."""
    totals = {name: [0, 0, 0] for name in [*AREAS, "together"]}
    unexplained, used = defaultdict(list), set()
    for file, ran in sorted(lines.items()):
        texts = code(file)
        figures = [len(ran), 0, 0]
        for row in runs(ran, texts):
            # A row goes by its first line with a word in it; one of brackets alone needs no reason.
            text = next((texts[number] for number in row if re.search(r"\w", texts[number])), None)
            explained = text is None or (file, text) in known
            used.add((file, text))
            figures[1] += len(row)
            if not explained:
                figures[2] += len(row)
                unexplained[file].append(text)
            where = f"{file}:{row[0]}" if len(row) == 1 else f"{file}:{row[0]}-{row[-1]}"
            print(f"{where}: {text or texts[row[0]]}{'' if explained else '  (not explained)'}")
        for name in (area(file), "together"):
            totals[name] = [a + b for a, b in zip(totals[name], figures, strict=True)]
    if unexplained:
        print("\nNot explained, in the form of uncovered.toml:\n[group.lines]")
        for file, texts in unexplained.items():
            print(f"{json.dumps(file)} = {json.dumps(list(dict.fromkeys(texts)), ensure_ascii=False)}")
    for file, text in sorted(known - used):
        print(f"explained, but covered this time: {file}: {text}")
    rows = [
        [
            name,
            f"{all_:,}",
            f"{all_ - missed:,}",
            f"{100 * (all_ - missed) / max(all_, 1):.1f} %",
            missed - open_,
            open_,
        ]
        for name, (all_, missed, open_) in totals.items()
    ]
    return rows, totals["together"]


def main():
    known = explained()
    instrumented = {"RUSTFLAGS": "-Cinstrument-coverage", "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1"}
    make_seeds()
    target_folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "fuzz/target")) / "coverage"
    built = build(target_folder, "--codegen-units", "16", env=os.environ | instrumented)
    with tempfile.TemporaryDirectory() as name:
        lines = counts(built, replayed(built, Path(name)))
    rows, (all_, missed, unexplained) = report(lines, known)
    written = table(["area", "lines", "covered", "share", "uncovered, explained", "uncovered, not explained"], rows)
    print(f"\n{written}")
    write_section("coverage", written)
    share = 100 * (all_ - missed) / max(all_, 1)
    if share < GOAL:
        print(f"{share:.1f} % of the lines are covered, expected {GOAL} %; give the targets inputs", file=sys.stderr)
    sys.exit(share < GOAL or unexplained > 0)


if __name__ == "__main__":
    main()
