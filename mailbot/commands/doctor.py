"""`mailbot doctor`."""

import click

from mailbot.commands.common import common_options, given_config, load_config, print_json, wants_json
from mailbot.errors import MailbotError


@click.command()
@common_options
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check the configuration and the store; say what to do about each finding.  Exit code 1 when something is broken.

    Example: mailbot doctor
    """
    from mailbot.app import open_desk
    from mailbot.exposure import warnings_of
    from mailbot.records import contracts

    config = load_config()
    broken: list[str] = []
    try:
        with open_desk(config) as tools:
            broken = tools.store.problems()
            if not contracts.all_offices():
                broken.append("the register is empty: nobody can apply. Run: mailbot register import FILE")
            elif not contracts.load_register().reviewers:
                broken.append("the register has no reviewers: nobody can decide. Run: mailbot register import FILE")
    except MailbotError as error:
        broken.append(error.detail)
    warnings = warnings_of(config)
    if wants_json():
        print_json({"config": given_config(), "broken": broken, "warnings": warnings})
    else:
        click.echo(f"config   {given_config() or 'none: the defaults'}")
        for text in broken:
            click.echo(f"BROKEN   {text}")
        for text in warnings:
            click.echo(f"WARNING  {text}")
        if not broken and not warnings:
            click.echo("all is well")
    ctx.exit(1 if broken else 0)
