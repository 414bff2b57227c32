"""Mails made to exhaust the reader, of every kind, through a whole desk in a confined process (T-70, T-71, T-74, T-77)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mailbot.desk.incoming.attached_tables import MOST_TABLES
from mailbot.mail.extent import BRIEF, UNOPENED
from mailbot.mail.message import read
from tests.testkit.bomb_mails import attached, plain
from tests.testkit.bomb_texts import BOMBS
from tests.testkit.bombs import merging_workbook

ROOT = Path(__file__).parents[2]
LEAST = 60  # bombs of a kind


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", BOMBS)
def test_no_bomb_stops_the_desk(kind: str, tmp_path: Path) -> None:
    """T-72, T-73, T-78: no limit of the process is exceeded, nothing raises, and the honest mails are answered."""
    command = [sys.executable, "-m", "tests.testkit.bomb_run", kind, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, (lines[-1:], done.returncode, done.stderr[-2_000:])
    results = [line for line in lines if "became" in line]
    bombs = [one for one in results if not one["name"].startswith("honest")]
    assert len(bombs) >= 2 * LEAST
    honest = [one["reason"] for one in results if one["name"].startswith("honest")]
    assert honest and set(honest) == {"status"}
    assert {one["became"] for one in bombs if one["name"].startswith("stranger")} == {"quarantined"}
    allowed = {"quarantined", "answered", "carried_out", "recorded", "passed_on", "challenged"}
    assert {one["became"] for one in bombs} <= allowed
    assert not [one for one in bombs if one["reason"] in ("surprise", "kept-failing")]


def test_of_a_sender_who_may_not_act_files_and_long_pages_stay_closed() -> None:
    raw = b"From: a@b.jp\r\n" + attached("form.xlsx", merging_workbook(), copies=MOST_TABLES)
    for extent in (UNOPENED, BRIEF):
        message = read(raw, extent)
        assert message.closed
        assert [one.name for one in message.attachments] == ["form.xlsx"] * MOST_TABLES
        assert all(not one.data and not one.encrypted for one in message.attachments)
        page = read(b"From: a@b.jp\r\n" + plain(b"<p>x</p>" * 100_000, "html"), extent)
        assert (page.closed, page.html_text, page.text) == (True, "", "")
        text = read(b"From: a@b.jp\r\n" + plain(b"x\n" * 100_000), extent)
        assert len(text.text) == extent.text


def test_of_a_stranger_nothing_behind_the_bound_is_parsed() -> None:
    raw = b"From: a@b.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10
    assert len(read(raw, BRIEF).attachments) == 0
    late = raw + b"y" * BRIEF.octets + b"\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\nx"
    assert read(late, BRIEF).closed and not read(late, BRIEF).attachments
    assert [one.name for one in read(late, UNOPENED).attachments] == ["a.csv"]
