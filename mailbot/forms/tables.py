"""Tables as forms: rows of cells become lines of `項目名：値`, so that there is one reader for all of them.

Two shapes are understood, also mixed: a label with its value beside it, and a head of labels with records below.
"""

from collections.abc import Iterator, Sequence

from mailbot.forms.field_names import FieldNames, LabelMatch, UserIdPart, part_named
from mailbot.lines import cell_tick, has_box_or_mark, labelled_line
from mailbot.model.procedure import Field, FieldKind

Row = Sequence[str]
_LISTS = (FieldKind.USER_IDS, FieldKind.CODES)


def rows_to_form(rows: Sequence[Row], fields: Sequence[Field]) -> str:
    """The rows as lines of a form.  Cells that are neither label nor value become lines of their own."""
    return "\n".join(_form_lines(rows, FieldNames(fields)))


def _form_lines(rows: Sequence[Row], names: FieldNames) -> list[str]:
    lines: list[str] = []
    head: _Head | None = None
    listing = False  # below the label of a list, where codes to tick are expected
    for row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            head, listing = None, False
            lines.append("")
            continue
        labels = [i for i, cell in enumerate(cells) if cell and _is_label(cell, names)]
        if len(labels) >= 2 and labels == [i for i, cell in enumerate(cells) if cell]:
            head = _Head(cells)
        elif head is not None and not labels:
            lines += head.record(cells)
        else:
            head = None
            lines += _ticked(cells) if listing and not labels else _beside(cells, labels)
            listing = (listing and not labels) or _is_list(cells, labels, names)
    return lines


def unfold_tables(text: str, fields: Sequence[Field]) -> str:
    """`text` with its tables (cells separated by tabs, labels in the first line) as lines of a form."""
    names = FieldNames(fields)
    found: list[str] = []
    block: list[str] = []
    for line in (*text.split("\n"), None):
        if line is not None and "\t" in line.strip():
            block.append(line)
            continue
        found += _unfolded(block, names)
        block = []
        if line is not None:
            found.append(line)
    return "\n".join(found)


def _unfolded(block: list[str], names: FieldNames) -> Iterator[str]:
    rows = [line.split("\t") for line in block]
    labels = [cell for cell in rows[0] if _is_label(cell, names)] if rows else []
    if len(rows) >= 2 and len(labels) >= 2:
        yield from "\n".join(_form_lines(rows, names)).split("\n")
    else:
        yield from block


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
            ticked = cell_tick(box)
            if ticked is not None:
                return [f"[{'x' if ticked else ' '}] {code}"]
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
            if not label:
                lines += [(3, cell)] if cell else []
            elif part is UserIdPart.CODE:
                self._code = cell or self._code
                lines.append((1, labelled_line(label, self._code)))
            elif cell and (part is not None or (label, cell) not in self._written):
                lines.append((2, labelled_line(label, cell)))
                self._written.add((label, cell))
        numbered = any(line for order, line in lines if order == 2)
        return [line for order, line in sorted(lines, key=lambda x: x[0]) if order != 1 or numbered]
