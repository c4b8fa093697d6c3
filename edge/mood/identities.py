"""Who of the visits that several cameras see is one person, without recognising anybody. Pure.

Cameras that overlap see the same people, so there are as many people as the one that sees most of them sees:
a face that is new to a camera is somebody whom another shows and this one did not, if there is such a person.
Of people who come at the same moment it cannot be told who is who; how many there are is right all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, count
from typing import Final

__all__ = ["Identities"]

_FRESH: Final = 1.0
"""Seconds for which a camera that has shown somebody is not given up for another that shows them as well."""
_BETTER: Final = 1.25
"""… unless the other shows them so many times better."""


@dataclass(frozen=True, slots=True)
class _View:
    visit: int
    quality: float
    at: float


class Identities:
    """Gives visits the numbers of persons; `overlap` are the cameras that see the same people.

    Visits have numbers of their own, no two of any cameras the same.
    """

    def __init__(self, overlap: Iterable[str] = ()) -> None:
        self._overlap = frozenset(overlap)
        self._numbers = count(1)
        self._persons: dict[int, int] = {}
        self._cameras: dict[int, str] = {}
        self._views: dict[int, _View] = {}

    def carry_on(self, before: Identities) -> None:
        """Go on with the people of another one; these cameras overlap from now on."""
        self._numbers, self._persons = before._numbers, before._persons
        self._cameras, self._views = before._cameras, before._views

    def see(
        self, camera: str, visits: Mapping[int, int], quality: Mapping[int, float], now: float
    ) -> dict[int, int]:
        """Visit and quality of every track in: the person of each that no other camera shows better out."""
        for visit in sorted(visits.values()):
            if visit not in self._persons:
                self._persons[visit] = self._meet(camera)
                self._cameras[visit] = camera
        shown = {track: visit for track, visit in visits.items() if self._leads(visit, quality[track], now)}
        return {track: self._persons[visit] for track, visit in shown.items()}

    def person(self, visit: int) -> int | None:
        """The person of a visit; None where another visit shows them."""
        person = self._persons[visit]
        view = self._views.get(person)
        return person if view is None or view.visit == visit else None

    def end(self, visit: int) -> int | None:
        """A visit has ended: the person who has left with it, None while another camera sees them."""
        person = self._persons.pop(visit, None)
        self._cameras.pop(visit, None)
        if person is None:
            return None
        others = [other for other, whose in self._persons.items() if whose == person]
        view = self._views.get(person)
        if view is not None and view.visit == visit:
            del self._views[person]
            if others:
                self._views[person] = _View(others[0], 0.0, float("-inf"))
        return None if others else person

    def settle(self) -> Iterator[int]:
        """The numbers of people who turn out to be others: no camera shows both, and both are seen."""
        while (pair := self._same()) is not None:
            older, younger = pair
            self._persons = {visit: older if who == younger else who for visit, who in self._persons.items()}
            self._views.pop(younger, None)
            yield younger

    def _meet(self, camera: str) -> int:
        """Somebody whom another camera shows and this one does not, the last to come; else somebody new."""
        here, elsewhere = set(), set()
        for visit, person in self._persons.items():
            if self._cameras[visit] == camera:
                here.add(person)
            elif {camera, self._cameras[visit]} <= self._overlap:
                elsewhere.add(person)
        return max(elsewhere - here, default=0) or next(self._numbers)

    def _leads(self, visit: int, quality: float, now: float) -> bool:
        view = self._views.get(self._persons[visit])
        other = view is not None and view.visit != visit
        if view is not None and other and now - view.at <= _FRESH and quality <= _BETTER * view.quality:
            return False
        self._views[self._persons[visit]] = _View(visit, quality, now)
        return True

    def _same(self) -> tuple[int, int] | None:
        if not self._overlap:
            return None
        seen_by: dict[int, set[str]] = {}
        for visit, person in self._persons.items():
            seen_by.setdefault(person, set()).add(self._cameras[visit])
        overlapping = {person: by for person, by in seen_by.items() if by <= self._overlap}
        pairs = combinations(sorted(overlapping), 2)
        return next((pair for pair in pairs if overlapping[pair[0]].isdisjoint(overlapping[pair[1]])), None)
