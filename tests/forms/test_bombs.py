"""Attached files that declare or expand to far more than they contain: refused within a bounded amount of work (T-77)."""

import zipfile
from collections.abc import Callable

import pytest

from mailbot.forms.attached import MOST_CELLS, MOST_CHARACTERS, MOST_ROWS, read_attached
from mailbot.forms.xlsx import LONGEST_FORMAT
from mailbot.forms.xlsx_parts import MOST_ENTRIES, MOST_NODES, MOST_OCTETS, Work
from mailbot.forms.xlsx_strings import LONGEST_CELL
from mailbot.model.common_fields import COMMON_FIELDS
from tests.testkit.bombs import merged, merging_workbook, workbook, zipped

LARGE, BROKEN = "table_too_large", "table_unreadable"
BILLION_LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
REPEATED = b"".join(b"%06d" % (n * 7919 % 1_000_000) * 20 for n in range(20_000))  # 2.4 MB, ratio of about 40
FULL_ROW = "<row>" + "<c><v>1</v></c>" * 60 + "</row>"


def text(content: str) -> str:
    return f'<row r="2"><c r="B2" t="inlineStr"><is><t>{content}</t></is></c></row>'


def changed(data: bytes, offset: int, octets: bytes) -> bytes:
    """`data` with other octets in its end of central directory record."""
    at = data.rfind(b"PK\x05\x06") + offset
    return data[:at] + octets + data[at + len(octets) :]


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    # merged ranges
    "one range over all": (merging_workbook, LARGE),
    "40 whole rows": (lambda: workbook(after=merged(*(f"A{n}:XFD{n}" for n in range(2, 42)))), LARGE),
    "a whole column": (lambda: workbook(after=merged("A1:A1048576")), LARGE),
    "the same range many times": (lambda: workbook(after=merged(*["A1:BH1000"] * 3_000)), LARGE),
    "many ranges": (lambda: workbook(after=merged(*["A1:B2"] * 60_000)), LARGE),
    "a range that is none": (lambda: workbook(after=merged("A1:ZZZZZ9")), BROKEN),
    # cells
    "one cell far below": (lambda: workbook('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), LARGE),
    "one cell far to the right": (lambda: workbook('<row r="2"><c r="XFD2"><v>1</v></c></row>'), LARGE),
    "many rows": (lambda: workbook("<row><c><v>1</v></c></row>" * 100_000), LARGE),
    "many cells in a row": (lambda: workbook("<row>" + "<c/>" * 250_000 + "</row>"), LARGE),
    "the same cell many times": (lambda: workbook('<c r="B2"/>' * 300_000), LARGE),
    "many empty rows": (lambda: workbook("<row/>" * 600_000), LARGE),
    "many sheets": (lambda: workbook(sheets=101), LARGE),
    "full heads of many sheets": (lambda: workbook(FULL_ROW * 99, sheets=90, compression=zipfile.ZIP_DEFLATED), LARGE),
    "row number of many digits": (lambda: workbook(f'<row r="{"9" * 5_000}"><c><v>1</v></c></row>'), BROKEN),
    "infinite row number": (lambda: workbook('<row r="1e999"><c><v>1</v></c></row>'), BROKEN),
    "number of many digits": (lambda: workbook(f'<row r="2"><c r="A2"><v>{"9" * 5_000}</v></c></row>'), BROKEN),
    "style of many digits": (lambda: workbook(f'<row r="2"><c r="A2" s="{"9" * 5_000}"/></row>'), BROKEN),
    # text
    "one long text": (lambda: workbook(text("x" * 2_000_000)), LARGE),
    "one long value": (
        lambda: workbook('<row r="2"><c r="A2" t="str"><v>' + "x" * 2_000_000 + "</v></c></row>"),
        LARGE,
    ),
    "text in pieces": (lambda: workbook(text("x</t><t>" * 100_000)), LARGE),
    "value in pieces": (lambda: workbook('<c r="A2" t="str"><v>' + "x</v><v>" * 100_000 + "</v></c>"), LARGE),
    "one string in every cell": (
        lambda: workbook(
            ("<row>" + '<c t="s"><v>0</v></c>' * 60 + "</row>") * 900, strings=f"<si><t>{'x' * 30_000}</t></si>"
        ),
        LARGE,
    ),
    "one string in a merged column": (
        lambda: workbook('<row r="2"><c r="A2" t="str"><v>' + "x" * 30_000 + "</v></c></row>", merged("A2:A999")),
        LARGE,
    ),
    "many strings": (lambda: workbook(strings="<si/>" * 210_000), LARGE),
    "long strings": (lambda: workbook(strings=f"<si><t>{'x' * 32_000}</t></si>" * 130), LARGE),
    "string without its text": (lambda: workbook('<row r="2"><c r="A2" t="s"><v>7</v></c></row>'), BROKEN),
    "format of many zeros": (
        lambda: workbook(
            ("<row>" + '<c s="0"><v>1</v></c>' * 60 + "</row>") * 999,
            styles=f'<numFmts><numFmt numFmtId="200" formatCode="{"0" * 100_000}"/></numFmts>'
            '<cellXfs><xf numFmtId="200"/></cellXfs>',
        ),
        LARGE,
    ),
    "many formats": (lambda: workbook(styles="<cellXfs>" + "<xf/>" * 100_000 + "</cellXfs>"), LARGE),
    # XML
    "billion laughs": (lambda: workbook(prolog=BILLION_LAUGHS), BROKEN),
    "external entity": (lambda: workbook(prolog='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), BROKEN),
    "deep elements": (lambda: workbook("<row>" * 100_000), LARGE),
    "many attributes in a tag": (
        lambda: workbook("<row " + " ".join(f'a{n}="1"' for n in range(90_000)) + "/>"),
        LARGE,
    ),
    "many attributes": (lambda: workbook(("<row " + " ".join(f'a{n}=""' for n in range(99)) + "/>") * 5_100), LARGE),
    "one long tag": (lambda: workbook('<row a="' + "x" * 1_000_000 + '"/>'), LARGE),
    "many elements": (lambda: workbook(after="<x/>" * 600_000), LARGE),
    # ZIP
    "high ratio": (lambda: workbook(more=[("xl/media/x", b"0" * 19_000_000)], compression=zipfile.ZIP_DEFLATED), LARGE),
    "large when unpacked": (
        lambda: workbook(more=[(f"x{n}", b"0" * 99_000) for n in range(190)] + [("y", REPEATED)], compression=8),
        LARGE,
    ),
    "many entries": (lambda: zipped((f"f{n}", b"") for n in range(MOST_ENTRIES + 1)), LARGE),
    "many entries, few declared": (
        lambda: changed(zipped((f"f{n}", b"") for n in range(2_000)), 8, b"\1\0\1\0"),
        LARGE,
    ),
    "few entries, large directory": (lambda: changed(workbook(), 12, b"\xff\xff\xff\x7f"), LARGE),
    "zip64": (lambda: changed(workbook(), 0, b"PK\x06\x07" + b"\0" * 16 + workbook()[-22:]), LARGE),
    "bzip2": (lambda: workbook(compression=zipfile.ZIP_BZIP2), BROKEN),
    "lzma": (lambda: workbook(compression=zipfile.ZIP_LZMA), BROKEN),
    # CSV
    "csv: one long field": (lambda: b'a,"' + b"x" * (LONGEST_CELL + 1) + b'"', LARGE),
    "csv: a quote that is not closed": (lambda: b'a,"' + b"x,\n" * 200_000, LARGE),
    "csv: many rows": (lambda: b"a\n" * (MOST_ROWS + 1), LARGE),
    "csv: many blank rows": (lambda: b"a" + b"\n" * 400_000, LARGE),
    "csv: many columns": (lambda: b"a," * 100, LARGE),
    "csv: much text": (lambda: (b"x" * 30_000 + b"\n") * 40, LARGE),
    "csv: commas alone": (lambda: b"," * 4_000_000, LARGE),
}


# A few take most of the time: they have as many elements as are read at all.
COSTLIEST = {
    "full heads of many sheets",
    "the same cell many times",
    "many cells in a row",
    "format of many zeros",
    "many empty rows",
    "many elements",
    "one string in every cell",
    "many strings",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in COSTLIEST else name for name in BOMBS]
)
def test_a_bomb_is_refused_within_the_bounds(name: str) -> None:
    make, problem = BOMBS[name]
    work = Work()
    table = read_attached("申込.xlsx", make(), COMMON_FIELDS, work)
    assert (table.problem, table.rows) == (problem, ())
    assert work.octets <= MOST_OCTETS + 64 * 1024
    assert work.nodes <= MOST_NODES + 100_000  # the attributes of the one tag that exceeded it
    assert work.cells <= (MOST_CHARACTERS if name.startswith("csv") else MOST_CELLS) + 1
    assert work.characters <= MOST_CHARACTERS + LONGEST_CELL


def test_a_number_format_is_cut() -> None:
    styles = f'<numFmts><numFmt numFmtId="200" formatCode="{"0" * 100_000}"/></numFmts>'
    data = workbook('<row><c s="0"><v>1</v></c></row>', styles=styles + '<cellXfs><xf numFmtId="200"/></cellXfs>')
    assert read_attached("申込.xlsx", data, COMMON_FIELDS).rows[1] == ("1".zfill(LONGEST_FORMAT),)


def test_a_full_sheet_is_read() -> None:
    work = Work()
    table = read_attached("申込.xlsx", workbook(FULL_ROW * (MOST_ROWS - 1)), COMMON_FIELDS, work)
    assert (table.problem, len(table.rows), len(table.rows[1])) == ("", MOST_ROWS, 60)
    assert work.cells == 100 * 60 - 59 + 1 + 999 * 60 + 1 and work.nodes > 2 * 999 * 60


def test_a_large_sheet_beside_the_form_does_not_matter() -> None:
    """Of a sheet without the labels of a form only the head is read."""
    data = workbook(sheets=2, after=merged("A1:B1"))
    assert read_attached("申込.xlsx", data, COMMON_FIELDS).rows == (("手続", ""),)
