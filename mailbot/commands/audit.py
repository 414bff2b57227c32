"""The command `mailbot audit list`."""

import click

from mailbot.clock import iso
from mailbot.commands.common import common_options, open_configured_desk, print_json, print_table, say_cut, wants_json
from mailbot.commands.options import limit_option
from mailbot.model.audit import AuditKind


@click.group()
def audit() -> None:
    """The audit log: who looked at mails, applications and passwords, and every action of an operator or reviewer."""


@audit.command("list")
@click.option("--who", default="", help="Only of this account or address.")
@click.option("--kind", type=click.Choice([kind.value for kind in AuditKind]), help="Only looks, or only actions.")
@click.option("--about", default="", help='Only about this: "application 2600001A", "mail 12", "mail n7".')
@limit_option
@common_options
def list_(who: str, kind: str | None, about: str, limit: int) -> None:
    """List the latest rows of the audit log, oldest first.

    Example: mailbot audit list --about "application 2600001A"
    """
    from mailbot.records.keyset import Place
    from mailbot.records.log import audit as audit_log

    of_kind = AuditKind(kind) if kind else None
    with open_configured_desk() as (_, context), context.store.reading():
        part = audit_log.select(who=who, kind=of_kind, subject=about, place=Place(size=limit))
    rows = [(iso(row.at), row.who, row.kind.value, row.what, row.subject) for row in reversed(part.rows)]
    names = ["at", "who", "kind", "what", "about"]
    if wants_json():
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(names, [list(row) for row in rows])
    say_cut(cut=bool(part.following), limit=limit)
