"""The commands `mailbot register import|export|imports|restore`."""

import hashlib
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import (
    common_options,
    open_configured_desk,
    operator_name,
    print_json,
    print_result,
    print_table,
    wants_json,
)
from mailbot.commands.options import limit_option
from mailbot.errors import MailbotError, Permanent
from mailbot.model.register import RowKey

if TYPE_CHECKING:
    from mailbot.desk.operations.register_apply import Origin
    from mailbot.model.register_difference import Difference
    from mailbot.records.database import Store

LONGEST_TRANSACTION = timedelta(minutes=5)


@click.group()
def register() -> None:
    """Offices, administrators, contacts, user codes, IDs, mailboxes, reviewers."""


class _Row(click.ParamType[RowKey]):
    """A row as it is shown: `NAC001/contact/taro@naxtrade.example`."""

    name = "ROW"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> RowKey:
        if isinstance(value, RowKey):
            return value
        try:
            return RowKey.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


_take = click.option(
    "--take",
    type=_Row(),
    multiple=True,
    help="Also change this row, which is in doubt or would stay; may be given several times.",
)
_yes = click.option("--yes", is_flag=True, help="Do not ask.")
_leave = click.option("--leave-doubtful", is_flag=True, help="Leave the rows in doubt as they are, and do the others.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")


@register.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--prune", is_flag=True, help="Also remove what FILE does not name; see the documentation.")
@_take
@_leave
@_dry_run
@_yes
@common_options
def import_(file: Path, prune: bool, take: tuple[RowKey, ...], leave_doubtful: bool, dry_run: bool, yes: bool) -> None:
    """Show what FILE (.toml, .csv or .xlsx) would change in the register, ask, and change it.

    Without a terminal, and without --yes, nothing is changed; a register that is empty is filled without a question.

    Example: mailbot register import register.toml
    """
    from mailbot.desk.operations.register_apply import Origin
    from mailbot.desk.operations.register_preview import preview
    from mailbot.records.register.rows import is_empty
    from mailbot.register_files.register_file import read_octets, register_in

    content = read_octets(file)  # once: another program may be writing the file
    read, sha256 = register_in(str(file), content), hashlib.sha256(content).hexdigest()
    with open_configured_desk() as (_, context):
        with context.store.reading():
            try:
                difference = preview(read, prune=prune, take=take)
            except Permanent as error:
                raise Permanent(f"{file}: {error.public}") from error
            new = is_empty()
        origin = Origin(operator_name(), file.name, sha256)
        _confirm_and_apply(difference, origin, context.store, leave_doubtful, dry_run, asks=not yes and not new)


@register.command()
@click.argument("number", type=int)
@_take
@_leave
@_dry_run
@_yes
@common_options
def restore(number: int, take: tuple[RowKey, ...], leave_doubtful: bool, dry_run: bool, yes: bool) -> None:
    """Undo import NUMBER (see `register imports`): each row becomes what it was before; shown, and asked, as an import.

    Example: mailbot register restore 12
    """
    from mailbot.desk.operations.register_apply import Origin, undoing

    with open_configured_desk() as (_, context):
        with context.store.reading():
            difference = undoing(number, take)
        origin = Origin(operator_name(), undoes=number)
        _confirm_and_apply(difference, origin, context.store, leave_doubtful, dry_run, asks=not yes)


