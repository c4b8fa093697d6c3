"""Work for processes, found by its module's name."""

import os

from edge.analysis.batch.task import Outcome, Task


def read_or_die(task: Task) -> Outcome:
    if "deadly" in task.name:
        os._exit(9)
    return Outcome(task.place, task.name, key="done")
