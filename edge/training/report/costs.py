"""The report's part on what engines cost."""

from __future__ import annotations

import json
from pathlib import Path

from edge.training.figures.scores import Document
from edge.training.report.markdown import Lines, percent, table, text


def costs(folder: Path) -> Lines:
    """Size, arithmetic and speed of the engines in the folder, and what INT8 ones lose and gain."""
    cards = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))
    }
    judged = {name: card for name, card in cards.items() if card.get("cost")}
    gpus = sorted(
        {card["cost"]["training_gpu"] for card in judged.values() if "training_gpu" in card["cost"]}
    )
    processors = {card["cost"].get("processor", "a processor not noted") for card in judged.values()}
    head = ["engine", "weights", "million MACs", "ms, one CPU thread", "ms, its input", "MB"]
    words = (
        "Times of one item, and of making the engine's input from a crop or 3 s of sound, on "
        f"{', '.join(sorted(processors))}. Minutes are wall-clock minutes of one thread beside "
        f"other work{''.join(f' or of {gpu}' for gpu in gpus)}, those of the engine a run started from "
        "included."
    )
    rows = [_cost(name, card) for name, card in judged.items()]
    return ["## Cost", "", *table([*head, "minutes of training"], rows), *text(words), *_int8(judged)]


def _cost(name: str, card: Document) -> list[str]:
    cost = card["cost"]
    return [
        f"`{name}.onnx`",
        f"{cost['parameters']:,}",
        f"{cost['macs'] / 1e6:.0f}",
        f"{cost['ms_one_thread']:.1f}",
        f"{cost['ms_features']:.1f}" if "ms_features" in cost else "-",
        f"{card['bytes'] / 1e6:.1f}",
        f"{cost['training_minutes']:.0f}",
    ]


def _int8(cards: dict[str, Document]) -> Lines:
    made = {name: card["made_from"] for name, card in cards.items() if "made_from" in card}
    current = {name: card.get("sha256") for name, card in cards.items()}
    made = {name: found for name, found in made.items() if current.get(found["name"]) == found["sha256"]}
    if not made:
        return []
    rows = [
        [
            f"`{name}.onnx`",
            {"accuracy": "PublicTest accuracy", "mean_uar": "mean UAR"}[found["score"]],
            f"{percent(found['float32'])} to {percent(found['int8'])}",
            f"{percent(found.get('degraded_float32'))} to {percent(found.get('degraded_int8'))}",
            f"{found['ms_float32']:.1f} to {found['ms_int8']:.1f}",
            f"{found['faster']:.1f}",
        ]
        for name, found in made.items()
    ]
    words = (
        "INT8 for ONNX Runtime on the CPU (`python -m edge.training quantise`): unsigned activations, seven "
        "bits of weight, ranges set by training items; kept where it is at least 1.5 times as fast and loses "
        "at most half a point on the validation; differences within the rows' 95 % intervals are chance. "
        "Measured on x86 with integer instructions (VNNI); without them the gain is smaller or none."
    )
    head = ["engine", "score", "%", "degraded input, %", "ms", "times as fast"]
    return [*text(words), *table(head, rows)]


__all__ = ["costs"]
