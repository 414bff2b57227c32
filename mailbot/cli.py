"""The command line: `mailbot COMMAND`.  Each command is a file in `commands/`, imported only when it is called."""

import errno
import re
import sys
from importlib import import_module
from pathlib import Path

import click

from mailbot import __version__
from mailbot.errors import MailbotError, UsageError
from mailbot.text import did_you_mean

# name → module:attribute, and the line of `--help` (which then needs no imports)
COMMANDS = {
    "init": ("init:init", "Write config.toml, store/ and templates/ (--sample: with a sample register)."),
    "quickstart": ("quickstart:quickstart", "Write configuration, keys, DNS records and service files of a desk."),
    "serve": ("serve:serve", "Run the desk until SIGTERM."),
    "demo": ("demo:demo", "Send applications of every procedure over real SMTP on loopback, step by step."),
    "register": ("register:register", "Import or export offices, people, IDs and reviewers."),
    "schedule": ("schedule:schedule", "Import or list the table of system-registration days."),
    "form": ("form:form", "Print the empty form of a procedure, pre-filled for an office."),
    "explain": ("explain:explain", "Print how a mail would be read and what would be done; change nothing."),
    "corpus": ("corpus:corpus", "Read a folder of .eml files as the desk would, and print the class of each."),
    "replay": ("replay:replay", "Read the stored mails again; print what would be read differently."),
    "applications": ("applications:applications", "List the applications, or show one with its history."),
    "inquiries": ("inquiries:inquiries", "Inquiries: list, show or close what a person has to answer."),
    "office": ("office:office", "Pause or resume the log-in of an office on the web page."),
    "login": ("login:login", "Log-ins of reviewers and operators to the desk's own pages."),
    "log": ("log:log", "The mail log: every mail received or sent, and its disposition."),
    "audit": ("audit:audit", "The audit log: who looked at what, and who did what."),
    "stats": ("stats:stats", "Count applications, decisions, mails, and what waits."),
    "quarantine": ("quarantine:quarantine", "Quarantined mail: list it, show it, release it, or discard it."),
    "outbox": ("outbox:outbox", "The outbox: notices that wait, were sent, or failed."),
    "backup": ("store:backup", "Write the whole store into one file; the desk may keep running."),
    "restore": ("store:restore", "Fill a new store from a backup; nothing is done twice."),
    "migrate": ("store:migrate", "Copy the whole store into another database."),
    "upgrade": ("store:upgrade", "Bring the store of an older version to this one, after a backup."),
    "purge": ("store:purge", "Delete raw mail by its age."),
    "clock": ("clock:clock", "Confirm that the system clock is right, after a jump."),
    "keys": ("keys:keys", "Make new keys for passwords and reply addresses."),
    "procedures": ("procedures:procedures", "The operator's own procedures: run their examples, or list them."),
    "templates": ("templates:templates", "Your own wordings: list, copy, compare, preview, check."),
    "man": ("man:man", "Print the manual page mailbot(1)."),
    "completion": ("completion:completion", "Print the completion of this command line for bash or zsh."),
    "new-procedure": ("new_procedure:new_procedure", "Create the folder of a new procedure."),
    "doctor": ("doctor:doctor", "Check the whole set-up and change nothing; print each problem and what to do."),
}
HIDDEN = {"worker": "worker:worker"}  # not in `--help`: only `serve` starts it


_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})  # their file may be standard output, without a name
_TYPED = re.compile(r"'([^']*)' is not one of")


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:  # click knows only commands that were imported
            raise click.exceptions.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = COMMANDS[cmd_name][0] if cmd_name in COMMANDS else HIDDEN.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(import_module(f"mailbot.commands.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailbot")
@click.option(
    "--config", "config", type=click.Path(path_type=Path), help="Default: ./config.toml, then $MAILBOT_CONFIG."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for programs.")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, as_json: bool) -> None:
    """An application desk that is run entirely by e-mail.

    Example: mailbot init --sample && mailbot serve
    """
    ctx.ensure_object(dict)
    ctx.obj.update(config=config, as_json=as_json)


def main() -> None:
    """Run the command line.  Exit code 0, 1 (failure) or 2 (wrong usage); each error is one line on stderr."""
    try:
        code = cli.main(
            prog_name="mailbot", standalone_mode=False
        )  # else click would print exceptions in its own format
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.UsageError as error:
        _print_error(_usage(error))
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except UsageError as error:
        _print_error(error.public)
        sys.exit(2)
    except MailbotError as error:
        detail = " ".join(error.detail.split())  # libpq writes several lines
        _print_error(error.public if error.public == error.detail else f"{error.public} ({detail})")
        sys.exit(1)
    except click.ClickException as error:
        _print_error(error.format_message())
        sys.exit(1)
    except OSError as error:
        if error.filename is None and error.errno not in _DISK_ERRORS:
            raise  # nobody has named a file: a fault of the program
        _print_error(f"{error.filename or 'the output cannot be written'}: {error.strerror}")
        sys.exit(1)


def _usage(error: click.UsageError) -> str:
    """An error of usage in one line, with the nearest choice, and where help is."""
    words = error.format_message().removesuffix(".")
    choices = getattr(getattr(error, "param", None), "type", None)
    typed = _TYPED.search(words)
    if isinstance(choices, click.Choice) and typed is not None:
        words += did_you_mean(typed[1], map(str, choices.choices))
    return f"{words}; see: {error.ctx.command_path if error.ctx else 'mailbot'} --help"


def _print_error(text: str) -> None:
    click.echo(f"mailbot: {text}", err=True)
