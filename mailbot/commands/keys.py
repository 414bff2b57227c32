"""`mailbot keys`."""

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json


@click.group()
def keys() -> None:
    """The keys that seal passwords and make reply addresses."""


@keys.command()
@common_options
def rotate() -> None:
    """Make new keys; what the old ones have sealed is sealed anew, and reply addresses that are out stay good.

    A desk that runs goes on with the old key for reply addresses until it is started again.

    Example: mailbot keys rotate
    """
    from mailbot.app.context import rotate_keys

    with open_configured_desk() as (config, context):
        sealed = rotate_keys(config, context)
    if wants_json():
        print_json({"resealed": sealed})
    else:
        click.echo(f"new keys made; {sealed} passwords sealed anew")
