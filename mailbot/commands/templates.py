"""The commands `mailbot templates list|copy|diff|preview|check`."""

from dataclasses import asdict
from pathlib import Path

import click

from mailbot.commands.common import common_options, load_config, print_json, print_result, print_table, wants_json
from mailbot.errors import UsageError


@click.group()
def templates() -> None:
    """Your own wordings, in the folder templates/ beside config.toml (docs/how-to/wordings.md)."""


def _own() -> Path:
    from mailbot.app.tools import own_templates, templates_folder

    config = load_config()
    found = own_templates(config)
    own = found[0] if found else config.resolve("templates")
    if own.exists() and own.samefile(templates_folder()):
        raise UsageError(
            f"{own} is the folder of the program itself; run the desk in a folder of its own: mailbot init DIR"
        )
    return own


@templates.command("list")
@click.option("--all", "every", is_flag=True, help="Also those of which you have no copy.")
@common_options
def list_templates(every: bool) -> None:
    """List your templates, and how each compares with the program's of now.

    Example: mailbot templates list --all
    """
    from mailbot.app.template_names import known_names
    from mailbot.app.templates_of_operator import copies

    own = _own()
    found = {one.name: asdict(one) for one in copies(own)} if own.is_dir() else {}
    if every:
        found |= {n: {"name": n, "state": "program", "changed": False} for n in known_names() if n not in found}
    rows = [found[name] for name in sorted(found)]
    if wants_json():
        print_json(rows)
        return
    if not rows:
        click.echo("no templates of your own; mailbot templates list --all has the names, and copy NAME makes one")
        return
    words = {
        "current": "copied from the version of now",
        "stale": "the program's has changed since: mailbot templates diff NAME",
        "unrecorded": "not copied with `templates copy`: later changes of the program's are not noticed",
        "unknown": "no template has this name: it is not used",
        "program": "the program's own",
    }
    print_table(
        ["template", "changed", "state"],
        [[one["name"], "yes" if one["changed"] else "no", words[one["state"]]] for one in rows],
    )


@templates.command()
@click.argument("name")
@click.option("--keep", is_flag=True, help="Keep your file, and note that it was compared with the program's of now.")
@common_options
def copy(name: str, keep: bool) -> None:
    """Copy the program's template NAME into templates/, where you change it.

    NAME may be given without folder or ending, when it is clear.

    Example: mailbot templates copy notices/received.ja
    """
    from mailbot.app.templates_of_operator import copy as make_copy
    from mailbot.app.templates_of_operator import full_name

    path = make_copy(_own(), full_name(name), keep=keep)
    print_result({"path": path}, f"{'noted for' if keep else 'wrote'} {path}; after a change: mailbot templates check")


@templates.command()
@click.argument("name", required=False)
@common_options
def diff(name: str | None) -> None:
    """Show what you have changed in NAME (default: in each), and what the program has changed since you copied it.

    Example: mailbot templates diff notices/received.ja
    """
    from mailbot.app.templates_of_operator import Copy, copies, differences, full_name

    own = _own()
    names = [full_name(name)] if name else [one.name for one in copies(own) if one.state is not Copy.UNKNOWN]
    found = [differences(own, one) for one in names]
    if wants_json():
        print_json([asdict(one) for one in found])
        return
    for one in found:
        click.echo(f"== {one.name}: your changes" + ("" if one.yours else ": none"))
        click.echo(one.yours, nl=bool(one.yours))
        if one.theirs:
            click.echo(f"== {one.name}: what the program has changed since you copied it")
            click.echo(one.theirs)


@templates.command()
@click.argument("name")
@click.option("--language", type=click.Choice(["ja", "en"]), help="Default: that of NAME, or desk.language.")
@click.option("--html", is_flag=True, help="Print the HTML part.")
@common_options
def preview(name: str, language: str | None, html: bool) -> None:
    """Print what NAME makes of sample cases: subject and text of each.

    Example: mailbot templates preview notices/received.ja
    """
    from mailbot.app.context import letterhead_of
    from mailbot.app.template_proof import previews
    from mailbot.app.templates_of_operator import full_name
    from mailbot.app.tools import own_templates

    config = load_config()
    full = full_name(f"{name}.{language}" if language and f".{language}" not in name else name)
    written = previews(full, own_templates(config), letterhead_of(config))
    if wants_json():
        print_json([asdict(words) | {"sample": sample} for sample, words in written])
        return
    for sample, words in written:
        click.echo(f"== {sample}\n{words.subject}\n\n{words.html if html else words.text}")


@templates.command()
@common_options
@click.pass_context
def check(ctx: click.Context) -> None:
    """Read each of your templates, and write every wording with sample cases, as `mailbot serve` does first.

    Exit code 1 when something is wrong.

    Example: mailbot templates check
    """
    from mailbot.app.context import letterhead_of
    from mailbot.app.template_proof import prove
    from mailbot.app.tools import own_templates

    config = load_config()
    faults = [fault for own in own_templates(config) for fault in prove(own, letterhead_of(config))]
    if wants_json():
        print_json([{"file": f"templates/{one.name}", "line": one.line, "what": one.what} for one in faults])
    else:
        for one in faults:
            click.echo(f"{one.where}: {one.what}")
        if not faults:
            click.echo("no faults found")
    ctx.exit(1 if faults else 0)
