"""`emotion-edge analyze FILE`: read images, sounds and videos and say what was seen and heard when."""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from edge.commands.common import Subparsers, add_command, add_config, add_json, load
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.analysis.recording import Recording

__all__ = ["add_parser", "run"]

_CHANNELS: Final = ("auto", "mix", "split", "left", "right")
_ALONE: Final = ("csv", "plot", "report", "video")
_EXPORTS: Final = ("vtt", "audacity", "elan")


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "analyze", "read images, sounds and videos, faster than real time")
    parser.add_argument("files", nargs="+", metavar="FILE", help="file; with --out also folder, glob or URL")
    parser.add_argument(
        "--channels",
        choices=_CHANNELS,
        default="auto",
        help="speakers of a call: split (left and right apart), left or right alone, mix (all as one), auto",
    )
    parser.add_argument(
        "--track",
        type=int,
        metavar="N",
        help="sound track to listen to, from 1 (default: that of the file)",
    )
    parser.add_argument(
        "--speakers",
        type=int,
        choices=(1, 2),
        default=1,
        help="2: tell the two speakers of a recording with one channel apart by their voices (default 1)",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the readings as CSV ('-': stdout)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the timeline (PNG, SVG or PDF)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write a page to look at (HTML)")
    parser.add_argument(
        "--video", type=Path, metavar="FILE", help="write the film with boxes, numbers and moods (MP4, MKV)"
    )
    parser.add_argument(
        "--out", metavar="DIR", help="write JSON, CSV and a report of each file, and a summary of all"
    )
    parser.add_argument(
        "--jobs", type=_jobs, default=1, metavar="N", help="with --out: files at a time (default 1)"
    )
    _add_cluster(parser)
    parser.add_argument(
        "--export",
        action="append",
        choices=_EXPORTS,
        default=[],
        help="with --out: also label files (WebVTT, Audacity labels, ELAN); may be given several times",
    )
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("on many machines, with --out")
    group.add_argument("--cluster", metavar="ADDRESS", help="scheduler of Dask: tls://HOST:8786")
    group.add_argument("--cluster-ca", type=Path, metavar="FILE", help="certificate of the authority (PEM)")
    group.add_argument("--cluster-cert", type=Path, metavar="FILE", help="own certificate (PEM)")
    group.add_argument("--cluster-key", type=Path, metavar="FILE", help="its key (PEM)")
    group.add_argument("--insecure", action="store_true", help="tcp:// also beyond this machine")


def run(arguments: argparse.Namespace) -> int:
    """Analyze, then print and write what was asked for: 0 all read, 1 some failed, 2 wrong usage."""
    from edge.analysis.errors import RequestError

    wrong = _wrong(arguments)
    if wrong:
        print(f"emotion-edge analyze: {wrong}", file=sys.stderr)
        return 2
    try:
        return _several(arguments) if arguments.out else _one(arguments)
    except RequestError as error:
        print(f"emotion-edge analyze: {error}", file=sys.stderr)
        return 2


def _jobs(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 256:
        raise argparse.ArgumentTypeError(f"must be 1 to 256, got {text}")
    return value


def _wrong(arguments: argparse.Namespace) -> str | None:
    several = len(arguments.files) > 1 or Path(arguments.files[0]).is_dir()
    if several and not arguments.out:
        return "several files or a folder need --out DIR for their results"
    if arguments.out:
        alone = next((name for name in _ALONE if getattr(arguments, name) is not None), None)
        return f"--{alone} is of one file, --out writes each file's own; leave one out" if alone else None
    if arguments.cluster:
        return "--cluster needs --out DIR"
    if arguments.export:
        return "--export needs --out DIR"
    if arguments.json and str(arguments.csv) == "-":
        return "--json and --csv - both want stdout; name a file"
    return next(_unwritable(arguments), None)


def _unwritable(arguments: argparse.Namespace) -> Iterator[str]:
    """Results without a place, told before hours of a recording are read."""
    for name in _ALONE:
        path = getattr(arguments, name)
        if path is not None and path.is_dir():
            yield f"--{name} {path}: is a folder; name a file in it"
        elif path is not None and not path.parent.is_dir():
            yield f"--{name} {path}: there is no folder {path.parent}"


def _several(arguments: argparse.Namespace) -> int:
    from edge.commands.analyze_many import analyze_many

    return analyze_many(arguments)


def _one(arguments: argparse.Namespace) -> int:
    from edge.analysis.analyze import analyze
    from edge.commands.progress import bar

    loaded = load(arguments)
    started = time.monotonic()
    file = Path(arguments.files[0])
    show = bar(file.name, clock=time.monotonic)
    recording = analyze(
        file,
        loaded.config,
        channels=arguments.channels,
        speakers=arguments.speakers,
        track=arguments.track,
        progress=show,
    )
    elapsed = time.monotonic() - started
    if arguments.csv is not None:
        _write_csv(recording, arguments.csv)
    if arguments.plot is not None:
        from edge.analysis.plot import plot

        plot(recording.timeline, arguments.plot)
    if arguments.report is not None:
        _write_report(recording, arguments.report)
    if arguments.video is not None:
        from edge.analysis.report.film import write_film

        write_film(recording, arguments.video, progress=bar(arguments.video.name, clock=time.monotonic))
    if arguments.json:
        recording.write_json(elapsed, sys.stdout)
    elif str(arguments.csv) != "-":
        _print(recording, elapsed)
    return 0


def _write_csv(recording: Recording, path: Path) -> None:
    if str(path) == "-":
        recording.write_csv(sys.stdout)
        return
    try:
        with path.open("w", newline="", encoding="utf-8", errors="replace") as out:
            recording.write_csv(out)
    except OSError as error:
        raise EdgeError(f"{path}: cannot write the CSV: {error.strerror}") from None


def _write_report(recording: Recording, path: Path) -> None:
    from edge.analysis.report.page import page

    source = quote(os.path.relpath(recording.timeline.file, path.parent), errors="surrogateescape")
    try:
        path.write_text(page(recording, source=source), encoding="utf-8", errors="replace")
    except OSError as error:
        raise EdgeError(f"{path}: cannot write the report: {error.strerror}") from None


def _print(recording: Recording, elapsed: float) -> None:
    from edge.vocabulary import LABELS

    out = io.StringIO()
    timeline, summary = recording.timeline, recording.summary()
    shares, emotion = summary["shares"], str(summary["emotion"])
    short = not shares and emotion in LABELS
    print(f"{timeline.file}: {emotion}" + (", not for long enough to be a mood" if short else ""), file=out)
    if isinstance(shares, dict) and shares:
        print("  " + ", ".join(f"{label} {share:.0%}" for label, share in shares.items()), file=out)
    faces = f"{timeline.frames_with_face} of {timeline.frames_read} frames with a face, "
    print(
        f"  {faces if timeline.frames_read else ''}{timeline.speech_windows} speech windows, {elapsed:.1f} s"
        + (f" for {timeline.duration:.1f} s" if timeline.duration else ""),
        file=out,
    )
    for speaker in recording.speakers if len(recording.speakers) > 1 else ():
        print(f"  {speaker.id}: {speaker.summary['emotion']}, speaks for {speaker.talk:.1f} s", file=out)
    if timeline.faces > 1:
        print(f"  up to {timeline.faces} faces at the same time", file=out)
    if timeline.unjudged:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in timeline.unjudged.items())
        print(f"  faces that were not judged, and in how many pictures: {reasons}", file=out)
    for note in timeline.notes:
        print(f"  {note}", file=out)
    if timeline.damaged:
        print("  the file is damaged: it was read as far as it can be decoded", file=out)
    sys.stdout.write(out.getvalue())
