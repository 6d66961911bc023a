"""Reads a YAML file, keeping the line of everything in it.

Plain scalars are read as YAML 1.2 reads them: true and false alone are booleans, 017 is seventeen's text, 2m37s and
12:30:00 stay text. Numbers are int or Decimal, never float; dates stay text. Duplicate keys and aliases are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from config.problems import ConfigError, Problem

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # pragma: no cover - PyYAML without its C part
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_BYTES = 16 * 1024 * 1024
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]{1,3})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """`data` as read; `lines` gives the line of each key and list item by its path."""

    file: Path
    data: Any
    lines: dict[Path_, int] = field(repr=False)

    def line(self, path: Path_) -> int:
        """The line of that place, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def locate(self, base: Path_, loc: tuple[str | int, ...]) -> Path_:
        """The longest path below `base` that `loc` leads to; steps that are not in the file are left out, since
        validators put names of their own into it."""
        path = base
        for step in loc:
            if (*path, step) in self.lines:
                path = (*path, step)
        return path

    def at(self, path: Path_) -> Any:
        """What was written there. Raises KeyError, IndexError."""
        found = self.data
        for step in path:
            found = found[step]
        return found

    def problem(self, path: Path_, message: str, fix: str = "") -> Problem:
        return Problem(file=self.file, line=self.line(path), message=message, fix=fix)


def read(file: Path) -> Source:
    """Raises ConfigError."""
    try:
        raw = file.read_bytes()
        if len(raw) > MAX_BYTES:
            raise ConfigError([Problem(file=file, line=0, message=f"larger than {MAX_BYTES} bytes", fix="Split it")])
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([Problem(file=file, line=0, message=f"can't be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem(file=file, line=0, message="is not UTF-8 text")]) from None
    return parse(text, file)


def parse(text: str, file: Path) -> Source:
    """Raises ConfigError."""
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        words = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError([Problem(file=file, line=line, message=f"is not YAML: {words}")]) from None
    except (yaml.YAMLError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError([Problem(file=file, line=0, message=f"is not YAML: {first}")]) from None
    except RecursionError:
        raise ConfigError([Problem(file=file, line=0, message="is nested too deeply")]) from None
    reader = _Reader(file)
    data = None if node is None else reader.value(node, ())
    if reader.problems:
        raise ConfigError(reader.problems)
    return Source(file=file, data=data, lines=reader.lines)


class _Reader:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path_) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._seen:
            self._refuse(line, "an alias repeats another part of the file", "Write it out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(line, "a key must be a name", "Write quotes around a text that begins with { or [")
                continue
            key = key_node.value
            if key in made:
                self._refuse(line, f"the key {key!r} stands here twice", "Remove one")
            self.lines[(*path, key)] = line
            made[key] = self.value(value_node, (*path, key))
        return made

    def _scalar(self, node: Any) -> Any:
        text: str = node.value
        if node.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text) and len(text) < 40:
            return int(text)
        if _DECIMAL.fullmatch(text) and len(text) < 40:
            return Decimal(text)
        return text

    def _refuse(self, line: int, message: str, fix: str) -> None:
        self.problems.append(Problem(file=self.file, line=line, message=message, fix=fix))
