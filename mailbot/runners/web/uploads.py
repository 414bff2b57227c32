"""A form with one file (multipart/form-data, RFC 7578), read within limits and in memory: nothing goes to a disk."""

from collections.abc import AsyncGenerator

from python_multipart.exceptions import FormParserError
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from mailbot.desk.pages.asked import SentFile
from mailbot.runners.web.requests import Pairs
from mailbot.text import one_line

_MOST_FIELDS = 10
_LONGEST_FIELD = 1000  # octets
_MOST_AROUND = 20_000  # octets of a form besides its file
_LONGEST_NAME = 200  # characters
_MOST_DISCARDED = 100_000_000  # octets: a browser reads the answer only when it has sent the file


class FormTooLarge(Exception):
    """The form is larger than allowed."""


class _InMemory(MultiPartParser):
    spool_max_size = 0  # octets; 0: the file never leaves the memory


async def form_with_file(request: Request, most_octets: int) -> tuple[Pairs, SentFile | None]:
    """The fields of a form, and its file if there is one; neither when it is not such a form.

    `most_octets`: of the file.  Raises FormTooLarge.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return [], None
    body = await _body(request, most_octets + _MOST_AROUND)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _InMemory(request.headers, stream(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD)
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError):
        return [], None
    pairs, file = Pairs(), None
    for name, value in form.multi_items():
        if isinstance(value, str):
            pairs.append((name, value))
        elif value.filename:
            file = SentFile(_name(value.filename), await value.read())
    await form.close()
    if file is not None and len(file.data) > most_octets:
        raise FormTooLarge
    return pairs, file


async def _body(request: Request, most: int) -> bytes:
    """Raises FormTooLarge, after what else is sent was read and discarded."""
    body, discarded = bytearray(), 0
    async for piece in request.stream():
        if len(body) + len(piece) <= most and not discarded:
            body += piece
            continue
        body.clear()
        discarded += len(piece)
        if discarded > _MOST_DISCARDED:
            break
    if discarded:
        raise FormTooLarge
    return bytes(body)


def _name(given: str) -> str:
    """The name of a file without the folders that old browsers send."""
    return one_line(given.replace("\\", "/").rpartition("/")[2])[-_LONGEST_NAME:]
