"""The command line: `mailbot COMMAND`.  Each command is a file in `commands/`, imported only when it is called."""

import sys
from importlib import import_module
from pathlib import Path

import click

from mailbot import __version__
from mailbot.errors import MailbotError, UsageError

# name → where it is, and the line of `--help` (so that help needs no imports)
COMMANDS = {
    "init": ("init:init", "Write config.toml, store/ and templates/ (--sample: with a sample register)."),
    "serve": ("serve:serve", "Run the desk until SIGTERM."),
    "demo": ("demo:demo", "Play applications of every procedure over real SMTP on loopback, step by step."),
    "register": ("register:register", "Import or export offices, people, IDs and reviewers."),
    "schedule": ("schedule:schedule", "Import or list the table of system-registration days."),
    "form": ("form:form", "Print the empty form of a procedure, pre-filled for an office."),
    "explain": ("explain:explain", "Say how a mail would be read and what would be done; change nothing."),
    "corpus": ("corpus:corpus", "Read a folder of .eml files as the desk would, and say what each is."),
    "replay": ("replay:replay", "Read the kept mails again; say what would be read differently."),
    "applications": ("applications:applications", "The queue, and the history of one application."),
    "log": ("log:log", "The mail log: every mail in and out, and what became of it."),
    "outbox": ("outbox:outbox", "The notices: what waits, what was sent, what could not be."),
    "backup": ("store:backup", "Write everything into one file, while the desk goes on."),
    "restore": ("store:restore", "Fill a new store from a backup; nothing is done twice."),
    "migrate": ("store:migrate", "Move everything into another database."),
    "purge": ("store:purge", "Forget raw mail by its age."),
    "clock": ("clock:clock", "Say that the clock is right, after a jump."),
    "keys": ("keys:keys", "Make new keys for passwords and reply addresses."),
    "new-procedure": ("new_procedure:new_procedure", "Make the folder of a further procedure."),
    "doctor": ("doctor:doctor", "Check configuration, store, port and relay; say what to do about each finding."),
}


HIDDEN = {"worker": "worker:worker"}  # what `serve` starts for itself


class _Lazy(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS[cmd_name][0] if cmd_name in COMMANDS else HIDDEN.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(f"mailbot.commands.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailbot")
@click.option(
    "--config", "config", type=click.Path(path_type=Path), help="Default: ./config.toml, then $MAILBOT_CONFIG."
)
@click.option("--json", "as_json", is_flag=True, help="Print for machines: one JSON document.")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, as_json: bool) -> None:
    """An application desk that is run entirely by e-mail.

    Example: mailbot init --sample && mailbot serve
    """
    ctx.ensure_object(dict)
    ctx.obj.update(config=config, as_json=as_json)


def main() -> None:
    """Run the command line.  Exit code 0, 1 (it did not succeed) or 2 (wrong usage); errors in one line on stderr."""
    try:
        code = cli.main(standalone_mode=False)  # without it click would print surprises its own way
        sys.exit(code if isinstance(code, int) else 0)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except UsageError as error:
        _complain(error.public)
        sys.exit(2)
    except MailbotError as error:
        _complain(error.public if error.public == error.detail else f"{error.public} ({error.detail})")
        sys.exit(1)
    except click.ClickException as error:
        _complain(error.format_message())
        sys.exit(1)


def _complain(text: str) -> None:
    click.echo(f"mailbot: {text}", err=True)
