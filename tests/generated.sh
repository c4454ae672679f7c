#!/usr/bin/env bash
# Checks that files generated from the program are what the program generates today.
#
#   tests/generated.sh BIN [--write]
set -euo pipefail
bin=$1
cd "$(dirname "$0")/.."

# compare FILE COMMAND…: the file holds what the command prints.
compare() {
  local file=$1
  shift
  if [ "${write:-}" = 1 ]; then
    "$@" >"$file"
    return
  fi
  if ! "$@" | diff -u "$file" - ; then
    echo "generated: $file is out of date; run: bash tests/generated.sh BIN --write" >&2
    exit 1
  fi
  echo "generated: $file is up to date"
}
[ "${2:-}" = --write ] && write=1

compare editors/vscode/minivet.schema.json "$bin" schema
