#!/usr/bin/env bash
# Try the installer, the unit and the package in a booted systemd: a Debian tree under systemd-nspawn.
#
#   sudo systemd/test-booted.sh [--tree DIR] [--wheelhouse DIR] [--deb FILE]
#
# Needs root, debootstrap, systemd-container and, without --tree and --wheelhouse, the network. DIR is
# made if it is not there and kept; it must not be a system that anybody uses.
set -euo pipefail

source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tree='' wheelhouse='' deb=''
fail() { echo "test-booted: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
  --tree) tree=$2 && shift 2 ;;
  --wheelhouse) wheelhouse=$(cd "$2" && pwd) && shift 2 ;;
  --deb) deb=$(realpath "$2") && shift 2 ;;
  *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
  esac
done
[ "$(id -u)" -eq 0 ] || fail "has to run as root"
for tool in systemd-nspawn debootstrap nsenter; do
  command -v $tool >/dev/null || fail "$tool is missing: apt-get install systemd-container debootstrap util-linux"
done

work=$(mktemp -d)
tree=${tree:-$work/tree}
if [ ! -e "$tree/etc/debian_version" ]; then
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,python3,python3-venv,mosquitto,mosquitto-clients,procps,libportaudio2 \
    bookworm "$tree" http://deb.debian.org/debian >"$work/debootstrap.log" || fail "see $work/debootstrap.log"
fi
if [ -z "$wheelhouse" ]; then
  wheelhouse=$work/wheels
  python3 -I -m pip --quiet wheel --wheel-dir "$wheelhouse" "$source_tree"
fi
echo "127.0.0.1 localhost" >"$tree/etc/hosts"
install -Dm755 "$source_tree/systemd/booted-checks.sh" "$tree/root/booted-checks.sh"
if [ -n "$deb" ]; then cp "$deb" "$tree/root/emotion-edge.deb"; fi

boot() {
  systemd-nspawn --quiet --directory="$tree" --boot --register=no --keep-unit --private-network \
    --bind-ro="$source_tree":/src --bind-ro="$wheelhouse":/wheelhouse >"$work/boot.log" 2>&1 </dev/null &
  nspawn=$!
  for _ in $(seq 150); do
    leader=$(pgrep -P $nspawn | head -1) || true
    if [ -n "$leader" ] && inside systemctl is-system-running --wait 2>/dev/null | grep -Eq 'running|degraded'; then return; fi
    sleep 0.2
  done
  fail "the tree does not boot; see $work/boot.log"
}
inside() { nsenter -t "$leader" -a /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
shut() { kill -TERM "$nspawn" 2>/dev/null || true; wait "$nspawn" 2>/dev/null || true; }
trap shut EXIT

status=0
for stage in install service reboot uninstall ${deb:+package}; do
  if [ "$stage" = install ] || [ "$stage" = reboot ]; then
    [ "$stage" = reboot ] && shut
    boot
  fi
  echo "== $stage"
  inside bash /root/booted-checks.sh "$stage" || status=1
done
exit $status
