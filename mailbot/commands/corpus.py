"""The command `mailbot corpus DIR`."""

from collections import Counter
from pathlib import Path

import click

from mailbot.commands.common import common_options, print_json, print_table, wants_json
from mailbot.text import printable


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@common_options
def corpus(folder: Path) -> None:
    """Read every .eml file below FOLDER as the desk would, and print its class; nothing is stored.

    Example: mailbot corpus ~/Maildir/export
    """
    import time

    from mailbot.desk.operators.corpus import read_folder

    rows = list(read_folder(folder, time.perf_counter))
    if wants_json():
        print_json([vars(row) for row in rows])
        return
    cells = [
        [r.name, r.kind, r.reason, r.charset, str(r.losses or ""), printable(r.words[:40]), f"{r.milliseconds:.1f}"]
        for r in rows
    ]
    print_table(["file", "class", "reason", "charset", "losses", "own words", "ms"], cells)
    counts = ", ".join(f"{count} {kind}" for kind, count in Counter(row.kind for row in rows).most_common())
    slowest = max((row.milliseconds for row in rows), default=0.0)
    click.echo(f"{len(rows)} mails: {counts or 'none'}; slowest {slowest:.0f} ms")
