"""The cells of the first sheet of an XLSX file that an administrator gives to a command."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from mailbot.errors import Permanent


def xlsx_rows(path: Path, *, most_rows: int, most_columns: int) -> Iterator[tuple[object, ...]]:
    """The values row by row.  Raises Permanent, at the first row or a later one, when the file is not readable."""
    from openpyxl import load_workbook

    try:
        with contextlib.closing(load_workbook(path, read_only=True, data_only=True)) as book:
            yield from book.worksheets[0].iter_rows(max_row=most_rows, max_col=most_columns, values_only=True)
    except Exception as error:  # openpyxl has no base class of its own for what a broken file raises
        raise Permanent(f"{path}: not readable as XLSX: {error}") from error
