#!/usr/bin/env python3
"""Scores a minivet binary on the evaluation sets and compares with the stored floors.

    floors.py BIN [--only taint-flows|taint-check|consent|corpus ...]

The sets lie outside the repository: `../shared/eval` beside the checkout (or $MINIVET_EVAL), the real apps in
$MINIVET_CORPUS, `../corpus` or `../../corpus`. A set that is absent is skipped with a visible line. Exit 1 when a score
is below its floor; a score above its floor asks to be written down in tests/floors.toml.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLOORS = os.path.join(ROOT, "tests", "floors.toml")
# A score that differs by less is the same score.
SLACK = 0.0005


def first_dir(*candidates):
    """The first candidate that is a folder, or None."""
    for path in candidates:
        if path and os.path.isdir(path):
            return os.path.abspath(path)
    return None


def run(command, cwd):
    """Runs a scorer; its output is shown as it is."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done


def score_taint(binary, evaluation, which, mode):
    """Precision and recall of the small data-flow or consent cases."""
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "score.json")
        command = [sys.executable, os.path.join(evaluation, "score_taint.py"), binary, "--set", which, "--mode", mode, "--show", "miss,fp", "--json", out]
        done = run(command, scratch)
        if done.returncode != 0 or "no usable output" in done.stdout:
            raise SystemExit(f"floors: the scorer of {which} ({mode}) failed")
        with open(out, encoding="utf-8") as file:
            total = json.load(file)[which]
    return {"precision": total["precision"], "recall": total["recall"]}


def score_corpus(binary, evaluation, corpus):
    """Precision, recall and noise on the labelled real apps."""
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "score.json")
        command = [sys.executable, os.path.join(evaluation, "score_corpus.py"), binary, "--split", "dev", "--corpus", corpus,
                   "--out", os.path.join(scratch, "adjudicate.json"), "--json", out]
        done = run(command, scratch)
        with open(out, encoding="utf-8") as file:
            score = json.load(file)
    if score["problems"]:
        raise SystemExit(f"floors: problems on the corpus: {score['problems']}")
    if done.returncode != 0:
        raise SystemExit("floors: the scorer of the corpus failed")
    hit = sum(group.get("hit", 0) for group in score["recall"].values())
    labels = sum(group.get("n", 0) for group in score["recall"].values())
    total = score["total"]
    true, false = total.get("true", 0), total.get("false", 0)
    return {
        "precision": true / (true + false) if true + false else 0.0,
        "recall": hit / labels if labels else 0.0,
        "false-per-1000-lines": 1000 * false / max(1, total.get("lab_lines", 0)),
        "hard-negatives": total.get("clean_hit", 0) / max(1, total.get("clean", 0)),
    }


def compare(name, score, floors):
    """Prints each value beside its floor. Returns the number of values that are worse."""
    worse = 0
    ceilings = floors.get("ceilings", {})
    for key, value in score.items():
        falls = key in ceilings
        limit = ceilings.get(key, floors.get(key))
        if limit is None:
            raise SystemExit(f"floors: tests/floors.toml has no value for {name}.{key}")
        bad = value > limit + SLACK if falls else value < limit - SLACK
        good = value < limit - SLACK if falls else value > limit + SLACK
        state = "BELOW THE FLOOR" if bad and not falls else "ABOVE THE CEILING" if bad else "better: write it down in tests/floors.toml" if good else "holds"
        print(f"  {name}.{key}: {value:.3f} (stored {limit:.3f}) {state}")
        worse += bad
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--only", nargs="*", default=[])
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    with open(FLOORS, "rb") as file:
        floors = tomllib.load(file)
    evaluation = first_dir(os.environ.get("MINIVET_EVAL"), os.path.join(ROOT, "..", "shared", "eval"), os.path.join(ROOT, "..", "..", "shared", "eval"))
    corpus = first_dir(os.environ.get("MINIVET_CORPUS"), os.path.join(ROOT, "..", "corpus"), os.path.join(ROOT, "..", "..", "corpus"), "/work/corpus")
    passed = failed = skipped = 0
    for name in floors:
        if arguments.only and name not in arguments.only:
            continue
        print(f"\n-- {name}")
        if evaluation is None:
            print(f"skipped: {name} (no ../shared/eval beside the checkout)")
            skipped += 1
            continue
        if name == "corpus" and corpus is None:
            print("skipped: corpus (the real apps are not here; set MINIVET_CORPUS)")
            skipped += 1
            continue
        if name == "corpus":
            score = score_corpus(binary, evaluation, corpus)
        elif name == "consent":
            score = score_taint(binary, evaluation, "consent", "check")
        else:
            score = score_taint(binary, evaluation, "taint", re.sub("^taint-", "", name))
        worse = compare(name, score, floors[name])
        failed += worse > 0
        passed += worse == 0
    print(f"\nfloors: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
