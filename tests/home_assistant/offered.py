"""Prints the discovery message of the device that check.py runs; executed by the project's own Python."""

import sys

from edge.config.models import DeviceConfig
from edge.publish.entities import offered
from edge.publish.homeassistant import discovery
from edge.publish.topics import Topics

device = DeviceConfig(id=sys.argv[1], name="Living room", room="Living room")
choices = {"profile": ["none", "evening"], "face_model": ["face"], "speech_model": ["speech"]}
message = discovery(
    Topics("emotion-edge", device.id),
    device,
    version="1.0.0",
    url="http://hub.local:8780/",
    entities=offered(scores=True, choices=choices),
)
sys.stdout.write(message.payload.decode())
