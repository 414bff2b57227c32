"""`mailbot doctor`."""

import socket

import click

from mailbot.commands.common import common_options, given_config, load_config, print_json, wants_json
from mailbot.config import Config
from mailbot.errors import MailbotError

PATIENCE_SECONDS = 5.0


def _port(config: Config) -> list[str]:
    """Whether the SMTP port is free: it is not while the desk itself runs."""
    with socket.socket(socket.AF_INET6 if ":" in config.smtp.host else socket.AF_INET) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((config.smtp.host, config.smtp.port))
        except OSError as error:
            place = f"{config.smtp.host}:{config.smtp.port}"
            return [f"{place} is taken ({error.strerror}): well if the desk is running, else set smtp.port"]
    return []


def _relay(config: Config) -> list[str]:
    """Whether the relay answers."""
    relay = config.relay
    if not relay.host:
        return []
    try:
        with socket.create_connection((relay.host, relay.port), timeout=PATIENCE_SECONDS):
            return []
    except OSError as error:
        return [f"relay {relay.host}:{relay.port} does not answer ({error}); check relay.host and relay.port"]


@click.command()
@common_options
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check configuration, store, port and relay; say what to do about each finding.

    Exit code 1 when something is broken.

    Example: mailbot doctor
    """
    from mailbot.app.context import open_desk
    from mailbot.app.exposure import warnings_of
    from mailbot.records.register import offices

    config = load_config()
    broken: list[str] = []
    about = ""
    try:
        with open_desk(config) as context:
            about = context.store.describe()
            broken = context.store.problems()
            if not offices.all_offices():
                broken.append("the register is empty: nobody can apply. Run: mailbot register import FILE")
            elif not offices.load_register().reviewers:
                broken.append("the register has no reviewers: nobody can decide. Run: mailbot register import FILE")
    except MailbotError as error:
        broken.append(error.detail)
    broken += _relay(config)
    warnings = _port(config) + warnings_of(config)
    if wants_json():
        print_json({"config": given_config(), "store": about, "broken": broken, "warnings": warnings})
    else:
        click.echo(f"config   {given_config() or 'none: the defaults'}")
        click.echo(f"store    {about or 'cannot be opened'}")
        for text in broken:
            click.echo(f"BROKEN   {text}")
        for text in warnings:
            click.echo(f"WARNING  {text}")
        if not broken and not warnings:
            click.echo("all is well")
    ctx.exit(1 if broken else 0)
