"""The commands `mailbot login add|list|remove|password|reset`: the log-ins of the desk's own people to its pages."""

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import (
    common_options,
    open_configured_desk,
    operator_name,
    print_json,
    print_result,
    print_table,
    wants_json,
)
from mailbot.model.desk_login import DeskRole

if TYPE_CHECKING:
    from mailbot.desk.pages.log_ins import Secrets


@click.group()
def login() -> None:
    """The log-ins of reviewers and operators to the desk's own pages (/desk)."""


@login.command()
@click.argument("email")
@click.option("--name", default="", help="Default: the name in the register, of a reviewer.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in DeskRole]),
    help="May be repeated.  A reviewer's log-in has the address of the register.",
)
@common_options
def add(email: str, name: str, roles: Sequence[str]) -> None:
    """Add a log-in; prints its password and the key for an authenticator app, once.

    Example: mailbot login add ichiro@desk.example --role reviewer
    """
    from mailbot.desk.pages import log_ins

    with open_configured_desk() as (_, context):
        wanted = [DeskRole(role) for role in roles]
        secrets = log_ins.add_login(email, name, wanted, operator_name(), SystemClock().now(), context)
    _print(email, secrets)


@login.command("list")
@common_options
def list_() -> None:
    """List the log-ins, with their roles and how many sessions they have.

    Example: mailbot login list
    """
    from mailbot.records.secrets import desk_logins

    with open_configured_desk() as (_, context), context.store.reading():
        found = desk_logins.listing()
        sessions = [one.login_id for one in desk_logins.sessions(SystemClock().now())]
    rows = [
        (
            one.email,
            one.name,
            ", ".join(sorted(role.value for role in one.roles)),
            sessions.count(one.id),
            one.created_at,
        )
        for one in found
    ]
    if wants_json():
        names = ("email", "name", "roles", "sessions", "since")
        print_json([dict(zip(names, (*row[:4], iso(row[4])), strict=True)) for row in rows])
    else:
        print_table(
            ["email", "name", "roles", "sessions", "since"],
            [[email, name, roles, str(number), iso(since)] for email, name, roles, number, since in rows],
        )


@login.command()
@click.argument("email")
@common_options
def remove(email: str) -> None:
    """Remove a log-in; its sessions end at once.

    Example: mailbot login remove ichiro@desk.example
    """
    from mailbot.desk.pages import log_ins

    with open_configured_desk() as (_, context):
        log_ins.remove_login(email, operator_name(), SystemClock().now(), context)
    print_result({"email": email, "removed": True}, f"{email} cannot log in any more; the sessions have ended")


@login.command()
@click.argument("email")
@common_options
def password(email: str) -> None:
    """Give a new password, and print it once; the sessions end.  The authenticator app stays as it is.

    Example: mailbot login password ichiro@desk.example
    """
    from mailbot.desk.pages import log_ins

    with open_configured_desk() as (_, context):
        secrets = log_ins.new_password(email, operator_name(), SystemClock().now(), context)
    _print(email, secrets)


@login.command()
@click.argument("email")
@common_options
def reset(email: str) -> None:
    """Make a new key for the authenticator app, after it was lost, and print it once; the sessions end.

    Everybody with a log-in is told by mail.  The password stays as it is.

    Example: mailbot login reset ichiro@desk.example
    """
    from mailbot.desk.pages import log_ins

    with open_configured_desk() as (_, context):
        secrets = log_ins.reset_second_factor(email, operator_name(), SystemClock().now(), context)
    _print(email, secrets)


def _print(email: str, secrets: "Secrets") -> None:
    """What its person needs, and how to pass it on."""
    if wants_json():
        values = {"password": secrets.password, "totp_key": secrets.totp_key, "totp_uri": secrets.totp_uri}
        print_json({"email": email, **{name: value for name, value in values.items() if value}})
        return
    if secrets.password:
        click.echo(f"password:                  {secrets.password}")
    if secrets.totp_key:
        click.echo(f"key for authenticator app: {secrets.totp_key}")
        click.echo(f"as a URI (for a QR code):  {secrets.totp_uri}")
        if sys.stdout.isatty():
            from mailbot.commands.qr_code import on_terminal

            click.echo(on_terminal(secrets.totp_uri, shutil.get_terminal_size().columns), nl=False)
    click.echo(f"shown once: give this to {email} in person or by telephone, not by mail; everybody was told by mail")
