"""The names of the program's templates, without the libraries that rendering needs."""

from functools import lru_cache
from pathlib import Path

from mailbot.notices.folder import templates_folder
from mailbot.notices.template_faults import names_in
from mailbot.procedures import load_procedures

PROCEDURE = "procedure/"  # where the words of a procedure are overridden


@lru_cache(maxsize=1)
def known_names() -> dict[str, Path]:
    """The name of every template of the program → its file; those of a procedure begin with `procedure/<name>/`."""
    program = templates_folder()
    found = {name: program / name for name in names_in(program)}
    for one in load_procedures().values():
        found |= {f"{PROCEDURE}{one.name}/{name}": one.words / name for name in names_in(one.words)}
    return found
