"""The command `mailbot explain FILE.eml|NUMBER`."""

import re
from pathlib import Path

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json
from mailbot.errors import UsageError
from mailbot.text import printable


@click.command()
@click.argument("mail", metavar="FILE|NUMBER")
@click.option("--to", "recipients", multiple=True, help="Envelope recipient of a FILE (default: those in To).")
@click.option("--sender", default=None, help="Envelope sender of a FILE (default: the author).")
@common_options
def explain(mail: str, recipients: tuple[str, ...], sender: str | None) -> None:
    """Print how a mail (FILE.eml, or NUMBER of a received one) would be read and what would be done; change nothing.

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
        print_json(found.as_dict())
        return
    for name, value in found.as_dict().items():
        lines = value if isinstance(value, list) else [value]
        click.echo(f"{name:<12} " + f"\n{'':<13}".join(printable(str(line)) for line in lines or ["-"]))
