"""What is stored gives no authority: whoever reads the database or a backup finds no token, link or password (T-49)."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mailbot.desk.incoming import prepare
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, DeliveryResult, Envelope, InboxItem, OutboxItem
from mailbot.model.reply_token import find_tokens
from mailbot.records.queues import outbox
from mailbot.runners.worker import Worker
from tests.testkit.at_rest import backup_of, files_of, found_in, values_of
from tests.testkit.browser import Browser
from tests.testkit.contract_forms import at
from tests.testkit.desk import FORM, DeskUnderTest, ReceivedNotice, gmail
from tests.testkit.mail_domains import signed, zones_of
from tests.testkit.records import receive, record_result
from tests.testkit.strict_desk import ICHIRO, TARO, mail, people_of, replies, said, sends, strict_desk

OPERATOR = "operator@desk.example"
DOMAINS = {"naxtrade.example": "v=DMARC1; p=none", "desk.example": "v=DMARC1; p=reject"}
LINK = re.compile(r"/link/([a-z2-7]{26})")
ARCHIVE_PASSWORD = "Zx9!kQ2pWm7#Lt4v"


class Thief:
    """Copies what is at rest at each step, and knows every secret by the time that it has left the desk."""

    def __init__(self, desk: DeskUnderTest, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.secrets = {ARCHIVE_PASSWORD: "the password of an archive"}
        self.kept: set[bytes] = set()
        self.unwritten = self.waiting = 0
        self._deliver, self._claim = desk.deliver, outbox.claim
        self._steps = count()

    def deliver(self) -> None:
        """The same as the desk's own, with a look at what is not written, what waits, and what was sent."""
        self.unwritten += self.looks()
        if next(self._steps) % 10 == 0:
            self.takes_backup()
        down, self.desk.relay_is_down = self.desk.relay_is_down, True
        self._deliver()
        self.waiting += self.looks()
        self.desk.relay_is_down = down
        self._deliver()  # what this leaves, the next look sees

    def looks(self) -> int:
        """Copy the tables; returns how many values are new."""
        before = len(self.kept)
        self.kept |= values_of(self.desk.store)
        return len(self.kept) - before

    def takes_backup(self) -> None:
        """Whatever the state is: before the end notices wait in it."""
        self.kept |= backup_of(self.desk.store, self.folder / "backup.gz")

    def claim(self, *args: Any) -> list[OutboxItem]:
        items = self._claim(*args)
        for item in items:
            got = ReceivedNotice(item.mail.raw, item.mail.envelope_sender)
            for token in find_tokens(f"{got.reply_to} {got.text} {got.html}"):
                self.secrets[token.secret] = f"the reply token of a {got.kind}"
            self.secrets |= dict.fromkeys(LINK.findall(got.text), "a log-in link")
        return items


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[DeskUnderTest]:
    with strict_desk(tmp_path / "desk", zones_of(DOMAINS), database) as desk:
        yield desk


