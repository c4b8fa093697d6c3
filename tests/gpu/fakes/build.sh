#!/bin/sh
# Build a fake libcuda.so.1 for the pycuda of one Python environment, and put the fake tensorrt beside it.
#
#   build.sh PYCUDA_DRIVER_SO OUTPUT_DIR
#
# fakecuda.c holds the functions that work; every other symbol that this pycuda links to becomes a function
# returning 34 (CUDA_ERROR_STUB_LIBRARY), so the list always fits the installed pycuda. Needs gcc and nm.
set -eu
driver=$1 output=$2
here=$(dirname "$0")
mkdir -p "$output"
gcc -c -fPIC -O1 -Wall -Wno-unused-parameter "$here/fakecuda.c" -o "$output/fakecuda.o"
nm --defined-only "$output/fakecuda.o" | awk '$2 == "T" {print $3}' | sort > "$output/defined"
nm -D --undefined-only "$driver" | awk '{sub(/@.*/, "", $2); print $2}' | sort > "$output/needed"
grep -E '^cu[A-Z]' "$output/needed" | comm -13 "$output/defined" - |
    sed 's/.*/int &(void) { return 34; }/' > "$output/rest.c"
gcc -shared -fPIC "$output/fakecuda.o" "$output/rest.c" -ldl -pthread -Wl,-soname,libcuda.so.1 -o "$output/libcuda.so.1"
cp "$here/faketrt.py" "$here/fakebuild.py" "$output"
printf 'from fakebuild import *\nfrom faketrt import *\nfrom faketrt import __version__\n' > "$output/tensorrt.py"
