"""Reads a YAML file, keeping the line of everything in it.

Plain scalars are read as YAML 1.2 reads them: true and false alone are booleans, 017 is seventeen's text, 2m37s and
12:30:00 stay text. Numbers are int or Decimal, never float; dates stay text. Duplicate keys and aliases are refused.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from config.problems import ConfigError, Problem
from config.yaml_words import encoding_of, in_words

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # pragma: no cover - PyYAML without its C part
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

_NO_COMMENT = re.compile(r"\s+(#[^\s#].*?)\s*$")
MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 40
MAX_VALUES = 300_000
"""Enough for some thousand key results in one file; more would take the memory of the machine."""
_NO_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NO_YAML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]{1,3})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}

Path_ = tuple[str | int, ...]


class Marks:
    """The line of each key of a mapping, or item of a list, and the marks of those that are mappings or lists."""

    __slots__ = ("inside", "lines")

    def __init__(self) -> None:
        self.lines: dict[str | int, int] = {}
        self.inside: dict[str | int, Marks] | None = None

    def put(self, step: str | int, line: int, marks: Marks | None) -> None:
        self.lines[step] = line
        if marks is not None:
            if self.inside is None:
                self.inside = {}
            self.inside[step] = marks

    def of(self, step: str | int) -> Marks | None:
        return None if self.inside is None else self.inside.get(step)


@dataclass(frozen=True, kw_only=True)
class Source:
    """`data` as read; `marks` gives the line of each key and list item, `first` that of the whole."""

    file: Path
    data: Any
    marks: Marks | None = field(repr=False)
    first: int = 1

    def line(self, path: Path_) -> int:
        """The line of that place, or of the nearest thing around it."""
        line, marks = self.first, self.marks
        for step in path:
            if marks is None or step not in marks.lines:
                break
            line, marks = marks.lines[step], marks.of(step)
        return line

    def _has(self, path: Path_) -> bool:
        marks = self.marks
        for step in path[:-1]:
            marks = marks.of(step) if marks is not None else None
        return marks is not None and path[-1] in marks.lines

    def locate(self, base: Path_, loc: tuple[str | int, ...]) -> Path_:
        """The longest path below `base` that `loc` leads to; steps that are not in the file are left out, since
        validators put names of their own into it."""
        path = base
        for step in loc:
            if self._has((*path, step)):
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


def read(file: Path, inside: Path | None = None) -> Source:
    """The file, which may be a link, but not to outside of the folder `inside`. Raises ConfigError."""
    try:
        return parse(_content(file, inside), file)
    except OSError as error:
        problem = Problem(file=file, line=0, message=f"this file can't be read: {error.strerror}")
    except UnicodeDecodeError as error:
        message = f"this file is not UTF-8 text, but {encoding_of(error.object)}"
        problem = Problem(file=file, line=0, message=message, fix="Save it as UTF-8 in your editor")
    raise ConfigError([problem])


def _content(file: Path, inside: Path | None) -> str:
    """What kind of file it is, and how large, is looked at before anything is read."""
    found = file.stat()
    message, fix = "", ""
    if not stat.S_ISREG(found.st_mode):
        message, fix = "this is not an ordinary file", "Put a YAML file there"
    elif inside is not None and not file.resolve().is_relative_to(inside.resolve()):
        message, fix = "this is a link to a file outside of its folder", "Put the file itself there"
    elif found.st_size > MAX_BYTES:
        message, fix = f"this file is larger than {MAX_BYTES:,} bytes", "Split it"
    if message:
        raise ConfigError([Problem(file=file, line=0, message=message, fix=fix)])
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES).decode("utf-8-sig")


def parse(text: str, file: Path) -> Source:
    """Raises ConfigError."""
    reader = _Reader(file, text.splitlines())
    try:
        data = reader.document(yaml.parse(text, Loader=Loader))
    except yaml.MarkedYAMLError as error:
        line, message, fix = in_words(error, text)
        raise ConfigError([Problem(file=file, line=line, message=message, fix=fix)]) from None
    except yaml.reader.ReaderError as error:
        raise ConfigError([_unreadable(text, error, file)]) from None
    except (yaml.YAMLError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError([Problem(file=file, line=0, message=f"this file is not YAML: {first}")]) from None
    if reader.problems:
        raise ConfigError(reader.problems)
    return Source(file=file, data=data, marks=reader.marks, first=reader.first)


def _unreadable(text: str, error: yaml.reader.ReaderError, file: Path) -> Problem:
    """A character that no YAML holds. Where it stands is looked for here, since the readers count differently."""
    found = _NO_YAML.search(text)
    line = text.count("\n", 0, found.start()) + 1 if found else 0
    return Problem(
        file=file,
        line=line,
        message=f"this file is not YAML: {error.reason}",
        fix="Remove the invisible character there",
    )


class _Reader:
    """Makes data of the parser's events, which come one by one: what is too deep or too much is never built."""

    def __init__(self, file: Path, text: Sequence[str]) -> None:
        self.file = file
        self._text = text
        self.marks: Marks | None = None
        self.first = 1
        self.problems: list[Problem] = []
        self._values = 0

    def document(self, events: Iterator[yaml.Event]) -> Any:
        """The data of the only document. Raises ConfigError for what is refused as a whole, and yaml.YAMLError."""
        data, documents = None, 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(_line(event), "a second YAML document begins here", "Put it into a file of its own")
                    break
            elif isinstance(event, yaml.NodeEvent):
                self.first = _line(event)
                data, self.marks = self._value(event, events, 0)
        return data

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> tuple[Any, Marks | None]:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            what = (
                "this is nested too deeply"
                if depth > MAX_DEPTH
                else f"this file contains more than {MAX_VALUES:,} values"
            )
            raise ConfigError([Problem(file=self.file, line=_line(event), message=what, fix="Split it")])
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event), None
        if isinstance(event, yaml.AliasEvent):
            self._refuse(_line(event), "a YAML alias repeats another part of the file", "Write the part again instead")
            return None, None
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, depth)
        items: list[Any] = []
        marks = Marks()
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            value, inside = self._value(item, events, depth + 1)
            marks.put(len(items), _line(item), inside)
            items.append(value)
        return items, marks

    def _mapping(self, events: Iterator[yaml.Event], depth: int) -> tuple[dict[str, Any], Marks]:
        made: dict[str, Any] = {}
        marks = Marks()
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(line, "a key must be a plain name", "Write quotes around a text that begins with { or [")
                self._value(event, events, depth + 1)
                self._value(next(events), events, depth + 1)
                continue
            key: str = sys.intern(event.value)
            self._check_text(key, line)
            if key in made:
                self._refuse(line, f"the key {key!r} is written twice", "Remove one")
            made[key], inside = self._value(value := next(events), events, depth + 1)
            marks.put(key, line, inside)
            if key == "title" and isinstance(value, yaml.ScalarEvent) and not value.style:
                self._check_whole(value)
        return made, marks

    def _check_whole(self, title: Any) -> None:
        """A title without quotes ends where YAML sees a comment, as before "#1"."""
        if title.end_mark is None or title.end_mark.line >= len(self._text):
            return
        rest = self._text[title.end_mark.line][title.end_mark.column :]
        if cut := _NO_COMMENT.match(rest):
            message = f"the title ends before {cut[1]!r}, because YAML reads the rest as a comment"
            self._refuse(_line(title), message, f'Put quotes around it: title: "{title.value} {cut[1]}"')

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        self._check_text(text, _line(event))
        if event.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text) and len(text) < 40:
            return int(text)
        if _DECIMAL.fullmatch(text) and len(text) < 40:
            return Decimal(text)
        return text

    def _check_text(self, text: str, line: int) -> None:
        """YAML has signs for characters that neither a database nor a terminal takes."""
        found = _NO_TEXT.search(text)
        if found:
            self._refuse(line, f"a text contains the character U+{ord(found[0]):04X}", "Remove it")

    def _refuse(self, line: int, message: str, fix: str) -> None:
        self.problems.append(Problem(file=self.file, line=line, message=message, fix=fix))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
