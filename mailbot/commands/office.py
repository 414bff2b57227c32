"""The commands `mailbot office pause CODE|resume CODE|paused`."""

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
from mailbot.commands.options import no_office
from mailbot.errors import UsageError
from mailbot.text import fold_code


@click.group()
def office() -> None:
    """The log-in of an office on the web page."""


@office.command()
@click.argument("code")
@common_options
def pause(code: str) -> None:
    """Pause the log-in of an office and end its sessions, until it is resumed.

    Example: mailbot office pause NAC001
    """
    from mailbot.desk.inquiries import login_pause

    code = fold_code(code)
    with open_configured_desk() as (_, context), context.store.transaction():
        if not login_pause.begin(code, operator_name(), "by an operator", SystemClock().now()):
            raise no_office(code)
    print_result(
        {"office": code, "paused": True},
        f"the log-in of {code} is paused; resume it with: mailbot office resume {code}",
    )


@office.command()
@click.argument("code")
@common_options
def resume(code: str) -> None:
    """Allow the log-in of an office again.

    Example: mailbot office resume NAC001
    """
    from mailbot.desk.inquiries import login_pause

    code = fold_code(code)
    with open_configured_desk() as (_, context), context.store.transaction():
        if not login_pause.end(code, operator_name(), SystemClock().now()):
            raise UsageError(f"the log-in of {code} is not paused; run `mailbot office paused` to see which are")
    print_result({"office": code, "paused": False}, f"{code} can log in again")


@office.command()
@common_options
def paused() -> None:
    """List the offices whose log-in is paused, with the time and the reason.

    Example: mailbot office paused
    """
    from mailbot.records.inquiries import login_pauses

    with open_configured_desk() as (_, context), context.store.reading():
        found = [(code, iso(since), reason) for code, since, reason in login_pauses.listing()]
    if wants_json():
        print_json([{"office": code, "since": since, "reason": reason} for code, since, reason in found])
    else:
        print_table(["office", "since", "reason"], [list(row) for row in found])
