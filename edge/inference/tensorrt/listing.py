"""The plans that are there, and whether they fit this machine."""

from __future__ import annotations

from edge.inference.tensorrt.cuda import UnusableError
from edge.inference.tensorrt.machine import Machine, local_machine
from edge.inference.tensorrt.plans import Broken, Plan, PlanStore, unfit
from edge.inference.tensorrt.recipe import Wanted

__all__ = ["Listing", "list_plans", "prune_plans"]

Listing = tuple[str | None, list[dict[str, object]]]
"""This machine's TensorRT, if there is one, and a row for each plan as `--json` prints it."""


def list_plans(stores: list[PlanStore]) -> Listing:
    """Every plan; `ok` says whether it would be loaded here and `error` why not."""
    machine, problem = _machine()
    rows = [_row(entry, _reason(entry, machine, problem)) for store in stores for entry in store.entries()]
    return (machine.tensorrt if machine else None), rows


def prune_plans(stores: list[PlanStore]) -> Listing:
    """Delete what does not fit this machine, but no plan compiled ahead of time for another.

    Raises UnusableError when this machine cannot be asked, EngineError when a file cannot be deleted.
    """
    machine = local_machine()
    rows = []
    for store in stores:
        for entry in store.entries():
            if isinstance(entry, Plan) and entry.recipe.ahead_of_time:
                continue
            reason = _reason(entry, machine, None)
            if reason is not None:
                store.remove(entry)
                rows.append(_row(entry, None) | {"removed": reason})
    return machine.tensorrt, rows


def _machine() -> tuple[Machine | None, str | None]:
    try:
        return local_machine(), None
    except UnusableError as error:
        return None, f"cannot be loaded here: {error.reason}"


def _reason(entry: Plan | Broken, machine: Machine | None, problem: str | None) -> str | None:
    if isinstance(entry, Broken):
        return entry.reason
    recipe = entry.recipe
    if recipe.ahead_of_time:
        return f"was compiled ahead of time for {recipe.target} and is never loaded here"
    if machine is None:
        return problem
    own = Wanted(
        model=recipe.model,
        model_sha256=recipe.model_sha256,
        precision=recipe.precision,
        tensorrt=machine.tensorrt,
        device=machine.device,
        target=machine.target,
        driver=machine.driver or (0, 0),
    )
    return unfit(entry, own)


def _row(entry: Plan | Broken, reason: str | None) -> dict[str, object]:
    recipe = entry.recipe if isinstance(entry, Plan) else None
    return {
        "model": recipe.model if recipe else entry.path.name.rsplit("-", 1)[0],
        "target": recipe.target if recipe else None,
        "precision": recipe.precision if recipe else None,
        "file": str(entry.path),
        "bytes": entry.size if isinstance(entry, Plan) else 0,
        "seconds": entry.seconds if isinstance(entry, Plan) else 0.0,
        "cached": True,
        "ok": reason is None,
        "error": reason,
    }
