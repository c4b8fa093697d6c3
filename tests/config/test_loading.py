"""Where the configuration is found, what changes it, and how errors read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from config.sections import is_section

from edge.config import Config, Loaded, load_config
from edge.config.loading import _PATHS
from edge.config.models import Section
from edge.config.schema import is_path
from edge.errors import ConfigError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def load(path: Path, **env: str) -> Loaded:
    return load_config(path, env=env, system_file=Path("/nonexistent/config.yaml"))


def errors(path: Path, **env: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, **env)
    return [line.removeprefix(f"{path}") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "mqtt:\n", "mqtt: {}\ncamera:\n  detector:\n"])
def test_what_is_left_out_has_its_default(write: Write, text: str) -> None:
    assert load(write(text)).config == Config()


def test_first_place_wins(write: Write, tmp_path: Path) -> None:
    named = write("device: {id: named}")
    system = tmp_path / "system.yaml"
    system.write_text("device: {id: system}")
    variable = tmp_path / "variable.yaml"
    variable.write_text("device: {id: variable}")
    env = {"EMOTION_EDGE_CONFIG": str(variable)}
    assert load_config(named, env=env, system_file=system).config.device.id == "named"
    assert load_config(env=env, system_file=system).config.device.id == "variable"
    assert load_config(env={}, system_file=system).config.device.id == "system"
    packaged = load_config(env={}, system_file=tmp_path / "none")
    assert packaged.config == Config()
    assert packaged.path.name == "config.yaml"


def test_missing_named_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--config: there is no file .*x\.yaml"):
        load(tmp_path / "x.yaml")
    with pytest.raises(ConfigError, match=r"\$EMOTION_EDGE_CONFIG: there is no file"):
        load_config(env={"EMOTION_EDGE_CONFIG": str(tmp_path / "x.yaml")})


def test_unreadable_system_file_is_noted(tmp_path: Path) -> None:
    dangling = tmp_path / "config.yaml"
    dangling.symlink_to(tmp_path / "nowhere")
    loaded = load_config(env={}, system_file=dangling)
    assert loaded.config == Config()
    assert "may not be read" in loaded.notes[0]


def test_all_errors_come_at_once_with_line_and_remedy(write: Write) -> None:
    path = write(
        "mqtt:\n  prot: 1884\n  port: 99999\n  host: tcp://x\n"
        "camera:\n  sorce: 0\n  backend: onnx\n  fps:\n"
        "kisok: {}\n"
        "smoothing:\n  enter: .3\n  exit: .6\n  dwell: soon\n"
        "device:\n  id: Living Room\n  name: 5\n"
        "fusion: [1]\n"
        "log:\n  level: loud\n"
        "engines:\n  backend: tensorr\n"
    )
    assert errors(path) == [
        ":2: mqtt.prot: unknown key, did you mean 'port'?",
        ":3: mqtt.port: must be at most 65535, got 99999",
        ":4: mqtt.host: must be a name or address alone, without scheme, user or path, got 'tcp://x'",
        ":6: camera.sorce: unknown key, did you mean 'source'?",
        ":7: camera.backend: unknown key, did you mean 'engines.backend'?",
        ":8: camera.fps: is empty; give a number or remove the line",
        ":9: kisok: unknown key, did you mean 'kiosk'?",
        ":13: smoothing.dwell: must be a number, got 'soon'",
        ":15: device.id: may only contain a-z, 0-9, _ and -, got 'Living Room'",
        ":16: device.name: must be text, got 5; put it in quotes",
        ":17: fusion: must be a section of 'key: value' lines, got [1]",
        ":19: log.level: must be one of debug, info, warning, error, got 'loud'",
        ":21: engines.backend: must be one of auto, onnx, tensorrt, cuda, openvino, xnnpack, "
        "got 'tensorr', did you mean 'tensorrt'?",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("smoothing:\n  enter: .3\n  exit: .6", ":3: smoothing.exit: must not be above enter (0.3)"),
        (
            "smoothing:\n  thresholds:\n    sad: {exit: .9}",
            ":3: smoothing.thresholds.sad.exit: must not be above",
        ),
        (
            "smoothing:\n  thresholds:\n    hapy: .9",
            ":3: smoothing.thresholds.hapy: unknown key, did you mean 'happy'?",
        ),
        ("smoothing:\n  half_life: .nan", ":2: smoothing.half_life: "),
        ("mqtt:\n  username: u\n  password: p\n  password_file: f", ":4: mqtt.password_file: password and"),
        ("mqtt:\n  password: p", ":1: mqtt.username: a password is set, but no username"),
        (
            "mqtt:\n  tls:\n    enabled: on\n    certificate: c",
            ":2: mqtt.tls.key: tls.certificate needs tls.key",
        ),
        ("mqtt:\n  tls:\n    ca: c", ":2: mqtt.tls.enabled: certificates are configured, but TLS is off"),
        ("mqtt:\n  expiry: 30", ":2: mqtt.expiry: must be longer than heartbeat (60 s)"),
        ("fusion:\n  face_weight: 0\n  speech_weight: 0", ":2: fusion.face_weight: "),
        (
            "kiosk: {enabled: on, host: 0.0.0.0}",
            ":1: kiosk.host: 0.0.0.0 shows the page to the network: set a token file",
        ),
        ("privacy:\n  schedule: ['25:00-1:00']", ":2: privacy.schedule[0]: "),
        ("- a\n- b", ":1: must hold sections such as 'mqtt:', not just a list"),
        ("just words", ":1: must hold sections such as 'mqtt:', not just a single value"),
        ("camera: yes", ":1: camera: must be a section of 'key: value' lines, got 'yes'"),
        ("camera: {}\ncamera: {}", ":2: camera: written twice, first in line 1"),
        (
            "actions:\n  rules:\n  - name: x\n    when: [sad]\n    between: [22:00, 6]\n    then: []",
            ":5: actions.rules[0].between[1]: must be text, got 6; put it in quotes",
        ),
        (
            "actions:\n  rules:\n  - {name: x, when: [sad], between: [22:00, 26:00], then: []}",
            ":3: actions.rules[0].between[1]: '26:00' is not a time of the day",
        ),
        (
            "actions:\n  rules:\n  - name: x\n    when: [sad]",
            ":3: actions.rules[0].then: is required, but missing",
        ),
        (
            "actions:\n  rules:\n  - {name: x, when: [sad], then: [command: {argv: [ls]}]}",
            ":3: actions.rules[0]: runs a command, but actions.allow_commands is false",
        ),
        (
            "actions:\n  rules:\n  - name: x\n    when: [sad]\n    then:\n    - mqtt: {topic: 'a/#'}\n",
            ":6: actions.rules[0].then[0].mqtt.topic: ",
        ),
    ],
)
def test_a_mistake_is_named_at_its_line(write: Write, text: str, message: str) -> None:
    assert errors(write(text))[0].startswith(message)


def test_environment_wins_over_the_file_and_options_over_both(write: Write) -> None:
    path = write("mqtt: {port: 1, host: file}\ncamera:\n")
    env = {
        "EMOTION_EDGE_MQTT__PORT": "2",
        "EMOTION_EDGE_MQTT__HOST": "variable",
        "EMOTION_EDGE_MQTT__TLS__ENABLED": "true",
        "EMOTION_EDGE_MQTT__USERNAME": "007",
        "EMOTION_EDGE_MQTT__PASSWORD": "[1",
        "EMOTION_EDGE_SMOOTHING__THRESHOLDS__SAD__ENTER": "0.9",
        "EMOTION_EDGE_DEVICE__ROOM": "",
        "EMOTION_EDGE_CAMERA__SOURCE": "0",
    }
    loaded = load_config(path, env=env, overrides={"mqtt.host": "option"})
    mqtt = loaded.config.mqtt
    assert (mqtt.port, mqtt.host, mqtt.tls.enabled, mqtt.username) == (2, "option", True, "007")
    assert mqtt.password is not None
    assert mqtt.password.get_secret_value() == "[1"
    assert loaded.config.smoothing.thresholds["sad"].enter == 0.9
    assert loaded.config.device.room is None
    assert loaded.config.camera.source == "0"
    assert "$EMOTION_EDGE_MQTT__PORT" in loaded.overridden
    assert "--mqtt.host" in loaded.overridden


def test_an_entry_of_a_list_can_be_overridden(write: Write) -> None:
    path = write("actions:\n  rules:\n  - {name: x, when: [sad], then: [mqtt: {topic: t}]}\n")
    rules = load(path, EMOTION_EDGE_ACTIONS__RULES__0__FOR="7").config.actions.rules
    assert rules[0].hold == 7.0
    assert errors(path, EMOTION_EDGE_ACTIONS__RULES__5__FOR="7") == [
        "$EMOTION_EDGE_ACTIONS__RULES__5__FOR: there is no entry 5 in the list"
    ]


def test_environment_errors_name_the_variable(write: Write) -> None:
    found = errors(
        write("mqtt: {hots: x}"),
        EMOTION_EDGE_MQTT__PORT="http",
        EMOTION_EDGE_MQTT__PROT="1",
    )
    assert found == [
        ":1: mqtt.hots: unknown key, did you mean 'host'?",
        "$EMOTION_EDGE_MQTT__PORT: mqtt.port: must be a whole number, got 'http'",
        "$EMOTION_EDGE_MQTT__PROT: mqtt.prot: unknown key, did you mean 'port'?",
    ]
    assert errors(write(""), EMOTION_EDGE_MQTT__PORT__X="1")
    assert errors(write("mqtt: 5"), EMOTION_EDGE_MQTT__PORT="1") == [
        "$EMOTION_EDGE_MQTT__PORT: mqtt is not a section"
    ]
    assert errors(write(""), EMOTION_EDGE_PRIVACY__SCHEDULE="[a")[0].startswith(
        "$EMOTION_EDGE_PRIVACY__SCHEDULE: not valid YAML"
    )


def test_other_names_with_the_prefix_are_ignored(write: Write) -> None:
    env = {
        "EMOTION_EDGE_DATA": "/x",
        "EMOTION_EDGE_MQTT": "x",
        "EMOTION_EDGE_OTHER__KEY": "x",
        "EMOTION_EDGE_MQTT__": "x",
        "XEMOTION_EDGE_MQTT__PORT": "1",
    }
    assert load_config(write(""), env=env).config == Config()


def test_paths_start_at_the_folder_of_the_file(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip.mp4").touch()
    path = write(
        "engines: {directory: models, cache: /abs}\n"
        "mqtt: {username: u, password_file: ~/pw, tls: {enabled: on, ca: ca.pem}}\n"
        "camera: {source: clip.mp4}\nmicrophone: {source: USB Audio}\n"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    config = load(Path(os.path.relpath(path)), EMOTION_EDGE_MQTT__TLS__CA="here.pem").config
    assert config.engines.directory is not None
    assert config.engines.directory.resolve() == tmp_path.resolve() / "models"
    assert config.engines.cache == Path("/abs")
    assert config.mqtt.password_file == Path("~/pw").expanduser()
    assert config.mqtt.tls.ca == elsewhere / "here.pem"
    assert Path(config.camera.source).samefile(tmp_path / "clip.mp4")
    assert config.microphone.source == "USB Audio"


@pytest.mark.parametrize("source", ["rtsp://cam/" + "x" * 400, "~nobody-here/x", "auto", "0", "a\\0b"])
def test_sources_that_are_no_files_stay_as_they_are(write: Write, tmp_path: Path, source: str) -> None:
    for name in ("auto", "0"):
        (tmp_path / name).touch()
    assert load(write(f'camera:\n  source: "{source}"\n')).config.camera.source == source.replace("\\0", "\0")


def test_every_path_of_the_models_is_made_absolute() -> None:
    def paths(section: type[Section], prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found = set()
        for name, field in section.model_fields.items():
            if is_section(field.annotation):
                found |= paths(field.annotation, (*prefix, name))
            elif is_path(field):
                found.add((*prefix, name))
        return found

    assert paths(Config) == set(_PATHS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rooms: {'A b!': {cameras: {x: {}}}}", "rooms.A b!: this name may only contain a-z, 0-9, _ and -"),
        ("rooms: {a: {cameras: {'B c': {}}}}", "rooms.a.cameras.B c: this name may only contain"),
        ("smoothing: {thresholds: {hapy: 1}}", "thresholds.hapy: unknown key, did you mean 'happy'?"),
        (
            "actions: {rules: [{name: x, when: [sad], then: [{http: {url: 'http://h/', "
            'headers: {"A\\r\\nB": b}}}]}]}',
            r"http.headers.'A\r\nB': 'A\r\nB' is not the name of a header",
        ),
    ],
)
def test_a_name_that_may_not_stand_there_is_told(write: Write, text: str, message: str) -> None:
    assert message in "\n".join(errors(write(text)))


def test_secrets_are_never_part_of_an_error(write: Write) -> None:
    path = write(
        "mqtt: {password: [hunter2]}\n"
        "camera: {source: {a: 'rtsp://me:hunter2@cam/'}, fps: 'http://me:hunter2@x'}\n"
        "actions: {rules: [{name: x, when: [sad], then: [http: "
        "{url: 'hunter2', headers: {a: [hunter2]}}]}]}\n"
    )
    text = "\n".join(errors(path))
    assert text.count("\n") >= 4
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ACTIONS__RULES__\u00b2", "rules is not a section"),
        ("ACTIONS__RULES__" + "9" * 5000, "is not a section"),
        ("MQTT" + "__A" * 20_000, "names more than 16 levels"),
    ],
)
def test_names_of_variables_that_make_no_sense_are_one_message(write: Write, name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write("actions: {rules: []}\n"), env={f"EMOTION_EDGE_{name}": "1"})
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300
