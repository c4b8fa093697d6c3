import numpy as np
import pytest

from edge.capture.sound.microphone import mixed
from edge.capture.sound.mono import Downmix
from edge.capture.sound.portaudio import SoundInput, choose_input
from edge.errors import CaptureError

INPUTS = [
    SoundInput(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)", 44_100, 2),
    SoundInput(4, "USB PnP Sound Device: Audio (hw:1,0)", 48_000, 1),
    SoundInput(7, "pulse", 44_100, 32),
    SoundInput(9, "default", 44_100, 32, default=True),
]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [("auto", 9), ("", 9), ("4", 4), ("usb pnp", 4), ("pulse", 7), ("hw:0,0", 0), (" default ", 9)],
)
def test_an_input_is_chosen_by_index_name_or_part_of_it(wanted: str, index: int) -> None:
    assert choose_input(wanted, INPUTS).index == index


def test_without_a_default_the_first_input_is_taken() -> None:
    assert choose_input("auto", INPUTS[:2]).index == 0


@pytest.mark.parametrize("wanted", ["Yeti", "5"])
def test_an_unknown_input_is_answered_with_those_there_are(wanted: str) -> None:
    with pytest.raises(CaptureError) as caught:
        choose_input(wanted, INPUTS)
    assert wanted in str(caught.value)
    for one in INPUTS:
        assert one.name in str(caught.value)


def test_no_input_at_all_says_what_to_do() -> None:
    with pytest.raises(CaptureError, match="plug in a microphone"):
        choose_input("auto", [])


def test_two_channels_are_averaged_and_of_more_the_first_is_taken() -> None:
    stereo = np.array([[1.0, 0.0]], np.float32).tobytes()
    array = np.array([[0.25, 1.0, 1.0, 1.0]], np.float32).tobytes()
    assert mixed(stereo, 2, Downmix()).tolist() == [0.5]
    assert mixed(array, 4, Downmix()).tolist() == [0.25]
    assert mixed(np.array([0.5], np.float32).tobytes(), 1, Downmix()).tolist() == [0.5]
