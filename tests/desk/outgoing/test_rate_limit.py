"""Who is told when a limit keeps a mail from being processed, and how often."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.desk.unhandled.quarantine import quarantine_mail
from mailbot.model.evidence import Evidence, Result
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.queues import inbox
from tests.testkit.desk import DeskUnderTest, Person
from tests.testkit.mail_domains import signed, zones_of
from tests.testkit.records import receive
from tests.testkit.strict_desk import HANAKO, TARO, mail, said, sends, strict_desk

DEEP = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(50))
TABLE = "手続,パスワード初期化\n事業所コード,NAC001\n利用者コード,1ANAC\n識別番号,A0A\nパスワード初期化の希望理由,失念\n".encode()


def too_deep(author: str, number: int) -> bytes:
    head = f"From: {author}\r\nTo: desk@desk.example\r\nDate: Fri, 20 Nov 2026 10:00:00 +0900\r\nSubject: x{number}\r\n"
    return head.encode() + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + DEEP


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[DeskUnderTest]:
    domains = {
        "naxtrade.example": "v=DMARC1; p=none",
        "desk.example": "v=DMARC1; p=none",
        "new.co.jp": "v=DMARC1; p=none",
    }
    with strict_desk(tmp_path, zones_of(domains)) as desk:
        yield desk


def test_a_proven_sender_is_told_once_a_day_for_each_limit(strict: DeskUnderTest) -> None:
    taro = strict.person("", TARO)
    for number in range(3):
        assert strict.receives(signed(too_deep(TARO, number), "naxtrade.example"), TARO).reason == "too-deep"
    told = taro.gets("answer")
    assert "様式の内容を本文にご記入" in told.text.replace("\n", "")
    strict.passes(days=1)
    assert strict.receives(signed(too_deep(TARO, 9), "naxtrade.example"), TARO).reason == "too-deep"
    taro.gets("answer")


@pytest.mark.parametrize("author", [TARO, "eve@attack.co.jp", "eve@new.co.jp"])
def test_nobody_else_is_told(strict: DeskUnderTest, author: str) -> None:
    assert strict.receives(too_deep(author, 1), author).reason == "too-deep"
    automatic = b"Auto-Submitted: auto-replied\r\n" + signed(too_deep(TARO, 2), "naxtrade.example")
    assert strict.receives(automatic, TARO).reason == "too-deep"
    assert strict.silent()


@pytest.mark.parametrize(
    ("aligned", "kinds"),
    [(Result.PASS, ["answer"]), (Result.FAIL, []), (Result.NONE, [])],
    ids=["proven", "fail", "none"],
)
def test_a_mail_in_which_a_limit_of_the_process_was_exceeded(
    strict: DeskUnderTest, aligned: Result, kinds: list[str]
) -> None:
    evidence = Evidence(aligned=aligned)
    arrival = Arrival(Envelope(TARO, ("desk@desk.example",)), mail(strict, TARO, "x"), evidence, strict.clock.now())
    (number,) = receive(strict.store, [arrival])
    item = inbox.get(strict.store, number)
    assert item is not None
    quarantine_mail(item, "kept-failing", "given up", strict.clock.now(), strict.context)
    strict.deliver()
    assert [got.kind for got in strict.person("", TARO).mails] == kinds
    strict.person("", "operator@desk.example").gets("alert")


def test_the_operators_hear_of_questions_that_are_not_asked(strict: DeskUnderTest) -> None:
    for number in range(5):
        outcome = sends(strict, TARO, f"契約内容\n{number}\n", sign="")
    assert said(outcome) == "quarantined too-many-challenges"
    strict.person("", "operator@desk.example").gets("alert")


def test_a_newcomers_file_is_opened_when_the_administrator_has_confirmed(strict: DeskUnderTest) -> None:
    new = strict.person("新任", "eve@new.co.jp")
    contact = "申込担当者の氏名：新任 次郎\n"
    assert said(with_table(strict, new, contact)) == "answered no-form"  # no office is named: nobody can be asked
    new.forgets()
    outcome = with_table(strict, new, f"事業所コード：NAC001\n{contact}")
    assert said(outcome) == "challenged new-contact"
    question = strict.person("", HANAKO).gets("challenge")
    confirmed = sends(strict, HANAKO, "確認\n", to=question.reply_to, sign="")
    assert said(confirmed) == "carried_out confirmed"
    assert [got.kind for got in new.mails] in (["received"], ["invalid-input"])


def with_table(desk: DeskUnderTest, person: Person, text: str):  # type: ignore[no-untyped-def]
    plain = mail(desk, person.address, text)
    head, _, body = plain.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.startswith((b"Content-", b"MIME"))]
    own = [line for line in head.split(b"\r\n") if line.startswith(b"Content-")]
    parts = b"--b\r\n" + b"\r\n".join(own) + b"\r\n\r\n" + body + b"\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n"
    parts += b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + TABLE + b"\r\n--b--\r\n"
    raw = (
        b"\r\n".join([*kept, b"MIME-Version: 1.0", b"Content-Type: multipart/mixed; boundary=b"]) + b"\r\n\r\n" + parts
    )
    return desk.receives(signed(raw, "new.co.jp"), person.address)
