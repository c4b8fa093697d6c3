"""The report's part on changed recipes."""

from __future__ import annotations

from edge.training.protocols import CHANGE, CONTROL
from edge.training.recipes.ablations import AS_IS, changes
from edge.training.recipes.rows import ROWS, Row
from edge.training.report.markdown import Lines, percent, table, text
from edge.training.runs.lab import Lab
from edge.training.runs.start import describe_start

GRACE = 0.5
"""Minutes by which the end of two runs may differ, since both end with a step."""
_WORDS = (
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
    runs = {name: lab.with_protocol(CHANGE + name) for name in changes(row.kind)}
    changed = [run for name, run in runs.items() if name != AS_IS and run.log(row)]
    control = lab.with_protocol(CONTROL)
    if not runs[AS_IS].log(row) and changed and all(_alike(control, run, row) for run in changed):
        runs[AS_IS] = control
    logs = {name: log for name, run in runs.items() if (log := run.log(row))}
    if not changed:
        return []
    measure = "accuracy" if row.kind == "face" else "mean UAR"
    base = logs.get(AS_IS)
    rows = []
    for name, log in logs.items():
        best, last = max(entry[row.metric] for entry in log), log[-1][row.metric]
        gain = "-" if base is None or name == AS_IS else f"{100 * (last - base[-1][row.metric]):+.1f}"
        gpu = f" of {device}" if (device := runs[name].gpu(row)) else ""
        clock = f"{log[-1]['minutes']:.0f}{gpu} ({log[-1]['epoch']:.0f} epochs)"
        rows.append([name, percent(best), percent(last), gain, clock])
    starts = {describe_start(runs[name].folder(row)) or "From scratch." for name in logs}
    head = ["change", f"best {measure} %", f"last {measure} %", "last, against none", "minutes"]
    return [f"### Changes to `{row.name}`", "", *text(*sorted(starts)), *table(head, rows)]


def _alike(control: Lab, run: Lab, row: Row) -> bool:
    """Whether a run is from scratch, of the control's minutes and device."""
    ours, theirs = control.log(row), run.log(row)
    if not ours or describe_start(run.folder(row)) or control.gpu(row) != run.gpu(row):
        return False
    return abs(ours[-1]["minutes"] - theirs[-1]["minutes"]) <= GRACE
