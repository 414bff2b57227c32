"""`mailbot form PROCEDURE OFFICE`."""

import click

from mailbot.commands.common import common_options, open_configured_desk
from mailbot.errors import UsageError


@click.command()
@click.argument("procedure")
@click.argument("office")
@common_options
def form(procedure: str, office: str) -> None:
    """Print the empty form of PROCEDURE for OFFICE, filled with what the register knows, ready to mail.

    Example: mailbot form password_reset NAC001
    """
    from mailbot.clock import SystemClock, tokyo_date
    from mailbot.desk.form_back import empty_form
    from mailbot.model.people import ApplicantContact
    from mailbot.records import contracts
    from mailbot.text import fold_code

    with open_configured_desk() as (_, tools), tools.store.reading():
        if procedure not in tools.procedures:
            raise UsageError(f"no procedure {procedure!r}; there are: {', '.join(tools.procedures)}")
        found = contracts.office(fold_code(office))
        if found is None:
            known = ", ".join(o.code for o in contracts.all_offices()[:10])
            raise UsageError(f"no office {office!r} in the register; there are: {known or 'none yet'}")
        contact = found.contacts[0] if found.contacts else ApplicantContact()
        click.echo(empty_form(tools.procedures[procedure], found, contact, tokyo_date(SystemClock().now())))
