"""The procedures (手続): one package each, discovered by folder.  Procedures do not import each other.

A folder holds `__init__.py` with `PROCEDURE`, `rules.py`, `effects.py`, `words/*.j2` (templates) and `examples/`.
A folder whose name begins with `_` is not a procedure.
"""

from importlib import import_module
from pathlib import Path

from mailbot.model.procedure import Procedure


def load_procedures(folder: Path = Path(__file__).parent, package: str = __name__) -> dict[str, Procedure]:
    """Every procedure under `folder` by its name, in alphabetical order.

    Raises AttributeError when a folder has no PROCEDURE, ValueError when its name is not the folder's.
    """
    found: dict[str, Procedure] = {}
    for init in sorted(folder.glob("[!_]*/__init__.py")):
        name = init.parent.name
        procedure: Procedure = import_module(f"{package}.{name}").PROCEDURE
        if procedure.name != name:
            raise ValueError(f"the procedure in {name}/ calls itself {procedure.name!r}")
        found[name] = procedure
    return found
