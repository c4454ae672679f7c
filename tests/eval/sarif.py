#!/usr/bin/env python3
"""Writes SARIF of every own app and lets Microsoft's validator read it.

    sarif.py BIN MULTITOOL

Exit 1 when the validator finds an error, or when no result was there to be validated.
"""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The validator is a .NET program; without libicu it must be told to do without.
ENVIRONMENT = dict(os.environ, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1")


def main():
    binary, multitool = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    apps = os.path.join(ROOT, "tests", "apps")
    results = 0
    with tempfile.TemporaryDirectory() as scratch:
        for app in sorted(os.listdir(apps)):
            folder = os.path.join(apps, app)
            if not os.path.isdir(folder):
                continue
            out = os.path.join(scratch, app + ".sarif")
            done = subprocess.run([binary, "check", folder, "--format", "sarif", "--output", out, "--fail-on", "never"])
            if done.returncode != 0:
                raise SystemExit(f"sarif: minivet exited with {done.returncode} on {app}")
            with open(out, encoding="utf-8") as file:
                results += len(json.load(file)["runs"][0]["results"])
            report = os.path.join(scratch, app + ".validation.sarif")
            done = subprocess.run([multitool, "validate", out, "--output", report, "--log", "ForceOverwrite"], env=ENVIRONMENT, capture_output=True, text=True)
            if not os.path.exists(report):
                raise SystemExit(f"sarif: the validator wrote no report on {app} (exit {done.returncode})\n{done.stdout}{done.stderr}")
            with open(report, encoding="utf-8-sig") as file:
                found = json.load(file)["runs"][0].get("results", [])
            errors = [item for item in found if item.get("level", "warning") == "error"]
            for item in errors:
                print(f"{app}: {item['ruleId']}: {item['message']}")
            if errors or done.returncode != 0:
                raise SystemExit(f"sarif: {len(errors)} errors on {app} (exit {done.returncode})\n{done.stdout}{done.stderr}")
            print(f"{app}: valid")
    if results == 0:
        raise SystemExit("sarif: no result in any report: nothing was validated")
    print(f"sarif: {results} results validated")


if __name__ == "__main__":
    main()
