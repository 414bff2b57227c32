"""A QR code (ISO/IEC 18004) on a terminal: two modules a character, black on white whatever its colours are."""

_QUIET = 4  # modules of margin, as the standard asks
_CHARACTERS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}  # (upper, lower) is dark
_BLACK_ON_WHITE, _RESET = "\x1b[30;107m", "\x1b[0m"  # ECMA-48 8.3.117


def qr_lines(text: str) -> list[str]:
    """The lines of a terminal that show the code of `text`, without colours."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel  # type: ignore[import-untyped]

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()

    def is_dark(row: int, column: int) -> bool:
        return 0 <= row < count and 0 <= column < count and bool(code.isDark(row, column))

    places = range(-_QUIET, count + _QUIET)
    return [
        "".join(_CHARACTERS[is_dark(row, column), is_dark(row + 1, column)] for column in places)
        for row in range(-_QUIET, count + _QUIET, 2)
    ]


def on_terminal(text: str, columns: int) -> str:
    """The code of `text` for a terminal with so many columns; "" where it has not the room."""
    lines = qr_lines(text)
    if len(lines[0]) > columns:
        return ""
    return "".join(f"{_BLACK_ON_WHITE}{line}{_RESET}\n" for line in lines)
