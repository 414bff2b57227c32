"""The command `mailbot explain FILE.eml`."""

from pathlib import Path

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json
from mailbot.text import printable


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", "recipients", multiple=True, help="Envelope recipient (default: those in the To header).")
@click.option("--sender", default=None, help="Envelope sender (default: the author).")
@common_options
def explain(file: Path, recipients: tuple[str, ...], sender: str | None) -> None:
    """Print how FILE.eml would be read and what would be done, without doing it.

    Example: mailbot explain application.eml
    """
    from mailbot.clock import SystemClock
    from mailbot.desk.operators.explain import Explanation, explain_mail

    with open_configured_desk() as (_, context):
        found: Explanation = explain_mail(file.read_bytes(), recipients, sender, SystemClock().now(), context)
    if wants_json():
        print_json(found.as_dict())
        return
    for name, value in found.as_dict().items():
        lines = value if isinstance(value, list) else [value]
        click.echo(f"{name:<12} " + f"\n{'':<13}".join(printable(str(line)) for line in lines or ["-"]))
