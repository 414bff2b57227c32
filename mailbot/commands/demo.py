"""The command `mailbot demo`."""

import sys
import tempfile
from pathlib import Path

import click

from mailbot.commands.common import common_options
from mailbot.errors import Permanent


@click.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for store and mails (default: a new temporary one).",
)
@common_options
def demo(keep: Path | None) -> None:
    """Tell the story of four applications with a real desk on loopback; exit code 0 if every step worked.

    Every mail and PDF is kept as a file; the last lines say where to click and read.

    Example: mailbot demo
    """
    from mailbot.demo.contract_changes import run_contract_changes
    from mailbot.demo.environment import detach_from_relay, running_environment
    from mailbot.demo.password_reset import run_password_reset
    from mailbot.demo.story import read_story
    from mailbot.demo.transcript import DemoFailed, Transcript
    from mailbot.logs import set_up_logging

    set_up_logging("warning")
    folder = keep or Path(tempfile.mkdtemp(prefix="mailbot-demo-"))
    mails, config_file = folder / "mails", folder / "config.toml"
    mails.mkdir(parents=True, exist_ok=True)
    story = read_story()
    with running_environment(folder) as environment:
        for line in story.opening():
            click.echo(line)
        try:
            transcript = Transcript(mails, click.echo, story)
            receipt = run_password_reset(environment, transcript)
            run_contract_changes(environment, transcript)
        except (DemoFailed, TimeoutError) as error:
            raise Permanent(f"the demo failed: {error}") from error
        url = environment.config.desk.base_url
    detach_from_relay(config_file)
    command = sys.argv[0] if Path(sys.argv[0]).name == "mailbot" else "mailbot"
    office, password = "NAC001", "sample-NAC001"
    values = {"command": command, "url": url, "office": office, "password": password, "receipt": receipt}
    click.echo(story.closing(folder=folder, config=config_file, **values), nl=False)
