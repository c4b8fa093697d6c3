"""`emotion-edge run`: the daemon."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from edge.commands.common import Subparsers, add_command, add_config, load, seconds

if TYPE_CHECKING:
    from edge.config import Loaded
    from edge.daemon.loop import Daemon, Signal
    from edge.vocabulary import Mood

__all__ = ["add_parser", "build", "leave_hung_threads_behind", "restart_in_place", "run", "with_signals"]


_log = logging.getLogger(__name__)


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "run", "run the daemon until SIGTERM; SIGHUP reloads the configuration")
    parser.add_argument("--duration", type=seconds, metavar="S", help="stop by itself S seconds after READY")
    parser.add_argument("--summary", action="store_true", help="print a JSON summary of the run at its end")
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run; exit code 78 for a bad configuration. A restart request re-executes the process in place."""
    from edge.daemon.garbage import starting

    with starting() as started:
        from edge.daemon.loop import Signal
        from edge.inference.memory import give_back, give_back_code

        def ready() -> None:
            started()
            give_back()
            give_back_code()

        daemon = build(load(arguments), lambda: load(arguments), on_ready=ready)
        ending = with_signals(daemon, arguments.duration)
    if arguments.summary:
        print(json.dumps(daemon.stats.summary(time.monotonic())), flush=True)
    if ending is Signal.RESTART:
        restart_in_place()
    leave_hung_threads_behind()
    return 0


def build(
    loaded: Loaded,
    reload: Callable[[], Loaded],
    *,
    env: Mapping[str, str] = os.environ,
    on_mood: Callable[[Mood], None] = lambda _: None,
    on_ready: Callable[[], None] = lambda: None,
) -> Daemon:
    """The daemon with the real clocks, environment and systemd; nothing runs yet. Raises EdgeError."""
    from edge.config import resolve_password, revealed
    from edge.daemon.logs import configure
    from edge.daemon.loop import Daemon
    from edge.daemon.systemd import Notifier, watchdog_interval
    from edge.inference.memory import bound_arenas

    bound_arenas()
    password = resolve_password(loaded.config.mqtt, env)
    configure(loaded.config.log, env=env, secrets=revealed(password))
    return Daemon(
        loaded=loaded,
        reload=reload,
        env=env,
        notifier=Notifier(env),
        watchdog=watchdog_interval(env, os.getpid()),
        clock=time.monotonic,
        wall=time.time,
        on_mood=on_mood,
        on_ready=on_ready,
    )


def with_signals(daemon: Daemon, duration: float | None) -> Signal:
    """Run with SIGTERM and SIGINT ending it cleanly and SIGHUP reloading."""
    from edge.daemon.loop import Signal

    meanings = {signal.SIGTERM: Signal.STOP, signal.SIGINT: Signal.STOP, signal.SIGHUP: Signal.RELOAD}
    for number in meanings:
        signal.signal(number, lambda number, _frame: daemon.post(meanings[signal.Signals(number)]))
    return daemon.run(duration)


def restart_in_place() -> None:
    """Replace this process by a fresh one with the same arguments: same PID, so systemd sees no stop."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the fresh life reads the file anyway, and handles it later
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (no shell is the point)


def leave_hung_threads_behind() -> None:
    """End at once when a driver never returned: its thread would abort an interpreter that is ending."""
    hung = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if hung:
        _log.warning("left behind: %s", ", ".join(hung))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
