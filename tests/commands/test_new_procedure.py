"""A new procedure is made in a checkout alone: an upgrade would delete one in an installed program."""

from pathlib import Path

import pytest

from mailbot.app import context
from tests.testkit.command_line import mailbot


def test_an_installed_program_is_not_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "__file__", str(tmp_path / "site-packages/mailbot/app/context.py"))
    said = mailbot(tmp_path, "new-procedure", "address_change", "--title", "x", "--title-en", "y", code=2)
    assert "where an upgrade would delete the procedure" in said
    assert not (Path(context.procedures.__file__).parent / "address_change").exists()