@pytest.fixture
def thief(desk: DeskUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Thief:
    one = Thief(desk, tmp_path)
    monkeypatch.setattr(desk, "deliver", one.deliver)
    monkeypatch.setattr(outbox, "claim", one.claim)
    return one


async def everything_happens(desk: DeskUnderTest, thief: Thief, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of an application, and what goes wrong with it; each notice is answered at its reply address."""
    people = people_of(desk) | {OPERATOR: desk.person("運用 者", OPERATOR)}
    taro, ichiro, operator = people[TARO], people[ICHIRO], people[OPERATOR]

    assert said(sends(desk, TARO, FORM, sign="")) == "challenged sender-not-proven"
    assert said(replies(desk, taro, taro.gets("challenge"), "確認", sign="")) == "carried_out confirmed"
    received, request = taro.gets("received"), ichiro.gets("review-request")
    question = sends(
        desk,
        TARO,
        f"こちらは子会社の分も含まれますでしょうか。\n{received.reply_to}",
        to=received.reply_to,
        subject="質問",
    )
    assert question.reason == "passed-on"
    asked = next(got for got in (*ichiro.mails, *operator.mails) if got.kind == "inquiry")
    replies(desk, ichiro, asked, f"明日です。{asked.reply_to}")
    replies(desk, ichiro, request, f"確認依頼\n個数の根拠を。\n{wrapped(request.reply_to)}\n{gmail(request)}")
    with monkeypatch.context() as patch:  # an error whose text contains what it was about
        patch.setattr(prepare, "read_mail", refuses)
        works(desk, signed(mail(desk, TARO, FORM, received.reply_to), "naxtrade.example"), received.reply_to)
    again = next(got for got in taro.mails if got.kind == "confirmation-request")
    replies(desk, taro, again, f"修正\n識別番号：A0A、A0B\n{gmail(again)}")
    latest = [got for got in ichiro.mails if got.kind == "review-request"][-1]
    sends(desk, TARO, FORM.replace("A0A", "A0B"))
    sends(desk, TARO, f"添付ファイルのパスワードは以下のとおりです。\nパスワード：{ARCHIVE_PASSWORD}\n")
    sends(desk, "goro@naxtrade.example", FORM)  # a newcomer
    forget(desk)
    at(desk, 2026, 11, 24, 9)
    digest = next(got for got in ichiro.mails if got.kind == "digest")
    listed = next(got for got in operator.mails if got.kind == "alert")
    replies(desk, operator, listed, f"1 見送り\n{gmail(listed)}")
    replies(desk, ichiro, latest, f"承認\n\n{latest.reply_to}\n{gmail(latest)}")
    replies(desk, ichiro, digest, f"2600002C 承認\n{gmail(digest)}")
    record_result(
        desk.store, 1, DeliveryResult(False, code=550, reply=f"5.7.1 {received.reply_to}"), desk.clock.now(), None
    )
    await through_the_pages(desk, thief)


async def through_the_pages(desk: DeskUnderTest, thief: Thief) -> None:
    """The passwords are seen; then so many wrong tries that the 管理責任者 gets a link."""
    application = desk.application("2600001C")
    for one in desk.context.vault.open(application.id, desk.clock.now().date()):
        thief.secrets[one.password] = "an issued password"
    browser, guesser = Browser(desk), Browser(desk, peer="198.51.100.7")
    await browser.logs_in()
    await browser.looks("2600001C", "1ANACA0A")
    thief.secrets |= {value: f"the cookie {name}" for name, value in browser.client.cookies.items()}
    thief.looks()
    while (await guesser.logs_in(password="guess")).status_code != 429:
        pass
    await guesser.post("/link", {"code": "NAC001"})
    for one in (browser, guesser):
        await one.client.aclose()


def refuses(item: InboxItem, *_: object) -> None:
    raise ValueError(f"to {item.envelope.recipients}")


def works(desk: DeskUnderTest, raw: bytes, recipient: str) -> None:
    """One mail, by the worker, which quarantines it with the traceback."""
    receive(desk.store, [Arrival(Envelope(TARO, (recipient,)), raw, Evidence(), desk.clock.now())])
    Worker(desk.context, desk.clock, handled=lambda: None).handle_one()
    desk.deliver()


def wrapped(text: str) -> str:
    """As some mail clients quote a long line."""
    return f"> {text[:40]}\n> {text[40:]}"


def forget(desk: DeskUnderTest) -> None:
    for person in desk.people.values():
        person.forgets()


async def test_no_copy_of_the_store_gives_authority(
    desk: DeskUnderTest, thief: Thief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-49, T-54: every table at every step, files and backups; all of it unpacked."""
    await everything_happens(desk, thief, monkeypatch)
    thief.takes_backup()
    thief.kept |= files_of(desk.config.base)  # with the free pages and the write-ahead log
    kinds = {what.rpartition(" ")[2] for what in thief.secrets.values() if what.startswith("the reply token")}
    assert kinds >= {"challenge", "received", "review-request", "inquiry", "digest", "alert", "completed"}, kinds
    assert {"a log-in link", "an issued password"} <= set(thief.secrets.values())
    assert thief.unwritten and thief.waiting
    assert found_in(thief.secrets, thief.kept) == set()
