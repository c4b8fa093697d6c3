#!/usr/bin/env bash
# The page of emotion-edge full screen on this machine's screen: cage and Chromium, without a desktop. As root.
set -euo pipefail
cd "$(dirname "$0")"

[ "$(id -u)" -eq 0 ] || { echo "run as root: sudo $0" >&2; exit 1; }
command -v apt-get >/dev/null || { echo "needs Debian or Ubuntu: install cage and chromium, then the unit by hand" >&2; exit 1; }

apt-get install -y --no-install-recommends \
  cage xwayland chromium fonts-dejavu-core dbus libpam-systemd >/dev/null \
  || { echo "apt-get could not install cage, xwayland and chromium; run apt-get update and try again" >&2; exit 1; }
if [ -L /usr/bin/chromium ] && [[ "$(readlink -f /usr/bin/chromium)" == */snap* ]]; then
  echo "chromium is a snap here, which does not run without a desktop; use Debian, or edit ExecStart" >&2
  exit 1
fi
id emotion-edge-kiosk >/dev/null 2>&1 \
  || useradd --system --no-create-home --home-dir /var/lib/emotion-edge-kiosk --shell /usr/sbin/nologin emotion-edge-kiosk
install -m 0644 emotion-edge-kiosk.service /etc/systemd/system/emotion-edge-kiosk.service
systemctl daemon-reload
echo "installed; set kiosk.enabled: true in /etc/emotion-edge/config.yaml, then:"
echo "  systemctl reload emotion-edge && systemctl enable --now emotion-edge-kiosk"
