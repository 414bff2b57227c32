"""The command `mailbot init [DIR] [--sample] [--phone NUMBER --hours WORDS]`."""

import os
import sys
from pathlib import Path

import click

from mailbot.commands.common import common_options
from mailbot.errors import UsageError
from mailbot.text import display_width, one_line

LONGEST = 60  # columns of telephone and hours: they stand in one line of the footer


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--sample", is_flag=True, help="Import a sample register with two reviewers.")
@click.option("--phone", metavar="NUMBER", help="Telephone that the notices name (desk.phone); empty: none.")
@click.option("--hours", metavar="WORDS", help="When it is answered (desk.hours), such as 平日 9:00～17:00.")
@common_options
def init(folder: Path, sample: bool, phone: str | None, hours: str | None) -> None:
    """Write config.toml, store/ and templates/ in DIR (default: here); MAILBOT_STORE_URL names another store.

    On a terminal it asks for telephone and hours, unless they are given; both may be empty.

    Example: mailbot init desk --sample
    """
    from mailbot.app.context import open_desk, sample_register
    from mailbot.config import load
    from mailbot.config_example import example_toml
    from mailbot.files import create_once, make_folder
    from mailbot.records.register.offices import replace_register
    from mailbot.register_files.register_file import read_register

    path = folder / "config.toml"
    if path.exists():
        raise UsageError(f"{path} exists already; move it away, or choose another folder: mailbot init DIR")
    desk = _reachable(phone, hours)
    make_folder(folder / "templates")
    create_once(path, example_toml(desk).encode())
    with open_desk(load(path, os.environ), create=True) as context:
        if sample:
            with context.store.transaction():
                replace_register(read_register(sample_register()))
    click.echo(f"wrote {path}, {folder / 'store'}/ and {folder / 'templates'}/")
    if not sample:
        click.echo("next: mailbot register import FILE")
    click.echo(f"next: mailbot --config {path} serve")


def _reachable(phone: str | None, hours: str | None) -> dict[str, str]:
    """`desk.phone` and `desk.hours`, as given or typed.  Raises UsageError."""
    asks = sys.stdin.isatty()
    if phone is None and asks:
        phone = click.prompt("Telephone that the notices name (empty: none)", default="", show_default=False)
    if hours is None and phone and asks:
        hours = click.prompt("Its hours, such as 平日 9:00～17:00 (may be empty)", default="", show_default=False)
    given = {"phone": (phone or "").strip(), "hours": (hours or "").strip()}
    for name, value in given.items():
        if one_line(value) != value or not value.isprintable() or display_width(value) > LONGEST:
            raise UsageError(f"--{name} {value[:LONGEST]!r}: expected one line of at most {LONGEST} columns")
    if given["hours"] and not given["phone"]:
        raise UsageError("--hours without --phone: they are the hours of the telephone")
    return given
