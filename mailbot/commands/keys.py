"""The command `mailbot keys`."""

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json


@click.group()
def keys() -> None:
    """The keys that encrypt issued passwords and sign reply addresses."""


@keys.command()
@common_options
def rotate() -> None:
    """Make new keys and re-encrypt the issued passwords; reply addresses in notices already sent stay valid.

    A running desk uses the old key for reply addresses until it is restarted.

    Example: mailbot keys rotate
    """
    from mailbot.app.context import rotate_keys

    with open_configured_desk() as (config, context):
        count = rotate_keys(config, context)
    if wants_json():
        print_json({"resealed": count})
    else:
        click.echo(f"new keys made; {count} passwords re-encrypted")
