"""Signed mails through the whole desk: sent again (T-23), and with lines in the header section that are no fields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.model.evidence import SignatureKey
from mailbot.records.applications import application_store
from mailbot.records.queues import acted_signatures
from mailbot.records.schema.queue_tables import ActedSignatureRow
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.mail_domains import signed, zones_of
from tests.testkit.strict_desk import mail, strict_desk

TARO, HOME, DESK = "taro@naxtrade.example", "naxtrade.example", "desk@desk.example"


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[DeskUnderTest]:
    zones = zones_of({HOME: "v=DMARC1; p=reject", "desk.example": "v=DMARC1; p=reject"})
    with strict_desk(tmp_path, zones) as desk:
        yield desk


@pytest.fixture
def taro(strict: DeskUnderTest) -> Person:
    return strict.person("taro", TARO)


def received(desk: DeskUnderTest, raw: bytes, *recipients: str, sender: str = TARO) -> str:
    outcome = desk.receives(raw, sender, *(recipients or (DESK,)))
    return f"{outcome.disposition.value} {outcome.reason}"


@dataclass(frozen=True)
class Again:
    """How a signed mail is sent a second time, and what comes of it."""

    recipients: Callable[[str], tuple[str, ...]]  # of the reply address of another notice
    expected: str
    days: int = 0


AGAIN = {
    "the same envelope": Again(lambda _: (DESK,), "recorded duplicate"),
    "upper case": Again(lambda _: ("DESK@DESK.EXAMPLE",), "recorded duplicate"),
    "the recipient twice": Again(lambda _: (DESK, DESK), "recorded duplicate"),
    "the recipient twice, in two spellings": Again(lambda _: (DESK, "Desk@desk.example"), "recorded duplicate"),
    "the next day": Again(lambda _: (DESK,), "recorded duplicate", days=1),
    "to a reply address": Again(lambda reply: (reply,), "recorded signature-used"),
    "to a reply address as well, six days later": Again(lambda reply: (DESK, reply), "recorded signature-used", days=6),
}


@pytest.mark.parametrize("case", AGAIN)
def test_a_signed_mail_acts_once(strict: DeskUnderTest, taro: Person, case: str) -> None:
    """T-23, T-47: whatever the second envelope is, a leaked reply address too."""
    raw = signed(mail(strict, TARO, FORM), HOME)
    assert received(strict, raw) == "carried_out submitted"
    reply_to = taro.gets("received").reply_to
    taro.mails.clear()
    again = AGAIN[case]
    strict.clock.advance(timedelta(days=again.days))
    assert received(strict, raw, *again.recipients(reply_to)) == again.expected
    assert len(application_store.listing()) == 1 and taro.mails == []


def test_an_old_correction_is_not_repeated(strict: DeskUnderTest, taro: Person) -> None:
    """T-23: a correction that was replaced by a later one, sent again to the reply address."""
    assert received(strict, signed(mail(strict, TARO, FORM), HOME)) == "carried_out submitted"
    reply_to = taro.gets("received").reply_to
    old = signed(mail(strict, TARO, FORM.replace("A0A", "A01"), reply_to), HOME)
    assert received(strict, old, reply_to) == "carried_out corrected"
    assert received(strict, signed(mail(strict, TARO, FORM, reply_to), HOME), reply_to) == "carried_out corrected"
    before = application_store.listing()
    assert received(strict, old, DESK) == "recorded signature-used"
    assert received(strict, b"Received: from x\r\n" + old, reply_to, DESK) == "recorded signature-used"
    assert application_store.listing() == before


def test_each_aligned_signature_of_a_mail_counts(strict: DeskUnderTest, taro: Person) -> None:
    """T-23: a second signature alone is not a new mail, and one that was not acted on is."""
    inner = signed(mail(strict, TARO, FORM), HOME)
    outer = signed(inner, HOME, include_headers=[b"from", b"to", b"subject", b"date", b"content-type",
                                                 b"content-transfer-encoding"])  # fmt: skip
    assert received(strict, outer) == "carried_out submitted"
    assert received(strict, inner, taro.gets("received").reply_to) == "recorded signature-used"


def test_a_signed_mail_to_somebody_else(strict: DeskUnderTest, taro: Person) -> None:
    """T-23: the desk stands in a field that was added after signing."""
    raw = mail(strict, TARO, FORM, "x@elsewhere.example")
    assert received(strict, f"Cc: {DESK}\r\n".encode() + signed(raw, HOME)) == "quarantined dmarc-fail"
    assert application_store.listing() == [] and taro.mails == []


def test_a_signed_mail_to_nobody(strict: DeskUnderTest, taro: Person) -> None:
    """T-23: without To and Cc; one with the desk was added.  Its author is asked (test_unaddressed.py)."""
    raw = mail(strict, TARO, FORM, "x@elsewhere.example")
    raw = b"".join(line for line in raw.splitlines(keepends=True) if not line.startswith(b"To:"))
    assert received(strict, f"To: {DESK}\r\n".encode() + signed(raw, HOME)) == "challenged sender-not-proven"
    assert application_store.listing() == [] and [one.kind for one in taro.mails] == ["challenge"]


def test_a_signature_is_remembered_until_it_has_expired(strict: DeskUnderTest) -> None:
    now = strict.clock.now()
    short = SignatureKey("a.jp", "1", int((now + timedelta(hours=1)).timestamp()))
    long = SignatureKey("a.jp", "2", int((now + timedelta(days=900)).timestamp()))
    none = SignatureKey("a.jp", "3")
    with strict.store.transaction():
        acted_signatures.remember([short, long, none, none], 7, now, 30)
        acted_signatures.remember([none], 8, now, 30)
        assert [acted_signatures.first_mail([one], 9) for one in (short, long, none)] == [7, 7, 7]
        assert acted_signatures.first_mail([none], 7) is None
        assert acted_signatures.first_mail([SignatureKey("b.jp", "3")], 9) is None
        for days, left in ((1, 3), (2, 2), (29, 2), (31, 0)):
            acted_signatures.remember([], 9, now + timedelta(days=days), 30)
            assert ActedSignatureRow.select().count() == left


# Lines of a header section → what comes of the application: signed with them in place, or prepended after signing.
LINES = {
    "a leading empty line": b"\r\n",
    "two of them, LF alone": b"\n\n",
    "a space in a name": b"X-Virus Status: clean\r\n",
    "folded": b"X-Virus Status: clean\r\n\tand fine\r\n",
    "no colon": b"scanned and clean\r\n",
    "a line of a mailbox file": b"From taro@naxtrade.example Fri Nov 20 10:00:00 2026\r\n",
    "quoted": b">From taro@naxtrade.example Fri Nov 20 10:00:00 2026\r\n",
    "8-bit octets": "件名: x\r\n".encode(),
    "no name": b": x\r\n",
    "a continuation line without a field": b" x\r\n",
    "a control character": b"X-\x01: y\r\n",
}


ON_TOP, ABOVE, BELOW = "on top", "above From", "below the other fields"
# An empty line below a field ends the header section, and a continuation line belongs to the field above it.
PLACES = [(ON_TOP, line) for line in LINES] + [
    (place, line) for place in (ABOVE, BELOW) for line, octets in LINES.items() if octets[:1] not in b" \r\n"
]


@pytest.mark.parametrize(("place", "line"), PLACES)
def test_lines_that_are_no_fields(strict: DeskUnderTest, taro: Person, place: str, line: str) -> None:
    """T-36: every reader leaves them out, and the signature fits the mail that was signed."""
    raw = signed(mail(strict, TARO, FORM), HOME)
    mark = {ON_TOP: b"", ABOVE: b"From: ", BELOW: b"\r\n\r\n"}[place]
    head, _, rest = raw.partition(mark) if mark else (b"", b"", raw)
    raw = head + b"\r\n" * (place == BELOW) + LINES[line] + mark.removeprefix(b"\r\n") + rest
    assert received(strict, raw) == "carried_out submitted"
    assert taro.gets("received")


@pytest.mark.parametrize("line", LINES)
def test_such_lines_and_a_signature_that_does_not_fit(strict: DeskUnderTest, taro: Person, line: str) -> None:
    raw = LINES[line] + signed(mail(strict, TARO, FORM), HOME)[:-4] + b"AA\r\n"
    assert received(strict, raw) == "quarantined dmarc-fail"
    assert taro.mails == []


def test_an_empty_line_below_the_signature_ends_the_header_section(strict: DeskUnderTest, taro: Person) -> None:
    raw = signed(mail(strict, TARO, FORM), HOME)
    assert received(strict, raw.replace(b"From: ", b"\r\nFrom: ", 1)) == "quarantined no-from"
    assert taro.mails == [] and application_store.listing() == []
