"""Octets made smaller before they are stored: one zlib stream (RFC 1950) with the base64 of MIME parts decoded.

Base64 hides from zlib what repeats itself: a notice packs to a fifth this way, to two fifths by zlib alone.

A packed value is `_PLAIN` and a zlib stream, or `_SEGMENTS` and a zlib stream of segments: each 4 octets, twice the
length (big endian) plus 1 if the segment was base64 in lines of 76 characters (RFC 2045 §6.8), then its octets.
"""

import binascii
import re
import zlib
from collections.abc import Iterator

from mailbot.base64_lines import LINE, base64_lines

SHORTEST = 200  # octets; smaller values are not worth it
_PLAIN, _SEGMENTS = b"\0", b"\1"
_LEVEL = 3  # half the time of 6, and a twentieth larger
_LEAST_WINDOW = 11  # its base two logarithm; in a smaller one each block has a few hundred symbols
_BASE64 = re.compile(rb"^((?:[A-Za-z0-9+/]{76}\r\n){3,}(?:[A-Za-z0-9+/]{2,76}={0,2}\r\n)?)", re.MULTILINE)


def pack(octets: bytes, *, always: bool = False) -> bytes | None:
    """`octets` made smaller; None when that does not help, unless `always`."""
    if len(octets) < SHORTEST and not always:
        return None
    segments = [*_segments(octets)]
    packed = _SEGMENTS + zlib_stream(b"".join(segments)) if len(segments) > 2 else _PLAIN + zlib_stream(octets)
    return packed if always or len(packed) < len(octets) else None


def unpack(packed: bytes) -> bytes:
    """What was packed.  Raises zlib.error for other octets."""
    content = zlib.decompress(memoryview(packed)[1:])
    return content if packed[:1] == _PLAIN else b"".join(_joined(content))


def zlib_stream(octets: bytes) -> bytes:
    """`octets` compressed (RFC 1950), with a window no longer than they need: that of zlib.compress takes 268 kB of
    memory each time, and fresh memory costs more than to compress a short text."""
    bits = min(max(len(octets).bit_length(), _LEAST_WINDOW), zlib.MAX_WBITS)
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, bits, bits - 7)
    return stream.compress(octets) + stream.flush()


def _segments(octets: bytes) -> Iterator[bytes]:
    """The segments of `octets`; base64 that would not come out the same is left as it is."""
    for place, part in enumerate(_BASE64.split(octets)):
        decoded = _decoded(part) if place % 2 else None
        content = part if decoded is None else decoded
        yield (len(content) << 1 | (decoded is not None)).to_bytes(4)
        yield content


def _decoded(lines: bytes) -> bytes | None:
    try:
        decoded = binascii.a2b_base64(lines)
    except binascii.Error:
        return None
    # Lines before the last one have no padding, and come out the same; of that the padding and the unused bits may not.
    whole = (len(lines) - 1) // (LINE + 2)
    return decoded if base64_lines(decoded[whole * LINE // 4 * 3 :]) == lines[whole * (LINE + 2) :] else None


def _joined(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        number = int.from_bytes(content[at : at + 4])
        end = at + 4 + (number >> 1)
        yield base64_lines(content[at + 4 : end]) if number & 1 else content[at + 4 : end]
        at = end
