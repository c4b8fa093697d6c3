"""YAML with line numbers: YAML 1.2 scalars, duplicate keys refused, all errors with their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from edge.errors import ConfigError

__all__ = ["Document", "KeyPath", "parse", "parse_scalar", "read"]


KeyPath = tuple[str | int, ...]
_SCALARS: Final = ("null", "bool", "int", "float", "str")
_MAX_BYTES: Final = 1024 * 1024
_MOST_VALUES: Final = 20_000
_MOST_LEVELS: Final = 64


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2: `on` and `22:00` are text, `1e3` is a number."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML copies it on registration)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._left = _MOST_VALUES
        self._levels = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Stop at a text with too many values or levels before all of it is read."""
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        self.count(mark)
        self._levels += 1
        if self._levels > _MOST_LEVELS:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._levels -= 1

    def start_count(self) -> None:
        """Count anew, now for what is built: aliases multiply."""
        self._left = _MOST_VALUES

    def count(self, mark: yaml.Mark) -> None:
        """Take note of one more value, written out or repeated by an alias."""
        self._left -= 1
        if self._left < 0:
            raise yaml.composer.ComposerError(
                None, None, f"more than {_MOST_VALUES} values, aliases counted each time", mark
            )


def _resolve(kind: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{pattern})$"), list(first))


_resolve("bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("int", "[-+]?[0-9]+", "-+0123456789")
_resolve("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789")
_resolve("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.")
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile("^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("^(?:<<)$"), ["<"])


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


def _real(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node)).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:float", _real)


@dataclass
class Document:
    """Plain values, the line each path was written on (from 1), and what is wrong with the text."""

    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)


def parse(text: str, name: str) -> Document:
    """Read YAML; `name` stands in front of messages. Raises ConfigError when it is no YAML at all."""
    document = Document()
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            f"{name}:{line}: the control character {error.character:#04x} has no place here"
        ) from error
    try:
        node = loader.get_single_node()
        if node is not None:
            loader.start_count()
            document.data = _Builder(loader, document).build(node, (), ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}" if mark else name
        raise ConfigError(f"{place}: not valid YAML: {_explain(error)}") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: nested too deeply") from error
    finally:
        loader.dispose()
    return document


def parse_scalar(text: str) -> Any:
    """One value written as YAML, as in the environment: number, true/false, text, `[a, b]`.

    Raises ValueError when the text is no YAML; a text that YAML would split stays as it is.
    """
    try:
        document = parse(text, "value")
    except ConfigError:
        if text.lstrip()[:1] in ("[", "{", '"', "'"):
            raise ValueError("not valid YAML") from None
        return text
    if isinstance(document.data, dict) and not text.lstrip().startswith("{"):
        return text
    return document.data


def read(path: Path) -> str:
    """The text of a configuration file. Raises ConfigError saying what to do about it."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except PermissionError as error:
        remedy = "run as a user who may, or name another file with --config"
        raise ConfigError(f"{path}: no permission to read it; {remedy}") from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path}: is a folder; name the file, such as {path / 'config.yaml'}") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{path}: larger than {_MAX_BYTES // 2**20} MiB; this is not a configuration")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from error


class _Builder:
    """Builds plain values from nodes and notes lines and duplicate keys on the way."""

    def __init__(self, loader: _Loader, document: Document) -> None:
        self._loader = loader
        self._document = document

    def build(self, node: yaml.Node, path: KeyPath, parents: tuple[yaml.Node, ...]) -> Any:
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if any(node is parent for parent in parents):
            raise yaml.composer.ComposerError(None, None, "an alias contains itself", node.start_mark)
        if len(parents) > _MOST_LEVELS:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", node.start_mark)
        self._loader.count(node.start_mark)
        inside = (*parents, node)
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, path, inside)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.build(item, (*path, index), inside) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if not isinstance(node, yaml.ScalarNode) or kind not in _SCALARS:
            message = f"the tag {node.tag} is not supported; write the value itself"
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
        try:
            return self._loader.construct_object(node)
        except (ValueError, LookupError) as error:
            message = f"{node.value[:40]!r} is not of the kind {kind}"
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark) from error

    def _mapping(
        self, node: yaml.MappingNode, path: KeyPath, inside: tuple[yaml.Node, ...]
    ) -> dict[str, Any]:
        first: dict[str, int] = {}
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = self._key(key_node), key_node.start_mark.line + 1
            if key_node.tag == "tag:yaml.org,2002:merge":
                values = {**dict(self._merged(value_node, path, inside)), **values}
            elif key in first:
                dotted = ".".join(map(str, (*path, key)))
                self._document.problems.append((line, f"{dotted}: written twice, first in line {first[key]}"))
            else:
                first[key] = line
                place = (*path, key)
                self._document.lines[place] = line
                values[key] = self.build(value_node, place, inside)
        return values

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", node.start_mark)
        return str(node.value)

    def _merged(
        self, node: yaml.Node, path: KeyPath, inside: tuple[yaml.Node, ...]
    ) -> Iterator[tuple[str, Any]]:
        parts = reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        for part in parts:
            value = self.build(part, path, inside)
            if not isinstance(value, dict):
                raise yaml.constructor.ConstructorError(None, None, "<< needs a mapping", part.start_mark)
            yield from value.items()


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "cannot be read"
    if "'\\t'" in problem:
        return "a tab; indent with spaces"
    if "mapping values are not allowed" in problem:
        return "a second ':' in a line, or wrong indentation; put text with ': ' in quotes"
    if "expected a single document" in (error.context or ""):
        return "a second document after '---'; keep one"
    return problem
