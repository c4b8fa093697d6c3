"""Inputs that are nearly right: a kept example with a few pieces changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["damaged", "json_bytes"]

_PIECES: Final = [
    b"",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b'"\\ud800"',
    b"[" * 2000,
    b'{"a":' * 2000,
    b"9" * 5000,
    b"1e999",
    b"-0",
    b"NaN",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b'""',
    b"\n",
    b"\t",
    b"\r\n",
    b"  ",
    b": ",
    b"- ",
    b"&a [*a]",
    b"*a",
    b"<<: ",
    b"!!python/object:os.system ",
    b"---\n",
    b"%",
    b"#",
    b"{{",
    b"}}",
    b"{",
    b"}",
    b"://",
    b"@",
    b"?",
    b"../",
    b"\xe2\x80\xae",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"A" * 300,
]
"""What parsers stumble over: endings, depth, numbers without bounds, surrogates, references, signs."""

_Edit = tuple[float, float, bytes]


def _edited(example: bytes, edits: Sequence[_Edit]) -> bytes:
    for place, length, piece in edits:
        at = int(place * len(example))
        example = example[:at] + piece + example[at + int(length * 16) :]
    return example


_share = st.floats(0, 1)
_edit = st.tuples(_share, _share, st.sampled_from(_PIECES) | st.binary(max_size=8))
_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
json_bytes: SearchStrategy[bytes] = _value.map(lambda value: json.dumps(value).encode())


def damaged(examples: Sequence[bytes]) -> SearchStrategy[bytes]:
    """An example with one to six edits, or cut short, or something else altogether."""
    whole = st.sampled_from(examples)
    edits = st.lists(_edit, min_size=1, max_size=6)
    cut = st.builds(lambda example, share: example[: int(share * len(example))], whole, _share)
    return st.builds(_edited, whole, edits) | cut | json_bytes | st.binary(max_size=200)
