"""The command `mailbot init [DIR] [--sample] [--phone NUMBER --hours WORDS]`."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from mailbot.commands.common import common_options, print_result
from mailbot.commands.footer import footer_of
from mailbot.errors import UsageError


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
    chosen = {"desk": footer_of(phone, hours)}
    if url := os.environ.get("MAILBOT_STORE_URL"):  # else every later command would need the variable
        chosen["store"] = {"url": url}
    with _nothing_left_after_a_failure(folder):
        make_folder(folder / "templates")
        create_once(path, example_toml(chosen).encode())
        with open_desk(load(path, os.environ), create=True) as context:
            if sample:
                with context.store.transaction():
                    replace_register(read_register(sample_register()))
    steps = [*(() if sample else ("mailbot register import FILE",)), f"mailbot --config {path} serve"]
    lines = [f"wrote {path}, {folder / 'store'}/ and {folder / 'templates'}/", *(f"next: {step}" for step in steps)]
    print_result({"config": str(path), "next": steps}, "\n".join(lines))


@contextmanager
def _nothing_left_after_a_failure(folder: Path) -> Iterator[None]:
    """When the block fails (a database that does not answer, say), remove what it has made in `folder`.

    What was there before stays; so do the keys of a database on a server, which may have been filled with them.
    """
    made = [part for part in (folder / "templates", folder / "store") if not part.exists()]
    new_folders = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            (folder / "config.toml").unlink()
        on_server = os.environ.get("MAILBOT_STORE_URL", "").startswith("postgres")
        for part in made:
            if part.name == "templates" or not on_server:
                shutil.rmtree(part, ignore_errors=True)
        for one in new_folders:
            with suppress(OSError):  # not empty
                one.rmdir()
        raise
