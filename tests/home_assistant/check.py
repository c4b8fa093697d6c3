"""A household in small: mosquitto, Home Assistant and the daemon, and what people do with them.

Run by run.sh with Home Assistant's Python; prints one line a check, exit code 1 at the first failure.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from home_assistant.check_rooms import check_house, house_daemon
from home_assistant.check_schemas import check_blueprint, check_message, check_refusals, load_message
from home_assistant.house import ROOT, Broker, Complaints, Daemon, entities, free_port, open_house, until
from homeassistant.components.device_automation import DeviceAutomationType, async_get_device_automations
from homeassistant.const import __version__ as home_assistant_version
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import trigger as trigger_helper

BLUEPRINT = ROOT / "docs/home-assistant/react-to-an-emotion.yaml"
EMOTION = "sensor.livingroom_emotion"
CAMERA = "switch.livingroom_camera"
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
EXPECTED = {
    "binary_sensor.livingroom_face",
    "binary_sensor.livingroom_problem",
    "binary_sensor.livingroom_speech",
    "binary_sensor.livingroom_sure",
    "button.livingroom_acknowledge",
    "button.livingroom_reset_settings",
    "button.livingroom_restart",
    "sensor.livingroom_alert",
    "event.livingroom_changed",
    "event.livingroom_glimpse",
    "number.livingroom_half_life",
    "number.livingroom_sensitivity",
    "select.livingroom_face_model",
    "select.livingroom_fusion_rule",
    "select.livingroom_mood_of",
    "select.livingroom_profile",
    "select.livingroom_speech_model",
    EMOTION,
    "sensor.livingroom_arousal",
    "sensor.livingroom_confidence",
    "sensor.livingroom_latency",
    "sensor.livingroom_valence",
    "switch.livingroom_actions",
    CAMERA,
    "switch.livingroom_microphone",
}
DISABLED = {
    "button.livingroom_reset_settings",
    "select.livingroom_face_model",
    "select.livingroom_fusion_rule",
    "select.livingroom_speech_model",
    "sensor.livingroom_confidence",
    "sensor.livingroom_latency",
}
AUTOMATIONS = """
automation:
  - id: blueprint
    alias: blueprint
    use_blueprint:
      path: emotion-edge/react-to-an-emotion.yaml
      input:
        emotion_sensor: sensor.livingroom_emotion
        emotions: [angry, disgust, fear, happy, sad, surprise, neutral]
        dwell: {seconds: 0.5}
        cooldown: {seconds: 0}
        actions:
          - event: reacted
            event_data: {emotion: "{{ emotion }}", previous: "{{ previous }}"}
  - id: instant
    alias: instant
    triggers:
      - trigger: state
        entity_id: event.livingroom_changed
        not_from: [unavailable]
        not_to: [unavailable, unknown]
    actions:
      - event: noticed
        event_data: {emotion: "{{ trigger.to_state.attributes.event_type }}"}
"""


class Household:
    """Everything running, and the events that automations fired."""

    def __init__(self, hass: HomeAssistant, broker: Broker, daemon: Daemon) -> None:
        self.hass, self.broker, self.daemon = hass, broker, daemon
        self.fired: dict[str, list[dict[str, Any]]] = {"reacted": [], "noticed": []}
        self.triggered: list[str] = []
        for name, events in self.fired.items():
            hass.bus.async_listen(name, lambda event, events=events: events.append(_data(event)))

    def forget(self) -> None:
        """Begin to listen anew."""
        for events in self.fired.values():
            events.clear()
        self.triggered.clear()

    def state(self, entity: str) -> str:
        """The state of an entity, `gone` where there is none."""
        state = self.hass.states.get(entity)
        return state.state if state is not None else "gone"

    def attribute(self, entity: str, name: str) -> Any:
        """An attribute of an entity, None where there is none."""
        state = self.hass.states.get(entity)
        return None if state is None else state.attributes.get(name)

    async def call(self, domain: str, service: str, entity: str, **data: Any) -> None:
        """Use an entity as a person would."""
        given = {"entity_id": entity, **data}
        await self.hass.services.async_call(domain, service, given, blocking=True)


def _data(event: Event[Any]) -> dict[str, Any]:
    return dict(event.data)


def report(text: str) -> None:
    """One passed check."""
    print(f"ok  {text}", flush=True)


async def check_entities(home: Household) -> None:
    """One device with all its entities and a trigger for each emotion."""
    took = await until(
        lambda: set(entities(home.hass)) >= EXPECTED,
        lambda: f"entities; missing: {EXPECTED - set(entities(home.hass))}",
    )
    found = entities(home.hass)
    assert set(found) == EXPECTED, set(found) ^ EXPECTED
    disabled = {name for name, entry in found.items() if entry.disabled}
    assert disabled == DISABLED, disabled
    (device,) = [d for d in dr.async_get(home.hass).devices.values() if d.manufacturer == "emotion-edge"]
    assert device.name == "Living room"
    triggers = await async_get_device_automations(home.hass, DeviceAutomationType.TRIGGER, [device.id])
    subtypes = {trigger["subtype"] for trigger in triggers[device.id] if trigger["domain"] == "mqtt"}
    assert subtypes == set(LABELS), subtypes
    await _listen_to_triggers(home, triggers[device.id])
    report(f"{len(found)} entities, {len(disabled)} off by default, {len(subtypes)} triggers, {took:.1f} s")


async def _listen_to_triggers(home: Household, offered: list[dict[str, Any]]) -> None:
    ours = [dict(trigger) for trigger in offered if trigger["domain"] == "mqtt"]
    config = await trigger_helper.async_validate_trigger_config(home.hass, ours)

    async def act(variables: dict[str, Any], _context: object = None) -> None:
        home.triggered.append(variables["trigger"]["payload"])

    await trigger_helper.async_initialize_triggers(home.hass, config, act, "check", "check", _ignore)


def _ignore(*_arguments: object, **_options: object) -> None:
    """Home Assistant's log of triggers, not wanted here."""


