"""The operator's own procedures: packages in the folder `procedures/` beside config.toml.

Each is used when its examples have passed (`mailbot procedures check`), as long as its files are the ones that passed.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType

from mailbot.errors import ConfigError
from mailbot.files import replacing
from mailbot.model.procedure import Procedure
from mailbot.trusted_files import distrust

PACKAGE = "mailbot_own_procedures"  # import name of the folder
CHECKED = "checked.json"  # in the folder: name → digest of the files that passed
_HOW = "run: mailbot procedures check"


def names_in(folder: Path) -> list[str]:
    """The names of the procedures in `folder`, checked or not."""
    return sorted(init.parent.name for init in folder.glob("[!_.]*/__init__.py"))


def load_checked(folder: Path, built_in: Iterable[str]) -> dict[str, Procedure]:
    """The procedures in `folder` that have been checked.

    Raises ConfigError when one of them has changed since, is gone, or cannot be imported: the applications of it could
    not be handled as they were.
    """
    names = []
    for name, digest in checked_in(folder).items():
        path = folder / name
        if not (path / "__init__.py").is_file():
            raise ConfigError(f"{path} is gone, and there may be applications of it; put it back")
        if digest_of(path) != digest:
            raise ConfigError(f"{path} has changed since its examples passed; {_HOW}")
        names.append(name)
    return load_own(folder, names, built_in)


def load_own(folder: Path, names: Iterable[str], built_in: Iterable[str]) -> dict[str, Procedure]:
    """The procedures `names` in `folder`, checked or not.

    Raises ConfigError when one cannot be imported, has no PROCEDURE, or has the name of one in `built_in`, and when its
    files may be those of somebody else than root and the user of this process.
    """
    taken, found = set(built_in), {}
    for name in names:
        if name in taken:
            raise ConfigError(f"{folder / name}: there is a procedure of that name in the program; choose another name")
        _require_trusted(folder, name)
        try:
            procedure = _imported(folder, name).PROCEDURE
        except Exception as error:  # whatever the operator's code raises
            raise ConfigError(f"{folder / name}: {type(error).__name__}: {error}; correct it, then {_HOW}") from error
        if not isinstance(procedure, Procedure) or procedure.name != name:
            raise ConfigError(f"{folder / name}/__init__.py: expected PROCEDURE = Procedure(name={name!r}, …)")
        found[name] = procedure
    return found


def _require_trusted(folder: Path, name: str) -> None:
    """Raises ConfigError when somebody else can have written the code, or the digest does not cover it."""
    for path in (folder, folder / name, *(folder / name).rglob("*")):
        if why := distrust(path):
            raise ConfigError(
                f"{path} {why}, and what is there runs with the rights of mailbot; run mailbot as its owner, or, when"
                f" you have read what is in it, as root: chown -R root {folder} && chmod -R go-w {folder}"
            )
        if path.is_symlink() and path.is_dir() and path != folder / name and path != folder:
            raise ConfigError(f"{path} is a link to a folder, in which changes are not noticed; copy the files there")


def _imported(folder: Path, name: str) -> ModuleType:
    """The module of a procedure; those of another folder are forgotten."""
    package = sys.modules.get(PACKAGE)
    if package is None or list(package.__path__) != [str(folder)]:
        for known in [one for one in sys.modules if one == PACKAGE or one.startswith(f"{PACKAGE}.")]:
            del sys.modules[known]
        package = ModuleType(PACKAGE)
        package.__path__ = [str(folder)]
        sys.modules[PACKAGE] = package
    return import_module(f"{PACKAGE}.{name}")


def checked_in(folder: Path) -> dict[str, str]:
    """Name → digest of what has been checked.  Raises ConfigError when the file cannot be read."""
    path = folder / CHECKED
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}); move it away, then {_HOW}") from error


def record_checked(folder: Path, passed: Mapping[str, str]) -> None:
    """Add `passed`, name → digest, to what has been checked.  Raises OSError, ConfigError."""
    path = folder / CHECKED
    known = {**checked_in(folder), **passed}
    with replacing(path) as file:
        file.write((json.dumps(known, indent=2, sort_keys=True) + "\n").encode())
    path.chmod(0o644)  # the service reads it, whoever has written it


def digest_of(folder: Path) -> str:
    """A digest of every file of a procedure, with its name."""
    total = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(folder).as_posix()
            total.update(f"{name}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
