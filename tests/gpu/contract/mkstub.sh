#!/bin/sh
# Make TensorRT's bindings importable without TensorRT's libraries, to read their classes and enumerations.
#
#   mkstub.sh PACKAGE_DIR      the folder tensorrt_bindings, installed with --no-deps
#
# Puts libraries of our own beside tensorrt.so whose functions return NULL: import and introspection work,
# creating a Builder or a Runtime raises TypeError. Needs gcc, nm, readelf. For checks only.
set -eu
package=$1
source=$(mktemp --suffix=.c)
trap 'rm -f "$source"' EXIT
nm -D --undefined-only "$package/tensorrt.so" | awk '{print $2}' |
    grep -E '^(create(Infer|Nv)|get(Builder)?(PluginRegistry|NvOnnx|Infer)|initLib)' |
    sed 's/.*/void *&(void) { return 0; }/' > "$source"
for library in $(readelf -d "$package/tensorrt.so" | grep NEEDED | grep -oE 'lib(nv|cu)[a-z_]+\.so\.[0-9]+'); do
    gcc -shared -fPIC "$source" -Wl,-soname,"$library" -o "$package/$library"
done
