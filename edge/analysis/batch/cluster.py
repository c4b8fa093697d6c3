"""The same work on many machines, by Dask distributed: https://distributed.dask.org

Each worker fetches its recording and writes its results itself; through the scheduler go names, rows of the
summary and, once, the models. A worker that is lost costs only what it was at: that is given to another.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from edge import __version__
from edge.analysis.batch.bundle import Bundle, bundled
from edge.analysis.batch.run import Runner
from edge.analysis.batch.task import Outcome, Task, work
from edge.analysis.errors import RequestError
from edge.config import Config
from edge.config.models import EnginesConfig
from edge.errors import EdgeError
from edge.inference.auto import settled
from edge.inference.directories import cache_directory
from edge.inference.registry import is_path

__all__ = ["Access", "check_address", "on_cluster"]

_log = logging.getLogger(__name__)

_RETRIES: Final = 2
_PATIENCE: Final = 15.0
_AHEAD: Final = 4


@dataclass(frozen=True, slots=True)
class Access:
    """For `tls://` the authority's certificate, one's own and its key; `insecure` allows bare `tcp://`."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False


def check_address(address: str, access: Access) -> None:
    """Refuse what would send names and moods in the clear, and TLS without certificates (RequestError)."""
    url = urlsplit(address)
    if url.scheme not in ("tcp", "tls") or not url.hostname:
        raise RequestError(f"{address}: the scheduler's address is tls://HOST:PORT or tcp://HOST:PORT")
    if url.scheme == "tls" and not (access.ca and access.certificate and access.key):
        raise RequestError(f"{address}: needs --cluster-ca, --cluster-cert and --cluster-key")
    if url.scheme == "tcp" and not access.insecure and not _is_loopback(url.hostname):
        raise RequestError(
            f"{address}: tcp:// is not encrypted and lets anybody run code on the workers; use tls://, or "
            "--insecure in a network that is closed to others"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def on_cluster(address: str, config: Config, access: Access) -> Runner:
    """A runner on the workers of the scheduler at `address`. Raises RequestError before anything is sent."""
    check_address(address, access)
    try:
        import distributed
    except ImportError:
        raise EdgeError("--cluster needs Dask: pip install 'emotion-edge[cluster]'") from None

    def run(tasks: Sequence[Task]) -> Iterator[Outcome]:
        try:
            client = distributed.Client(address, security=_security(address, access), timeout=_PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise EdgeError(f"{address}: no scheduler can be reached there: {error}") from None
        with client:
            bundle = bundled(config)
            client.register_plugin(_plugin(bundle), name=f"emotion-edge-{bundle.digest}")
            yield from _outcomes(client, tasks, bundle.digest, config.engines)

    return run


def _security(address: str, access: Access) -> Any:
    from distributed.security import Security

    if not address.startswith("tls:"):
        return None
    return Security(
        tls_ca_file=str(access.ca),
        tls_client_cert=str(access.certificate),
        tls_client_key=str(access.key),
        require_encryption=True,
    )


def _plugin(bundle: Bundle) -> Any:
    from edge.analysis.batch.plugin import Models

    return Models(bundle)


def _outcomes(client: Any, tasks: Sequence[Task], digest: str, engines: EnginesConfig) -> Iterator[Outcome]:
    """Outcomes as they come; no more tasks are with the scheduler than its workers will soon take."""
    import distributed

    engines = settled(engines)
    waiting = iter(tasks)
    room = _AHEAD * max(1, sum(client.nthreads().values()))
    names = engines.model_copy(
        update={
            "directory": None,
            "cache": None,
            "face": _name(engines.face),
            "speech": _name(engines.speech),
        }
    )
    held: dict[str, Task] = {}

    def submitted(task: Task) -> Any:
        future = client.submit(work_there, task, digest, names, __version__, retries=_RETRIES, pure=False)
        held[future.key] = task
        return future

    ready = distributed.as_completed([submitted(task) for task in islice(waiting, room)])
    for future in ready:
        yield _outcome(future, held.pop(future.key))
        following = next(waiting, None)
        if following is not None:
            ready.add(submitted(following))


def _name(model: str) -> str:
    """What the model is called in the bundle: a path's last part without its ending."""
    return Path(model).stem if is_path(model) else model


def _outcome(future: Any, task: Task) -> Outcome:
    try:
        outcome = future.result()
    except Exception as error:
        _log.debug("%s failed on every worker", task.place, exc_info=error)
        return Outcome(task.place, task.name, error=f"{task.place}: failed on the cluster: {error}")
    assert isinstance(outcome, Outcome)
    return outcome


def work_there(task: Task, digest: str, engines: EnginesConfig, version: str) -> Outcome:
    """On a worker: judge with the models that have been unpacked there, one thread each."""
    if version != __version__:
        raise EdgeError(f"this worker has emotion-edge {__version__}, {version} is needed: install the same")
    folder = cache_directory(engines) / "models" / digest
    return work(task, engines.model_copy(update={"directory": folder}), threads=1)
