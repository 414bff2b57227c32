"""The command `mailbot completion bash|zsh|fish`."""

import click
from click.shell_completion import get_completion_class

from mailbot.commands.common import common_options


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion of commands, options and their values, for SHELL.

    Example: mailbot completion bash > /etc/bash_completion.d/mailbot
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - one of the choices
    click.echo(kind(ctx.find_root().command, {}, "mailbot", "_MAILBOT_COMPLETE").source())
