"""The lowest versions that pyproject.toml allows, as constraints for pip.

python lowest.py EXTRA... > constraints.txt

`numpy>=1.26` becomes `numpy==1.26.*`: the newest repair of the lowest version.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def lowest(extras: list[str]) -> Iterator[str]:
    """One constraint for each requirement of the project and the extras that has a lower bound."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    for requirement in map(Requirement, wanted):
        for bound in requirement.specifier:
            if bound.operator in (">=", "~="):
                marker = f"; {requirement.marker}" if requirement.marker else ""
                yield f"{requirement.name}=={bound.version}.*{marker}"


if __name__ == "__main__":
    print("\n".join(sorted(set(lowest(sys.argv[1:])))))