def _confirm_and_apply(
    shown: "Difference", origin: "Origin", store: "Store", leave_doubtful: bool, dry_run: bool, *, asks: bool
) -> None:
    """Show the difference, ask, and make the changes.  Raises MailbotError when that is not possible."""
    from mailbot.commands.register_view import as_dict, print_difference

    machine = wants_json()
    if not machine:
        print_difference(shown, of_file=origin.undoes is None)
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and not machine
    difference, problem = shown, ""
    if not dry_run:
        accepted: Collection[RowKey] = () if leave_doubtful else _ask_about_doubts(shown) if asks and terminal else ()
        difference = shown.taking(accepted)
        if shown.in_doubt and not leave_doubtful and not (asks and terminal):
            problem = "rows are in doubt: correct the file, name each with --take, or give --leave-doubtful"
        elif difference.changes and asks and not (terminal and click.confirm(_question(difference), default=False)):
            problem = "not confirmed" if terminal else "not confirmed: there is no terminal to ask on; give --yes"
    number: int | None = None
    left: list[str] = []
    if not dry_run and not problem and difference.changes:
        number, left = _apply(difference, origin, store)
    if machine:
        print_json({**as_dict(shown), "import": number, "left": left})
    if problem:
        raise MailbotError(f"nothing has changed: {problem}")
    if not machine:
        _say_result(difference, number, left, dry_run=dry_run)


def _ask_about_doubts(shown: "Difference") -> list[RowKey]:
    return [one.key for one in shown.in_doubt if click.confirm(f"{one.key}: change it all the same?", default=False)]


def _question(difference: "Difference") -> str:
    return f"Change the register ({_counts(difference)})?"


def _counts(difference: "Difference") -> str:
    added, changed, removed = map(len, (difference.added, difference.changed, difference.removed))
    return f"{added} added, {changed} changed, {removed} removed"


def _apply(difference: "Difference", origin: "Origin", store: "Store") -> tuple[int, list[str]]:
    """The number of the import, and the rows that were changed meanwhile by others and therefore not by it."""
    from mailbot.desk.operations.register_apply import apply

    def with_progress(progress: Callable[[int], None]) -> tuple[int, list[str]]:
        applied = apply(difference, origin, SystemClock().now(), store, progress)
        return applied.number, [str(one.key) for one in applied.left]

    if not sys.stderr.isatty():
        return with_progress(lambda _: None)
    with click.progressbar(length=len(difference.changes), label="importing", file=sys.stderr) as bar:
        return with_progress(bar.update)


def _say_result(difference: "Difference", number: int | None, left: list[str], *, dry_run: bool) -> None:
    for row in left:
        click.echo(f"left as it is: {row} was changed while this was shown; import again")
    if number is not None:
        click.echo(f"import {number}: {_counts(difference)}.  To undo it: mailbot register restore {number}")
    else:
        click.echo("nothing has changed (--dry-run)" if dry_run else "nothing to change")


@register.command()
@limit_option
@common_options
def imports(limit: int) -> None:
    """List the latest imports into the register, oldest first.

    Example: mailbot register imports
    """
    from mailbot.records.register import imports as found

    with open_configured_desk() as (_, context), context.store.reading():
        listed = found.listing(limit)
    if wants_json():
        print_json([vars(one) | {"at": iso(one.at)} for one in listed])
        return
    headings = ["import", "imported", "by", "file", "added", "changed", "removed", ""]
    print_table(
        headings,
        [
            [str(one.number), iso(one.at), one.who, one.file or f"undoes {one.undoes}"]
            + [str(count) for count in (one.added, one.changed, one.removed)]
            + [_state(interrupted=one.finished_at is None, undoable=one.kept_changes > 0)]
            for one in listed
        ],
    )


def _state(*, interrupted: bool, undoable: bool) -> str:
    if interrupted:
        return "interrupted: import the file again, or restore"
    return "" if undoable else "cannot be undone any more"


@register.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@common_options
def export(file: Path) -> None:
    """Write the register to FILE (.toml, .csv or .xlsx).

    Example: mailbot register export register.xlsx
    """
    from mailbot.records.register.imports import last_finished
    from mailbot.records.register.offices import load_register
    from mailbot.register_files.register_file import write_register

    # What a transaction registers that is still open has a time from before: it counts as registered since.
    written_at = SystemClock().now() - LONGEST_TRANSACTION
    with open_configured_desk() as (_, context), context.store.reading():
        register = replace(load_register(), written_at=written_at, last_import=last_finished())
        write_register(register, file)
    print_result({"file": str(file), "offices": len(register.offices)}, f"wrote {file}")
