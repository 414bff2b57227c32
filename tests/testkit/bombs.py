"""Files and pages of a few kilobytes that declare far more than they contain."""

import io
import zipfile
from collections.abc import Iterable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LABEL = '<row r="1"><c r="A1" t="inlineStr"><is><t>手続</t></is></c></row>'


def zipped(parts: Iterable[tuple[str, str | bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(
    rows: str = "",
    after: str = "",
    *,
    strings: str = "",
    styles: str = "",
    sheets: int = 1,
    prolog: str = "",
    more: Iterable[tuple[str, str | bytes]] = (),
    compression: int = zipfile.ZIP_STORED,
) -> bytes:
    """A workbook whose sheets have a label, then `rows`, and `after` behind the cells.

    It is not compressed unless asked for: a compressed bomb is refused for its ratio before anything else.
    """
    sheet = f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{LABEL}{rows}</sheetData>{after}</worksheet>'
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    linked = "".join(_link(f"r{n}", "worksheet", f"sheet{n}.xml") for n in range(1, sheets + 1))
    linked += _link("rs", "sharedStrings", "strings.xml") + _link("rt", "styles", "styles.xml")
    return zipped(
        [
            ("_rels/.rels", _links(_link("r", "officeDocument", "xl/workbook.xml"))),
            ("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'),
            ("xl/_rels/workbook.xml.rels", _links(linked)),
            ("xl/strings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>'),
            ("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'),
            *((f"xl/sheet{n}.xml", sheet) for n in range(1, sheets + 1)),
            *more,
        ],
        compression,
    )


def _link(identifier: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{identifier}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _links(links: str) -> str:
    return f'<Relationships xmlns="{RELATIONSHIPS}">{links}</Relationships>'


def merged(*ranges: str) -> str:
    return "<mergeCells>" + "".join(f'<mergeCell ref="{one}"/>' for one in ranges) + "</mergeCells>"


def merging_workbook() -> bytes:
    """1.5 kB that declare 983 million merged cells."""
    return workbook(after=merged("A1:XFD60000"), compression=zipfile.ZIP_DEFLATED)


def wide_table() -> str:
    """390 kB that inscriptis lays out as 2 GB."""
    return "<table><tr><td><pre>" + "x" * 200_000 + "</pre></td></tr>" + "<tr><td>a</td></tr>" * 10_000 + "</table>"
