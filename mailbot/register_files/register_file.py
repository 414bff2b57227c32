"""Read and write a register file: TOML as people write it, or one flat spreadsheet (CSV, XLSX)."""

import tomllib
from pathlib import Path

import tomli_w

from mailbot.errors import Permanent
from mailbot.model.register import Register
from mailbot.register_files.register_checks import check_register
from mailbot.register_files.register_data import data_of, register_of
from mailbot.register_files.register_spreadsheet import read_spreadsheet, write_spreadsheet


def read_register(path: Path) -> Register:
    """The register in a .toml, .csv or .xlsx file.  Raises Permanent with every problem, one a line."""
    problems: list[str] = []
    try:
        match path.suffix.lower():
            case ".toml":
                register = _read_toml(path, problems)
            case ".csv" | ".xlsx":
                register = read_spreadsheet(path, problems)
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
    """Write `register` in the format of the ending of `path`; reading it back gives the same register.

    Raises Permanent for another ending, and when the file cannot be written.
    """
    try:
        match path.suffix.lower():
            case ".toml":
                path.write_text(tomli_w.dumps(data_of(register)), encoding="utf-8")
            case ".csv" | ".xlsx":
                write_spreadsheet(register, path)
            case other:
                ending = other or "a file without an ending"
                raise Permanent(f"{path}: cannot write {ending}; expected .toml, .csv or .xlsx")
    except OSError as error:
        raise Permanent(f"{path}: cannot be written ({error.strerror})") from error


def _read_toml(path: Path, problems: list[str]) -> Register:
    """Problems of what the file holds are added to `problems`.  Raises Permanent when it is not TOML, OSError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Permanent(f"{path}: not readable as TOML in UTF-8: {error}") from error
    return register_of(data, problems)
