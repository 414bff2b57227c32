"""The IMAP fetcher with a real Dovecot: each message is stored once and moved, after any crash or disconnection."""

import email.policy
import smtplib
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.app.context import make_context, sample_register
from mailbot.clock import SystemClock
from mailbot.config import load
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from mailbot.records.database import open_store
from mailbot.records.log import mail_log
from mailbot.records.queues import fetched, outbox, received
from mailbot.records.queues.fetched import FolderState
from mailbot.records.register.offices import replace_register
from mailbot.records.schema.queue_tables import InboxRow
from mailbot.register_files.register_file import read_register
from mailbot.runners.imap import ImapAddress, ImapFetcher
from mailbot.runners.worker import Worker
from tests.testkit.desk import FORM
from tests.testkit.dovecot import PASSWORD, USER, Dovecot
from tests.testkit.postfix import Postfix
from tests.testkit.waiting import until

pytestmark = pytest.mark.slow


def mail(number: int, text: str = FORM) -> bytes:
    message = EmailMessage()
    message["From"] = "taro@naxtrade.example"
    message["To"] = "desk@desk.example"
    message["Subject"] = f"パスワード初期化の申込 {number}"
    message["Message-ID"] = f"<{number}.imap@naxtrade.example>"
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0900"
    message.set_content(text)
    return message.as_bytes(policy=email.policy.SMTP)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[DeskContext]:
    config = load(None, {})
    config._base = tmp_path
    store = open_store(config.store.url, tmp_path, create=True)
    with store.transaction():
        replace_register(read_register(sample_register()))
    yield make_context(config, store)
    store.close()


def address(server: Dovecot, **changes: object) -> ImapAddress:
    values = {"host": "127.0.0.1", "port": server.port, "tls": "none", "user": USER, "password": lambda: PASSWORD}
    return ImapAddress(**{**values, **changes})  # type: ignore[arg-type]


class Running:
    """An IMAP fetcher and a worker, until the block ends."""

    def __init__(self, where: ImapAddress, context: DeskContext) -> None:
        self._worker = Worker(context, SystemClock(), handled=lambda: None)
        self._fetcher = ImapFetcher(where, context, SystemClock(), accepted=self._worker.wake)

    def __enter__(self) -> None:
        self._worker.start()
        self._fetcher.start()

    def __exit__(self, *_: object) -> None:
        self._fetcher.stop()
        self._worker.stop()


def handled() -> list[str]:
    return [row.reason for row in InboxRow.select().where(InboxRow.state == "done").order_by(InboxRow.id)]


@pytest.mark.parametrize("idle", [True, False])
def test_what_is_there_and_what_comes(dovecot: Dovecot, context: DeskContext, idle: bool) -> None:
    dovecot.deliver(mail(1))
    with Running(address(dovecot, idle=idle, poll_seconds=1), context):
        until(lambda: handled() == ["submitted"], "the first mail is handled")
        dovecot.deliver(mail(2, FORM.replace("A0A", "A0B")))
        until(lambda: handled() == ["submitted", "submitted"], "the second mail is handled")
        until(lambda: not dovecot.folder("INBOX"), "both are moved")
    done = dovecot.folder("mailbot")
    assert [raw for raw, _ in done] == [mail(1), mail(2, FORM.replace("A0A", "A0B"))]
    assert all(b"\\Seen" in flags for _, flags in done)
    assert [str(a.receipt) for a in application_store.listing()] == [
        str(a.receipt) for a in application_store.listing()
    ]
    assert len(application_store.listing()) == 2
    assert "UID 1" in mail_log.listing(100)[0].detail


def test_a_death_between_keeping_and_moving(dovecot: Dovecot, context: DeskContext) -> None:
    """T-100. The mail is in the inbox and still in the folder: it is moved, and not stored again."""
    dovecot.deliver(mail(1))
    with dovecot.client() as client:
        validity = int(client.select_folder("INBOX")[b"UIDVALIDITY"])
        (uid,) = client.search(["ALL"])
    fetcher = ImapFetcher(address(dovecot), context, SystemClock(), accepted=lambda: None)
    fetcher._store(FolderState(f"{USER}@127.0.0.1", "INBOX", validity), uid, mail(1))
    assert len(dovecot.folder("INBOX")) == 1
    with Running(address(dovecot), context):
        until(lambda: not dovecot.folder("INBOX"), "it is moved")
        until(lambda: handled() == ["submitted"], f"it is handled: {handled()}")
    assert InboxRow.select().count() == 1


