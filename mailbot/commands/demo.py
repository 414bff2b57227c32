"""`mailbot demo`."""

import tempfile
from pathlib import Path

import click

from mailbot.commands.common import common_options, print_table
from mailbot.errors import Permanent


@click.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for store and mails (default: a new temporary one).",
)
@common_options
def demo(keep: Path | None) -> None:
    """Send applications of every procedure over real SMTP on loopback, step by step; exit code 0 if all steps worked.

    Example: mailbot demo
    """
    from mailbot.demo.contract_changes import run_contract_changes
    from mailbot.demo.password_reset import run_password_reset
    from mailbot.demo.transcript import DemoFailed, Transcript
    from mailbot.demo.world import running_world
    from mailbot.logs import set_up_logging
    from mailbot.records.log import mail_log

    set_up_logging("warning")
    folder = keep or Path(tempfile.mkdtemp(prefix="mailbot-demo-"))
    mails = folder / "mails"
    mails.mkdir(parents=True, exist_ok=True)
    with running_world(folder) as world:
        click.echo(f"A desk on loopback for {world.config.desk.address}; its files are in {folder}")
        try:
            transcript = Transcript(mails, click.echo)
            receipt = run_password_reset(world, transcript)
            run_contract_changes(world, transcript)
        except (DemoFailed, TimeoutError) as error:
            raise Permanent(f"the demo failed: {error}") from error
        with world.context.store.reading():
            rows = mail_log.listing(1000)
    click.echo("\n── The mail log " + "─" * 10)
    print_table(
        ["id", "", "who", "what", "reason", "number"],
        [
            [
                str(r.id),
                r.direction,
                r.sender if r.direction == "in" else r.recipient,
                r.disposition,
                r.reason,
                r.receipt,
            ]
            for r in rows
        ],
    )
    click.echo(f"\n{receipt} went from a mistyped form to 確認完了, three changes into effect. The mails: {mails}")
