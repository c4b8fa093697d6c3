"""A folder of recordings from the list of files to the summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from edge.analysis.batch.inputs import Input
from edge.analysis.batch.ledger import Ledger
from edge.analysis.batch.pool import on_processes
from edge.analysis.batch.rows import failed_row
from edge.analysis.batch.store import open_store
from edge.analysis.batch.summary import write_csv, write_index, write_parquet
from edge.analysis.batch.task import Outcome, Task, done_before, relevant, work
from edge.analysis.channels import Channels
from edge.analysis.models import models_there
from edge.config import Config

__all__ = ["Batch", "Runner", "analyze_all", "on_this_machine"]

Runner = Callable[[Sequence[Task]], Iterator[Outcome]]
"""Does the tasks somewhere and gives the outcomes as they come."""


@dataclass(slots=True)
class Batch:
    """What came of all recordings."""

    done: list[Outcome] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        """Those that could not be read."""
        return [one for one in self.done if one.error is not None]

    @property
    def skipped(self) -> int:
        """How many had been done before."""
        return sum(one.again for one in self.done)

    def rows(self) -> list[dict[str, Any]]:
        """The summary, in order of the files' names."""
        found: list[dict[str, Any]] = []
        for one in sorted(self.done, key=lambda one: one.name):
            found += [failed_row(one.place, one.name, one.error)] if one.error is not None else one.rows
        return found


def on_this_machine(config: Config, jobs: int, cores: int) -> Runner:
    """A runner of `jobs` processes that share the cores; none is started for what was done before."""

    def run(tasks: Sequence[Task]) -> Iterator[Outcome]:
        before = {task.name: done_before(task) for task in tasks}
        yield from (outcome for outcome in before.values() if outcome is not None)
        due = [task for task in tasks if before[task.name] is None]
        judge = partial(work, engines=config.engines, threads=max(1, cores // jobs))
        yield from on_processes(due, judge, jobs)

    return run


def analyze_all(
    inputs: Sequence[Input],
    out: str,
    config: Config,
    *,
    channels: Channels,
    exports: Sequence[str] = (),
    speakers: int = 1,
    track: int | None = None,
    runner: Runner,
    progress: Callable[[float, Outcome | None], None] = lambda *_: None,
) -> Batch:
    """Judge what has not been judged yet and write the summary of all.

    `progress` is called with the share done, by bytes, and each outcome. Raises RequestError when nothing can
    be written to `out`; a recording that cannot be read is told in the batch.
    """
    store = open_store(out)
    ledger = Ledger(store)
    models, own = models_there(config), relevant(config)
    tasks = [
        Task(
            one.place,
            one.name,
            out,
            one.size,
            channels,
            tuple(exports),
            speakers,
            track,
            own,
            models,
            ledger.key(one.name),
        )
        for one in inputs
    ]
    total, ready = sum(one.size for one in inputs) or 1, 0
    sizes = {one.name: one.size for one in inputs}
    batch = Batch()
    progress(0.0, None)
    for outcome in runner(tasks):
        batch.done.append(ledger.add(outcome))
        ready += sizes[outcome.name]
        progress(ready / total, outcome)
    rows = batch.rows()
    write_csv(rows, store)
    write_parquet(rows, store)
    write_index(rows, store)
    return batch
