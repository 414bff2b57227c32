"""The commands `mailbot backup`, `restore`, `migrate`, `upgrade` and `purge`."""

from pathlib import Path

import click

from mailbot.commands.common import (
    common_options,
    load_config,
    open_configured_desk,
    print_result,
)
from mailbot.errors import Permanent, UsageError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@common_options
def backup(file: Path) -> None:
    """Write the whole store into FILE; the desk may keep running.

    Issued passwords and mails are in it encrypted.  The key files (store.key_file, store.token_key_file) are not in it:
    keep a copy of token_key_file elsewhere, or no mail in it can be read, but none of key_file, whose keys must not
    outlive the view period.

    Example: mailbot backup desk-2026-11-20.jsonl.gz
    """
    from mailbot.clock import SystemClock
    from mailbot.records.maintenance import backup as backups

    if file.exists():
        raise UsageError(f"{file} exists already; choose another name")
    with open_configured_desk() as (_, context):
        try:
            rows = backups.write(context.store, file, SystemClock().now())
        except OSError as error:
            raise Permanent(f"{file}: {error.strerror}") from error
    print_result({"file": str(file), "rows": rows}, f"wrote {rows} rows into {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@common_options
def restore(file: Path) -> None:
    """Fill a new, empty store from FILE.

    Nothing that was done after the backup is done twice: notices that waited then are not sent, reply addresses in
    notices already sent become invalid, and receipt numbers continue with a gap.

    Example: mailbot restore desk-2026-11-20.jsonl.gz
    """
    from mailbot.app.context import open_configured_store
    from mailbot.clock import SystemClock
    from mailbot.records.maintenance import backup as backups
    from mailbot.records.secrets.resealing import missing_key

    store = open_configured_store(load_config(), create=True)
    try:
        with store.serve_lock():
            done = backups.restore(store, file, SystemClock().now())
            missing = missing_key(store)
    finally:
        store.close()
    text = (
        f"restored {done.rows} rows of a backup made at {done.made_at}\n"
        f"not sent {done.not_sent} notices that waited then; see: mailbot outbox list --state failed\n"
        f"ended    {done.tokens_ended} reply addresses; a mail to one of them is answered with what to do\n"
        "next     mail received after the backup is missing: find its senders in the relay's log; they must send again"
        + (f"\nkey      {missing}" if missing else "")
    )
    print_result(vars(done) | {"missing_key": missing}, text)


@click.command()
@click.argument("url")
@common_options
def migrate(url: str) -> None:
    """Copy the whole store into the new, empty store at URL; stop the desk before.

    Example: mailbot migrate postgresql://mailbot@db1,db2/mailbot
    """
    from mailbot.app.context import open_configured_store
    from mailbot.records.log import mail_log
    from mailbot.records.maintenance import copying

    config = load_config()
    source = open_configured_store(config)
    try:
        with source.serve_lock():
            source.require_nobody_serves()
            target = open_configured_store(config, url=url, create=True)
            try:
                with (
                    source.intake.transaction(),
                    source.transaction(),
                    target.intake.transaction(),
                    target.transaction(),
                ):
                    if not copying.is_empty(target):
                        raise Permanent(f"{target.name} is not empty; expected a new store")
                    counts = copying.copy(source, target)
                    rows, wrong = mail_log.verify()
                    if wrong is not None:
                        raise Permanent(f"the mail log does not verify from row {wrong} on; nothing was copied")
            finally:
                target.close()
    finally:
        source.close()
    total = sum(counts.values())
    text = f"copied {total} rows; the {rows} rows of the mail log verify\nnext  set store.url = {url!r} in config.toml"
    print_result({"rows": counts, "log_rows": rows}, text)


@click.command()
@click.option("--no-backup", is_flag=True, help="Make no copy of the store before: there is a backup already.")
@common_options
def upgrade(no_backup: bool) -> None:
    """Bring the store of an older version to this one, after a copy of it; stop the desk before.

    `serve` does so too when it starts.  No other command changes a store of an older version.

    Example: mailbot upgrade
    """
    from mailbot.app.context import open_configured_store
    from mailbot.records.database import Upgrade

    store = open_configured_store(load_config(), upgrade=Upgrade(backup=not no_backup))
    store.close()
    done = store.upgraded
    if done is None:
        print_result({"upgraded": False, "backups": []}, "the store is of this version already; nothing to do")
        return
    copies = [str(path) for path in done.backups]
    print_result(
        {"upgraded": True, "before": done.before, "after": done.after, "backups": copies},
        f"upgraded from {done.before} to {done.after}\n"
        + (f"backup   {', '.join(copies)}" if copies else f"no backup: {done.note}"),
    )


@click.command()
@common_options
def purge() -> None:
    """Delete raw mail that is older than retention.raw_mail_days; the mail log and the applications stay.

    The desk itself does so once a day.

    Example: mailbot purge
    """
    from mailbot.clock import SystemClock
    from mailbot.records.maintenance import raw_mail_retention

    with open_configured_desk() as (config, context):
        days = config.retention.raw_mail_days
        if not days:
            raise UsageError("retention.raw_mail_days is 0: raw mail is never deleted; set it to a number of days")
        count = raw_mail_retention.delete_raw_mail(context.store, SystemClock().now(), days)
    print_result({"forgotten": count}, f"deleted the raw content of {count} mails")
