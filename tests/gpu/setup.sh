#!/bin/bash
# Fetch and build what the GPU tests need on a machine without a GPU, once, under the user's cache.
#
#   tests/gpu/setup.sh [PYTHON]      default: .venv/bin/python; prints the folder
#
# TensorRT-RTX compiles real plans; the bindings of three TensorRT versions are read, not run; pycuda is built
# from source against NVIDIA's headers and runs on a libcuda of our own. A part that cannot be had leaves
# NAME.failed with the reason, and its tests skip. Needs gcc, g++, nm, readelf and Python's headers.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-$here/../../.venv/bin/python}
tag=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
home=${EMOTION_EDGE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/emotion-edge/gpu-tests}/$tag
mkdir -p "$home"
exec 9> "$home/.lock"
flock 9

pip_install() { "$python" -m pip --disable-pip-version-check install --quiet --no-warn-conflicts "$@"; }

# part NAME FUNCTION: run FUNCTION DIRECTORY unless NAME is there; on failure keep the reason.
part() {
    local name=$1 function=$2
    [[ -e $home/$name ]] && return
    echo "gpu tests: preparing $name" >&2
    rm -rf "$home/$name.part" "$home/$name.failed"
    mkdir -p "$home/$name.part"
    local status=0
    set +e  # inside "if", bash would ignore the -e of the subshell
    (set -e; "$function" "$home/$name.part") > "$home/$name.log" 2>&1
    status=$?
    set -e
    if ((status == 0)); then
        mv "$home/$name.part" "$home/$name"
    else
        { echo "tests/gpu/setup.sh could not prepare $name:"; grep -v '^WARNING' "$home/$name.log" | tail -n 3; } > "$home/$name.failed"
        cat "$home/$name.failed" >&2
    fi
}

rtx() { pip_install --target "$1" --no-deps tensorrt-rtx==1.7.1.116 tensorrt-rtx-cu13==1.7.1.116 \
    tensorrt-rtx-cu13-bindings==1.7.1.116 tensorrt-rtx-cu13-libs==1.7.1.116; }

bindings() {
    local version package
    pip_install --target "$1/stubgen" pybind11-stubgen==3.0.0
    for package in tensorrt-cu12-bindings==10.3.0 tensorrt-cu13-bindings==10.13.3.9 tensorrt-cu13-bindings==11.4.0.106; do
        version=${package##*==}
        pip_install --target "$1/$version" --no-deps "$package"
        "$here/contract/mkstub.sh" "$1/$version/tensorrt_bindings"
        PYTHONPATH=$1/$version:$1/stubgen "$python" -m pybind11_stubgen tensorrt_bindings -o "$1/stubs-$version" --ignore-all-errors
        "$python" "$here/contract/fixstubs.py" "$1/stubs-$version"
    done
}

run() {
    local source=$1/src
    pip_install --target "$1/site" cuda-bindings==13.0.3 pytools==2026.1.1 mako
    pip_install --target "$1/headers" --no-deps nvidia-cuda-runtime==13.0.96 nvidia-cuda-crt==13.0.88 nvidia-cuda-profiler-api==13.0.85
    mkdir -p "$source" "$1/stub"
    (cd "$1" && "$python" -m pip --disable-pip-version-check download --quiet --no-deps --no-binary pycuda pycuda==2026.1)
    tar xzf "$1"/pycuda-*.tar.gz -C "$source" --strip-components 1
    echo 'void cuInit(void) {}' | gcc -shared -fPIC -x c - -Wl,-soname,libcuda.so.1 -o "$1/stub/libcuda.so"
    printf '%s\n' 'CUDA_ENABLE_CURAND = False' "CUDA_INC_DIR = ['$1/headers/nvidia/cu13/include']" \
        "CUDADRV_LIB_DIR = ['$1/stub']" 'CXXFLAGS = ["-O0", "-g0"]' > "$source/siteconf.py"
    CFLAGS="-O0 -g0" pip_install --target "$1/site" --no-deps "$source"
    rm -rf "$source" "$1/headers" "$1/stub"
}

part rtx rtx
part bindings bindings
part run run
if [[ -e $home/run ]]; then
    rm -rf "$home/fake"
    "$here/fakes/build.sh" "$(ls "$home"/run/site/pycuda/_driver*.so)" "$home/fake" >&2
fi
echo "$home"
