"""The XML parts of an XLSX archive, read as streams within limits (ECMA-376 parts 1 and 2).

A workbook of 1.5 kB can declare a thousand million cells.  No part is held as a tree, and reading stops at the first
limit that is exceeded: the cost depends on the limits, not on what the file declares.
"""

import posixpath
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from xml.parsers import expat

from mailbot.zip_files import open_zip

MOST_ENTRIES = 200
MOST_OCTETS = 20_000_000  # of all entries, uncompressed
MOST_NODES = 500_000  # elements and attributes of all parts that are read
MOST_RATIO = 250  # uncompressed to compressed size of an entry; the XML of spreadsheets reaches about 50
DEEPEST = 64  # elements within one another
_SMALL_OCTETS = 100_000  # an entry of this size may have any ratio
_LONGEST_TOKEN = 256 * 1024  # octets of one tag: expat searches an incomplete one again with every chunk
_CHUNK = 64 * 1024


class TooLarge(ValueError):
    """A limit is exceeded."""


@dataclass
class Work:
    """What reading has cost so far; the limits are checked against it."""

    octets: int = 0
    nodes: int = 0
    cells: int = 0
    characters: int = 0  # of the cells that were read


class Handler(Protocol):
    """Receives the events of a part.  Names are without namespace prefix."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class StopReading(Exception):
    """Raised by a handler that has seen enough of a part."""


class Archive:
    """The parts of one file.  Raises TooLarge, or what zipfile, zlib and expat raise for a damaged file."""

    def __init__(self, data: bytes, work: Work) -> None:
        self._work = work
        self._archive = open_zip(data, MOST_ENTRIES)
        self._entries = {entry.filename: entry for entry in self._archive.infolist()}
        entries = self._entries.values()
        if sum(entry.file_size for entry in entries) > MOST_OCTETS or any(map(_is_bomb, entries)):
            raise TooLarge("archive")

    def has(self, name: str) -> bool:
        return name in self._entries

    def parse(self, name: str, handler: Handler) -> None:
        """Pass the events of the part `name` to `handler`, until the end or until it raises StopReading.

        Raises ValueError for a document type declaration, as Office Open XML forbids (ECMA-376 part 2, §8.1.4).
        """
        entry = self._entries[name]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("compression method")  # zipfile cannot limit what the others expand to
        parser = self._parser(handler)
        fed = 0
        try:
            with self._archive.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    fed += len(chunk)
                    self._work.octets += len(chunk)
                    if self._work.octets > MOST_OCTETS:
                        raise TooLarge("parts")
                    parser.Parse(chunk, False)
                    if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                        raise TooLarge("tag")
            parser.Parse(b"", True)
        except StopReading:
            return

    def _parser(self, handler: Handler) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        depth, work, began, ended = 0, self._work, handler.start, handler.end

        def start(name: str, attributes: dict[str, str]) -> None:  # as short as it can be: once for each element
            nonlocal depth
            depth += 1
            work.nodes += 1 + len(attributes)
            if depth > DEEPEST or work.nodes > MOST_NODES:
                raise TooLarge("depth or parts")
            began(_local(name) if ":" in name else name, attributes)

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            ended(_local(name) if ":" in name else name)

        def refuse(*_: object) -> None:
            raise ValueError("document type declaration")

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = refuse
        return parser


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > max(_SMALL_OCTETS, MOST_RATIO * entry.compress_size)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Elements:
    """Calls a function for each element, without its text."""

    def __init__(self, found: Callable[[str, Mapping[str, str]], None]) -> None:
        self._found = found

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._found(name, attributes)

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


def each_element(archive: Archive, name: str, found: Callable[[str, Mapping[str, str]], None]) -> None:
    """Call `found` with the name and the attributes of each element of a part."""
    archive.parse(name, _Elements(found))


@dataclass(frozen=True)
class Relationship:
    """What a part refers to: `kind` is the last segment of the relationship's type, `target` the name of a part."""

    kind: str
    target: str


def relationships(archive: Archive, source: str) -> dict[str, Relationship]:
    """Id → relationship of the part `source`, or of the package for ""; empty when there are none."""
    folder, base = posixpath.split(source)
    name = posixpath.join(folder, "_rels", f"{base}.rels")
    found: dict[str, Relationship] = {}

    def add(element: str, attributes: Mapping[str, str]) -> None:
        if element == "Relationship":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = Relationship(kind, target.lstrip("/"))

    if archive.has(name):
        each_element(archive, name, add)
    return found