def test_the_note_and_the_mail_are_one_transaction(
    dovecot: Dovecot,
    context: DeskContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dovecot.deliver(mail(1))
    real, calls = received.accept, []

    def failing(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("disk")
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(received, "accept", failing)
    with Running(address(dovecot), context):
        until(lambda: handled() == ["submitted"], "it is taken the second time")
    assert len(calls) == 2 and len(dovecot.folder("mailbot")) == 1


def test_folders_numbered_anew_give_duplicates_not_second_applications(
    dovecot: Dovecot,
    context: DeskContext,
) -> None:
    """T-100. UIDVALIDITY changed (a restored mailbox): all is fetched again, and recognised as the same mail."""
    dovecot.deliver(mail(1))
    with Running(address(dovecot), context):
        until(lambda: handled() == ["submitted"], f"it is handled: {handled()}")
        until(lambda: not dovecot.folder("INBOX"), "it is moved")
    with dovecot.client() as client:
        client.delete_folder("mailbot")
    dovecot.deliver(mail(1))
    with context.store.intake.transaction():
        assert fetched.record_once(
            FolderState(f"{USER}@127.0.0.1", "INBOX", 1), 1
        )  # another numbering is another folder
    with Running(address(dovecot), context):
        until(lambda: handled() == ["submitted", "duplicate"], "it is recognised")
    assert len(application_store.listing()) == 1


def test_the_server_goes_away_and_comes_back(dovecot: Dovecot, context: DeskContext) -> None:
    with Running(address(dovecot), context):
        dovecot.deliver(mail(1))
        until(lambda: handled() == ["submitted"], "the first is handled")
        dovecot.stop()
        dovecot.start()
        dovecot.deliver(mail(2, FORM.replace("A0A", "A0B")))
        until(lambda: handled() == ["submitted", "submitted"], "the second is handled after the reconnect")


def test_a_message_too_large_stays_for_a_person_to_see(dovecot: Dovecot, context: DeskContext) -> None:
    dovecot.deliver(mail(1, "x" * 70_000), mail(2))
    with Running(address(dovecot, max_message_bytes=65_536), context):
        until(lambda: handled() == ["submitted"], "the other one is handled")
        until(lambda: len(dovecot.folder("mailbot")) == 2, "both are moved")
    assert [row.reason for row in mail_log.listing(100) if row.disposition == "refused"] == ["too-large"]


def test_a_conversation_through_postfix_and_dovecot(
    dovecot: Dovecot, postfix: Callable[..., Postfix], context: DeskContext
) -> None:
    """Postfix accepts the mail, Dovecot's LMTP stores it, the desk fetches it; Delivered-To has the tag of a reply."""
    mx = postfix({"desk.example": f"lmtp:inet:127.0.0.1:{dovecot.lmtp_port}"})

    def send(sender: str, recipient: str, raw: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", mx.port, timeout=30) as client:
            client.sendmail(sender, [recipient], raw)

    with Running(address(dovecot), context):
        send("taro@naxtrade.example", USER, mail(1))
        until(lambda: handled() == ["submitted"], f"the application is handled: {mx.log()}")
        write_due(SystemClock().now, context)
        request = next(item.mail for item in outbox.listing() if item.mail.recipient == "ichiro@desk.example")
        reply_to = str(message_from_bytes(request.raw)["Reply-To"])
        answer = EmailMessage()
        answer["From"], answer["To"] = "ichiro@desk.example", "somebody@desk.example"  # the header has no tag
        answer["Message-ID"] = "<2.imap@desk.example>"
        answer.set_content("承認\n")
        send("ichiro@desk.example", reply_to, answer.as_bytes(policy=email.policy.SMTP))
        until(lambda: handled() == ["submitted", "approved"], f"the reply is handled: {mx.log()}")
    assert application_store.listing()[0].state is State.COMPLETED


REPORT = """\
From: mailer-daemon@naxtrade.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <3.imap@naxtrade.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; naxtrade.example

Final-Recipient: rfc822; taro@naxtrade.example
Action: failed
Status: 5.1.1
--b--
"""


def test_a_delivery_report_reaches_the_mailbox_by_its_alias(
    dovecot: Dovecot, postfix: Callable[..., Postfix], context: DeskContext
) -> None:
    """desk-bounces+tag@ is an alias in Dovecot: the mailbox is the desk's, and Delivered-To keeps the whole address."""
    mx = postfix({"desk.example": f"lmtp:inet:127.0.0.1:{dovecot.lmtp_port}"})
    with Running(address(dovecot), context):
        dovecot.deliver(mail(1))
        until(lambda: handled() == ["submitted"], "the application is handled")
        write_due(SystemClock().now, context)
        sent = next(item.mail for item in outbox.listing() if item.mail.recipient == "taro@naxtrade.example")
        to = sent.envelope_sender
        with smtplib.SMTP("127.0.0.1", mx.port, timeout=30) as client:
            client.sendmail("", [to], REPORT.format(to="somebody@desk.example").replace("\n", "\r\n"))
        until(lambda: handled() == ["submitted", "bounce"], f"the report is handled: {mx.log()}")


def test_an_access_token_that_is_renewed(dovecot: Dovecot, context: DeskContext) -> None:
    """XOAUTH2, as Microsoft 365 and Google require it: the token is read again for each login."""
    tokens = iter(["ran-out"])
    dovecot.tokens.good["fresh"] = USER
    dovecot.deliver(mail(1))
    with Running(address(dovecot, oauth2=True, password=lambda: next(tokens, "fresh")), context):
        until(lambda: handled() == ["submitted"], "the second login succeeds")


def test_a_wrong_password_is_tried_again_with_the_right_one(dovecot: Dovecot, context: DeskContext) -> None:
    """Another program renews the token file: after a failed login it is read again."""
    answers = iter([lambda: "wrong"])
    dovecot.deliver(mail(1))

    def password() -> str:
        return next(answers, lambda: PASSWORD)()

    with Running(address(dovecot, password=password), context):
        until(lambda: handled() == ["submitted"], "the second login succeeds")
