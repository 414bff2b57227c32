"""The commands `mailbot procedures check` and `mailbot procedures list`: the operator's own procedures."""

import click

from mailbot.commands.common import common_options, load_config, print_json, print_table, wants_json


@click.group()
def procedures() -> None:
    """The operator's own procedures, in procedures/ beside config.toml.

    Example: mailbot procedures check
    """


@procedures.command()
@common_options
@click.pass_context
def check(ctx: click.Context) -> None:
    """Run the examples of each procedure at a new desk; the desk offers those that pass, after its next start.

    Example: mailbot procedures check
    """
    from mailbot.app.context import procedures_folder
    from mailbot.app.procedure_check import check_procedures

    folder = procedures_folder(load_config())
    found = check_procedures(folder)
    if wants_json():
        print_json([{"name": one.name, "examples": one.examples, "problems": one.problems} for one in found])
    else:
        for one in found:
            click.echo(f"{'FAILED' if one.problems else 'passed'}  {one.name}: {one.examples} examples")
            for problem in one.problems:
                click.echo(f"        {problem}")
        if not found:
            click.echo(f"{folder}/ has no procedures; mailbot new-procedure makes one")
    ctx.exit(1 if any(one.problems for one in found) else 0)


@procedures.command("list")
@common_options
def list_() -> None:
    """Print each procedure in procedures/, and whether the desk offers it.

    Example: mailbot procedures list
    """
    from mailbot.app.context import procedures_folder
    from mailbot.procedures.own import checked_in, digest_of, names_in

    folder = procedures_folder(load_config())
    checked = checked_in(folder)
    rows = []
    for name in names_in(folder):
        passed = checked.get(name)
        state = "not checked" if passed is None else "offered" if passed == digest_of(folder / name) else "changed"
        rows.append({"name": name, "state": state})
    if wants_json():
        print_json(rows)
    else:
        print_table(["name", "state"], [[row["name"], row["state"]] for row in rows])
