#!/usr/bin/env python3
"""Checks a folder of built fuzz targets as the build check of OSS-Fuzz's base-runner does, and more.

Usage: check_out.py OUT, with SANITIZER and ARCHITECTURE as the engine sets them. A target passes
when it is an instrumented ELF executable that runs from elsewhere and keeps all its seeds, and when
its archive, dictionary and options are read. Prints a line a target; exit status 1 where one fails.
"""

import configparser
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 4
# The engine's own thresholds: below them a build counts as not instrumented.
EDGES = 100
ASAN_CALLS = 1000
# ELF machine numbers, by the engine's names.
MACHINES = {"x86_64": 62, "aarch64": 183}
# A folder in which nobody, root included, may create a file.
READ_ONLY = "/proc"


class Bad(Exception):
    """What is wrong with a target: found, expected, and what to do."""


def demand(condition, message):
    if not condition:
        raise Bad(message)


def found_targets(out):
    """Targets as the engine finds them: executable ELF files that hold libFuzzer's entry point."""
    found = set()
    for path in out.iterdir():
        if path.is_file() and os.access(path, os.X_OK):
            content = path.read_bytes()
            if content.startswith(b"\x7fELF") and b"LLVMFuzzerTestOneInput" in content:
                found.add(path.name)
    return found


def run(target, *arguments):
    """Output of a target, which is started by its full path in a folder that it cannot write."""
    command = [str(target), "-seed=1337", "-print_final_stats=1", *arguments]
    done = subprocess.run(command, cwd=READ_ONLY, capture_output=True, timeout=300, check=False)
    text = (done.stdout + done.stderr).decode(errors="replace")
    demand(done.returncode == 0, f"`{' '.join(command)}` ended with {done.returncode}, expected 0:\n{text[-3000:]}")
    return text


def number(pattern, text, what):
    match = re.search(pattern, text)
    demand(match, f"no {what} in its output, which is:\n{text[-3000:]}")
    return int(match[1])


def options(path):
    """Flags of an options file, which must be one that the engine reads."""
    demand(path.is_file(), f"{path.name} is missing; build.sh copies it from fuzz/libfuzzer.options")
    parser = configparser.ConfigParser()
    parser.read(path)
    demand(parser.has_section("libfuzzer"), f"{path.name} has no section [libfuzzer]")
    return [f"-{key}={value}" for key, value in parser["libfuzzer"].items()]


def seeds(archive, into):
    """Unpacks the seed archive and returns how many files it holds."""
    demand(archive.is_file(), f"{archive.name} is missing; build.sh makes it from fuzz/seeds and fuzz/regressions")
    with zipfile.ZipFile(archive) as opened:
        broken = opened.testzip()
        demand(broken is None, f"{archive.name}: {broken} cannot be unpacked")
        names = opened.namelist()
        demand(names, f"{archive.name} is empty; expected the files of fuzz/seeds")
        opened.extractall(into)
    return len(names)


def asan_calls(target):
    dump = subprocess.Popen(["objdump", "-d", "--no-show-raw-insn", target], stdout=subprocess.PIPE)
    with dump:
        return sum(b"call" in line and b"<__asan" in line for line in dump.stdout)


def check(target, folder):
    """All checks of one target; returns a line that says what it has."""
    demand(re.fullmatch(r"[A-Za-z0-9_-]+", target.name), "its name holds a character that the engine does not take")
    machine = struct.unpack_from("<H", target.read_bytes()[:20], 18)[0]
    wanted = MACHINES[os.environ["ARCHITECTURE"]]
    demand(machine == wanted, f"built for ELF machine {machine}, expected {wanted}, {os.environ['ARCHITECTURE']}")

    flags = options(target.with_name(target.name + ".options"))
    started = run(target, f"-runs={RUNS}", *flags)
    demand(f"Done {RUNS} runs" in started, f"it ends before its {RUNS} runs:\n{started[-3000:]}")
    demand("unrecognized flag" not in started, f"libFuzzer does not know a flag of its options {flags}")
    edges = number(r"Loaded \d+ modules? .*(?:counters|guards)\): (\d+)", started, "count of instrumented edges")
    demand(edges >= EDGES, f"{edges} instrumented edges, expected {EDGES} or more: it is not built by cargo-fuzz")

    corpus = folder / target.name
    count = seeds(target.with_name(target.name + "_seed_corpus.zip"), corpus)
    dictionary = target.with_name(target.name + ".dict")
    words = [f"-dict={dictionary}"] if dictionary.is_file() else []
    seeded = run(target, "-runs=0", *flags, *words, str(corpus))
    files = number(r"INFO: seed corpus: files: (\d+)", seeded, "count of seeds read")
    demand(files == count, f"{files} seeds read, expected the {count} of its archive")
    features = number(r"INITED cov: \d+ ft: (\d+)", seeded, "coverage of the seeds")
    demand(
        features >= EDGES, f"the seeds cover {features} features, expected {EDGES} or more: they do not reach the code"
    )
    entries = number(r"Dictionary: (\d+) entries", seeded, "count of dictionary entries") if words else 0
    demand(entries or not words, f"{dictionary.name} has no entry; delete it")
    if os.environ["SANITIZER"] == "address":
        calls = asan_calls(target)
        demand(calls >= ASAN_CALLS, f"{calls} calls of AddressSanitizer, expected {ASAN_CALLS} or more")
    return f"{edges} edges, {count} seeds of {features} features, {entries} dictionary entries"


def main():
    expected = {path.stem for path in (ROOT / "fuzz/fuzz_targets").glob("*.rs")}
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # From another place than where they were built, as on a cluster.
        out = Path(shutil.copytree(sys.argv[1], folder / "elsewhere"))
        found = found_targets(out)
        if found != expected or not expected:
            sys.exit(
                f"{sys.argv[1]} holds the targets {sorted(found)}, expected {sorted(expected)} of fuzz/fuzz_targets"
            )

        def line(target):
            try:
                return True, f"{target}: {check(out / target, folder)}"
            except (Bad, configparser.Error, zipfile.BadZipFile, subprocess.TimeoutExpired) as bad:
                return False, f"{target}: BAD BUILD: {bad}"

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for passed, text in pool.map(line, sorted(found)):
                failed |= not passed
                print(text, flush=True)
    sys.exit(failed)


main()
