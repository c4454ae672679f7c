#!/usr/bin/env python3
"""Times minivet beside ast-grep with 30 simple rules, on the same files, in one run.

    benches/compare.py [--folder DIR] [--megabytes N] [--runs N] [--bin BIN]

Without --folder the apps of tests/apps are copied until N megabytes are there (default 20); of a folder that is given, a copy
without folders of packages and minified files is checked, so that both see the same files. Needs
`tests/e2e/setup.sh bench` (@ast-grep/cli). Prints wall time, CPU time and peak memory of each; the best of the runs counts.
Times depend on the machine: this is a comparison, not a test.
"""
import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.environ.get("MINIVET_E2E_CACHE", os.path.expanduser("~/.cache/minivet-e2e"))


def multiply(target, megabytes):
    """Copies the own apps until there are enough bytes. Returns the bytes."""
    source = os.path.join(ROOT, "tests", "apps")
    size = 0
    n = 0
    while size < megabytes * 1_000_000:
        for app in sorted(os.listdir(source)):
            shutil.copytree(os.path.join(source, app), os.path.join(target, f"{app}-{n}"))
            size += bytes_in(os.path.join(source, app))
        n += 1
    return size


def bytes_in(folder):
    return sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder) for name in names)


def without_packages(source, target):
    """Copies a folder without what minivet leaves out."""
    with open(os.path.join(ROOT, "queries", "data", "walk.toml"), "rb") as file:
        table = tomllib.load(file)
    left_out = set(table["folders"] + table["silent"])

    def ignore(_, names):
        return [name for name in names if name in left_out or name == ".gitignore" or name.endswith(tuple(table["minified"]))]

    shutil.copytree(source, target, ignore=ignore)


def measure(command, runs):
    """(seconds, CPU seconds, peak MB) of the best run. Output goes nowhere."""
    best = None
    for _ in range(runs):
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, 1):
            raise SystemExit(f"compare: {command[0]} ended with {code}")
        row = (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        best = row if best is None or row < best else best
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bin", default=os.path.join(ROOT, "target", "release", "minivet"))
    arguments = parser.parse_args()
    ast_grep = os.path.join(CACHE, "ast-grep", "node_modules", ".bin", "ast-grep")
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, "apps")
        if arguments.folder is not None:
            without_packages(arguments.folder, folder)
        else:
            os.mkdir(folder)
            multiply(folder, arguments.megabytes)
        rules = os.path.join(scratch, "rules.yml")
        with open(rules, "w", encoding="utf-8") as file:
            subprocess.run([sys.executable, os.path.join(ROOT, "benches", "ast-grep-rules.py")], stdout=file, check=True)
        print(f"{bytes_in(folder) / 1e6:.1f} MB in {folder}, best of {arguments.runs}, {os.cpu_count()} cores")
        print(f"{'':24s} {'wall s':>8s} {'CPU s':>8s} {'peak MB':>8s}")
        commands = {
            "minivet": [arguments.bin, "check", folder, "--format", "json", "--fail-on", "never"],
            "minivet, one thread": [arguments.bin, "check", folder, "--format", "json", "--fail-on", "never", "--jobs", "1"],
            "ast-grep, 30 rules": [ast_grep, "scan", "--rule", rules, "--json=stream", folder],
        }
        for name, command in commands.items():
            if not os.path.exists(command[0]):
                print(f"{name:24s} skipped: {command[0]} is not there")
                continue
            wall, cpu, peak = measure(command, arguments.runs)
            print(f"{name:24s} {wall:8.2f} {cpu:8.2f} {peak:8.0f}")


if __name__ == "__main__":
    main()
