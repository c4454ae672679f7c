#!/usr/bin/env bash
# Runs the editors' end-to-end tests with a built program. `setup.sh` must have run.
#
#   tests/e2e/run.sh BIN [nvim] [nvim-old] [vscode] [html]
set -euo pipefail
bin=$(realpath "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
CACHE=${MINIVET_E2E_CACHE:-$HOME/.cache/minivet-e2e}
ARTIFACTS=${MINIVET_ARTIFACTS:-$CACHE/artifacts}
mkdir -p "$ARTIFACTS"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[ $# -gt 0 ] || set -- nvim nvim-old vscode html

run_nvim() {
  local nvim=$1 state=$scratch/$2
  mkdir -p "$state"
  cp -r "$here/app" "$state/app"
  MINIVET_BIN=$bin MINIVET_NVIM=$root/editors/nvim MINIVET_APP=$state/app \
    XDG_CONFIG_HOME=$state/config XDG_DATA_HOME=$state/data XDG_STATE_HOME=$state/state XDG_CACHE_HOME=$state/cache \
    timeout 120 "$nvim" --headless -n -i NONE -u "$here/nvim/init.lua" -c "luafile $here/nvim/test.lua"
  echo
}

run_vscode() {
  local extension=$scratch/extension
  # Built from a copy, so that a clone stays as it is.
  cp -r "$root/editors/vscode" "$extension"
  rm -rf "$extension/node_modules" "$extension/server" "$extension/out"
  (cd "$extension" && npm ci --no-audit --no-fund --silent && npm run -s server -- "$bin" && npm run -s package)
  cp "$extension"/*.vsix "$ARTIFACTS/minivet.vsix"
  node "$here/vscode/run.mjs" "$CACHE" "$ARTIFACTS/minivet.vsix" "$here/app" "$ARTIFACTS"
}

passed=0
for part in "$@"; do
  echo "-- $part"
  case $part in
    nvim) run_nvim "$CACHE/nvim/bin/nvim" nvim ;;
    nvim-old) run_nvim /usr/bin/nvim nvim-old ;;
    vscode) run_vscode ;;
    html) node "$here/html/run.mjs" "$CACHE" "$bin" "$root/tests/apps" "$ARTIFACTS" ;;
    *) echo "unknown part: $part" >&2; exit 2 ;;
  esac
  passed=$((passed + 1))
done
echo "e2e: $passed passed, 0 failed"
