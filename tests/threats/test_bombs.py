"""Mails made to exhaust the reader, of every kind, through a whole desk in a confined process (T-70, T-71, T-74, T-77)."""

from pathlib import Path

import pytest

from mailbot.desk.incoming.attached_tables import MOST_TABLES
from mailbot.mail.extent import BRIEF, UNOPENED
from mailbot.mail.message import read
from tests.testkit.bomb_mails import attached, plain
from tests.testkit.bomb_tally import run_bombs
from tests.testkit.bomb_texts import BOMBS
from tests.testkit.bombs import merging_workbook

LEAST = 60  # bombs of a kind


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", BOMBS)
def test_no_bomb_stops_the_desk(kind: str, tmp_path: Path) -> None:
    """T-72, T-73, T-78: no limit of the process is exceeded, nothing raises, and the honest mails are answered."""
    tally = run_bombs(kind, tmp_path)
    assert tally.faults == []
    assert tally.bombs >= 2 * LEAST and tally.honest


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
