"""The report's part on changed recipes."""

from __future__ import annotations

from typing import Final

from edge.training.recipes.ablations import AS_IS, changes
from edge.training.recipes.protocols import CONTROL, Changed
from edge.training.recipes.row import Row
from edge.training.recipes.rows import ROWS
from edge.training.report.markdown import Lines, percent, table, text
from edge.training.report.rows import GRACE
from edge.training.runs.lab import Lab
from edge.training.runs.provenance import describe_start
from edge.training.runs.record import RunRecord, record

_WORDS: Final = (
    "One part of the recipe changed at a time (`python -m edge.training train ROW --change NAME`): the same "
    "start, the same minutes or epochs, the rate falling to zero at their end; one run each, so a difference "
    "below a point may be chance. `best` is chosen on the validation (the start counts), `last` is the "
    "better average of the last epoch."
)


def ablations(lab: Lab) -> Lines:
    """A table for every row that has such runs; a line that says so when none has."""
    tables = [part for row in ROWS.values() if (part := _of_row(lab, row))]
    title = ["## Ablations", ""]
    if not tables:
        return [*title, *text("Not run. `python -m edge.training train ROW --change NAME` makes them.")]
    return [*title, *text(_WORDS), *(line for part in tables for line in part)]


def _of_row(lab: Lab, row: Row) -> Lines:
    """A control of these minutes stands for `none` where that was not run and all are from scratch."""
    runs = {name: record(lab.with_protocol(Changed(name)), row) for name in changes(row.kind)}
    changed = [run for name, run in runs.items() if name != AS_IS and run.log]
    control = record(lab.with_protocol(CONTROL), row)
    if not runs[AS_IS].log and changed and all(_alike(control, run) for run in changed):
        runs[AS_IS] = control
    logs = {name: log for name, run in runs.items() if (log := run.log)}
    if not changed:
        return []
    base = logs.get(AS_IS)
    rows = []
    for name, log in logs.items():
        best, last = max(entry[row.metric] for entry in log), log[-1][row.metric]
        gain = "-" if base is None or name == AS_IS else f"{100 * (last - base[-1][row.metric]):+.1f}"
        gpu = f" of {device}" if (device := runs[name].gpu) else ""
        clock = f"{log[-1]['minutes']:.0f}{gpu} ({log[-1]['epoch']:.0f} epochs)"
        rows.append([name, percent(best), percent(last), gain, clock])
    starts = {describe_start(runs[name].folder) or "From scratch." for name in logs}
    head = ["change", f"best {row.measure} %", f"last {row.measure} %", "last, against none", "minutes"]
    return [f"### Changes to `{row.name}`", "", *text(*sorted(starts)), *table(head, rows)]


def _alike(control: RunRecord, run: RunRecord) -> bool:
    """Whether a run is from scratch, of the control's minutes and device."""
    ours, theirs = control.log, run.log
    if not ours or describe_start(run.folder) or control.gpu != run.gpu:
        return False
    return abs(ours[-1]["minutes"] - theirs[-1]["minutes"]) <= GRACE


__all__ = ["ablations"]
