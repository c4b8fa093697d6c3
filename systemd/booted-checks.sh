#!/usr/bin/env bash
# What test-booted.sh checks inside the booted tree, one stage at a time.
set -u

unit=emotion-edge.service
config=/etc/emotion-edge/config.yaml
id=$(sed -n 's/^  id: \([a-z0-9_-]*\) .*/\1/p' $config 2>/dev/null)
base=emotion-edge/$id
failed=0
check() {
  local what=$1
  shift
  if "$@" >/tmp/out 2>&1; then echo "ok   $what"; else echo "FAIL $what: $(tail -2 /tmp/out)"; failed=1; fi
}
within() {
  local seconds=$1
  shift
  for _ in $(seq $((seconds * 5))); do "$@" && return 0; sleep 0.2; done
  return 1
}
property() { systemctl show -p "$1" --value $unit; }
is() { [ "$(property "$1")" = "$2" ] || { echo "$1 is $(property "$1")"; return 1; }; }
connected() { property StatusText | grep -q "mqtt connected"; }
hears() { timeout 10 mosquitto_sub -h 127.0.0.1 -C 1 -t "$1" | grep -qx "$2"; }
hears_as() { timeout 10 mosquitto_sub -h 127.0.0.1 -p "$1" -u edge -P secret -C 1 -t "$2" | grep -qx "$3"; }
privacy_says() { emotion-edge privacy status | grep -q "$1"; }
another_pid() { [ "$(property MainPID)" != "$1" ] && is ActiveState active >/dev/null; }
gone() { [ ! -e "$1" ]; }

stage_install() {
  check "installs" /src/systemd/install.sh --wheelhouse /wheelhouse
  echo "# a comment of the owner" >>$config
  check "installs again" /src/systemd/install.sh --wheelhouse /wheelhouse
  check "keeps the configuration" grep -q "comment of the owner" $config
  check "hides the configuration from others" test "$(stat -c %a:%U:%G $config)" = 640:root:emotion-edge
  check "verifies" systemd-analyze verify /etc/systemd/system/$unit
  check "is exposed at 2.2 at most" bash -c "systemd-analyze security $unit --threshold=22 --no-pager"
  systemd-analyze security $unit --no-pager | tail -1
}

stage_service() {
  check "runs" is ActiveState active
  check "connects" within 15 connected
  check "says online" hears $base/availability online
  local pid
  pid=$(property MainPID)
  sed -i 's/^  id: [a-z0-9_-]* .*/  id: hallway/' $config
  check "reloads" systemctl reload $unit
  check "takes over what changed" hears emotion-edge/hallway/availability online
  echo "nonsense: 1" >>$config
  systemctl reload $unit
  sleep 1
  check "keeps the old configuration when the new one is wrong" is ActiveState active
  check "is the same process" is MainPID "$pid"
  systemctl restart $unit 2>/dev/null
  sleep 4
  check "ends with 78 when the configuration is wrong" is ExecMainStatus 78
  check "stays down then" is ActiveState failed
  sed -i "/^nonsense/d; s/^  id: hallway/  id: $id #/" $config
  check "starts again" systemctl restart $unit

  check "connects" within 15 connected
  pid=$(property MainPID)
  mosquitto_pub -h 127.0.0.1 -t $base/request/restart -m '{}'
  sleep 4
  check "is restarted over MQTT" within 15 is ActiveState active
  check "is the same process" is MainPID "$pid"

  check "privacy on" emotion-edge privacy on
  check "the camera is off" hears $base/camera OFF
  check "restarts" systemctl restart $unit
  check "privacy survives a restart" within 10 privacy_says "camera: closed (switched off)"

  mkdir -p /run/systemd/system/$unit.d
  printf '[Service]\nWatchdogSec=4\nTimeoutAbortSec=3\n' >/run/systemd/system/$unit.d/quick.conf
  systemctl daemon-reload
  systemctl restart $unit
  sleep 6
  check "pings the watchdog" is NRestarts 0
  pid=$(property MainPID)
  kill -STOP "$pid"
  check "is replaced when it hangs" within 25 another_pid "$pid"
  rm -r /run/systemd/system/$unit.d
  systemctl daemon-reload

  printf 'listener 1884 127.0.0.1\npassword_file /etc/mosquitto/passwd\n' >/etc/mosquitto/locked.conf
  mosquitto_passwd -b -c /etc/mosquitto/passwd edge secret 2>/dev/null
  chown mosquitto /etc/mosquitto/passwd
  (mosquitto -c /etc/mosquitto/locked.conf >/dev/null 2>&1 &)
  echo secret >/root/password
  sed -i 's/^  port: 1883 .*/  port: 1884 #/; s/^  username: null.*/  username: edge/' $config
  check "installs with a password" /src/systemd/install.sh --wheelhouse /wheelhouse --mqtt-password-file /root/password
  check "the password is root's alone" test "$(stat -c %a:%U /etc/emotion-edge/mqtt-password)" = 600:root
  check "the password comes as a credential" hears_as 1884 $base/availability online

  local began
  began=$(date +%s)
  check "stops" systemctl stop $unit
  check "stops cleanly" is Result success
  check "stops within 5 s" test $(($(date +%s) - began)) -le 5
  check "says offline" hears_as 1884 $base/availability offline
  rm -f /etc/emotion-edge/mqtt-password /etc/systemd/system/$unit.d/40-mqtt-password.conf
  sed -i 's/^  port: 1884 #/  port: 1883 /; s/^  username: edge/  username: null/' $config
  systemctl daemon-reload
}

stage_reboot() {
  check "starts by itself" within 20 is ActiveState active
  check "privacy survives a reboot" within 10 privacy_says "camera: closed (switched off)"
  check "privacy off" emotion-edge privacy off
}

stage_uninstall() {
  check "uninstalls" /src/systemd/uninstall.sh
  check "uninstalls again" /src/systemd/uninstall.sh
  check "keeps the configuration" test -e $config
  check "keeps the switches" test -e /var/lib/emotion-edge/switches-$id.json
  check "purges" /src/systemd/uninstall.sh --purge
  for path in /opt/emotion-edge /etc/emotion-edge /var/lib/emotion-edge /var/cache/emotion-edge; do
    check "$path is gone" gone $path
  done
  check "the user is gone" bash -c '! getent passwd emotion-edge'
}

stage_package() {
  check "the package installs" dpkg -i /root/emotion-edge.deb
  check "its service runs" within 20 is ActiveState active
  check "it connects" within 15 connected
  echo "# a comment of the owner" >>$config
  check "it installs again" dpkg -i /root/emotion-edge.deb
  check "it keeps the configuration" grep -q "comment of the owner" $config
  check "it is removed" dpkg -r emotion-edge
  check "its program is gone" gone /opt/emotion-edge/venv
  check "it is purged" dpkg -P emotion-edge
  check "nothing is left" gone /var/lib/emotion-edge
}

"stage_$1"
exit $failed