async def check_mood(home: Household) -> None:
    """The mood of the person in the clip arrives, with attributes that do not jitter."""
    await until(lambda: home.state(EMOTION) in LABELS, lambda: f"an emotion; it is {home.state(EMOTION)}")
    state = home.hass.states.get(EMOTION)
    assert state is not None
    assert {"confidence", "source"} <= set(state.attributes), state.attributes
    assert not {"ts", "since", "probabilities"} & set(state.attributes), state.attributes
    await until(lambda: home.state("binary_sensor.livingroom_face") == "on", "a face")
    report(f"the mood is {state.state}, confidence {state.attributes['confidence']}")


async def check_scores(home: Household) -> None:
    """Valence and arousal of the person in the clip are measured numbers."""
    for name in ("valence", "arousal"):
        entity = f"sensor.livingroom_{name}"
        await until(_told(home, entity), f"{name} as a number")
        state = home.hass.states.get(entity)
        assert state is not None
        assert state.attributes["state_class"] == "measurement", state.attributes
        assert -1 <= float(state.state) <= 1, state.state
    report(f"valence {home.state('sensor.livingroom_valence')}")


def _told(home: Household, entity: str) -> Callable[[], bool]:
    return lambda: _is_number(home.state(entity))


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


async def check_settings(home: Household) -> None:
    """A number and a select set what the daemon then tells."""
    number, select = "number.livingroom_sensitivity", "select.livingroom_mood_of"
    await until(lambda: _is_number(home.state(number)), lambda: f"a sensitivity; it is {home.state(number)}")
    assert float(home.state(number)) == 50, home.state(number)
    await home.call("number", "set_value", number, value=60)
    await until(lambda: float(home.state(number)) == 60, lambda: f"60; it is {home.state(number)}")
    await home.call("select", "select_option", select, option="subject")
    await until(lambda: home.state(select) == "subject", lambda: f"subject; it is {home.state(select)}")
    await home.call("number", "set_value", number, value=50)
    await home.call("select", "select_option", select, option="all")
    await until(lambda: home.state(select) == "all", lambda: f"all; it is {home.state(select)}")
    report("settings are set by a number and a select")


async def check_alert(home: Household) -> None:
    """An alert says why; the button acknowledges it."""
    alert = "sensor.livingroom_alert"
    await until(lambda: home.state(alert) == "notice", lambda: f"an alert; it is {home.state(alert)}")
    state = home.hass.states.get(alert)
    assert state is not None
    assert (state.attributes["cause"], state.attributes["message"]) == ("seen", "Somebody smiles")
    await home.call("button", "press", "button.livingroom_acknowledge")
    await until(lambda: home.attribute(alert, "acknowledged") is True, "acknowledged")
    report("an alert is told with its message and acknowledged by the button")


async def check_switch(home: Household) -> None:
    """Switching the camera off closes the device; the mood returns to rest."""
    await until(home.daemon.holds_clip, "the daemon reads its camera")
    started = time.monotonic()
    await home.call("switch", "turn_off", CAMERA)
    await until(lambda: home.state(CAMERA) == "off", "the camera off")
    took = time.monotonic() - started
    assert not home.daemon.holds_clip(), "off was published before the device was closed"
    await until(lambda: home.state(EMOTION) == "none", "nobody there")
    report(f"the camera is closed, round trip {took * 1000:.0f} ms, the mood is none")


