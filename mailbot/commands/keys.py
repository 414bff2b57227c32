"""The command `mailbot keys`."""

import click

from mailbot.commands.common import (
    common_options,
    load_config,
    open_configured_desk,
    print_result,
)


@click.group()
def keys() -> None:
    """The keys that encrypt issued passwords and stored mails, and sign reply addresses."""


@keys.command()
@common_options
def rotate() -> None:
    """Make new keys and re-encrypt issued passwords and stored mails; reply addresses that were sent stay valid.

    A running desk uses the old key for reply addresses until it is restarted.

    Example: mailbot keys rotate
    """
    from mailbot.app.context import rotate_keys

    with open_configured_desk() as (config, context):
        passwords, mails = rotate_keys(config, context)
    print_result(
        {"resealed": passwords, "resealed_mails": mails},
        f"new keys made; {passwords} passwords and {mails} parts of mails re-encrypted",
    )


@keys.command()
@common_options
def lost() -> None:
    """Go on without a key file, when it and every copy of it are lost; stop the desk before.

    Issued passwords that store.key_file encrypted are not shown any more.  Mails and notices that store.token_key_file
    encrypted are replaced by a text that says so.  Applications, register, mail log and the text of mails in the log
    stay.

    Example: mailbot keys lost
    """
    from mailbot.app.context import make_vault_key, open_configured_store
    from mailbot.records.secrets.resealing import replace_unreadable

    config = load_config()
    store = open_configured_store(config, key_lost=True)
    try:
        with store.serve_lock():
            store.require_nobody_serves()
            count = replace_unreadable(store)
            make_vault_key(config)
    finally:
        store.close()
    print_result({"replaced": count}, f"{count} parts of mails cannot be decrypted and were replaced")
