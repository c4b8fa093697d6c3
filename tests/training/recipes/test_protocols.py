"""Protocols by name and by what they allow."""

import pytest

from edge.errors import DataError
from edge.training.recipes.protocols import (
    CONTROL,
    RANDOM,
    SPEAKERS,
    Changed,
    Protocol,
    SpeakerOut,
    StrangersOut,
    read_protocol,
)


@pytest.mark.parametrize(
    "protocol",
    [
        SPEAKERS,
        CONTROL,
        RANDOM,
        Changed("cutout-off"),
        SpeakerOut("ravdess", "RAV_02"),
        StrangersOut("emodb"),
        StrangersOut("emodb", "studio"),
    ],
)
def test_a_protocol_is_found_again_by_the_name_that_checkpoints_carry(protocol: Protocol) -> None:
    assert read_protocol(protocol.name) == protocol


@pytest.mark.parametrize("name", ["", "tea", "change-", "without-ravdess", "strangers-"])
def test_an_unknown_protocol_is_named(name: str) -> None:
    with pytest.raises(DataError, match=f"no protocol '{name}'"):
        read_protocol(name)


def test_only_networks_that_spared_the_usual_validation_may_teach() -> None:
    assert all(protocol.usual_people for protocol in (SPEAKERS, CONTROL, Changed("none")))
    assert not any(p.usual_people for p in (RANDOM, SpeakerOut("a", "b"), StrangersOut("emodb")))
