"""The command `mailbot doctor`."""

import socket

import click

from mailbot.commands.common import common_options, config_path, load_config, print_json, wants_json
from mailbot.config import Config
from mailbot.errors import MailbotError

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


@click.command()
@common_options
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check configuration, store, port and relay; print what waits in which stage, and each problem with what to do.

    Exit code 1 when there is a problem that stops the desk (BROKEN).

    Example: mailbot doctor
    """
    from mailbot.app.context import open_desk
    from mailbot.app.exposure import warnings_of
    from mailbot.commands.stages import print_stages, stages_as_dicts
    from mailbot.records.maintenance.stages import Waiting, waiting_stages
    from mailbot.records.register import offices

    config = load_config()
    broken: list[str] = []
    waiting: list[Waiting] = []
    about = ""
    try:
        with open_desk(config) as context:
            about = context.store.describe()
            broken = context.store.problems() + context.store.intake.problems()
            with context.store.reading():
                waiting = waiting_stages(context.store)
            register = offices.load_register()
            if not register.offices:
                broken.append(
                    "the register is empty: no application can be accepted. Run: mailbot register import FILE"
                )
            elif not register.reviewers:
                broken.append(
                    "the register has no reviewers: no application can be approved. Run: mailbot register import FILE"
                )
    except MailbotError as error:
        broken.append(error.detail)
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
