#!/bin/sh
# Runs a real Home Assistant with its MQTT integration, a real mosquitto and the daemon on the sample clip.
# Usage: tests/home_assistant/run.sh [PYTHON]; PYTHON is 3.13.2 or newer, found by itself where possible.
set -eu
cd "$(dirname "$0")/../.."
release="${HOME_ASSISTANT:-2026.2.3}"
folder="${HOME_ASSISTANT_VENV:-.cache/home-assistant-$release}"

find_python() {
    for name in "$@" python3.13 python3.14 "$HOME"/.pyenv/versions/3.13.*/bin/python3.13; do
        if "$name" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 13))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Home Assistant $release needs Python 3.13.2 or newer; name one: tests/home_assistant/run.sh PYTHON" >&2
    exit 2
}

[ -x .venv/bin/emotion-edge ] || {
    echo ".venv/bin/emotion-edge is missing: make test sets it up" >&2
    exit 2
}
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || {
    echo "mosquitto is missing: apt-get install mosquitto" >&2
    exit 2
}
if [ ! -x "$folder/bin/hass" ]; then
    python="$(find_python "$@")"
    echo "setup: Home Assistant $release in $folder (some minutes)"
    "$python" -m venv "$folder"
    # Python 3.13.0 and 3.13.1 run this release too, although its metadata asks for 3.13.2. Without the release's own
    # constraints pip tries hundreds of versions of what it needs.
    mkdir -p "$folder/wheel"
    "$folder/bin/pip" download --quiet --no-deps --ignore-requires-python --dest "$folder/wheel" "homeassistant==$release"
    wheel="$(ls "$folder/wheel"/homeassistant-*.whl)"
    "$folder/bin/python" -m zipfile --extract "$wheel" "$folder/wheel/contents"
    "$folder/bin/pip" install --quiet --ignore-requires-python "$wheel" paho-mqtt==2.1.0 \
        --constraint "$folder/wheel/contents/homeassistant/package_constraints.txt"
    rm -rf "$folder/wheel"
fi
PYTHONPATH=.:tests exec "$folder/bin/python" -m home_assistant.check
