from collections.abc import Iterator

import pytest

from edge.analysis.prefetch import prefetch
from edge.errors import CaptureError


def numbers(count: int, then: Exception | None = None) -> Iterator[int]:
    yield from range(count)
    if then is not None:
        raise then


def test_items_come_in_their_order() -> None:
    with prefetch(numbers(100), ahead=3) as items:
        assert list(items) == list(range(100))


def test_an_error_is_raised_after_what_came_before_it() -> None:
    seen = []
    with pytest.raises(CaptureError, match="broken"), prefetch(numbers(5, CaptureError("broken"))) as items:
        for item in items:
            seen.append(item)  # noqa: PERF402 (what was seen before the error is the point)
    assert seen == [0, 1, 2, 3, 4]


def test_leaving_early_ends_the_thread_even_when_much_is_left() -> None:
    with prefetch(numbers(10**9), ahead=2) as items:
        assert next(iter(items)) == 0
