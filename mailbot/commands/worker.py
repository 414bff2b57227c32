"""The command `mailbot worker`: a process that `mailbot serve` starts, to read mail with limits or to write notices."""

from contextlib import suppress

import click

from mailbot.commands.common import common_options, load_config
from mailbot.errors import ConfigError


@click.command(hidden=True)
@click.option("--exceeded", default="", metavar="MAIL:LIMIT", help="The mail that ended the process before this one.")
@click.option("--stages", default="all", type=click.Choice(["all", "decide", "write"]), help="What it does.")
@click.option("--announcements", default=-1, metavar="FD", help="The socket of the other process.")
@common_options
def worker(exceeded: str, stages: str, announcements: int) -> None:
    """Handle the inbox until standard input ends.  Only `mailbot serve` starts it.

    Example: mailbot worker < /dev/null
    """
    from mailbot.app.worker_processes import Stages, work
    from mailbot.logs import set_up_logging

    def set_up_again() -> None:
        with suppress(ConfigError):  # the parent has logged it
            changed = load_config()
            set_up_logging(changed.log.level, changed.log.format)

    config = load_config()
    set_up_logging(config.log.level, config.log.format)
    work(config, Stages(stages), exceeded, set_up_again, announcements)
