"""`emotion-edge analyze FILE`: read one image, sound or video and say what was seen and heard when."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json
from edge.errors import EdgeError

CHANNELS = ("auto", "mix", "split", "left", "right")

if TYPE_CHECKING:
    from edge.analysis.timeline import Timeline

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "analyze", "read an image, a sound or a video, faster than real time")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--channels",
        choices=CHANNELS,
        default="auto",
        help="speakers of a call: split (left and right apart), left or right alone, mix (all as one), auto",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the readings as CSV ('-': stdout)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the timeline (PNG, SVG or PDF)")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Analyze, then print and write what was asked for."""
    if arguments.json and str(arguments.csv) == "-":
        print("emotion-edge analyze: --json and --csv - both want stdout; name a file", file=sys.stderr)
        return 2
    from edge.analysis.analyze import analyze
    from edge.commands.progress import bar

    loaded = load(arguments)
    started = time.monotonic()
    recording = analyze(
        arguments.file, loaded.config, channels=arguments.channels, progress=bar(arguments.file.name)
    )
    timeline = recording.timeline
    elapsed = time.monotonic() - started
    if arguments.csv is not None:
        _write_csv(timeline, arguments.csv)
    if arguments.plot is not None:
        from edge.analysis.timeline import plot

        plot(timeline, arguments.plot)
    if arguments.json:
        print_json(recording.document(elapsed))
    elif str(arguments.csv) != "-":
        _print(timeline, elapsed)
    return 0


def _write_csv(timeline: Timeline, path: Path) -> None:
    from edge.analysis.timeline import write_csv

    if str(path) == "-":
        write_csv(timeline, sys.stdout)
        return
    try:
        with path.open("w", newline="", encoding="utf-8") as out:
            write_csv(timeline, out)
    except OSError as error:
        raise EdgeError(f"{path}: cannot write the CSV: {error.strerror}") from None


def _print(timeline: Timeline, elapsed: float) -> None:
    from edge.vocabulary import NONE

    summary = timeline.summary()
    shares = timeline.shares()
    steady = any(label != NONE for label in shares)
    print(
        f"{timeline.file}: {summary['emotion']}"
        + (", not for long enough to be a mood" if shares and not steady else "")
    )
    if steady:
        print("  " + ", ".join(f"{label} {share:.0%}" for label, share in shares.items()))
    print(
        f"  {timeline.frames_with_face} of {timeline.frames_read} frames with a face, "
        f"{timeline.speech_windows} speech windows, {elapsed:.1f} s"
        + (f" for {timeline.duration:.1f} s" if timeline.duration else "")
    )
    if timeline.damaged:
        print("  the file is damaged: it was read as far as it can be decoded")
