"""The files for other software: they can be read, and name only what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemas
from kiosk.test_metrics import Scrape, vitals
from paho.mqtt.client import topic_matches_sub

from edge.publish.health import Problem
from edge.publish.topics import Topics

FOLDER = Path(__file__).parents[2] / "docs" / "integrations"
DEVICE = Topics("emotion-edge", "livingroom")


def read(name: str) -> Any:
    text = (FOLDER / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        return json.loads(text)
    return pytest.importorskip("tomllib", reason="tomllib came with Python 3.11").loads(text)


def shape(topic: str) -> dict[str, Any]:
    """The schema's fields of a topic that the daemon tells."""
    name = topic.rpartition("/")[2]
    assert name in schemas.NAMES, topic
    assert topic_matches_sub(topic, DEVICE.of(name)), topic
    return dict(schemas.load(name)["properties"])


def test_the_flow_reads_what_is_told_and_says_what_is_heard() -> None:
    flow = read("node-red-flow.json")
    ids = {node["id"] for node in flow}
    assert len(ids) == len(flow)
    heard = [one.filter for one in DEVICE.subscriptions()]
    for node in flow:
        assert {target for wires in node.get("wires", ()) for target in wires} <= ids
        if node["type"] == "mqtt in":
            shape(node["topic"])
        if node["type"] == "mqtt out":
            assert node["topic"] in heard
            assert node["retain"] == "false"


def test_the_flow_decides_on_fields_and_values_that_there_are() -> None:
    nodes = {node["id"]: node for node in read("node-red-flow.json")}
    for node in nodes.values():
        if node["type"] != "mqtt in":
            continue
        for following in (nodes[one] for wires in node["wires"] for one in wires):
            if following["type"] == "switch":
                field = shape(node["topic"])[following["property"].removeprefix("payload.")]
                assert {rule["v"] for rule in following["rules"]} <= set(field["enum"])


def parsed(value: Any) -> Iterator[str]:
    """Every `path` below json_v2."""
    if isinstance(value, dict):
        yield from [value["path"]] if "path" in value else []
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from parsed(item)


def test_telegraf_reads_topics_and_fields_that_there_are() -> None:
    inputs = read("telegraf.conf")["inputs"]
    for one in inputs["mqtt_consumer"]:
        (topic,) = one["topics"]
        assert [rule["topic"] for rule in one["topic_parsing"]] == [topic]
        assert one["topic_parsing"][0]["tags"].count("/") == topic.count("/")
        paths = list(parsed(one["json_v2"]))
        assert paths
        assert set(paths) <= set(shape(topic))
    assert inputs["prometheus"][0]["urls"] == ["http://127.0.0.1:9780/metrics"]


def test_the_dashboard_asks_for_metrics_and_labels_that_there_are() -> None:
    samples = Scrape(vitals(problems=(Problem("camera", "unplugged"),))).samples
    labels: dict[str, set[str]] = {}
    for name, found, _ in samples:
        labels.setdefault(name, {"instance"}).update(found)
    dashboard = read("grafana-dashboard.json")
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for target in (target for panel in panels for target in panel["targets"]):
        named = re.findall(r"emotion_edge_\w+", target["expr"])
        assert named, target
        assert set(named) <= set(labels)
        shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        assert shown <= labels[named[0]], target
