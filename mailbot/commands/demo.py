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
    """Play applications of every procedure over real SMTP on loopback, step by step; exit 0 only if all of it happened.

    Example: mailbot demo
    """
    from mailbot.demo.story import tell
    from mailbot.demo.story_of_changes import tell_changes
    from mailbot.demo.telling import StoryBroken, Teller
    from mailbot.demo.world import running_world
    from mailbot.logs import set_up_logging
    from mailbot.records.log import mail_log

    set_up_logging("warning")
    folder = keep or Path(tempfile.mkdtemp(prefix="mailbot-demo-"))
    mails = folder / "mails"
    mails.mkdir(parents=True, exist_ok=True)
    with running_world(folder) as world:
        click.echo(f"A desk on loopback for {world.config.desk.address}; everything lies in {folder}")
        try:
            teller = Teller(mails, click.echo)
            receipt = tell(world, teller)
            tell_changes(world, teller)
        except (StoryBroken, TimeoutError) as error:
            raise Permanent(f"the story broke off: {error}") from error
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
    click.echo(f"\n{receipt} went from a mistyped form to 確認完了, three changes into effect. Look: {mails}")
