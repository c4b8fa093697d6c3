"""A camera on the network with picture and sound, for tests: FILE PORT USER PASSWORD.

Runs under the system's Python, which has GStreamer. Says on its output who connects and who leaves.
"""

import sys

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402

file, port, user, password = sys.argv[1:]
Gst.init(None)
server = GstRtspServer.RTSPServer(service=port, address="127.0.0.1")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( filesrc location={file} ! qtdemux name=d"
    " d.video_0 ! queue ! rtph264pay name=pay0 pt=96 config-interval=1"
    " d.audio_0 ! queue ! rtpmp4gpay name=pay1 pt=97 )"
)
permissions = GstRtspServer.RTSPToken()
permissions.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
access = GstRtspServer.RTSPAuth()
access.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), permissions)
server.set_auth(access)
factory.add_role_from_structure(
    Gst.Structure.from_string("viewer, media.factory.access=true, media.factory.construct=true")[0]
)
server.get_mount_points().add_factory("/live", factory)


def connected(_server: object, client: GstRtspServer.RTSPClient) -> None:
    """Tell that somebody is here, and when they leave."""
    print("connected", flush=True)
    client.connect("closed", lambda _client: print("closed", flush=True))
    client.connect("setup-request", lambda _client, context: print("setup", context.uri.abspath, flush=True))


server.connect("client-connected", connected)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
