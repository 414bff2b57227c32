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
from mailbot.procedures.read_modules import use_modules
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
    digests = checked_in(folder)
    for name in digests:
        if not (folder / name / "__init__.py").is_file():
            raise ConfigError(f"{folder / name} is gone, and there may be applications of it; put it back")
    return load_own(folder, digests, built_in)


def load_own(folder: Path, digests: Mapping[str, str], built_in: Iterable[str]) -> dict[str, Procedure]:
    """The procedures in `folder` of `digests`, name → digest of the files that may run, which are read once.

    Raises ConfigError when one has other files, cannot be imported, has no PROCEDURE, or has the name of one in
    `built_in`, and when its files may be those of somebody else than root and the user of this process.
    """
    taken, found = set(built_in), {}
    for name, digest in digests.items():
        if name in taken:
            raise ConfigError(f"{folder / name}: there is a procedure of that name in the program; choose another name")
        _require_trusted(folder, name)
        files = _read_files(folder / name)
        if _digest(files) != digest:
            raise ConfigError(f"{folder / name} has changed since its examples passed; {_HOW}")
        try:
            procedure = _imported(folder, name, files).PROCEDURE
        except Exception as error:  # whatever the operator's code raises
            raise ConfigError(f"{folder / name}: {type(error).__name__}: {error}; correct it, then {_HOW}") from error
        if not isinstance(procedure, Procedure) or procedure.name != name:
            raise ConfigError(f"{folder / name}/__init__.py: expected PROCEDURE = Procedure(name={name!r}, …)")
        found[name] = procedure
    return found


def _require_trusted(folder: Path, name: str) -> None:
    """Raises ConfigError when somebody else can have written the code, or the digest does not cover it."""
    own = folder / name
    try:
        # Who can write the folder that one is in can put another in its place.
        for path in dict.fromkeys((folder.parent, folder.resolve().parent, own.resolve().parent)):
            if path != folder and (why := distrust(path)):
                raise ConfigError(
                    f"{path} {why}, and could put other procedures into {folder}, which run with the rights of mailbot;"
                    f" run mailbot as its owner (runuser -u USER -- mailbot …), or: chmod go-w {path}"
                )
        for path in (folder, own, *own.rglob("*")):
            if why := distrust(path):
                raise ConfigError(
                    f"{path} {why}, and what is there runs with the rights of mailbot; run mailbot as its owner, or,"
                    f" when you have read what is in it, as root: chown -R root {folder} && chmod -R go-w {folder}"
                )
            if path.is_symlink() and path.is_dir() and path not in (own, folder):
                raise ConfigError(
                    f"{path} is a link to a folder, in which changes are not noticed; copy the files there"
                )
    except OSError as error:  # one that is gone meanwhile, a link to nothing, no right to look
        raise ConfigError(f"{own} cannot be read ({error}); correct it, then {_HOW}") from error


def _imported(folder: Path, name: str, files: Mapping[str, bytes]) -> ModuleType:
    """The module of a procedure, from its `files`; those of another folder are forgotten."""
    package = sys.modules.get(PACKAGE)
    if package is None or list(package.__path__) != [str(folder)]:
        for known in [one for one in sys.modules if one == PACKAGE or one.startswith(f"{PACKAGE}.")]:
            del sys.modules[known]
        package = ModuleType(PACKAGE)
        package.__path__ = [str(folder)]
        sys.modules[PACKAGE] = package
    use_modules(f"{PACKAGE}.{name}", folder / name, files)
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
    """A digest of every file of a procedure, with its name.  Raises ConfigError when one cannot be read."""
    return _digest(_read_files(folder))


def _read_files(folder: Path) -> dict[str, bytes]:
    """Name in `folder` → octets, of every file but compiled code.  Raises ConfigError when one cannot be read."""
    try:
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    except OSError as error:
        raise ConfigError(f"{folder} cannot be read ({error}); correct it, then {_HOW}") from error


def _digest(files: Mapping[str, bytes]) -> str:
    total = sha256()
    for name, octets in files.items():
        total.update(f"{name}\0{sha256(octets).hexdigest()}\n".encode())
    return total.hexdigest()
