"""`python -m benchmarks.timelines OLD.json NEW.json …`: in which seconds do two analyses of one file agree?

OLD and NEW are documents of `emotion-edge analyze FILE --json`, by two versions; more pairs may follow. The
moods in force in the middle of each second are compared: the room's, and each speaker's and person's, who are
paired by the seconds they share.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Moods = dict[int, str]
"""Second → emotion, `unsure` or `none`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON document: 0 fine, 2 for an odd number of documents."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timelines", description=__doc__)
    parser.add_argument("documents", nargs="+", type=Path, metavar="JSON")
    documents = parser.parse_args(argv).documents
    if len(documents) % 2:
        print("timelines: name pairs of documents, the old one first", file=sys.stderr)
        return 2
    read = [json.loads(path.read_text(encoding="utf-8")) for path in documents]
    print(json.dumps([compared(old, new) for old, new in zip(read[::2], read[1::2], strict=True)], indent=1))
    return 0


def compared(old: Document, new: Document) -> Document:
    """Shares of the seconds in which both say the same; None where neither says anything."""
    people, speakers = (
        paired(*([_spans(one) for one in document.get(key, ())] for document in (old, new)))
        for key in ("people", "speakers")
    )
    return {
        "file": old["file"],
        "room": agreement([(points(old), points(new))]),
        "people": agreement(people),
        "speakers": agreement(speakers),
        "counted": {
            key: [len(old.get(key, ())), len(new.get(key, ()))]
            for key in ("people", "speakers", "face", "speech")
        },
    }


def agreement(pairs: Sequence[tuple[Moods, Moods]]) -> float | None:
    """Share of all seconds that either tells something of in which both tell the same."""
    same = total = 0
    for a, b in pairs:
        seconds = a.keys() | b.keys()
        same += sum(a.get(second) == b.get(second) for second in seconds)
        total += len(seconds)
    return round(same / total, 4) if total else None


def paired(old: Sequence[Moods], new: Sequence[Moods]) -> list[tuple[Moods, Moods]]:
    """Each with the one that has the most seconds in common; whoever is left is paired with nobody."""
    left, pairs = list(new), []
    for one in old:
        best = max(left, key=lambda other: len(one.keys() & other.keys()), default={})
        if one.keys() & best.keys():
            left.remove(best)
        pairs.append((one, best if one.keys() & best.keys() else {}))
    return [*pairs, *(({}, one) for one in left)]


def points(document: Document) -> Moods:
    """The room's mood by the points of the timeline, each of which holds until the next."""
    told = [(point["t"], point["emotion"]) for point in document["fused"] if point.get("speaker") is None]
    ends = [at for at, _ in told[1:]] + [document["duration_s"] or 0.0]
    return _held((at, end, emotion) for (at, emotion), end in zip(told, ends, strict=False))


def _spans(one: Document) -> Moods:
    spans = one["timeline"]
    return _held((span["start_s"], span["end_s"], span["emotion"]) for span in spans)


def _held(spans: Any) -> Moods:
    moods: Moods = {}
    for start, end, emotion in spans:
        second = int(start + 0.5)
        while second + 0.5 < end:
            moods[second] = emotion
            second += 1
    return moods


if __name__ == "__main__":
    sys.exit(main())
