"""`python -m benchmarks.peers.ours FOLDER`: this product on raw RGB pictures, each of them judged in full."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from edge.config import Config
from edge.perception.face import FacePipeline
from edge.vocabulary import LABELS, Frame


def main() -> int:
    """Print one JSON document."""
    folder = Path(sys.argv[1])
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    found: list[str | None] = []
    with FacePipeline.open(Config(), clock=lambda: 0.0, confirm=1) as pipeline:
        before = time.process_time()
        for number, entry in enumerate(index["pictures"]):
            if number == 1:
                before = time.process_time()
            raw = np.frombuffer((folder / entry["file"]).read_bytes(), np.uint8)
            rgb = raw.reshape(index["height"], index["width"], 3)
            pipeline.begin()
            seen = pipeline.process(Frame(np.ascontiguousarray(rgb[:, :, ::-1]), float(number)))
            chosen = seen.subject
            found.append(None if chosen is None else LABELS[int(np.argmax(chosen.probabilities))])
        spent = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": 1000 * spent / (len(found) - 1), "rss_mb": memory, "emotions": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
