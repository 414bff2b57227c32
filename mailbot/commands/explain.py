"""The command `mailbot explain FILE.eml|NUMBER`."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json
from mailbot.errors import UsageError
from mailbot.model.read_line import LineKind, ReadLine
from mailbot.text import display_width, printable

_LABEL = 34  # columns of the kind of a line


@click.command()
@click.argument("mail", metavar="FILE|NUMBER")
@click.option("--to", "recipients", multiple=True, help="Envelope recipient of a FILE (default: those in To).")
@click.option("--sender", default=None, help="Envelope sender of a FILE (default: the author).")
@common_options
def explain(mail: str, recipients: tuple[str, ...], sender: str | None) -> None:
    """Print what each line of a mail (FILE.eml, or NUMBER of a received one) is read as, and what would be done.

    Each line is printed with what it was taken for, and by what it was recognised; nothing is changed.

    Example: mailbot explain application.eml
    """
    from mailbot.clock import SystemClock
    from mailbot.desk.operators.explain import explain_mail, explain_received

    number, file, now = re.fullmatch(r"#?(\d{1,9})", mail), Path(mail), SystemClock().now()
    if number is None and not file.is_file():
        raise UsageError(f"{mail}: no such file; expected a file, or the number of a received mail, such as 7")
    with open_configured_desk() as (_, context):
        if number is not None:
            found = explain_received(int(number[1]), now, context)
        else:
            found = explain_mail(file.read_bytes(), recipients, sender, now, context)
    if wants_json():
        print_json({**found.as_dict(), "lines": [_as_dict(line) for line in found.lines]})
        return
    for name, value in found.as_dict().items():
        lines = value if isinstance(value, list) else [value]
        click.echo(f"{name:<12} " + f"\n{'':<13}".join(printable(str(line)) for line in lines or ["-"]))
    _print_lines(found.lines)


_COLOURS: dict[LineKind, str] = {
    **dict.fromkeys((LineKind.FIELD, LineKind.TICK), "green"),
    **dict.fromkeys((LineKind.KEYWORD, LineKind.COMMAND), "cyan"),
    **dict.fromkeys((LineKind.UNCLEAR, LineKind.OTHER, LineKind.UNSEEN), "yellow"),
    **dict.fromkeys((LineKind.SIGNATURE, LineKind.DEVICE, LineKind.BANNER), "magenta"),
    **dict.fromkeys((LineKind.DISCLAIMER, LineKind.LINKS), "magenta"),
    **dict.fromkeys((LineKind.QUOTE, LineKind.AUTOMATIC), "blue"),
}


def _as_dict(line: ReadLine) -> dict[str, str]:
    return {"text": line.text, "kind": line.kind, "source": line.source, "name": line.name}


def _print_lines(lines: Sequence[ReadLine]) -> None:
    """One row for each line: its kind, what it was recognised by, and its text; in colour on a terminal (NO_COLOR)."""
    color = False if os.environ.get("NO_COLOR") else None  # None: click looks whether the output is a terminal
    for line in lines:
        notes = "; ".join(filter(None, (line.name, line.source)))
        kind = "" if not line.text.strip() else f"{line.kind} ({notes})" if notes else line.kind.value
        label = f"{kind}{' ' * max(0, _LABEL - display_width(kind))}"
        row = f"{label} │ {printable(line.text)}".rstrip()
        click.echo(click.style(row, fg=_COLOURS.get(line.kind)), color=color)
