"""Tests of file_names: which files are tables."""

import pytest

from mailbot.file_names import is_table

NAMES = {
    **dict.fromkeys(("a.csv", "申込.XLSX", "b.xls", "c.tsv", "d.xlsm", ".csv"), True),
    **dict.fromkeys(("a.pdf", "csv", "a.xlsx.exe", "a.csv ", ""), False),
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_tables(name: str, expected: bool) -> None:
    assert is_table(name) is expected
