"""Opening untrusted ZIP archives: the size of the central directory is bounded before it is read.

Format: PKWARE APPNOTE.TXT, sections 4.3.6 to 4.3.16.
"""

import io
import struct
import zipfile

_END = struct.Struct("<4s4H2LH")  # end of central directory record (APPNOTE 4.3.16)
_END_MAGIC = b"PK\x05\x06"
_ZIP64_LOCATOR_MAGIC = b"PK\x06\x07"
_ZIP64_LOCATOR_OCTETS = 20
_MOST_COMMENT_OCTETS = 0xFFFF
_LONGEST_ENTRY = 512  # octets of an entry in the central directory, its name and extra fields included


class ZipTooLarge(ValueError):
    """The archive exceeds a limit."""


def open_zip(data: bytes, most_entries: int) -> zipfile.ZipFile:
    """The archive in `data`, of which nothing but the central directory is read.

    Raises ZipTooLarge when the directory has more entries or is larger than that many entries need (ZIP64 included:
    no archive that fits into a mail needs it), and zipfile.BadZipFile or other errors of zipfile when it is damaged.
    """
    at = _find_end(data)
    if data[max(at - _ZIP64_LOCATOR_OCTETS, 0) :].startswith(_ZIP64_LOCATOR_MAGIC):
        raise ZipTooLarge("ZIP64")
    _, _, _, _, entries, octets, _, _ = _END.unpack_from(data, at)
    if entries > most_entries or octets > most_entries * _LONGEST_ENTRY:
        raise ZipTooLarge("central directory")
    archive = zipfile.ZipFile(io.BytesIO(data))
    if len(archive.filelist) > most_entries:  # zipfile goes by the size, not by the number that is declared
        raise ZipTooLarge("entries")
    return archive


def _find_end(data: bytes) -> int:
    """Where zipfile will find the end of central directory record.  Raises zipfile.BadZipFile."""
    at = len(data) - _END.size
    if at >= 0 and data.startswith(_END_MAGIC, at) and data.endswith(b"\0\0"):
        return at
    at = data.rfind(_END_MAGIC, max(at - _MOST_COMMENT_OCTETS, 0))
    if at < 0 or at + _END.size > len(data):
        raise zipfile.BadZipFile("no end of central directory record")
    return at
