"""The building blocks of a paper: A4, one embedded Japanese font, tables that run over pages (reportlab)."""

import io
import re
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
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from mailbot.errors import Permanent

FONT = "BIZUDPGothic"
_FONT_FILE = Path(__file__).parent / "fonts" / "BIZUDPGothic-Regular.ttf"
_MARGIN = 18 * mm
_LABEL = 52 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_LINE, _SHADE, _LIGHT = HexColor("#6b7280"), HexColor("#e5e7eb"), HexColor("#f8fafc")

_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MARKED_KANA = re.compile(r"[\u3041-\u30ff][\u3099\u309a]")
# The tick of `display.display` is not in the font; what is ticked on a paper is filled in.
_STAND_INS = str.maketrans({"☑": "■"})


class Unprintable(Permanent):
    """A paper could not be made; `what` is at fault.  A person makes this one."""

    def __init__(self, what: str) -> None:
        super().__init__("A paper could not be printed.", what)
        self.what = what


class MissingGlyphs(Unprintable):
    """The font cannot show the characters in `what`: a box in place of a name is none."""


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


def _style(size: float, **changes: object) -> Any:
    return ParagraphStyle(
        f"s{size}", fontName=FONT, fontSize=size, leading=size * 1.45, wordWrap="CJK", bulletFontName=FONT, **changes
    )


def words(text: str, size: float = 9.5, **changes: object) -> Any:
    """A paragraph; what people wrote is escaped, so that it cannot be mark-up."""
    lines = escape(printable(text)).split("\n")
    return Paragraph("<br/>".join(lines), _style(size, **changes))


def title(text: str) -> list[Any]:
    return [words(text, 15, alignment=TA_CENTER), Spacer(1, 5 * mm)]


def centred(text: str) -> Any:
    return words(text, 9.5, alignment=TA_CENTER)


def right(text: str) -> Any:
    return words(text, 9.5, alignment=TA_RIGHT)


def gap(millimetres: float = 4) -> Any:
    return Spacer(1, millimetres * mm)


def heading(text: str) -> list[Any]:
    return [Spacer(1, 4 * mm), words(text, 10.5, keepWithNext=1, spaceAfter=1.5 * mm)]


def facts(rows: Sequence[tuple[str, str]]) -> Any:
    """A table of label and value."""
    cells = [[words(label, 9), words(value, 9.5)] for label, value in rows]
    table = Table(cells, colWidths=[_LABEL, _WIDTH - _LABEL], **_LONG_ROWS)
    table.setStyle([*_GRID, ("BACKGROUND", (0, 0), (0, -1), _LIGHT)])
    return table


def before_and_after(head: Sequence[str], rows: Sequence[tuple[str, str, str, bool]]) -> Any:
    """変更前 and 変更後 side by side; changed rows are marked and shaded, the head comes again on each page.

    `head`: 項目, 変更前, 変更後; `rows`: (item, before, after, changed).
    """
    marks = ["■" if changed else "□" for *_, changed in rows]
    cells = [[words(text, 9) for text in ("", *head)]]
    cells += [
        [words(mark, 9), *(words(text, 9) for text in (item, before, after))]
        for mark, (item, before, after, _) in zip(marks, rows, strict=True)
    ]
    half = (_WIDTH - 8 * mm - 34 * mm) / 2
    table = Table(cells, colWidths=[8 * mm, 34 * mm, half, half], repeatRows=1, **_LONG_ROWS)
    shaded = [("BACKGROUND", (0, i), (-1, i), _SHADE) for i, row in enumerate(rows, 1) if row[3]]
    table.setStyle([*_GRID, ("BACKGROUND", (0, 0), (-1, 0), _LIGHT), *shaded])
    return table


# A row that is higher than a page (a reason of many short lines, a hundred IDs) runs on.
_LONG_ROWS = {"splitByRow": 1, "splitInRow": 1}
_GRID = [
    ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("FONTNAME", (0, 0), (-1, -1), FONT),
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
    frame = Frame(_MARGIN, _MARGIN, _WIDTH, A4[1] - 2 * _MARGIN, leftPadding=0, rightPadding=0, id="page")
    document.addPageTemplates([PageTemplate(id="page", frames=[frame])])
    try:
        # Without a first font of ours reportlab would name Helvetica, which is not in the file.
        document.build(
            list(story), canvasmaker=lambda *a, **k: _Numbered(*a, footer=footer, **k | {"initialFontName": FONT})
        )
    except Exception as error:  # what a layout cannot place is raised as anything; a decision never waits for a paper
        raise Unprintable(f"{type(error).__name__}: {str(error)[:200]}") from error
    return buffer.getvalue()
