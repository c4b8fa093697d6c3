#!/usr/bin/env bash
# Remove emotion-edge; run it as often as you like.
#
#   sudo systemd/uninstall.sh [--purge]
#
# --purge also removes the configuration, the stored switches, the engines and the user.
set -euo pipefail

purge=no
case ${1:-} in
'') ;;
--purge) purge=yes ;;
*) echo "usage: uninstall.sh [--purge]" >&2 && exit 2 ;;
esac
[ "$(id -u)" -eq 0 ] || { echo "uninstall: has to run as root: sudo $0" >&2; exit 1; }

if [ -e /etc/systemd/system/emotion-edge.service ]; then
  systemctl disable --now --quiet emotion-edge.service || true
fi
rm -f /etc/systemd/system/emotion-edge.service /etc/systemd/user/emotion-edge.service
rm -f /etc/tmpfiles.d/emotion-edge.conf /usr/local/bin/emotion-edge
rm -rf /opt/emotion-edge
systemctl daemon-reload || true
systemctl reset-failed emotion-edge.service 2>/dev/null || true

if [ "$purge" = yes ]; then
  rm -rf /etc/emotion-edge /etc/systemd/system/emotion-edge.service.d
  rm -rf /var/lib/emotion-edge /var/cache/emotion-edge
  rm -f /etc/sysusers.d/emotion-edge.conf
  if getent passwd emotion-edge >/dev/null; then userdel emotion-edge; fi
  echo "uninstall: everything is gone"
else
  echo "uninstall: the program is gone; configuration, switches and engines are kept (--purge removes them)"
fi
