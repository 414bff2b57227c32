"""Shared by the commands: options that may precede or follow the command, opening the desk, and printing."""

import json
import os
import pwd
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from mailbot.commands.people_words import PeopleWords, local_time, read_words
from mailbot.config import Config, find_config, load
from mailbot.desk.context import DeskContext
from mailbot.errors import Permanent
from mailbot.text import display_width, json_safe, printable

F = TypeVar("F", bound=Callable[..., Any])
_WORDS = "mailbot.words"  # the key in the meta data of the click context


def common_options(command: F) -> F:
    """A decorator that adds `--config` and `--json`, which `mailbot` itself has as well."""
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_store_option("config"),
        help="The configuration file.",
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


def no_config() -> str:
    """That no configuration file was found, and where it was looked for."""
    tried = ", ".join(map(str, paths_tried()))
    return f"no configuration file: tried --config, {tried} and $MAILBOT_CONFIG"


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
    try:
        with open_desk(config, check=False) as context:
            yield config, context
    except Permanent as error:
        if paths_tried() and "there is no store" in error.detail:
            raise Permanent(f"{no_config()}; with the defaults: {error.detail}") from error
        raise


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


def print_result(values: Mapping[str, object], text: str) -> None:
    """Print what was done: `values` with `--json`, else `text`."""
    if wants_json():
        print_json(values)
    else:
        click.echo(text)


def people_words() -> PeopleWords:
    """The words of `desk.language`, read once; the operator's own `templates/command_words.*` take precedence."""
    from mailbot.app.tools import templates_folder

    ctx = click.get_current_context(silent=True)
    kept: dict[str, PeopleWords] = ctx.meta if ctx is not None else {}
    if _WORDS not in kept:
        config = load_config()
        kept[_WORDS] = read_words((config.resolve("templates"), templates_folder()), config.desk.language)
    return kept[_WORDS]


def print_table(headings: list[str], rows: list[list[str]], kinds: Mapping[str, str] | None = None) -> None:
    """Print aligned columns in the words of people; a full-width character counts two; control characters are escaped.

    `kinds`: column → kind of its values, where that is not the usual one (`people_words`).
    """
    words = people_words()
    if not rows:
        click.echo(words.nothing())
        return
    of = [(kinds or {}).get(name, "") for name in headings]
    shown = [[words.value(*one) for one in zip(headings, row, of, strict=True)] for row in rows]
    cells = [[words.column(name) for name in headings], *shown]
    cells = [[printable(cell).replace("\n", " ") for cell in row] for row in cells]
    widths = [max(display_width(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        padded = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(padded).rstrip())


def print_values(values: Mapping[str, object], kinds: Mapping[str, str] | None = None) -> None:
    """Print names and values, one a line, in the words of people; further lines of a value are indented."""
    words = people_words()
    names = {name: printable(words.column(name)) for name in values}
    width = max((display_width(one) for one in names.values()), default=0)
    for name, value in values.items():
        text = printable(words.value(name, in_words(value), (kinds or {}).get(name, "")))
        text = text.replace("\n", "\n" + " " * (width + 2))
        click.echo(f"{names[name]}{' ' * (width - display_width(names[name]))}  {text}".rstrip())


def say_cut(*, cut: bool, limit: int) -> None:
    """Say on standard error that a list was cut at `--limit`."""
    if cut:
        click.echo(f"the latest {limit} are shown; --limit {limit * 10} shows more", err=True)


def in_words(value: object) -> str:
    """A value for a person: yes and no, times of Asia/Tokyo to the minute, and - for nothing."""
    match value:
        case None | "" | () | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return local_time(value)
        case dict():
            return ", ".join(f"{name} {in_words(one)}" for name, one in value.items())
        case list() | tuple():
            return ", ".join(map(in_words, value))
        case _:
            return str(value)
