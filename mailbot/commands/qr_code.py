"""A QR code (ISO/IEC 18004) on a terminal: two blanks a module, in black and white whatever its colours are.

Blanks have one column in every terminal; block elements (U+2580…) have two in some (UAX #11, Ambiguous).
"""

from itertools import groupby

_QUIET = 4  # modules of margin, as the standard asks
_BLANKS = "  "  # a module: about as wide as high
_BACKGROUND = {True: "\x1b[40m", False: "\x1b[107m"}  # is dark → ECMA-48 8.3.117; 107: of aixterm
_RESET = "\x1b[0m"


def _modules(text: str) -> list[list[bool]]:
    """The rows of the code of `text`, with its margin: whether each module is dark."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel  # type: ignore[import-untyped]

    code = QRCode(None, QRErrorCorrectLevel.L)  # a screen has no stains: the smallest
    code.addData(text)
    code.make()
    count = code.getModuleCount()

    def is_dark(row: int, column: int) -> bool:
        return 0 <= row < count and 0 <= column < count and bool(code.isDark(row, column))

    places = range(-_QUIET, count + _QUIET)
    return [[is_dark(row, column) for column in places] for row in places]


def on_terminal(text: str, columns: int) -> str:
    """The code of `text` for a terminal with so many columns; where it has not the room, how many it needs."""
    rows = _modules(text)
    needed = len(rows[0]) * len(_BLANKS)
    if needed > columns:
        return f"no QR code: it needs a terminal of {needed} columns\n"
    return "".join(f"{_line(row)}{_RESET}\n" for row in rows)


def _line(row: list[bool]) -> str:
    return "".join(_BACKGROUND[is_dark] + _BLANKS * len(list(run)) for is_dark, run in groupby(row))
