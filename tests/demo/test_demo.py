"""`mailbot demo` as a whole, over real SMTP on loopback."""

from pathlib import Path

from tests.testkit.command_line import mailbot


def test_the_demo_shows_every_procedure(tmp_path: Path) -> None:
    told = mailbot(tmp_path, "demo", "--keep", str(tmp_path / "demo"))
    assert "went from a mistyped form to 確認完了" in told
    assert told.count("── ") >= 9
    mails = sorted(path.suffix for path in (tmp_path / "demo" / "mails").iterdir())
    assert mails.count(".eml") == mails.count(".html") - 1 == 47
