"""The parts of an .xlsx file, streamed: it was written by others, and a few kilobytes can be made to fill any memory.

openpyxl builds a row, all texts and all merged cells before anybody can count them; expat hands out one element at a
time.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from xml.parsers import expat

MOST_UNPACKED = 150_000_000
"""Bytes that the parts which are read may unpack to, together."""
MOST_ELEMENTS = 3_000_000
MOST_TEXT = 200_000
"""Characters of one text; Excel allows 32,767."""
MOST_DEPTH, MOST_NAMES = 64, 5000
LONGEST_DIRECTORY = 4_000_000
CHUNK = 65_536
SILENT_CHUNKS = 32
"""Chunks without an element or text after which one of them is no honest element."""
OLE = bytes.fromhex("d0cf11e0a1b11ae1")

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str, str], None]


class Unreadable(Exception):
    """The file is no workbook that can be read; the message says why, in words that follow its name."""


class Enough(Exception):
    """Raised by a callback that wants no more of a part."""


class Package:
    """Raises Unreadable."""

    def __init__(self, content: bytes) -> None:
        if content.startswith(OLE):
            raise Unreadable("is protected by a password, or it is an old .xls file")
        if _directory_size(content) > LONGEST_DIRECTORY:
            raise Unreadable("contains too many parts")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError, UnicodeError):
            raise Unreadable("is not an Excel workbook") from None
        self._left_bytes = MOST_UNPACKED
        self._left_elements = MOST_ELEMENTS

    def has(self, part: str) -> bool:
        return part in self._zip.NameToInfo

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that a part names: by the relationship's id, its kind and the other part. Raises Unreadable."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def start(element: str, attributes: Mapping[str, str]) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
                found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if self.has(relations):
            self.walk(relations, start)
        return found

    def walk(self, part: str, start: Start, end: End | None = None) -> None:
        """Every element of a part, by its name without a namespace: `start` with the attributes, `end` with the text
        since the last start or end. Raises Unreadable."""
        try:
            self._walk(part, _Parser(start, end, self._left_elements))
        except Enough:
            pass
        except KeyError:
            raise Unreadable(f"has no part {part[:60]!r}") from None
        except expat.ExpatError:
            raise Unreadable("contains a part that is not XML") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, LookupError, struct.error):
            raise Unreadable("is damaged") from None
        except (NotImplementedError, RuntimeError):
            raise Unreadable("is compressed or encrypted in a way that Excel does not use") from None

    def _walk(self, part: str, parser: _Parser) -> None:
        info = self._zip.getinfo(part)
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError
        try:
            with self._zip.open(info) as packed:
                while chunk := packed.read(CHUNK):
                    self._left_bytes -= len(chunk)
                    if self._left_bytes < 0:
                        raise Unreadable(f"unpacks to more than {MOST_UNPACKED:,} bytes")
                    parser.feed(chunk)
            parser.feed(b"", last=True)
        finally:
            self._left_elements = parser.left


class _Parser:
    """expat with bounds on all that it keeps."""

    def __init__(self, start: Start, end: End | None, left: int) -> None:
        self.left = left
        self._start, self._end = start, end or _nothing
        self._depth = self._namespaces = self._silent = self._length = 0
        self._heard = False
        self._locals: dict[str, str] = {}
        self._text: list[str] = []
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = False
        self._expat.StartElementHandler = self._started
        self._expat.EndElementHandler = self._ended
        self._expat.CharacterDataHandler = self._said
        self._expat.StartNamespaceDeclHandler = self._named
        self._expat.StartDoctypeDeclHandler = self._refused

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        self._heard = False
        self._expat.Parse(chunk, last)
        self._silent = 0 if self._heard else self._silent + 1
        if self._silent > SILENT_CHUNKS or len(self._expat.intern) > MOST_NAMES:
            raise Unreadable("contains a part that Excel never writes")

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        self._heard = True
        self._depth += 1
        self.left -= 1
        if self.left < 0:
            raise Unreadable(f"has more than {MOST_ELEMENTS:,} cells and other elements")
        if self._depth > MOST_DEPTH:
            raise Unreadable("contains a part that Excel never writes")
        if self._length:
            self._text.clear()
            self._length = 0
        self._start(self._local(name), attributes)

    def _ended(self, name: str) -> None:
        self._depth -= 1
        if self._length:
            self._end(self._local(name), "".join(self._text))
            self._text.clear()
            self._length = 0
        else:
            self._end(self._local(name), "")

    def _local(self, name: str) -> str:
        found = self._locals.get(name)
        if found is None:
            found = self._locals[name] = name.rpartition(" ")[2]
        return found

    def _said(self, text: str) -> None:
        self._heard = True
        self._length += len(text)
        if self._length > MOST_TEXT:
            raise Unreadable("contains a text that Excel never writes")
        self._text.append(text)

    def _named(self, *_: object) -> None:
        self._namespaces += 1
        if self._namespaces > MOST_NAMES:
            raise Unreadable("contains a part that Excel never writes")

    def _refused(self, *_: object) -> None:
        raise Unreadable("contains a document type, which Excel never writes")


def _nothing(_: str, __: str) -> None:
    """Hears no end."""


def _directory_size(content: bytes) -> int:
    """How long the list of a zip's parts says to be: it is read at once when a zip is opened."""
    tail = content[-66_000:]
    size = 0
    end = tail.rfind(b"PK\x05\x06")
    if end >= 0:
        size = int.from_bytes(tail[end + 12 : end + 16], "little")
    large = tail.rfind(b"PK\x06\x06")
    return max(
        0 if size == 0xFFFFFFFF else size, int.from_bytes(tail[large + 40 : large + 48], "little") if large >= 0 else 0
    )
