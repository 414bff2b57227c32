"""The command `mailbot doctor`."""

import socket
from typing import TYPE_CHECKING

import click

from mailbot.commands.common import common_options, config_path, load_config, print_json, wants_json
from mailbot.config import Config
from mailbot.errors import MailbotError

if TYPE_CHECKING:
    from mailbot.records.maintenance.stages import Waiting

TIMEOUT_SECONDS = 5.0


def _check_port(config: Config) -> list[str]:
    """A warning if the SMTP port is in use, as it is while the desk runs."""
    with socket.socket(socket.AF_INET6 if ":" in config.smtp.host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.smtp.host, config.smtp.port))
        except OSError as error:
            address = f"{config.smtp.host}:{config.smtp.port}"
            return [f"{address} is in use ({error.strerror}); if the desk is not running, set another smtp.port"]
    return []


def _check_relay(config: Config) -> list[str]:
    """A problem if the relay does not accept connections."""
    relay = config.relay
    if not relay.host:
        return []
    try:
        with socket.create_connection((relay.host, relay.port), timeout=TIMEOUT_SECONDS):
            return []
    except OSError as error:
        return [f"relay {relay.host}:{relay.port} does not answer ({error}); check relay.host and relay.port"]


def _check_store(config: Config) -> "tuple[str, list[Waiting], list[str]]":
    """The store in one line, what waits in which stage, and the problems of the store and of the register."""
    from mailbot.app.context import open_desk
    from mailbot.records.maintenance.stages import waiting_stages
    from mailbot.records.register import offices

    about, waiting, broken = "", [], []
    try:
        with open_desk(config) as context:
            about = context.store.describe()
            broken = context.store.problems() + context.store.intake.problems()
            if context.store.intake.free_bytes() < config.smtp.min_free_bytes:
                broken.append(
                    "the disk of the store is full: less than smtp.min_free_bytes are free, and mail is refused (452);"
                    " make room on it"
                )
            with context.store.reading():
                waiting = waiting_stages(context.store)
            register = offices.load_register()
            missing = "offices: no application can be accepted" if not register.offices else ""
            if register.offices and not register.reviewers:
                missing = "reviewers: no application can be approved"
            if missing:
                broken.append(f"the register has no {missing}. Run: mailbot register import FILE")
    except MailbotError as error:
        broken.append(error.detail)
    return about, waiting, broken


@click.command()
@common_options
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check configuration, store, port and relay; print what waits in which stage, and each problem with what to do.

    Exit code 1 when there is a problem that stops the desk (BROKEN).

    Example: mailbot doctor
    """
    from mailbot.app.exposure import warnings_of
    from mailbot.commands.stages import print_stages, stages_as_dicts

    config = load_config()
    about, waiting, broken = _check_store(config)
    broken += _check_relay(config)
    warnings = _check_port(config) + warnings_of(config)
    if wants_json():
        print_json(
            {
                "config": config_path(),
                "store": about,
                "waiting": stages_as_dicts(waiting),
                "broken": broken,
                "warnings": warnings,
            }
        )
    else:
        click.echo(f"config   {config_path() or 'none: the defaults'}")
        click.echo(f"store    {about or 'cannot be opened'}")
        print_stages(waiting)
        for text in broken:
            click.echo(f"BROKEN   {text}")
        for text in warnings:
            click.echo(f"WARNING  {text}")
        if not broken and not warnings:
            click.echo("no problems found")
    ctx.exit(1 if broken else 0)
