"""The command `mailbot man`: the manual page, made from the command line itself (man-pages(7), groff_man(7))."""

import inspect
from collections.abc import Iterator

import click

from mailbot import __version__
from mailbot.commands.common import common_options


@click.command()
@common_options
@click.pass_context
def man(ctx: click.Context) -> None:
    """Print the manual page mailbot(1), with every command and option.

    Example: mailbot man > /usr/local/share/man/man1/mailbot.1
    """
    root = ctx.find_root().command
    assert isinstance(root, click.Group)  # noqa: S101 - `mailbot` itself
    click.echo("\n".join(_page(root)))


def _page(root: click.Group) -> Iterator[str]:
    yield f'.TH MAILBOT 1 "" "mailbot {__version__}" "User Commands"'
    yield from (".SH NAME", r"mailbot \- an application desk that is run entirely by e\-mail")
    yield from (".SH SYNOPSIS", r".B mailbot", r"[\-\-config FILE] [\-\-json] COMMAND [ARGUMENT]...")
    yield ".SH COMMANDS"
    context = click.Context(root, info_name="mailbot")
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is not None:
            yield from _command(command, f"mailbot {name}", context)
    yield ".SH FILES"
    yield from (
        ".TP",
        "config.toml",
        "Looked for at --config, here (one of root or of your own), then at $MAILBOT_CONFIG.",
    )
    yield ".SH EXIT STATUS"
    for code, meaning in ((0, "Success."), (1, "The command did not succeed."), (2, "Wrong usage.")):
        yield from (".TP", str(code), meaning)


def _command(command: click.Command, path: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=path.rpartition(" ")[2], parent=parent)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            sub = command.get_command(context, name)
            if sub is not None:
                yield from _command(sub, f"{path} {name}", context)
        return
    yield f".SS {_roff(' '.join([path, *command.collect_usage_pieces(context)]))}"
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield from (".PP", _roff(" ".join(paragraph.split())))
    for option in command.params:
        record = option.get_help_record(context)
        if isinstance(option, click.Option) and record is not None:
            yield from (".TP", _roff(record[0]), _roff(record[1]))


def _roff(text: str) -> str:
    """Text in which nothing is a request: a line must not begin with a dot or an apostrophe."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
