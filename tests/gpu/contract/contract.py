"""Check that every dotted name `trt.X.Y` in source files exists in an installed TensorRT binding.

    python contract.py [--module tensorrt_bindings] [--allow NAME]... FILE...

Knows `trt`, `import tensorrt` under any alias and `from tensorrt import X`. Exits with 1 if one is missing.
The bindings alone are enough, with the libraries of mkstub.sh. Names on instances (`engine.num_bindings`)
are not seen here: mypy on generated stubs finds those.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
from pathlib import Path
from types import ModuleType


def dotted(node: ast.Attribute) -> tuple[str, ...]:
    """Turn a.b.c into ("a", "b", "c"); empty if it does not start with a plain name."""
    names = [node.attr]
    value = node.value
    while isinstance(value, ast.Attribute):
        names.append(value.attr)
        value = value.value
    return (value.id, *reversed(names)) if isinstance(value, ast.Name) else ()


def used_names(source: str) -> set[tuple[str, ...]]:
    tree = ast.parse(source)
    aliases, names = {"trt"}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {a.asname or a.name for a in node.names if a.name in ("tensorrt", "tensorrt_rtx")}
        elif isinstance(node, ast.ImportFrom) and node.module == "tensorrt":
            names |= {(alias.name,) for alias in node.names}
    paths = [dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return names | {path[1:] for path in paths if path and path[0] in aliases}


def defined_names(source: str, module: ModuleType) -> set[tuple[str, ...]]:
    """What a stand-in defines in classes that the module has too: methods, properties, members."""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    names: set[tuple[str, ...]] = set()
    for owner in (node for node in classes if hasattr(module, node.name)):
        for node in owner.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names.add((owner.name, node.name))
            elif isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Attribute):
                targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
                names |= {(owner.name, target.id) for target in targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names.add((owner.name, node.target.id))
    return names


def exists(module: ModuleType, path: tuple[str, ...]) -> bool:
    owner: object = module
    for name in path:
        if not hasattr(owner, name):
            return False
        owner = getattr(owner, name)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", default="tensorrt_bindings")
    parser.add_argument("--allow", action="append", default=[], help="a first name that may be missing")
    parser.add_argument(
        "--classes", action="store_true", help="check what the files define, not what they use"
    )
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    module = importlib.import_module(options.module)
    texts = [path.read_text() for path in options.files]
    found = [defined_names(text, module) if options.classes else used_names(text) for text in texts]
    names: set[tuple[str, ...]] = set().union(*found)
    names = {path for path in names if path[0] not in options.allow and not path[0].startswith("__")}
    missing = sorted(".".join(path) for path in names if not exists(module, path))
    print(
        f"{options.module} {module.__version__}: {len(names)} names, missing: {', '.join(missing) or 'none'}"
    )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
