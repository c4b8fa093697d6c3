#!/bin/bash
# The GPU tests on a machine without a GPU: contract with three TensorRT versions, compilation by TensorRT-RTX,
# and the run half on a fake driver.
#
#   tests/gpu/test.sh [PYTEST_ARGS...]      PYTHON=... picks another Python than .venv/bin/python
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
home=$("$root/tests/gpu/setup.sh" "$python") || exit 1
cd "$root" || exit 1
export EMOTION_EDGE_GPU_TESTS=$home
failed=0
suite() {
    local name=$1
    shift
    echo "gpu tests: $name"
    env "$@" "$python" -m pytest -q "tests/gpu/$name" "${arguments[@]}" || failed=1
}
arguments=("$@")
"$python" -m edge fetch-detector > /dev/null || echo "gpu tests: without the face detector" >&2
suite contract
suite compile "PYTHONPATH=$home/rtx"
suite run "LD_LIBRARY_PATH=$home/fake" "PYTHONPATH=$home/run/site:$home/fake"
exit $failed
