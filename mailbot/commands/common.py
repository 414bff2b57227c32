"""What the commands share: options that may stand before or behind the command, the desk, and printing."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from mailbot.config import Config, find_config, load
from mailbot.desk.context import DeskContext
from mailbot.text import display_width, json_safe, printable

F = TypeVar("F", bound=Callable[..., Any])


def common_options(command: F) -> F:
    """`--config` and `--json`, which every command takes as well as `mailbot` itself."""
    config = click.option("--config", type=click.Path(path_type=Path), expose_value=False, callback=_keep("config"))
    as_json = click.option(
        "--json", "as_json", is_flag=True, expose_value=False, callback=_keep("as_json"), help="Print JSON."
    )
    return config(as_json(command))


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value:
            ctx.ensure_object(dict)[name] = value

    return callback


def given_config() -> Path | None:
    """The configuration file that the command line, the folder or the environment names; None for the defaults."""
    return find_config(_obj().get("config"), os.environ, Path.cwd())


def load_config() -> Config:
    """The configuration.  Raises ConfigError with every problem in it."""
    return load(given_config(), os.environ)


def wants_json() -> bool:
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


def print_json(value: object) -> None:
    click.echo(json_safe(json.dumps(value, ensure_ascii=False, indent=2, default=str)))


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    """Columns as wide as their widest cell; full-width characters count two; control characters are shown escaped."""
    cells = [headings, *[[printable(cell).replace("\n", " ") for cell in row] for row in rows]]
    widths = [max(display_width(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        padded = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(padded).rstrip())
