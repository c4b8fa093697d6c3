#!/usr/bin/env bash
# README's two commands, `make run` and `make test`, in a bare Debian tree with an empty environment, as root
# and then as an ordinary user. By hand and before a release: about 20 minutes, as root, with network.
#
#   sudo tests/bare/run.sh [--tree DIR] [--bind DIR]... [--only root|user] [MAKE_GOAL...]
#
# DIR of --tree is made by debootstrap if it is not there, and kept; it must not be a system that anybody uses.
# A folder of --bind is seen inside at the same place (a wheelhouse that pip's configuration names).
set -euo pipefail
source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=/var/tmp/emotion-edge-bare binds=() users=(root user) goals=()
fail() { echo "test-bare: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
  --tree) tree=$2 && shift 2 ;;
  --bind) binds+=("$2") && shift 2 ;;
  --only) users=("$2") && shift 2 ;;
  -*) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
  *) goals+=("$1") && shift ;;
  esac
done
[ ${#goals[@]} -gt 0 ] || goals=("run DURATION=5" test)
[ "$(id -u)" -eq 0 ] || fail "has to run as root"
for tool in debootstrap unshare chroot; do
  command -v $tool >/dev/null || fail "$tool is missing: apt-get install debootstrap util-linux"
done

if [ ! -e "$tree/etc/debian_version" ]; then
  debootstrap --variant=minbase --include=git,make,python3-venv,ca-certificates bookworm "$tree" \
    http://deb.debian.org/debian >"$tree.log" || fail "see $tree.log"
fi
# How this machine reaches its package indexes is no part of what is tried.
for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
  if [ -e $file ]; then install -Dm644 "$(realpath $file)" "$tree$file"; fi
done
chroot "$tree" id user >/dev/null 2>&1 || chroot "$tree" useradd --create-home --shell /bin/bash user

inside() {  # inside USER COMMAND: with a /proc, /dev and /tmp of its own and nothing in the environment
  local user=$1 command=$2 home=/root
  [ "$user" = root ] || home=/home/$user
  # shellcheck disable=SC2016
  unshare --mount --pid --fork bash -c '
    set -e
    tree=$1 user=$2 home=$3 command=$4; shift 4
    mount -t proc proc "$tree/proc"
    mount --rbind /dev "$tree/dev"
    mount -t tmpfs tmpfs "$tree/tmp"
    for folder in "$@"; do mkdir -p "$tree$folder"; mount --bind "$folder" "$tree$folder"; done
    exec chroot --userspec="$user" "$tree" /usr/bin/env -i HOME="$home" USER="$user" TERM=dumb \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "cd && cd emotion-edge && $command"
  ' - "$tree" "$user" "$home" "$command" ${binds[@]+"${binds[@]}"}
}

status=0
for user in "${users[@]}"; do
  home=$tree/root
  [ "$user" = root ] || home=$tree/home/$user
  mkdir -p "$home/emotion-edge"
  find "$home/emotion-edge" -mindepth 1 -maxdepth 1 ! -name '.venv*' -exec rm -rf {} +
  (cd "$source_tree" && git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null) \
    | tar -xf - -C "$home/emotion-edge"
  if [ -e "$HOME/.config/pip/pip.conf" ]; then install -Dm644 "$HOME/.config/pip/pip.conf" "$home/.config/pip/pip.conf"; fi
  chroot "$tree" chown -R "$user:" "${home#"$tree"}/emotion-edge"
  for goal in "${goals[@]}"; do
    begin=$SECONDS
    if inside "$user" "make --no-print-directory $goal" >"$tree.$user.log" 2>&1; then
      echo "test-bare: make $goal as $user: fine, $((SECONDS - begin)) s; $(grep -E ' passed| failed|latency_ms' "$tree.$user.log" | tail -1)"
    else
      tail -60 "$tree.$user.log"
      echo "test-bare: make $goal as $user FAILED after $((SECONDS - begin)) s; all of it is in $tree.$user.log" >&2
      status=1
    fi
  done
done
exit $status
