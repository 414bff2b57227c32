"""Shared by the commands: options that may precede or follow the command, opening the desk, and printing."""

import json
import os
import pwd
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from mailbot.clock import iso
from mailbot.config import Config, find_config, load
from mailbot.desk.context import DeskContext
from mailbot.text import display_width, json_safe, printable

F = TypeVar("F", bound=Callable[..., Any])


def common_options(command: F) -> F:
    """A decorator that adds `--config` and `--json`, which `mailbot` itself has as well."""
    config = click.option(
        "--config", type=click.Path(path_type=Path), expose_value=False, callback=_store_option("config")
    )
    as_json = click.option(
        "--json", "as_json", is_flag=True, expose_value=False, callback=_store_option("as_json"), help="Print JSON."
    )
    return config(as_json(command))


def _store_option(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value:
            ctx.ensure_object(dict)[name] = value

    return callback


def config_path() -> Path | None:
    """The path of the configuration file (`find_config`); None for the defaults."""
    return find_config(_obj().get("config"), os.environ, Path.cwd())


def paths_tried() -> list[Path]:
    """Where a configuration file was looked for, in vain; [] when there is one."""
    return [] if config_path() is not None else [Path.cwd() / "config.toml"]


def load_config() -> Config:
    """The configuration.  Raises ConfigError with every problem in it."""
    return load(config_path(), os.environ)


def wants_json() -> bool:
    """Whether `--json` was given."""
    return bool(_obj().get("as_json"))


def _obj() -> dict[str, Any]:
    ctx = click.get_current_context(silent=True)
    return (ctx.find_object(dict) or {}) if ctx else {}


@contextmanager
def open_configured_desk() -> Iterator[tuple[Config, DeskContext]]:
    """The configured desk, open until the block ends."""
    from mailbot.app.context import open_desk

    config = load_config()
    with open_desk(config) as context:
        yield config, context


def operator_name() -> str:
    """Who runs the command, for the logs: the name of the user ID of the process.

    Not of the environment (LOGNAME, USER), in which anybody may write the name of somebody else.
    """
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container, say
        return f"uid {number}"


def print_octets(content: bytes) -> None:
    """Print a mail octet for octet; on a terminal, which obeys escape sequences, its control characters as escapes."""
    if sys.stdout.isatty():
        click.echo(printable(content.decode("utf-8", "replace")))
    else:
        sys.stdout.buffer.write(content)


def print_json(value: object) -> None:
    """Print one JSON document; control characters are escaped."""
    click.echo(json_safe(json.dumps(value, ensure_ascii=False, indent=2, default=str)))


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    """Print aligned columns; a full-width character counts two; control characters are escaped."""
    cells = [headings, *[[printable(cell).replace("\n", " ") for cell in row] for row in rows]]
    widths = [max(display_width(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        padded = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(padded).rstrip())


def say_cut(*, cut: bool, limit: int) -> None:
    """Say on standard error that a list was cut at `--limit`."""
    if cut:
        click.echo(f"the latest {limit} are shown; --limit {limit * 10} shows more", err=True)


def in_words(value: object) -> str:
    """A value for a person: yes and no, times of Asia/Tokyo, and - for nothing."""
    match value:
        case None | "" | () | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return iso(value)
        case dict():
            return ", ".join(f"{name} {in_words(one)}" for name, one in value.items())
        case list() | tuple():
            return ", ".join(map(in_words, value))
        case _:
            return str(value)
