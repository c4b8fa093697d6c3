"""Small servers of light makers, from their documentation: they refuse what the documents do not allow.

None of the devices was at hand. Hue: https://developers.meethue.com/develop/hue-api-v2/api-reference/;
HyperHDR: https://github.com/awawa-dev/HyperHDR/wiki/JSON-API; Govee: https://app-h5.govee.com/user-manual/wlan-guide.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LIGHT = "3a6710fa-4474-4eba-b533-5e6e72968feb"
BRIDGE = "ecb5fafffe1234ab"
KEY = "application-key"


class RefusedError(Exception):
    """Something that the maker's document does not allow, with the status that it names."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def serving(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None) -> ThreadingHTTPServer:
    """A server on a free port of loopback, running on a thread of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class JsonServer(ABC):
    """Answers JSON; `refusals` keeps what was wrong."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.refusals: list[str] = []
        maker = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.serve(None)

            def do_PUT(self) -> None:
                self.serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def do_POST(self) -> None:
                self.do_PUT()

            def serve(self, body: Any) -> None:
                try:
                    status, answer = 200, maker.answer(self.command, self.path, dict(self.headers), body)
                except RefusedError as refused:
                    maker.refusals.append(str(refused))
                    status, answer = refused.status, {"errors": [{"description": str(refused)}], "data": []}
                sent = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object) -> None:
                pass

        self.server = serving(Handler, context)
        self.port = self.server.server_port

    @abstractmethod
    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Any:
        """What the maker's device would say; raises RefusedError."""

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class HueBridge(JsonServer):
    """One light; the certificate is the bridge's own, with its id as name, signed by nobody else."""

    def __init__(self, folder: Path) -> None:
        self.certificate, key = folder / "bridge.pem", folder / "bridge-key.pem"
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        out = ("-keyout", str(key), "-out", str(self.certificate))
        named = ("-subj", f"/C=NL/O=Philips Hue/CN={BRIDGE}")
        subprocess.run(["openssl", "req", "-x509", *new, *out, *named], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.light: dict[str, Any] = {
            "on": {"on": True},
            "dimming": {"brightness": 80.0, "min_dim_level": 0.2},
            "color_temperature": {"mirek": 366, "mirek_valid": True},
            "color": {"xy": {"x": 0.4573, "y": 0.41}},
        }
        super().__init__(context)

    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Any:
        if {name.lower(): value for name, value in headers.items()}.get("hue-application-key") != KEY:
            raise RefusedError(403, "no application key")
        if path != f"/clip/v2/resource/light/{LIGHT}":
            raise RefusedError(404, f"not found: {path}")
        if method == "GET":
            return {"errors": [], "data": [{"id": LIGHT, "type": "light", **self.light}]}
        if method != "PUT":
            raise RefusedError(405, method)
        self._set(body)
        return {"data": [{"rid": LIGHT, "rtype": "light"}], "errors": []}

    def _set(self, body: dict[str, Any]) -> None:
        unknown = body.keys() - {"on", "dimming", "color", "color_temperature", "dynamics"}
        if unknown:
            raise RefusedError(400, f"unknown {unknown}")
        if not 0 <= body.get("dimming", {}).get("brightness", 1) <= 100:
            raise RefusedError(400, "brightness is 0 to 100")
        if not 153 <= body.get("color_temperature", {}).get("mirek", 153) <= 500:
            raise RefusedError(400, "mirek is 153 to 500")
        if not all(0 <= value <= 1 for value in body.get("color", {}).get("xy", {}).values()):
            raise RefusedError(400, "x and y are 0 to 1")
        if not isinstance(body.get("dynamics", {}).get("duration", 0), int):
            raise RefusedError(400, "duration is milliseconds")
        for name in body.keys() & self.light.keys():
            self.light[name] = {**self.light[name], **body[name]}
        if "color" in body:
            self.light["color_temperature"] = {"mirek": None, "mirek_valid": False}
        if "color_temperature" in body:
            self.light["color_temperature"]["mirek_valid"] = True


class HyperHdrServer(JsonServer):
    """What is shown by priority, as `color`, `effect` and `clear` of its JSON API say; 240 is the grabber."""

    def __init__(self) -> None:
        self.priorities: dict[int, Any] = {240: "grabber"}
        super().__init__()

    @property
    def shown(self) -> Any:
        return self.priorities[min(self.priorities)]

    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Any:
        if (method, path) != ("POST", "/json-rpc"):
            raise RefusedError(404, f"{method} {path}")
        command, priority = body["command"], body["priority"]
        if not 1 <= priority <= 253:
            raise RefusedError(400, "priority is 1 to 253")
        if command == "clear":
            self.priorities.pop(priority, None)
        elif not 4 <= len(body["origin"]) <= 20:
            raise RefusedError(400, "origin has 4 to 20 characters")
        elif command == "color":
            if len(body["color"]) != 3 or not all(value in range(256) for value in body["color"]):
                raise RefusedError(400, "three numbers of 0 to 255")
            self.priorities[priority] = tuple(body["color"])
        elif command == "effect":
            self.priorities[priority] = body["effect"]["name"]
        else:
            raise RefusedError(400, f"unknown {command}")
        return {"success": True, "command": command, "tan": 0}


class GoveeLamp:
    """A lamp with LAN control: one datagram a command, never an answer to one."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"on": False, "brightness": 100, "color": None, "kelvin": 0}
        self.refusals: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._socket.close()

    def _listen(self) -> None:
        while data := self._socket.recv(2048):
            with suppress(KeyError, ValueError, TypeError):
                self._take(json.loads(data)["msg"])
                continue
            self.refusals.append(data.decode())

    def _take(self, message: dict[str, Any]) -> None:
        data = message["data"]
        if message["cmd"] == "turn" and data["value"] in (0, 1):
            self.state["on"] = bool(data["value"])
        elif message["cmd"] == "brightness" and data["value"] in range(1, 101):
            self.state["brightness"] = data["value"]
        elif message["cmd"] == "colorwc":
            kelvin, color = data["colorTemInKelvin"], tuple(data["color"][one] for one in "rgb")
            if kelvin and kelvin not in range(2000, 9001):
                raise ValueError
            self.state |= {"kelvin": kelvin, "color": None if kelvin else color}
        else:
            raise ValueError
