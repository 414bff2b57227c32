"""How much of a mail is read is decided before it is read: by its sender, its recipients and its evidence."""

from dataclasses import replace

import pytest

from mailbot.desk.incoming.extents import extent_of
from mailbot.desk.incoming.request import Sender
from mailbot.mail.extent import BRIEF, UNOPENED, WHOLE, Extent
from mailbot.model.evidence import Evidence, Result
from mailbot.model.people import Category, Reviewer, Role
from mailbot.model.queued_mail import Envelope, InboxItem
from mailbot.model.reply_token import ForDigest, Grant
from tests.testkit.desk import START
from tests.testkit.records import MINUTE

KNOWN = Sender("a@x.example", reviewer=Reviewer(name="", email="a@x.example", categories=frozenset(Category)))
UNKNOWN = Sender("b@x.example")
TOKEN = Grant("id", "hash", ForDigest(), "a@x.example", Role.CONTACT, START + MINUTE)
NONE, PASS, CONFIRMED = Evidence(), Evidence(aligned=Result.PASS), Evidence(confirmed=True)
REFUSED = Evidence(aligned=Result.FAIL, dmarc=Result.FAIL, policy="quarantine")
FAILS = Evidence(aligned=Result.FAIL, dmarc=Result.FAIL, policy="none")


@pytest.mark.parametrize(
    ("sender", "grant", "evidence", "required", "extent"),
    [
        (KNOWN, None, NONE, False, WHOLE),
        (KNOWN, None, NONE, True, UNOPENED),
        (KNOWN, None, FAILS, True, UNOPENED),
        (KNOWN, None, REFUSED, True, BRIEF),
        (KNOWN, None, PASS, True, WHOLE),
        (KNOWN, None, CONFIRMED, True, WHOLE),
        (KNOWN, TOKEN, NONE, True, WHOLE),
        (KNOWN, TOKEN, REFUSED, True, BRIEF),  # a DMARC failure beats every token
        (KNOWN, replace(TOKEN, email="b@x.example"), NONE, True, UNOPENED),
        (KNOWN, replace(TOKEN, void_at=START), NONE, True, UNOPENED),
        (KNOWN, replace(TOKEN, expires_at=START), NONE, True, UNOPENED),
        (KNOWN, replace(TOKEN, disclosed=True), NONE, True, UNOPENED),
        (UNKNOWN, None, NONE, False, BRIEF),
        (UNKNOWN, None, NONE, True, BRIEF),
        (UNKNOWN, TOKEN, NONE, True, BRIEF),
        (UNKNOWN, None, REFUSED, True, BRIEF),
        (UNKNOWN, None, PASS, True, UNOPENED),  # a newcomer, whom the 管理責任者 can confirm
        (UNKNOWN, None, CONFIRMED, True, WHOLE),  # … and has
        (Sender(""), None, NONE, False, BRIEF),
    ],
)
def test_how_much_of_a_mail_is_read(
    sender: Sender, grant: Grant | None, evidence: Evidence, required: bool, extent: Extent
) -> None:
    item = InboxItem(1, Envelope("x@y.example", ("desk@desk.example",)), b"", evidence, START)
    assert extent_of(sender, grant, item, proof_required=required) is extent
