"""`mailbot new-procedure NAME`."""

import click

from mailbot.commands.common import common_options


@click.command("new-procedure")
@click.argument("name")
@click.option("--title", "title_ja", required=True, help="Its name in Japanese, as the form has it.")
@click.option("--title-en", required=True, help="Its name in English.")
@click.option("--category", type=click.Choice(["A", "B", "C"]), default="A", show_default=True, help="Of its numbers.")
@common_options
def new_procedure(name: str, title_ja: str, title_en: str, category: str) -> None:
    """Make a folder for a procedure, complete with fields, rules, effects, words and an example.

    Example: mailbot new-procedure address_change --title 所在地の変更 --title-en "Change of address"
    """
    from mailbot.app.context import add_procedure

    made = add_procedure(name, {"ja": title_ja, "en": title_en}, category)
    click.echo(f"made {made}; fill in its fields, rules, effects, words and examples, then run: make test")
