"""Tables as forms: rows of cells become lines of `項目名：値`, so that there is one reader for all of them.

Two shapes are understood, also mixed: a label with its value beside it, and a head of labels with records below.
"""

import re
from collections.abc import Sequence

from mailbot.forms.field_names import FieldNames, LabelMatch, UserIdPart, field_names_of, label_key, part_named
from mailbot.lines import boxed_cell, has_box_or_mark, labelled_line
from mailbot.model.procedure import Field, FieldKind

Row = Sequence[str]
MOST_LINES = 5_000  # in which tables are looked for
_TAB, _BAR, _COMMA, _WIDE = re.compile("\t"), re.compile("[│┃|｜]"), re.compile("[,，]"), re.compile(r"\u3000|\s{2,}")
_BETWEEN_CELLS, _WIDE_GAP = re.compile(r"[\t│┃|｜,，\u3000]"), re.compile(r"\S {2,}\S")
_RULE = re.compile(r"\s*[|｜+:\-─━═┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛│┃\s]{3,}")
_COUNTERS = frozenset({"no", "№", "#", "項番", "連番", "通番", "順", "件数", "行"})  # columns that only count the rows
_LISTS = (FieldKind.USER_IDS, FieldKind.CODES)


def rows_to_form(rows: Sequence[Row], fields: Sequence[Field]) -> str:
    """The rows as lines of a form.  Cells that are neither label nor value become lines of their own."""
    return "\n".join(_form_lines(rows, field_names_of(fields)))


def _form_lines(rows: Sequence[Row], names: FieldNames) -> list[str]:
    lines: list[str] = []
    head: _Head | None = None
    listing = False  # below the label of a list, where codes to tick are expected
    for i, row in enumerate(rows):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            head, listing = None, False
            lines.append("")
            continue
        labels = [at for at, cell in enumerate(cells) if cell and _is_label(cell, names)]
        if _is_head(cells, labels):
            head = _Head(cells)
            last = i + 1 == len(rows) or not any(map(str.strip, rows[i + 1]))
            if last and (other := [cell for at, cell in enumerate(cells) if cell and at not in labels]):
                lines.append("　".join(other))  # without a row below it is a line with something else in it
        elif head is not None and not labels:
            lines += head.record(cells)
        else:
            head = None
            lines += _ticked(cells) if listing and not labels else _beside(cells, labels)
            listing = (listing and not labels) or _is_list(cells, labels, names)
    return lines


def _is_head(cells: Row, labels: Sequence[int]) -> bool:
    """Whether a row holds the labels of the columns below it: nothing but labels, or two of them side by side."""
    if len(labels) < 2:
        return False
    return labels == [i for i, cell in enumerate(cells) if cell] or any(i + 1 in labels for i in labels)


def unfold_tables(lines: Sequence[str], fields: Sequence[Field]) -> list[tuple[str, ...]]:
    """What each of `lines` is read as: itself, or the lines of a form for the table that begins with it.

    Tables: cells between tabs or bars, or below a line of nothing but labels.  Of their other rows it is nothing.
    """
    text = "\n".join(lines)
    if _BETWEEN_CELLS.search(text) is None and ("  " not in text or _WIDE_GAP.search(text) is None):
        return [(line,) for line in lines]
    names = field_names_of(fields)
    found: list[tuple[str, ...]] = []
    at, limit = 0, min(len(lines), MOST_LINES)
    while at < limit:
        separator = _separator(lines[at], names)
        end = at + 1
        if separator is not None:
            while end < limit and (_RULE.fullmatch(lines[end]) or len(_cells(lines[end], separator)) >= 2):
                end += 1
            found += _unfolded(lines[at:end], separator, names)
        else:
            found.append((lines[at],))
        at = end
    return [*found, *((line,) for line in lines[limit:])]


def _separator(line: str, names: FieldNames) -> re.Pattern[str] | None:
    """What is between the cells of a line; None when it is no row of a table."""
    if "\t" in line.strip():
        return _TAB
    if len(_BAR.findall(line)) >= 2:
        return _BAR
    for separator in (_COMMA, _WIDE):
        cells = _cells(line, separator)
        if len(cells) >= 2 and all(names.exact(cell) or _is_counter(cell) for cell in cells):
            return separator
    return None


