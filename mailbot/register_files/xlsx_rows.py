"""The cells of the first sheet of an XLSX file that an administrator gives to a command or a page."""

import contextlib
import io
from collections.abc import Iterator

from mailbot.errors import Permanent
from mailbot.zip_files import open_zip

_MOST_PARTS = 200
MOST_UNPACKED = 1_000_000_000  # octets of all parts together, as the archive declares them: zipfile reads no more


def xlsx_rows(
    name: str, data: bytes, *, most_rows: int, most_columns: int, most_unpacked: int = MOST_UNPACKED
) -> Iterator[tuple[object, ...]]:
    """The values row by row.  `name`: of the file, for messages; `most_unpacked`: octets of all parts together.

    Raises Permanent, at the first row or a later one, when the file is not readable.
    """
    from openpyxl import load_workbook

    try:
        with open_zip(data, _MOST_PARTS) as archive:
            if sum(part.file_size for part in archive.infolist()) > most_unpacked:
                raise ValueError(f"more than {most_unpacked // 1_000_000} MB when it is unpacked")
        with contextlib.closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True)) as book:
            yield from book.worksheets[0].iter_rows(max_row=most_rows, max_col=most_columns, values_only=True)
    except Exception as error:  # openpyxl has no base class of its own for what a broken file raises
        raise Permanent(f"{name}: not readable as XLSX: {error}") from error
