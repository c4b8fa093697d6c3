"""`emotion-edge analyze --out DIR`: many recordings, on this machine or on a cluster."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from edge.analysis.batch.cluster import Access, on_cluster
from edge.analysis.batch.inputs import find
from edge.analysis.batch.run import Runner, analyze_all, on_this_machine
from edge.analysis.batch.task import Outcome
from edge.commands.common import load, print_json
from edge.commands.progress import bar
from edge.config import Config

__all__ = ["analyze_many"]


def analyze_many(arguments: argparse.Namespace) -> int:
    """Judge what has not been judged yet: 0 all read, 1 some failed (listed on stderr)."""
    config = load(arguments).config
    if arguments.cluster:
        arguments.files = [_everywhere(place) for place in arguments.files]
        arguments.out = _everywhere(arguments.out)
    inputs = find(arguments.files, without=arguments.out)
    show = bar(f"{len(inputs)} files", clock=time.monotonic)
    over = "\r" if sys.stderr.isatty() else ""

    def told(share: float, outcome: Outcome | None) -> None:
        if outcome is not None and outcome.error is not None:
            print(f"{over}not read: {outcome.error}", file=sys.stderr)
        show(share)

    batch = analyze_all(
        inputs,
        arguments.out,
        config,
        channels=arguments.channels,
        exports=arguments.export,
        speakers=arguments.speakers,
        track=arguments.track,
        runner=_runner(arguments, config),
        progress=told,
    )
    failed = batch.failed
    if arguments.json:
        print_json(
            {
                "out": arguments.out,
                "files": len(inputs),
                "done_before": batch.skipped,
                "failed": [{"file": one.place, "error": one.error} for one in failed],
            }
        )
    else:
        print(
            f"{len(inputs) - len(failed)} of {len(inputs)} files read"
            + (f", {batch.skipped} of them before" if batch.skipped else "")
            + f": {arguments.out}"
        )
    return 1 if failed else 0


def _runner(arguments: argparse.Namespace, config: Config) -> Runner:
    if not arguments.cluster:
        return on_this_machine(config, arguments.jobs, os.cpu_count() or 1)
    access = Access(arguments.cluster_ca, arguments.cluster_cert, arguments.cluster_key, arguments.insecure)
    return on_cluster(arguments.cluster, config, access)


def _everywhere(place: str) -> str:
    """The place as every machine of a cluster names it."""
    return place if "://" in place else str(Path(place).expanduser().absolute())
