"""The command `mailbot demo`."""

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
    from mailbot.demo.environment import running_environment
    from mailbot.demo.password_reset import run_password_reset
    from mailbot.demo.transcript import DemoFailed, Transcript
    from mailbot.logs import set_up_logging
    from mailbot.records.log import mail_log

    set_up_logging("warning")
    folder = keep or Path(tempfile.mkdtemp(prefix="mailbot-demo-"))
    mails = folder / "mails"
    mails.mkdir(parents=True, exist_ok=True)
    with running_environment(folder) as environment:
        click.echo(f"A desk on loopback for {environment.config.desk.address}; its files are in {folder}")
        try:
            transcript = Transcript(mails, click.echo)
            receipt = run_password_reset(environment, transcript)
            run_contract_changes(environment, transcript)
        except (DemoFailed, TimeoutError) as error:
            raise Permanent(f"the demo failed: {error}") from error
        with environment.context.store.reading():
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
    click.echo(
        f"\n{receipt} is completed (確認完了), and three contract changes are in effect. The mails are in {mails}"
    )
