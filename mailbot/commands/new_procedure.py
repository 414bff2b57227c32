"""The command `mailbot new-procedure NAME`."""

import click

from mailbot.commands.common import common_options


@click.command("new-procedure")
@click.argument("name")
@click.option("--title", "title_ja", required=True, help="Its name in Japanese, as in the form.")
@click.option("--title-en", required=True, help="Its name in English.")
@click.option(
    "--category",
    type=click.Choice(["A", "B", "C"]),
    default="A",
    show_default=True,
    help="The last letter of its receipt numbers.",
)
@common_options
def new_procedure(name: str, title_ja: str, title_en: str, category: str) -> None:
    """Create the folder of a new procedure, with fields, rules, effects, texts and an example.

    Example: mailbot new-procedure address_change --title 所在地の変更 --title-en "Change of address"
    """
    from mailbot.app.context import add_procedure

    folder = add_procedure(name, {"ja": title_ja, "en": title_en}, category)
    click.echo(f"created {folder}; write its fields, rules, effects, texts and examples, then run: make test")
