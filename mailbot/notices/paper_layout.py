"""The building blocks of a paper: A4, one embedded Japanese font, tables that run over pages (reportlab)."""

import io
import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config  # type: ignore[import-untyped]
from reportlab.lib.colors import HexColor  # type: ignore[import-untyped]
from reportlab.lib.enums import TA_CENTER, TA_RIGHT  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]
from reportlab.platypus import (  # type: ignore[import-untyped]
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from mailbot.notices.unprintable import MissingGlyphs, Unprintable

FONT = "BIZUDPGothic"
_FONT_FILE = Path(__file__).parent / "fonts" / "BIZUDPGothic-Regular.ttf"
_MARGIN = 15 * mm
_WIDTH, _HEIGHT = A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN
_LABEL = 32 * mm
_VALUE = _WIDTH / 2 - _LABEL
_NARROW = 3  # points left and right of what stands in a cell of a grid
_LINE, _SHADE, _LIGHT = HexColor("#6b7280"), HexColor("#e5e7eb"), HexColor("#f8fafc")

_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JAPANESE = re.compile("[\u3000-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_MARKED_KANA = re.compile(r"[\u3041-\u30ff][\u3099\u309a]")
# The tick of `display.display` is not in the font; what is ticked on a paper is filled in.
_STAND_INS = str.maketrans({"☑": "■"})

# Notices and pages are written by different threads, and reportlab keeps a font's subsets in one object.
_ONE_AT_A_TIME = threading.Lock()


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    pdfmetrics.registerFont(TTFont(FONT, str(_FONT_FILE)))
    # Bold and italic are never used, but reportlab looks for them.
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=FONT, italic=FONT, boldItalic=FONT)
    return frozenset(pdfmetrics.getFont(FONT).face.charToGlyph)


def printable(text: str) -> str:
    """`text` as the font can show it; raises MissingGlyphs when it cannot.

    Variation selectors go, they change a glyph's shape only.  Kana that came in two parts (か and its mark, as some
    file systems and phones write them) become one character: side by side they would look like two.
    """
    plain = _VARIATION_SELECTORS.sub("", text.replace("\r\n", "\n").translate(_STAND_INS))
    plain = _MARKED_KANA.sub(lambda pair: unicodedata.normalize("NFC", pair.group()), plain)
    missing = dict.fromkeys(c for c in plain if ord(c) not in _glyphs() and c not in "\n\t")
    if missing:
        raise MissingGlyphs("".join(missing))
    return plain


def words(text: str, size: float = 9.5, **changes: object) -> Any:
    """A paragraph; what people wrote is escaped, so that it cannot be mark-up."""
    return _paragraph(printable(text), size, **changes)


def _paragraph(plain: str, size: float, **changes: object) -> Any:
    # Japanese is broken between any two characters, what is all Latin between words.
    wrap = "CJK" if _JAPANESE.search(plain) else None
    style = ParagraphStyle(
        f"s{size}", fontName=FONT, fontSize=size, leading=size * 1.45, wordWrap=wrap, bulletFontName=FONT, **changes
    )
    return Paragraph("<br/>".join(escape(plain).split("\n")), style)


def title(text: str) -> list[Any]:
    return [words(text, 15, alignment=TA_CENTER), Spacer(1, 5 * mm)]


def centred(text: str) -> Any:
    return words(text, 9.5, alignment=TA_CENTER)


def right(text: str) -> Any:
    return words(text, 9.5, alignment=TA_RIGHT)


def gap(millimetres: float = 4) -> Any:
    return Spacer(1, millimetres * mm)


def heading(text: str) -> list[Any]:
    """A heading; it stays with the first rows of the table below it."""
    return [Spacer(1, 3 * mm), CondPageBreak(24 * mm), words(text, 10.5, spaceAfter=1.5 * mm)]


def together(*parts: Any) -> Any:
    """Parts that stand on one page."""
    return KeepTogether(list(parts))


def facts(rows: Sequence[tuple[str, str]]) -> Any:
    """A table of labels and values, two in a row where both are short."""
    cells: list[list[Any]] = []
    spans: list[tuple[Any, ...]] = []
    waiting: list[Any] = []  # a short fact without a neighbour yet
    for label, value in rows:
        pair = [_cell(label, _LABEL, 9), _cell(value, _VALUE, 9)]
        if not isinstance(pair[1], str):
            waiting = _wide(waiting, cells, spans)
            _wide([pair[0], _cell(value, _WIDTH - _LABEL, 9)], cells, spans)
        elif waiting:
            cells.append([*waiting, *pair])
            waiting = []
        else:
            waiting = pair
    _wide(waiting, cells, spans)
    shaded = [("BACKGROUND", (column, row), (column, row), _LIGHT) for row in range(len(cells)) for column in (0, 2)]
    covered = {span[1] for span in spans}
    shaded = [one for one in shaded if (1, one[1][1]) not in covered or one[1][0] == 0]
    return _table(cells, [_LABEL, _VALUE, _LABEL, _VALUE], [("FONTSIZE", (0, 0), (-1, -1), 9), *spans, *shaded])


def _wide(pair: list[Any], cells: list[list[Any]], spans: list[tuple[Any, ...]]) -> list[Any]:
    """A row of its own for `pair`; returns that nothing waits."""
    if pair:
        spans.append(("SPAN", (1, len(cells)), (-1, len(cells))))
        cells.append([*pair, "", ""])
    return []


@dataclass(frozen=True)
class Column:
    """A column of a `grid`; its share of the width in millimetres."""

    head: str  # a | breaks the line
    width: float
    centred: bool = False


def grid(columns: Sequence[Column], rows: Sequence[tuple[Sequence[str], bool]]) -> Any:
    """A table with a head that comes again on each page; `rows`: cells, and whether the row is shaded."""
    share = _WIDTH / sum(one.width for one in columns)
    widths = [one.width * share for one in columns]
    cells = [[_cell(one.head.replace("|", "\n"), width, 7) for one, width in zip(columns, widths, strict=True)]]
    cells += [[_cell(text, width, 8) for text, width in zip(row, widths, strict=True)] for row, _ in rows]
    style: list[tuple[Any, ...]] = [
        ("FONTSIZE", (0, 0), (-1, 0), 7),
        ("FONTSIZE", (0, 1), (-1, -1), 8),
        ("LEADING", (0, 0), (-1, -1), 11.6),
        ("LEFTPADDING", (0, 0), (-1, -1), _NARROW),
        ("RIGHTPADDING", (0, 0), (-1, -1), _NARROW),
        ("BACKGROUND", (0, 0), (-1, 0), _LIGHT),
    ]
    style += [("ALIGN", (at, 0), (at, -1), "CENTER") for at, one in enumerate(columns) if one.centred]
    style += [("BACKGROUND", (0, at), (-1, at), _SHADE) for at, (_, shaded) in enumerate(rows, 1) if shaded]
    return _table(cells, widths, style, heads=1)


def _cell(text: str, width: float, size: float) -> Any:
    """`text` for a cell: as it is when it fits on one line (ten times as fast), else a paragraph."""
    plain = printable(text)
    room = width - (2 * _NARROW if size < 9 else 12)
    if "\n" in plain or "\t" in plain or pdfmetrics.stringWidth(plain, FONT, size) > room:
        return _paragraph(plain, size)
    return plain


class _Rows(Table):  # type: ignore[misc]
    """A table whose rows are not split; only one that is higher than a page runs on (a reason of many short lines)."""

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:  # noqa: N803 - reportlab's names
        self.splitInRow = availHeight > _HEIGHT - 1
        parts: list[Flowable] = super().split(availWidth, availHeight)
        return parts


def _table(cells: list[list[Any]], widths: Sequence[float], style: Sequence[tuple[Any, ...]], heads: int = 0) -> Any:
    table = _Rows(cells, colWidths=widths, repeatRows=heads, splitByRow=1)
    table.setStyle([*_GRID, *style])
    return table


_GRID = [
    ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("FONTNAME", (0, 0), (-1, -1), FONT),
    ("LEADING", (0, 0), (-1, -1), 13),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


@dataclass(frozen=True)
class Sheet:
    """What stands on every page, and in the file's properties."""

    title: str
    footer: str
    author: str
    language: str  # BCP 47


class _Numbered(Canvas):  # type: ignore[misc]
    """A canvas that knows at the end how many pages there are, for «1 / n»."""

    def __init__(self, *args: object, footer: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._footer = footer
        self._pages: list[dict[str, object]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(FONT, 8)
            self.setFillColor(_LINE)
            self.drawString(_MARGIN, 10 * mm, self._footer)
            self.drawRightString(A4[0] - _MARGIN, 10 * mm, f"{number} / {len(self._pages)}")
            super().showPage()
        super().save()


def pdf(sheet: Sheet, story: Sequence[Flowable]) -> bytes:
    """The pages; the same bytes for the same content.  Raises Unprintable."""
    rl_config.invariant = 1
    rl_config.useA85 = 0  # binary streams: base64 by the mail alone
    buffer = io.BytesIO()
    footer = printable(sheet.footer)
    document = BaseDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=sheet.title,
        author=sheet.author,
        invariant=1,
        lang=sheet.language,
    )
    frame = Frame(_MARGIN, _MARGIN, _WIDTH, _HEIGHT, 0, 0, 0, 0, id="page")
    document.addPageTemplates([PageTemplate(id="page", frames=[frame])])
    try:
        # Without a first font of ours reportlab would name Helvetica, which is not in the file.
        with _ONE_AT_A_TIME:
            document.build(
                list(story), canvasmaker=lambda *a, **k: _Numbered(*a, footer=footer, **k | {"initialFontName": FONT})
            )
    except Exception as error:  # what a layout cannot place is raised as anything; a decision never waits for a paper
        raise Unprintable(f"{type(error).__name__}: {str(error)[:200]}") from error
    return buffer.getvalue()
