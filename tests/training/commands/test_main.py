"""The command line."""

import pytest

from edge.training.commands.main import main


def test_describe_counts_as_keras(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "speech/cnn-lstm"]) == 0
    assert "401,303 parameters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "face/unknown"], "no row 'face/unknown'"),
        (["train", "face/ours", "--data", "/nowhere"], "no data folder"),
        (["describe", "speech/mfcc"], "classical"),
        (["train", "speech/mfcc", "--teacher", "x.onnx", "--data", "."], "starts from no engine"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert message in capsys.readouterr().err
