"""The commands `mailbot log list|search|show|export`: mails and notices, and what has become of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailbot.clock import iso
from mailbot.commands.common import (
    common_options,
    in_words,
    open_configured_desk,
    people_words,
    print_json,
    print_octets,
    print_table,
    print_values,
    say_cut,
    wants_json,
)
from mailbot.commands.options import Code, Instant, LogNumber, LogNumberType, add_options, limit_option, no_office
from mailbot.errors import UsageError
from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.text import printable

if TYPE_CHECKING:
    from mailbot.records.log.mail_list import Entry

STATES = [*(one.value for one in Disposition), *(one.value for one in OutboxState if one is not OutboxState.UNWRITTEN)]
EVERYTHING = 100_000_000  # rows


_filters = add_options(  # which rows
    click.option("--receipt", type=Code(), default=None, help="Only mails of this application."),
    click.option("--office", type=Code(), default=None, help="Only mails of this office, and from or to its people."),
    click.option("--address", default=None, help="Only mails from or to an address that contains this."),
    click.option(
        "--disposition",
        "state",
        type=click.Choice(STATES),
        metavar="CODE",
        default=None,
        help=f"Only these: {', '.join(STATES)}.",
    ),
    click.option("--reason", default=None, help="Only with this reason code, or of this kind of notice."),
    click.option("--procedure", default=None, help="Only mails about applications of this procedure."),
    click.option("--direction", type=click.Choice(["in", "out"]), default=None, help="in: received; out: notices."),
    click.option("--since", type=Instant(), default=None, help="Arrived or decided since (2026-11-20, 7d, 12h)."),
    click.option("--until", type=Instant(end=True), default=None, help="Arrived or decided until (2026-11-20)."),
)


@click.command("list")
@_filters
@limit_option
@common_options
def list_(limit: int, **filters: Any) -> None:
    """List the latest mails and notices, oldest first.

    «at» is when a mail arrived or a notice was decided, «done» when it was handled or delivered.

    Example: mailbot log list --receipt 2600001C
    """
    _print_list(filters, limit)


@click.command()
@click.argument("words", nargs=-1, required=True)
@_filters
@limit_option
@common_options
def search(words: tuple[str, ...], limit: int, **filters: Any) -> None:
    """List the latest mails and notices that contain all of WORDS, in address, subject, text or any other column.

    Parts of words are found too, in any script; width and case do not count, nor variants such as 髙 and 高.

    Example: mailbot log search 承認 髙橋
    """
    _print_list(filters | {"words": " ".join(words)}, limit)


def _print_list(filters: dict[str, Any], limit: int) -> None:
    with open_configured_desk() as (_, context), context.store.reading():
        found = _select(filters, limit + 1, context)
    entries = found[-limit:]
    if wants_json():
        print_json([_as_dict(entry) for entry in entries])
    else:
        names = ["number", "at", "done", "direction", "who", "what", "reason", "application", "subject"]
        print_table(names, [_cells(entry) for entry in entries])
    say_cut(cut=len(found) > limit, limit=limit)


def _select(filters: dict[str, Any], limit: int, context: Any) -> list["Entry"]:
    """The latest `limit` entries, oldest first.  Raises UsageError for filters that nothing can match."""
    from mailbot.records.log import mail_list
    from mailbot.records.register import offices

    chosen = mail_list.Filters(**filters)
    if chosen.since is not None and chosen.until is not None and chosen.since >= chosen.until:
        raise UsageError(f"--since ({iso(chosen.since)}) is not before --until ({iso(chosen.until)})")
    found = mail_list.select(context.store, chosen, limit)
    if not found and chosen.office is not None and offices.office(chosen.office) is None:
        raise no_office(chosen.office, "in the register or in the log")
    return found


def _cells(entry: "Entry") -> list[str]:
    row = entry.row
    who = row.sender if row.direction == "in" else row.recipient
    what = [entry.number, iso(entry.at), in_words(entry.done_at), row.direction, who or "<>", entry.state]
    # The reason of a notice is its kind.
    reason = people_words().value("kind", row.reason) if row.direction == "out" else row.reason
    return [*what, reason, row.receipt, row.subject]


def _as_dict(entry: "Entry") -> dict[str, object]:
    row = {name: value for name, value in vars(entry.row).items() if name not in ("at", "disposition")}
    done = iso(entry.done_at) if entry.done_at is not None else None
    return {"number": entry.number, "at": iso(entry.at), "done_at": done, "disposition": entry.state, **row}


@click.command()
@click.argument("number", type=LogNumberType())
@click.option("--raw", is_flag=True, help="Print the mail as received or sent, octet for octet.")
@common_options
def show(number: LogNumber, raw: bool) -> None:
    """Show the mail NUMBER (7, as in «Stored safely as #7» and in alerts) and every notice that it caused.

    n12 is the notice 12 of the outbox; r34 is a row of the log: a refused mail was not stored and has no number.

    Example: mailbot log show 7
    """
    from mailbot.records.log import mail_list, mail_log

    find = {"mail": mail_list.of_mail, "notice": mail_list.of_notice, "row": mail_list.of_row}[number.kind]
    with open_configured_desk() as (_, context), context.store.reading():
        entries = find(number.number)
        if not entries:
            raise UsageError(_nothing(number, context))
        if raw:
            print_octets(mail_log.raw_of(context.store, entries[0].row) or b"")
            return
        tried = {entry.number: _attempts(entry) for entry in entries if entry.row.direction == "out"}
    # Of a mail its own rows with their text, and its notices as a list.
    whole = [entry for entry in entries if number.kind != "mail" or entry.row.direction == "in"]
    notices = [entry for entry in entries if entry not in whole]
    if wants_json():
        print_json(
            {
                "rows": [_as_dict(entry) | {"deliveries": tried.get(entry.number, [])} for entry in whole],
                "notices": [_as_dict(entry) | {"deliveries": tried[entry.number]} for entry in notices],
            }
        )
        return
    for entry in whole:
        _print_entry(entry, tried.get(entry.number, []))
    if whole:
        click.echo(printable(whole[-1].row.text))
    if notices:
        click.echo(people_words().column("notices"))
        print_table(
            ["number", "decided", "delivered", "to", "state", "kind", "subject"],
            [
                [e.number, iso(e.at), in_words(e.done_at), e.row.recipient, e.state, e.row.reason, e.row.subject]
                for e in notices
            ],
            {"state": "result"},
        )


def _nothing(number: LogNumber, context: Any) -> str:
    from mailbot.records.queues import outbox, quarantined

    waits = bool(quarantined.state_of(number.number)) if number.kind == "mail" else False
    if number.kind == "notice" and outbox.get(number.number) is not None:
        return f"notice n{number.number} is not written yet; `mailbot outbox list` shows it"
    if waits:
        return f"mail #{number.number} waits to be handled; the log has it when that is done"
    return f"there is no {number.kind} {number.number} in the mail log; `mailbot log list` shows what there is"


def _attempts(entry: "Entry") -> list[dict[str, object]]:
    from mailbot.records.queues.attempts import attempts_of

    found = attempts_of(entry.row.outbox_id) if entry.row.outbox_id is not None else []
    return [
        {
            "started_at": iso(one.started_at),
            "ended_at": iso(one.ended_at) if one.ended_at is not None else None,
            "accepted": one.accepted,
            "code": one.code,
            "reply": one.reply,
        }
        for one in found
    ]


def _print_entry(entry: "Entry", attempts: list[dict[str, object]]) -> None:
    shown = {
        name: value for name, value in _as_dict(entry).items() if name not in ("id", "inbox_id", "outbox_id", "text")
    }
    print_values(shown)
    for one in attempts:
        ended = "accepted" if one["accepted"] else "not accepted" if one["ended_at"] else "not ended"
        code = f"{one['code']} " if one["code"] is not None else ""
        click.echo(f"{'delivery':<12} " + printable(f"{one['started_at']}  {ended}  {code}{one['reply']}"))
    click.echo("")


@click.command()
@click.argument("words", nargs=-1)
@_filters
@click.option("--format", "form", type=click.Choice(["mbox", "eml", "csv"]), default="mbox", show_default=True)
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The file, or folder (eml).")
@common_options
def export(words: tuple[str, ...], form: str, output: Path, **filters: Any) -> None:
    """Write mails and notices as they were received and sent: all, or those that match WORDS and the filters.

    mbox is one file (mboxrd); eml is a folder with a file for each: 7.eml for mail #7, n12.eml for a notice; csv is the
    list alone, for a spreadsheet. What was refused, or deleted by its age, has no content and is counted only.

    Example: mailbot log export --receipt 2600001C --format eml --output mails
    """
    from mailbot.desk.operators.export import write_csv, write_folder, write_mbox

    if output.exists() and (form != "eml" or not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"{output} exists already; expected a new {'or empty folder' if form == 'eml' else 'file'}")
    with open_configured_desk() as (_, context), context.store.reading():
        entries = _select(filters | {"words": " ".join(words)}, EVERYTHING, context)
        if form == "csv":
            done = write_csv(entries, output)
        else:
            done = (write_mbox if form == "mbox" else write_folder)(context.store, entries, output)
    if wants_json():
        print_json({"written": done.written, "without_content": done.without_content})
    else:
        without = f"; {done.without_content} have no content (refused or deleted)" if form != "csv" else ""
        click.echo(f"wrote {done.written} mails to {output}{without}")
