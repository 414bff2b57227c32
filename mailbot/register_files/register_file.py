"""Register files: TOML as people write it, and one flat table as CSV or XLSX.  Every problem is told at once."""

from pathlib import Path

from mailbot.errors import Permanent
from mailbot.model.register import Register
from mailbot.register_files.checks import check_register
from mailbot.register_files.tables import read_table, write_table
from mailbot.register_files.toml import read_toml, write_toml


def read_register(path: Path) -> Register:
    """The register in a .toml, .csv or .xlsx file.  Raises Permanent with every problem, one a line."""
    problems: list[str] = []
    try:
        match path.suffix.lower():
            case ".toml":
                register = read_toml(path, problems)
            case ".csv" | ".xlsx":
                register = read_table(path, problems)
            case other:
                ending = other or "a file without an ending"
                raise Permanent(f"{path}: cannot read {ending}; expected .toml, .csv or .xlsx")
    except OSError as error:
        raise Permanent(f"{path}: cannot be read ({error.strerror})") from error
    problems += check_register(register)
    if problems:
        raise Permanent(f"{path} was not imported; nothing has changed:\n" + "\n".join(f"  {p}" for p in problems))
    return register


def write_register(register: Register, path: Path) -> None:
    """Write `register` in the form that the ending of `path` asks for.

    Raises Permanent for another ending, and when the file cannot be written.
    """
    try:
        match path.suffix.lower():
            case ".toml":
                write_toml(register, path)
            case ".csv" | ".xlsx":
                write_table(register, path)
            case other:
                ending = other or "a file without an ending"
                raise Permanent(f"{path}: cannot write {ending}; expected .toml, .csv or .xlsx")
    except OSError as error:
        raise Permanent(f"{path}: cannot be written ({error.strerror})") from error
