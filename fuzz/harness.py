"""What the scripts of this folder share: targets, their commands, and tables of README.md."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# No sanitizer: neither the library nor the targets hold unsafe code, and without one a run tries
# several times as many inputs. Debug assertions and overflow checks stay on.
BUILD = ["--sanitizer", "none"]


def targets():
    """Names of all targets."""
    return sorted(path.stem for path in (ROOT / "fuzz/fuzz_targets").glob("*.rs"))


def flags(target, root=ROOT):
    """Flags of libFuzzer that every run of a target has."""
    options = re.findall(r"^(\w+) = (.*)$", (root / "fuzz/libfuzzer.options").read_text(), re.MULTILINE)
    dictionary = root / f"fuzz/dictionaries/{target}.dict"
    words = [f"-dict={dictionary}"] if dictionary.is_file() else []
    return ["-seed=1", *(f"-{name}={value}" for name, value in options), *words]


def folder(kind, target, root=ROOT):
    """Inputs of a target that are kept: `seeds`, `regressions` or `corpus`. Made where it is missing."""
    path = root / "fuzz" / kind / target
    path.mkdir(parents=True, exist_ok=True)
    return path


def make_seeds():
    """Writes the seeds that are made from the corpus."""
    command = ["cargo", "run", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--no-default-features"]
    subprocess.run([*command, "--example", "seeds"], cwd=ROOT, check=True)


def build(target_folder, *arguments, root=ROOT, env=None):
    """Builds targets with cargo-fuzz and returns the folder that they are in."""
    command = ["cargo", "+nightly", "fuzz", "build", *BUILD, "--target-dir", str(target_folder), *arguments]
    subprocess.run(command, cwd=root, env=env, check=True)
    return Path(target_folder) / host() / "release"


def host():
    """The machine that nightly Rust builds for."""
    version = subprocess.run(["rustc", "+nightly", "-vV"], capture_output=True, text=True, check=True).stdout
    return re.search(r"^host: (.*)$", version, re.MULTILINE)[1]


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def parts(name):
    """README.md before, between and after the two markers of this name."""
    start, end = f"<!-- {name}: written by a script -->\n", f"<!-- end of {name} -->"
    before, found, rest = (ROOT / "fuzz/README.md").read_text().partition(start)
    text, ended, after = rest.partition(end)
    if not (found and ended):
        raise SystemExit(f"fuzz/README.md has no lines `{start.strip()}` and `{end}`; put them where the text goes")
    return before + start, text, end + after


def section(name):
    """What stands between the markers."""
    return parts(name)[1]


def write_section(name, text):
    """Replaces what stands between the markers."""
    before, _, after = parts(name)
    (ROOT / "fuzz/README.md").write_text(before + text.strip("\n") + "\n" + after)
