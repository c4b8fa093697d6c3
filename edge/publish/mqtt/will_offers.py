"""Which will a broker takes: some refuse a retained one, some any above QoS 0."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.limits import Limits

__all__ = ["WillOffers"]

_UNEXPLAINED: Final = (Limits(), Limits(retain=False), Limits(qos=0), Limits(retain=False, qos=0))
"""A broker of MQTT 3.1.1 hangs up on a will that it does not take, and does not say why."""


class WillOffers:
    """Begins with what was taken last."""

    def __init__(self) -> None:
        self._taken = Limits()

    def first(self) -> Limits:
        """What to offer first."""
        return self._taken

    def following(self, tried: Limits, end: Disconnect, *, modern: bool) -> Limits | None:
        """What to offer after an attempt that ended so; None where the will was not the reason."""
        if end.cause is Cause.RETAIN_REFUSED and tried.retain:
            return replace(tried, retain=False)
        if end.cause is Cause.QOS_REFUSED and tried.qos:
            return replace(tried, qos=0)
        if end.cause is Cause.HUNG_UP and not modern:
            start = _UNEXPLAINED.index(self._taken)
            order = _UNEXPLAINED[start:] + _UNEXPLAINED[:start]
            return next((after for one, after in pairwise(order) if one == tried), None)
        return None

    def took(self, offered: Limits) -> None:
        """The broker let us in."""
        self._taken = offered

    def forget(self) -> None:
        """It may be another broker, or the same with other settings."""
        self._taken = Limits()
