"""Runs every wrong implementation of a set against the corpus, and says what is named.

    python3 tests/blind/run.py SET --binary BINARY [--only ID] [--texts FILE]

SET is a folder with parts, each with `subject.py` (an adapter that takes `--bug ID`) and `bugs.json`. What is named is
judged by hand once, by its words: `judged.json` of the set has for each bug the words of its first cause and a verdict
(`right`, `half`: one of two mistakes, `wrong`, `unknown`: not known is said). Words that nobody has judged are printed.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT_IN = {path.name for path in (ROOT / "vectors").iterdir() if (path / "scheme.yaml").exists()}


def run(binary, part, bug):
    scheme = bug["scheme"]
    corpus = [] if scheme in BUILT_IN else ["--corpus", str(ROOT / "tests/fixtures/schemes")]
    command = [binary, "test", *corpus, "--scheme", scheme, "--level", "decision", "--format", "json", "--", sys.executable, "-B",
               str(part / "subject.py"), "--bug", bug["id"]]
    start = time.time()
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    took = time.time() - start
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return {"error": done.stderr[-500:], "took": took}
    causes = [cause for cause in report["causes"]]
    return {"failed": len(report["failures"]), "causes": causes, "took": took}


def words(cause):
    """What a cause says: its class of answer, and the parts of its candidates."""
    diagnosis = cause["diagnosis"]
    if diagnosis["verdict"] == "other-reasons":
        return "other-reasons"
    if diagnosis["verdict"] not in ("explained", "open"):
        return diagnosis["verdict"]
    first = " + ".join(part["says"] for part in diagnosis["candidates"][0]["parts"])
    return first if diagnosis["verdict"] == "explained" else "open"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=pathlib.Path)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--only")
    parser.add_argument("--texts", type=pathlib.Path)
    options = parser.parse_args()
    judged_file = options.set / "judged.json"
    judged = json.loads(judged_file.read_text()) if judged_file.exists() else {}
    bugs = []
    for part in sorted(path.parent for path in options.set.glob("*/bugs.json")):
        for bug in json.loads((part / "bugs.json").read_text()):
            if not options.only or options.only in bug["id"]:
                bugs.append((part, bug))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda one: run(options.binary, *one), bugs))
    table = collections.defaultdict(collections.Counter)
    texts = []
    for (_, bug), result in zip(bugs, results):
        named = " | ".join(words(cause) for cause in result.get("causes", []))
        if result.get("failed") == 0:
            verdict = "not found"
        elif not named:
            verdict = "no cause"
        elif all(word in ("unexplained", "open", "other-reasons", "refuses-all", "accepts-all") for word in named.split(" | ")):
            verdict = judged.get(bug["id"], {}).get(named, "unknown")
        else:
            verdict = judged.get(bug["id"], {}).get(named, "NOT JUDGED")
        for row in (bug["scheme"], bug["side"], "all"):
            table[row][verdict] += 1
        texts.append({"id": bug["id"], "scheme": bug["scheme"], "side": bug["side"], "says": bug["says"], "parts": bug["parts"],
                      "visible": bug["visible"], "named": named, "verdict": verdict, "failed": result.get("failed"),
                      "took": round(result["took"], 2), "error": result.get("error")})
    if options.texts:
        options.texts.write_text(json.dumps(texts, indent=1))
    for text in texts:
        print(f"{text['verdict']:11} {text['took']:6.2f} {text['id']}\n      is: {text['says']}\n   named: {text['named']} {text['error'] or ''}")
    columns = sorted({verdict for row in table.values() for verdict in row})
    print("  ".join(["", *columns]))
    for name, row in table.items():
        print(name, *[f"{column}={row[column]}" for column in columns if row[column]])


main()
