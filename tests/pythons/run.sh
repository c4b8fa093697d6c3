#!/usr/bin/env bash
# The first command (`make run`) and the quick tests on every Python from 3.10 to 3.14 that is found, pyenv's
# too, and on the oldest of them with the lowest versions that pyproject.toml allows.
#
#   tests/pythons/run.sh [VERSION...]      for example 3.10 3.12 lowest; default: all
#
# Virtual environments stay in .venv-VERSION for the next time; interpreters that are not there are named.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
versions=(3.10 3.11 3.12 3.13 3.14)
wanted=("${@:-all}")
# Not here: what needs brokers and sound servers, PyTorch or a GPU, and so hardly depends on the Python.
ignored=(integration training gpu home_assistant faults)

works() { [ -x "$1" ] && "$1" -c "import sys, ensurepip, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$2')" 2>/dev/null; }

find_python() {  # find_python VERSION: the path of a working interpreter
  local candidate
  for candidate in $(type -ap "python$1") "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python3 /opt/python/"$1"*/bin/python3; do
    if works "$candidate" "$1"; then echo "$candidate" && return; fi
  done
  return 1
}

is_wanted() { [[ " ${wanted[*]} " = *" all "* || " ${wanted[*]} " = *" $1 "* ]]; }

try_python() {  # try_python NAME PYTHON EXTRAS
  local venv=.venv-$1 log=.venv-$1.log
  make --no-print-directory run "VENV=$venv" "PYTHON=$2" DURATION=4 >"$log" 2>&1 || return 1
  if [ ! "$venv/.quick" -nt pyproject.toml ]; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$3]" >>"$log" 2>&1 || return 1
    touch "$venv/.quick"
  fi
  if [[ $3 = *cluster* ]]; then
    "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/integration/test_cluster.py >>"$log" 2>&1 || return 1
  fi
  "$venv/bin/python" -m pytest -q -p no:cacheprovider --numprocesses "${WORKERS:-3}" --dist loadscope \
    "${ignored[@]/#/--ignore=tests/}" >>"$log" 2>&1
}

tried=0 failed=()
check() {  # check NAME PYTHON EXTRAS
  local begin=$SECONDS
  tried=$((tried + 1))
  if try_python "$@"; then
    echo "test-pythons: $1 ($2): $(tail -1 ".venv-$1.log"), $((SECONDS - begin)) s in all"
  else
    failed+=("$1")
    tail -40 ".venv-$1.log"
    echo "test-pythons: $1 ($2) FAILED; all of it is in .venv-$1.log" >&2
  fi
}

oldest=''
for version in "${versions[@]}"; do
  if ! python=$(find_python "$version"); then
    if is_wanted "$version"; then echo "test-pythons: $version is not here"; fi
    continue
  fi
  oldest=${oldest:-$python}
  if is_wanted "$version"; then check "$version" "$python" demo,plot,test; fi
done
if [ -n "$oldest" ] && is_wanted lowest; then
  "$oldest" tests/pythons/lowest.py demo plot test cluster >.venv-lowest.txt || exit 1
  PIP_CONSTRAINT=$PWD/.venv-lowest.txt check lowest "$oldest" demo,plot,test,cluster
fi
[ $tried -gt 0 ] || { echo "test-pythons: no Python from ${versions[0]} to ${versions[-1]} with venv and ensurepip" >&2; exit 1; }
[ ${#failed[@]} -eq 0 ]
