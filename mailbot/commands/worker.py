"""The command `mailbot worker`: the process with resource limits that `mailbot serve` starts to read mail."""

import click

from mailbot.commands.common import common_options, load_config


@click.command(hidden=True)
@click.option("--exceeded", default="", metavar="MAIL:LIMIT", help="The mail that ended the process before this one.")
@common_options
def worker(exceeded: str) -> None:
    """Handle the inbox until standard input ends.  Only `mailbot serve` starts it.

    Example: mailbot worker < /dev/null
    """
    from mailbot.app.server import work
    from mailbot.logs import set_up_logging

    config = load_config()
    set_up_logging(config.log.level, config.log.format)
    work(config, exceeded)
