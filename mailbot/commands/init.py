"""The command `mailbot init [DIR] [--sample] [--phone NUMBER --hours WORDS]`."""

import os
from pathlib import Path

import click

from mailbot.commands.common import common_options, print_result
from mailbot.commands.footer import footer_of
from mailbot.errors import MailbotError, UsageError


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
    desk = footer_of(phone, hours)
    make_folder(folder / "templates")
    create_once(path, example_toml({"desk": desk}).encode())
    try:
        with open_desk(load(path, os.environ), create=True) as context:
            if sample:
                with context.store.transaction():
                    replace_register(read_register(sample_register()))
    except MailbotError:  # a database that does not answer, say: the same command can be run again
        path.unlink()
        raise
    steps = [*(() if sample else ("mailbot register import FILE",)), f"mailbot --config {path} serve"]
    lines = [f"wrote {path}, {folder / 'store'}/ and {folder / 'templates'}/", *(f"next: {step}" for step in steps)]
    print_result({"config": str(path), "next": steps}, "\n".join(lines))
