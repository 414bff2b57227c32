"""The command `mailbot new-procedure NAME`."""

import click

from mailbot.commands.common import common_options, load_config, print_result


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
@click.option("--built-in", is_flag=True, help="In mailbot/procedures/ of this checkout, for all desks.")
@common_options
def new_procedure(name: str, title_ja: str, title_en: str, category: str, built_in: bool) -> None:
    """Create the folder of a new procedure in procedures/ beside config.toml, with an example.

    The desk offers it when `mailbot procedures check` has passed.

    Example: mailbot new-procedure address_change --title 所在地の変更 --title-en "Change of address"
    """
    from mailbot.app.context import add_procedure

    folder = add_procedure(load_config(), name, {"ja": title_ja, "en": title_en}, category, built_in=built_in)
    then = "make test" if built_in else "mailbot procedures check"
    text = f"created {folder}; write its fields, rules, effects, texts and examples, then run: {then}"
    print_result({"folder": str(folder), "next": then}, text)
