"""`mailbot demo` as a whole, over real SMTP on loopback."""

from pathlib import Path

from tests.testkit.command_line import mailbot


def test_the_demo_shows_every_procedure(tmp_path: Path) -> None:
    output = mailbot(tmp_path, "demo", "--keep", str(tmp_path / "demo"))
    assert "is completed (確認完了)" in output
    assert output.count("── ") >= 9
    mails = sorted(path.suffix for path in (tmp_path / "demo" / "mails").iterdir())
    assert mails.count(".eml") == mails.count(".html") - 2 == 48
