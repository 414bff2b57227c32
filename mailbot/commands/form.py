"""The command `mailbot form PROCEDURE OFFICE`."""

from pathlib import Path

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json
from mailbot.commands.options import no_office
from mailbot.errors import UsageError
from mailbot.text import did_you_mean


@click.command()
@click.argument("procedure")
@click.argument("office")
@click.option("--format", "kind", type=click.Choice(["text", "xlsx", "csv"]), default="text", show_default=True)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write (xlsx and csv need one)."
)
@common_options
def form(procedure: str, office: str, kind: str, output: Path | None) -> None:
    """Print the form of PROCEDURE for OFFICE, pre-filled from the register, ready to mail.

    Example: mailbot form password_reset NAC001

    Example: mailbot form user_id_abolition NAC001 --format xlsx --output form.xlsx
    """
    if kind != "text" and output is None:
        raise UsageError(f"--format {kind} needs a file: add --output form.{kind}")
    from mailbot.clock import SystemClock, tokyo_date
    from mailbot.desk.outgoing.blank_forms import empty_form_file
    from mailbot.model.people import ApplicantContact
    from mailbot.records.register import offices
    from mailbot.text import fold_code

    with open_configured_desk() as (_, context), context.store.reading():
        if procedure not in context.procedures:
            near = did_you_mean(procedure, context.procedures)
            raise UsageError(f"no procedure {procedure!r}{near}; there are: {', '.join(context.procedures)}")
        found = offices.office(fold_code(office))
        if found is None:
            raise no_office(fold_code(office))
        contact = found.contacts[0] if found.contacts else ApplicantContact(name="", email="")
        today = tokyo_date(SystemClock().now())
        written = empty_form_file(context.procedures[procedure], found, contact, today, kind)
    if output is not None:
        output.write_bytes(written)
    if wants_json():
        about = {"procedure": procedure, "office": found.code}
        print_json(about | ({"form": written.decode("utf-8")} if output is None else {"file": str(output)}))
    elif output is None:
        click.echo(written.decode("utf-8"), nl=False)
