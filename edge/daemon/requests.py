"""What the control socket and the page may ask the main loop to do, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from edge.daemon.switches import ControlRequest
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.daemon.components import Components

__all__ = ["carry_out"]

Answer = Mapping[str, Any]


def carry_out(components: Components, request: ControlRequest) -> None:
    """Carry out and answer a request; a refusal is its answer, too."""
    act = _ACTS.get(request.command)
    try:
        if act is None:
            raise EdgeError(f"unknown command {request.command!r}; there are: {', '.join(sorted(_ACTS))}")
        answer = act(components, request)
    except EdgeError as error:
        request.answer.set_exception(error)
    else:
        request.answer.set_result(answer)


def _switches(components: Components, request: ControlRequest) -> Answer:
    components.switches.apply(request)
    components.apply_switches()
    reasons = {"reasons": dict(components.closed_because())}
    return {**components.open_now(), **reasons, **components.switches.durability}


def _toggle(components: Components, _request: ControlRequest) -> Answer:
    components.switches.toggle(components.open_now())
    components.apply_switches()
    return components.open_now()


def _state(components: Components, _request: ControlRequest) -> Answer:
    return components.hub.state().model_dump(mode="json", by_alias=True)


def _settings(components: Components, request: ControlRequest) -> Answer:
    if not request.arguments.keys() - {"room"}:
        return components.settings.view(request.arguments.get("room"))
    return components.change_settings(request.arguments)


def _erase_history(components: Components, _request: ControlRequest) -> Answer:
    components.erase_history()
    return {}


def _health(components: Components, _request: ControlRequest) -> Answer:
    return components.diagnosis()


def _alert(components: Components, request: ControlRequest) -> Answer:
    acting, cause = components.outlets.acting, request.arguments.get("acknowledge")
    noticed = acting.acknowledge(str(cause) or None) if cause is not None else []
    alert = acting.alert
    return {"alert": None if alert is None else asdict(alert), "acknowledged": noticed}


_ACTS: Final[Mapping[str, Callable[[Components, ControlRequest], Answer]]] = {
    "privacy": _switches,
    "switch": _switches,
    "button": _toggle,
    "state": _state,
    "settings": _settings,
    "erase-history": _erase_history,
    "health": _health,
    "alert": _alert,
}
