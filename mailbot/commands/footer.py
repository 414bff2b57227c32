"""Who answers the telephone, as the footers of the notices say it: given as options, or asked on a terminal."""

import sys

import click

from mailbot.errors import UsageError
from mailbot.text import display_width, one_line

LONGEST = 60  # columns of telephone and hours: they stand in one line of the footer


def footer_of(phone: str | None, hours: str | None) -> dict[str, str]:
    """`desk.phone` and `desk.hours`, as given or typed.  Raises UsageError."""
    asks = sys.stdin.isatty()
    if phone is None and asks:
        phone = click.prompt("Telephone that the notices name (empty: none)", default="", show_default=False)
    if hours is None and phone and asks:
        hours = click.prompt("Its hours, such as 平日 9:00～17:00 (may be empty)", default="", show_default=False)
    given = {"phone": (phone or "").strip(), "hours": (hours or "").strip()}
    for name, value in given.items():
        if one_line(value) != value or not value.isprintable() or display_width(value) > LONGEST:
            raise UsageError(f"--{name} {value[:LONGEST]!r}: expected one line of at most {LONGEST} columns")
    if given["hours"] and not given["phone"]:
        raise UsageError("--hours without --phone: they are the hours of the telephone")
    return given
