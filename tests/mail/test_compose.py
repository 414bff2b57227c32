"""What goes out: clean headers, short lines, the same bytes for the same letter."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.errors import Permanent
from mailbot.mail.compose import Letter, compose

LETTER = Letter(
    from_name="申込受付デスク",
    from_address="desk@desk.example",
    to_name="通関 太郎",
    to_address="taro..x.@docomo.ne.jp",
    reply_to="desk+abc@desk.example",
    subject="【受付完了】パスワード初期化の申込を受け付けました [2600001C]",
    text="申込受付番号：2600001C\n㈱①髙𠮷\n",
    html="<p>申込受付番号：2600001C</p>",
    message_id="<abc@desk.example>",
    date=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
    in_reply_to="<1@naxtrade.example>",
    references=("<0@desk.example>", "<1@naxtrade.example>"),
    extra_headers={"X-Mailbot-Notice": "received", "X-Mailbot-Receipt": "2600001C"},
)


def test_a_letter_as_its_reader_has_it() -> None:
    mail = message_from_bytes(compose(LETTER), policy=policy.default)
    assert mail["Subject"] == LETTER.subject
    assert mail["From"].addresses[0].display_name == "申込受付デスク"
    assert "taro..x.@docomo.ne.jp" in mail["To"]
    assert mail["Date"] == "Fri, 20 Nov 2026 10:00:00 +0900"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert mail["References"] == "<0@desk.example> <1@naxtrade.example>"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == LETTER.text
    assert mail.get_body(("html",)).get_content().strip() == LETTER.html


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert compose(LETTER) == compose(LETTER)


def test_lines_are_short_and_end_in_crlf() -> None:
    raw = compose(
        replace(LETTER, text="あ" * 5_000, references=tuple(f"<{i}.{'x' * 60}@desk.example>" for i in range(60)))
    )
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in raw.split(b"\r\n")) <= 200


hostile = st.text(alphabet='a\r\n\0\x0b\x0c\x1c\x85\u2028\u2029: Bcc@<>"\\あ=?', max_size=60)


@given(hostile, hostile, hostile)
def test_no_value_can_add_a_header(subject: str, name: str, extra: str) -> None:
    """T-82; CVE-2024-6923."""
    raw = compose(replace(LETTER, subject=subject, to_name=name, extra_headers={"X-Mailbot-Notice": extra}))
    names = sorted(message_from_bytes(raw, policy=policy.compat32).keys())
    assert names == sorted(
        ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
         "X-Auto-Response-Suppress", "Content-Language", "X-Mailbot-Notice", "Content-Type", "MIME-Version"]
    )  # fmt: skip


def test_the_known_way_to_smuggle_a_header() -> None:
    """T-82: the Subject of CVE-2024-6923."""
    raw = compose(replace(LETTER, subject="x=?UTF-8?Q?=0A?=Bcc: v@v.example"))
    assert message_from_bytes(raw, policy=policy.default)["Bcc"] is None


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@d", "a b@x.example", "", "a@x.example>", "<@r:a@x.example>"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """T-84."""
    with pytest.raises(Permanent):
        compose(replace(LETTER, to_address=address))