def _cells(line: str, separator: re.Pattern[str]) -> list[str]:
    if separator is _TAB:
        return line.split("\t") if "\t" in line.strip() else []
    bare = line.strip()
    if separator is _BAR:
        bare = bare.removeprefix(bare[:1]) if _BAR.match(bare) else bare
        bare = bare[:-1] if bare and _BAR.match(bare[-1]) else bare
    cells = [cell.strip() for cell in separator.split(bare)]
    return cells if len(cells) >= 2 else []


def _unfolded(block: Sequence[str], separator: re.Pattern[str], names: FieldNames) -> list[tuple[str, ...]]:
    rows = [cells for line in block if (cells := _cells(line, separator)) and not _RULE.fullmatch(line)]
    labels = [[i for i, cell in enumerate(row) if cell and _is_label(cell, names)] for row in rows]
    heads = any(map(_is_head, rows, labels)) and len(rows) >= 2
    if heads or (separator is _BAR and any(labels)):
        return [tuple("\n".join(_form_lines(rows, names)).split("\n")), *[()] * (len(block) - 1)]
    return [(line,) for line in block]


def _is_counter(cell: str) -> bool:
    return label_key(cell) in _COUNTERS


def _is_label(cell: str, names: FieldNames) -> bool:
    """Whether a cell names a field, or one of several."""
    match = _label(cell, names)
    return match.field is not None or bool(match.candidates)


def _label(cell: str, names: FieldNames) -> LabelMatch:
    return names.match(cell.strip().rstrip("：:*＊"))


def _beside(cells: Sequence[str], labels: Sequence[int]) -> list[str]:
    """Each label with the cells to its right, up to the next label; the cells before the first label as one line."""
    if not labels:
        return ["　".join(cell for cell in cells if cell)]
    lines = ["　".join(cell for cell in cells[: labels[0]] if cell)] if any(cells[: labels[0]]) else []
    for i, end in zip(labels, [*labels[1:], len(cells)], strict=True):
        values = [cell for cell in cells[i + 1 : end] if cell]
        lines.append(labelled_line(cells[i], "、".join(values)))
    return lines


def _is_list(cells: Sequence[str], labels: Sequence[int], names: FieldNames) -> bool:
    """Whether the row is a label alone, under which codes to tick are to be expected."""
    if len(labels) != 1 or any(cells[labels[0] + 1 :]):
        return False
    field = _label(cells[labels[0]], names).field
    return field is not None and field.kind in (*_LISTS, FieldKind.CHOICE, FieldKind.CODE)


def _ticked(cells: Sequence[str]) -> list[str]:
    """A box in one cell and a code in the next: `[x] CODE`."""
    filled = [cell for cell in cells if cell]
    if len(filled) >= 2:
        for box, code in ((filled[0], filled[1]), (filled[-1], filled[0])):
            if boxed_cell(box):
                return [f"{boxed_cell(box)} {code}"]
    if filled and has_box_or_mark(filled[0]):
        return [filled[0]]
    return [f"[ ] {filled[0]}"] if len(filled) == 1 else ["　".join(filled)]


class _Head:
    """The labels in the first row of a table of records."""

    def __init__(self, cells: Sequence[str]) -> None:
        self._columns = {i: (cell, part_named(cell)) for i, cell in enumerate(cells) if cell}
        self._code = ""  # the 利用者コード of the record above: it is often written once
        self._written: set[tuple[str, str]] = set()

    def record(self, cells: Sequence[str]) -> list[str]:
        """One row: a line for each cell, 利用者コード before 識別番号, without values that a row above had."""
        lines: list[tuple[int, str]] = []
        for i, cell in enumerate(cells):
            label, part = self._columns.get(i, ("", None))
            if not label or _is_counter(label):
                lines += [(3, cell)] if cell and not label else []
            elif part is UserIdPart.CODE:
                self._code = cell or self._code
                lines.append((1, labelled_line(label, self._code)))
            elif cell and (part is not None or (label, cell) not in self._written):
                lines.append((2, labelled_line(label, cell)))
                self._written.add((label, cell))
        numbered = any(line for order, line in lines if order == 2)
        return [line for order, line in sorted(lines, key=lambda x: x[0]) if order != 1 or numbered]
