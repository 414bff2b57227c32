"""What the name of a file says about its content."""

_TABLE_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")


def is_table(name: str) -> bool:
    """Whether a file is one that people fill in as a table, by the suffix of its name in any case."""
    return name.casefold().endswith(_TABLE_SUFFIXES)
