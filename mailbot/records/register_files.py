"""Register files: TOML as people write it, and one flat table as CSV or XLSX.  Every problem is told at once."""

from pathlib import Path

from mailbot.errors import Permanent
from mailbot.model.register import Register
from mailbot.records.register_checks import check_register
from mailbot.records.register_tables import read_table, write_table
from mailbot.records.register_toml import read_toml, write_toml


def read_register(path: Path) -> Register:
    """The register in a .toml, .csv or .xlsx file.  Raises Permanent with every problem, one a line."""
    problems: list[str] = []
    match path.suffix.lower():
        case ".toml":
            register = read_toml(path, problems)
        case ".csv" | ".xlsx":
            register = read_table(path, problems)
        case other:
            raise Permanent(f"{path}: cannot read {other or 'a file without an ending'}; expected .toml, .csv or .xlsx")
    problems += check_register(register)
    if problems:
        raise Permanent(f"{path} was not imported; nothing has changed:\n" + "\n".join(f"  {p}" for p in problems))
    return register


def write_register(register: Register, path: Path) -> None:
    """Write `register` in the form that the ending of `path` asks for.  Raises Permanent for another ending."""
    match path.suffix.lower():
        case ".toml":
            write_toml(register, path)
        case ".csv" | ".xlsx":
            write_table(register, path)
        case other:
            raise Permanent(
                f"{path}: cannot write {other or 'a file without an ending'}; expected .toml, .csv or .xlsx"
            )
