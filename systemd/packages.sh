#!/usr/bin/env bash
# Install the Debian/Ubuntu packages that are missing, saying which and why.   packages.sh run|test
set -euo pipefail

python=${PYTHON:-python3}
missing=()
need() {  # need PACKAGE REASON TEST...
  local package=$1 reason=$2
  shift 2
  "$@" >/dev/null 2>&1 && return
  echo "setup: needs $package ($reason)"
  missing+=("$package")
}
python_version() { "$python" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }
has_python_header() { "$python" -I -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'; }
has_library() { ldconfig -p | grep -q "$1"; }
has_file() { compgen -G "$1"; }

if ! "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  echo "setup: $python is missing or older than 3.10; install python3 or call make with PYTHON=python3.x" >&2
  exit 1
fi
case ${1:-run} in
run)
  need gcc "PyAudio is compiled on this machine" command -v gcc
  need portaudio19-dev "headers and library of PortAudio, for the microphone" has_file '/usr/include/portaudio.h'
  need python3-dev "Python headers, to compile PyAudio" has_python_header
  need python3-venv "virtual environments" "$python" -I -c 'import ensurepip, venv'
  ;;
test)
  need mosquitto "a real MQTT broker for the tests" has_file '/usr/sbin/mosquitto'
  need mosquitto-clients "an independent MQTT client" command -v mosquitto_sub
  need gir1.2-gst-rtsp-server-1.0 "a real RTSP camera with sound" has_file '/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib'
  need gstreamer1.0-plugins-good "what that camera plays its film with" has_file '/usr/lib/*/gstreamer-1.0/libgstrtp.so'
  need python3-gi "the system's Python serves it" has_file '/usr/lib/python3/dist-packages/gi'
  need ffmpeg "network cameras and odd media files" command -v ffmpeg
  need pulseaudio "a real sound server" command -v pulseaudio
  need pulseaudio-utils "to play into the sound server" command -v pacat
  need libasound2-plugins "so that PortAudio reaches the sound server" has_file '/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so'
  need espeak-ng "speech for the tests of voice activity and of recordings" command -v espeak-ng
  need chromium "the page in a real browser" has_file '/usr/bin/chromium*'
  need cage "the page on a screen without a desktop" command -v cage
  need xwayland "which cage does not start without" command -v Xwayland
  need openssl "certificates for the TLS tests" command -v openssl
  need bubblewrap "the sandbox in which the daemon is shown to keep nothing" command -v bwrap
  need faketime "a clock that can be set for the daemon alone" has_file '/usr/lib/*/faketime/libfaketimeMT.so.1'
  need strace "to see every file and connection it opens" command -v strace
  ;;
*)
  echo "usage: packages.sh run|test" >&2
  exit 2
  ;;
esac
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run as root: apt-get install ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi
command -v apt-get >/dev/null || { echo "setup: no apt-get here; install the equivalents of: ${missing[*]}" >&2; exit 1; }
echo "setup: ${sudo[*]} apt-get install ${missing[*]}"
"${sudo[@]}" apt-get update -qq || true
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
  || { echo "setup: apt-get could not install: ${missing[*]}" >&2; exit 1; }
