"""The README's examples are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.config import load_config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_configuration_examples_are_valid(tmp_path: Path, example: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(example)
    load_config(file, env={})


def test_there_are_examples_and_every_link_leads_somewhere() -> None:
    assert len(EXAMPLES) >= 2
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert missing == []


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^|sudo )make ([a-z-]+)", README, re.MULTILINE))
    assert named <= targets
