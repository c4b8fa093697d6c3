"""The tables over all recordings of a folder of results."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from edge.analysis.batch.rows import COLUMNS
from edge.analysis.batch.store import Store
from edge.analysis.report.overview import overview
from edge.vocabulary import LABELS

__all__ = ["write_csv", "write_index", "write_parquet"]

Rows = Sequence[dict[str, Any]]

_NUMBERS: Final = frozenset(
    (
        *("duration_s", "talk_s", "silence_s", "overlap_s", "loudness_dbfs", "syllables_per_s"),
        *("bandwidth_hz", *LABELS, "abstained"),
    )
)
_COUNTS: Final = frozenset(("turns", "interruptions", "moments"))


def write_csv(rows: Rows, store: Store) -> None:
    """`summary.csv`: one row a file and speaker or person; what could not be read has its message."""
    with (
        store.open("summary.csv", "wb") as raw,
        io.TextIOWrapper(raw, "utf-8", errors="replace", newline="") as out,
    ):
        writer = csv.DictWriter(out, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_parquet(rows: Rows, store: Store) -> bool:
    """`summary.parquet`, the same as a typed table; False where pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return False
    schema = pa.schema([(column, _type(pa, column)) for column in COLUMNS])
    table = pa.Table.from_pylist([{column: row.get(column) for column in COLUMNS} for row in rows], schema)
    with store.open("summary.parquet", "wb") as out:
        pq.write_table(table, out)
    return True


def write_index(rows: Rows, store: Store) -> None:
    """`index.html`: the same to look at, with links to the reports."""
    with store.open("index.html", "wb") as out:
        out.write(overview(rows).encode(errors="replace"))


def _type(pa: Any, column: str) -> Any:
    if column in _NUMBERS:
        return pa.float64()
    if column in _COUNTS:
        return pa.int64()
    return pa.bool_() if column == "damaged" else pa.string()
