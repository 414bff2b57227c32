"""The commands `mailbot log …`: mails and notices (`log_mails`), verify, balance."""

import click

from mailbot.commands import log_mails
from mailbot.commands.common import common_options, open_configured_desk, print_json, print_table, wants_json


@click.group()
def log() -> None:
    """The mail log: every mail received or sent, and its disposition."""


for _command in (log_mails.list_, log_mails.search, log_mails.show, log_mails.export):
    log.add_command(_command)


@log.command()
@common_options
@click.pass_context
def verify(ctx: click.Context) -> None:
    """Verify the hash chain: whether every row of the mail log is unchanged.  Exit code 1 when one is not.

    Example: mailbot log verify
    """
    from mailbot.records.log import mail_log

    with open_configured_desk() as (_, context), context.store.reading():
        rows, wrong = mail_log.verify()
        head = mail_log.head()
    if wants_json():
        print_json({"rows": rows, "first_wrong": wrong, "head": head})
    elif wrong is None:
        click.echo(f"{rows} rows, all unchanged; the last hash is {head or '-'}")
        click.echo("store that hash on another machine: it shows later whether rows were cut off at the end")
    else:
        click.echo(f"row {wrong} (of {rows}) was changed, or a row before it is missing")
    ctx.exit(0 if wrong is None else 1)


@log.command("balance")
@common_options
@click.pass_context
def balance(ctx: click.Context) -> None:
    """Show what waits in which stage, and check that every mail was handled and every notice has a result.

    Exit code 1 when one is inconsistent.

    Example: mailbot log balance
    """
    from mailbot.commands.stages import print_stages, stages_as_dicts
    from mailbot.records.maintenance import consistency, stages

    with open_configured_desk() as (_, context), context.store.reading():
        found = consistency.check_consistency(context.store)
        waiting = stages.waiting_stages(context.store)
    if wants_json():
        print_json({"counts": found.counts, "faults": found.faults, "waiting": stages_as_dicts(waiting)})
    else:
        print_stages(waiting)
        print_table(["what", "how many"], [[name, str(number)] for name, number in found.counts.items()])
        for fault in found.faults:
            click.echo(f"INCONSISTENT  {fault}")
        if not found.faults:
            click.echo("consistent")
    ctx.exit(1 if found.faults else 0)
