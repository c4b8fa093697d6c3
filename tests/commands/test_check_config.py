import platform
from pathlib import Path

import pytest

from edge.commands.main import main

PROPOSAL = "a second device on the broker needs another, such as kitchen-hub"


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("{}", True),
        ("device: {id: emotion-edge}", True),
        ("device: {id: hall}", False),
        ("mqtt: {enabled: false}", False),
    ],
)
def test_an_id_that_every_device_comes_with_is_noted_with_a_proposal(
    written: str,
    proposed: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "Kitchen_Hub.lan")
    (tmp_path / "config.yaml").write_text(written, encoding="utf-8")
    assert main(["check-config", "--config", str(tmp_path / "config.yaml")]) == 0
    assert (PROPOSAL in capsys.readouterr().out) is proposed
