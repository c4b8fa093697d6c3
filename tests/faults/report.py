"""Writes the rows of a run of the fault matrix into docs/reliability.md.

python tests/faults/report.py ROWS_DIR DOCUMENT
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
GROUPS = {
    "broker": "Broker",
    "camera": "Camera",
    "sound": "Microphone",
    "state": "Files and state",
    "clock": "Clock",
    "process": "Process, configuration, control, metrics, actions",
}


def table(rows: list[dict[str, Any]]) -> str:
    """A table for each group, in the order of the names."""
    parts = []
    for group, title in GROUPS.items():
        own = [row for row in rows if row["group"] == group]
        lines = [
            f"### {title}",
            "",
            "| fault | lost | back within | what health or log said |",
            "|---|---|---|---|",
        ]
        for row in sorted(own, key=lambda row: str(row["fault"])):
            cells = (row["fault"], row["lost"], _seconds(row["recovery_s"]), row["health"])
            lines.append("| " + " | ".join(_cell(str(cell)) for cell in cells) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def _cell(text: str) -> str:
    text = re.sub(r"(?<![\w:/])(/[\w.\-]+)+/", "…/", text)  # folders of the machine that it ran on
    short = text if len(text) <= 160 else text[:157] + "…"
    return short.replace("|", "\\|").replace("\n", " ")


def main(folder: Path, document: Path) -> None:
    """Replace what stands between the marks."""
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    text = document.read_text(encoding="utf-8")
    if nameless := {row["group"] for row in rows} - GROUPS.keys():
        sys.exit(f"no title for the group of test_{nameless.pop()}_faults.py: add it to GROUPS")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    matrix = f"{BEGIN}\n{len(rows)} faults.\n\n{table(rows)}\n{END}"
    document.write_text(before + matrix + after, encoding="utf-8")
    print(f"{len(rows)} faults written into {document}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
