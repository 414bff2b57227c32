"""Read and write a register file: TOML as people write it, or one flat spreadsheet (CSV, XLSX)."""

import tomllib
from pathlib import Path

import tomli_w

from mailbot.errors import Permanent
from mailbot.model.register import Register
from mailbot.register_files.register_checks import check_register
from mailbot.register_files.register_data import data_of, register_of
from mailbot.register_files.register_spreadsheet import read_spreadsheet, write_spreadsheet
from mailbot.register_files.xlsx_rows import MOST_UNPACKED


def read_register(path: Path) -> Register:
    """The register in a .toml, .csv or .xlsx file.  Raises Permanent with every problem, one a line."""
    return register_in(str(path), read_octets(path))


def read_octets(path: Path) -> bytes:
    """The content of a file.  Raises Permanent when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Permanent(f"{path}: cannot be read ({error.strerror})") from error


def register_in(name: str, data: bytes, *, most_unpacked: int = MOST_UNPACKED) -> Register:
    """The register in the octets of such a file.  `name`: its ending says what it is; `most_unpacked`: octets of XLSX.

    Raises Permanent with every problem, one a line.
    """
    problems: list[str] = []
    match Path(name).suffix.lower():
        case ".toml":
            register = _read_toml(name, data, problems)
        case ".csv" | ".xlsx":
            register = read_spreadsheet(name, data, problems, most_unpacked=most_unpacked)
        case other:
            ending = other or "a file without an ending"
            raise Permanent(f"{name}: cannot read {ending}; expected .toml, .csv or .xlsx")
    problems += check_register(register)
    if problems:
        raise Permanent(f"{name} was not imported; nothing has changed:\n" + "\n".join(f"  {p}" for p in problems))
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


def _read_toml(name: str, octets: bytes, problems: list[str]) -> Register:
    """Problems of what the file holds are added to `problems`.  Raises Permanent when it is not TOML."""
    try:
        data = tomllib.loads(octets.decode("utf-8"))
    except RecursionError as error:  # lists within lists within lists …
        raise Permanent(f"{name}: not readable as TOML: nested too deeply") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Permanent(f"{name}: not readable as TOML in UTF-8: {error}") from error
    return register_of(data, problems)
