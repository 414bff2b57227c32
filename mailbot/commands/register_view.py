"""How `mailbot register import` and `restore` show a difference."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import click

from mailbot.clock import iso
from mailbot.model.register import RowKind
from mailbot.model.register_difference import (
    SECRET_COLUMNS,
    Change,
    Difference,
    Doubt,
    DoubtKind,
    Kept,
    KeptReason,
)
from mailbot.text import printable

Entry = TypeVar("Entry")
MOST_SHOWN = 100  # of each section; --json has all
_DOUBTS = {
    DoubtKind.LOST_ZERO: "the leading 0 is lost, as in a spreadsheet program; {detail}?",
    DoubtKind.CUT: "the text is cut; {detail}?",
    DoubtKind.DAMAGED: "{detail!r} looks damaged by a spreadsheet program or an encoding",
    DoubtKind.USED_NUMBER: "the number was assigned before, and none is assigned twice",
    DoubtKind.IMPORTED_SINCE: "changed by import {detail}, after the file was written",
    DoubtKind.CHANGED_SINCE: "changed since the import, which had written {detail!r}",
}
_KEPT = {
    KeptReason.NOT_IN_FILE: "not in the file; --prune removes it",
    KeptReason.OPEN_APPLICATION: "an application is about it",
    KeptReason.ISSUED_SINCE: "the desk has registered or changed it since the file was written",
    KeptReason.HOLDS_KEPT: "something stays that belongs to it",
    KeptReason.BELONGS_TO_NOTHING: "what it belongs to is not registered",
}


def print_difference(difference: Difference, *, of_file: bool) -> None:
    """Sections of what is in doubt, added, changed, removed, and what stays; long ones are cut."""
    if of_file and difference.written_at is not None:
        as_of = iso(difference.written_at)
        click.echo(f"the file has the register as of {as_of}; what the desk has changed since stays")
    elif of_file and difference.changes:
        click.echo("it is not known when the file was written")
    _section("in doubt", "these are not changed unless you say so", difference.in_doubt, _doubtful)
    for title, changes in (
        ("changed", difference.changed),
        ("added", difference.added),
        ("removed", difference.removed),
    ):
        _section(title, "", [one for one in changes if not one.doubts], _change)
    _section("stays", "although the file says otherwise", difference.kept, _kept)
    if of_file:
        click.echo(f"{difference.unchanged} rows of the file are registered as they are")


def _section(title: str, about: str, entries: Sequence[Entry], lines_of: Callable[[Entry], list[str]]) -> None:
    if not entries:
        return
    click.echo(f"{title} ({len(entries)})" + (f": {about}" if about else ""))
    for entry in entries[:MOST_SHOWN]:
        for line in lines_of(entry):
            click.echo(f"  {printable(line)}")
    if len(entries) > MOST_SHOWN:
        click.echo(f"  … and {len(entries) - MOST_SHOWN} more; --json shows all")


def _doubtful(change: Change) -> list[str]:
    return [*_change(change), *(f"    ? {doubt_words(doubt)}" for doubt in change.doubts)]


def doubt_words(doubt: Doubt) -> str:
    """Why, for the operator."""
    column = f"{doubt.column}: " if doubt.column else ""
    return column + _DOUBTS[doubt.kind].format(detail=doubt.detail)


def _change(change: Change) -> list[str]:
    place = (f"row {change.line}: " if change.line else "") + str(change.key)
    about = f"   open applications: {', '.join(change.receipts)}" if change.receipts else ""
    if change.after is None:
        return [place + about]
    if change.before is None:
        filled = ", ".join(f"{name} {_shown(name, then)}" for name, (_, then) in change.columns().items())
        return [f"{place}{about}   {filled}"]
    return [place + about, *_columns(change)]


def _columns(change: Change) -> Iterator[str]:
    for name, (before, after) in change.columns().items():
        if name in SECRET_COLUMNS:
            yield "    password: another one"
        else:
            yield f"    {name}: {before or '(empty)'} → {after or '(empty)'}"
    if change.key.kind is RowKind.ADMINISTRATOR and "email" in change.columns():
        yield "    the copies of notices go to another address"


def _shown(column: str, text: str) -> str:
    return "(set)" if column in SECRET_COLUMNS else text


def _kept(kept: Kept) -> list[str]:
    column = "password" if kept.column in SECRET_COLUMNS else kept.column
    receipts = f" ({', '.join(kept.receipts)})" if kept.receipts else ""
    return [f"{kept.key}{', ' + column if column else ''}: {_KEPT[kept.reason]}{receipts}"]


def as_dict(difference: Difference) -> dict[str, Any]:
    """The difference for programs; the text of a password is left out."""
    return {
        "written_at": iso(difference.written_at) if difference.written_at is not None else None,
        "added": _dicts(difference.added),
        "changed": _dicts(difference.changed),
        "removed": _dicts(difference.removed),
        "kept": [
            {"row": str(one.key), "column": one.column, "reason": one.reason.value, "receipts": list(one.receipts)}
            for one in difference.kept
        ],
        "unchanged": difference.unchanged,
    }


def _dicts(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            "row": str(one.key),
            "line": one.line or None,
            "columns": {
                name: None if name in SECRET_COLUMNS else {"before": before, "after": after}
                for name, (before, after) in one.columns().items()
            },
            "doubts": [
                {"kind": doubt.kind.value, "column": doubt.column, "detail": doubt.detail} for doubt in one.doubts
            ],
            "receipts": list(one.receipts),
        }
        for one in changes
    ]