async def check_automation(home: Household) -> None:
    """Somebody appears: the blueprint and the event entity's automation act."""
    home.forget()
    await home.call("switch", "turn_on", CAMERA)
    await until(lambda: home.state(CAMERA) == "on", "the camera on")
    await until(lambda: home.fired["reacted"], "the blueprint's automation")
    await until(lambda: home.fired["noticed"], "the event's automation")
    assert home.fired["reacted"][0]["previous"] == "none", home.fired
    assert [event["emotion"] for event in home.fired["noticed"]] == [home.state(EMOTION)]
    assert len(home.triggered) == 1, home.triggered
    assert f'"event_type":"{home.state(EMOTION)}"' in home.triggered[0], home.triggered
    report(f"automations and the device trigger fired: {home.fired['reacted'][0]}")


async def check_broker_restart(home: Household) -> None:
    """A broker that has forgotten everything: all entities are back, nothing old is replayed."""
    home.broker.kill()
    await until(lambda: home.state(EMOTION) == "unavailable", "unavailable without a broker")
    heard = len(home.fired["noticed"])
    home.broker.start()
    took = await until(lambda: home.state(EMOTION) in LABELS, "an emotion after the broker's restart")
    assert set(entities(home.hass)) == EXPECTED
    assert len(home.fired["noticed"]) == heard, "an old event was replayed"
    report(f"back {took:.1f} s after the broker's restart (Home Assistant reconnects in its own time)")


async def check_restart_button(home: Household) -> None:
    """The button restarts the daemon in place."""
    pid, seen = home.daemon.pid, []
    home.hass.bus.async_listen("state_changed", lambda event: seen.append(_data(event)))
    await home.call("button", "press", "button.livingroom_restart")
    await until(lambda: _went(seen, "unavailable"), "offline while restarting")
    took = await until(lambda: home.state(EMOTION) in LABELS, "an emotion after the restart")
    assert Path(f"/proc/{pid}").exists()
    report(f"restarted in place, the mood is back after {took:.1f} s")


def _went(seen: list[dict[str, Any]], word: str) -> bool:
    return any(data["entity_id"] == EMOTION and data["new_state"].state == word for data in seen)


async def check_crash(home: Household) -> None:
    """A daemon that is killed is unavailable at once, by its will."""
    home.daemon.stop(kill=True)
    took = await until(lambda: home.state(EMOTION) == "unavailable", "unavailable after a crash")
    report(f"unavailable {took * 1000:.0f} ms after the daemon was killed")


async def check_removal(home: Household) -> None:
    """`mqtt remove-discovery` takes the device away."""
    await asyncio.to_thread(home.daemon.command, "mqtt", "remove-discovery")
    await until(lambda: not entities(home.hass), lambda: f"no entities; there: {set(entities(home.hass))}")
    report("remove-discovery removed the device and all entities")


CHECKS = (
    check_entities,
    check_mood,
    check_scores,
    check_settings,
    check_alert,
    check_switch,
    check_automation,
    check_broker_restart,
    check_restart_button,
    check_crash,
    check_removal,
)


def check_schemas() -> None:
    """Without a broker: the message and the blueprint against Home Assistant's schemas."""
    command = [str(ROOT / ".venv/bin/python"), "tests/home_assistant/offered.py", "livingroom"]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    message = load_message(text)
    count, refused = check_message(message), check_refusals(message)
    check_blueprint(BLUEPRINT)
    report(f"schemas: {count} components and the blueprint valid, {refused} broken variants refused")


async def live(folder: Path) -> None:
    """All checks, one after the other."""
    blueprints = folder / "blueprints/automation/emotion-edge"
    blueprints.mkdir(parents=True)
    shutil.copy(BLUEPRINT, blueprints)
    (folder / "configuration.yaml").write_text(f"http: {{server_port: {free_port()}}}\n{AUTOMATIONS}")
    broker = Broker(free_port())
    daemon = Daemon(folder, broker.port, ROOT / "edge/samples/sample.mp4")
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    broker.start()
    try:
        await asyncio.sleep(0.5)
        hass = await open_house(folder, broker.port)
        check_schemas()
        home = Household(hass, broker, daemon)
        daemon.start()
        try:
            for check in CHECKS:
                await check(home)
            daemon.stop()
            daemon = house_daemon(folder, broker.port)
            daemon.start()
            for told in await check_house(hass, daemon):
                report(told)
        except AssertionError:
            print(daemon.log()[-3000:], file=sys.stderr)
            raise
        await hass.async_stop(force=True)
    finally:
        daemon.stop()
        broker.kill()
    assert not complaints.lines, "Home Assistant complained:\n" + "\n".join(complaints.lines)
    report("Home Assistant had nothing to complain about")


def main() -> int:
    """Run the checks; 0 if all passed."""
    print(f"Home Assistant {home_assistant_version}, Python {sys.version.split()[0]}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(live(Path(folder)))
        except AssertionError as error:
            print(f"FAILED  {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
