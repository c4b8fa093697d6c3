"""What the lights looked like before a mood changed them, and whether that may come back. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from edge.actions.things import Look, same

__all__ = ["Memory", "Owner"]

Owner = tuple[str, int]
"""A rule and the number of its firing."""


@dataclass(slots=True)
class _Remembered:
    owner: Owner
    before: Look
    found: Look
    left: Look | None = None


class Memory:
    """One state for each target: the newest firing owns it, the one before the first firing returns."""

    def __init__(self) -> None:
        self._of: dict[str, _Remembered] = {}

    def take(self, target: str, owner: Owner, now: Look) -> bool:
        """A firing is about to change a target that looks like `now`; true if it shall return to that.

        It is not while another firing's change still stands: then what was before that one returns.
        """
        known = self._of.get(target)
        if known is not None and known.owner == owner:
            return False
        stands = known is not None and (known.left is None or same(known.left, now))
        before = known.before if known is not None and stands else now
        self._of[target] = _Remembered(owner, before, now)
        return not stands

    def leave(self, target: str, owner: Owner, now: Look, *, final: bool = True) -> bool:
        """A firing is done with its change, which looks like `now`.

        False if nothing has changed as yet; before the `final` look that is not taken for the outcome.
        """
        known = self._of.get(target)
        if known is not None and known.owner == owner:
            changed = not same(known.found, now)
            if changed or final:
                known.left = now
            return changed
        return True

    def owned(self, target: str, owner: Owner) -> bool:
        """Is this firing the last that changed the target?"""
        known = self._of.get(target)
        return known is not None and known.owner == owner

    def give_back(self, target: str, owner: Owner, now: Look | None) -> Look | None:
        """The state to put back on a target that looks like `now`; None if somebody changed it.

        While it is not known what the firing made of the target, nobody else is taken to have changed it.
        """
        known = self._of.get(target)
        if known is None or known.owner != owner:
            return None
        del self._of[target]
        untouched = now is None or known.left is None or same(known.left, now)
        return known.before if untouched else None
