"""What a stranger's mails cost a registered person: nothing (T-66); and what one person's cost the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.app.context import make_context
from mailbot.desk import reception
from mailbot.model.evidence import Evidence, Result
from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.applications import application_store
from mailbot.records.queues import inbox, outbox
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.mail_domains import Zones, zones_of
from tests.testkit.records import receive
from tests.testkit.strict_desk import HANAKO, ICHIRO, TARO, mail, replies, said, sends, strict_desk

NEW = "newcomer@new.co.jp"
TEXTS = (FORM, "ヘルプ\n", "取下げ\n2600001C\n", "契約内容\n", "何ですか\n", "承認\n", "様式\n", "状況\n")
SENT_BY_ANYBODY = Evidence(aligned=Result.FAIL, dmarc=Result.FAIL, policy="none")


@pytest.fixture
def zones() -> Zones:
    return zones_of(
        {"naxtrade.example": "v=DMARC1; p=none", "desk.example": "v=DMARC1; p=none", "new.co.jp": "v=DMARC1; p=reject"}
    )


@pytest.fixture
def strict(tmp_path: Path, zones: Zones) -> Iterator[DeskUnderTest]:
    with strict_desk(tmp_path, zones) as desk:
        yield desk


def flood(desk: DeskUnderTest, count: int) -> None:
    """Mails in the names of all three, as they stand behind the authentication: the domains refuse nothing."""
    arrivals = [
        Arrival(
            Envelope("any@attack.co.jp", ("desk@desk.example",)),
            mail(desk, (TARO, HANAKO, ICHIRO)[number % 3], f"{TEXTS[number % len(TEXTS)]}{number}\n"),
            SENT_BY_ANYBODY,
            desk.clock.now(),
        )
        for number in range(count)
    ]
    receive(desk.store, arrivals)
    while (item := inbox.claim(desk.store, desk.clock.now())) is not None:
        reception.handle(item, desk.clock.now(), desk.context)
    desk.deliver()


@pytest.mark.parametrize("count", [60, pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_thousand_mails_of_a_stranger_cost_nobody_anything(strict: DeskUnderTest, count: int) -> None:
    """T-66: afterwards each of them is answered, asked and served as if nothing had been."""
    flood(strict, count)
    settings, people = strict.context.settings, [strict.person("", one) for one in (TARO, HANAKO, ICHIRO)]
    for person in people:
        kinds = [got.kind for got in person.mails]
        assert kinds.count("challenge") <= settings.challenges_per_day
        assert kinds.count("answer") <= settings.unproven_answers_per_day
        assert set(kinds) <= {"challenge", "answer"}
        person.forgets()
    assert application_store.listing() == []
    _, hanako, ichiro = people
    for _ in range(settings.answers_per_hour):
        assert said(sends(strict, TARO, "ヘルプ\n")) == "answered help"
    assert said(sends(strict, TARO, FORM)) == "carried_out submitted"
    request = ichiro.gets("review-request")
    assert said(replies(strict, ichiro, request, "承認")) == "carried_out approved"
    hanako.forgets()
    assert said(sends(strict, NEW, new_form())) == "challenged new-contact"
    assert hanako.gets("challenge")


def test_a_signer_without_a_policy_is_asked_whatever_strangers_have_sent(strict: DeskUnderTest, zones: Zones) -> None:
    """T-66: the genuine mail is signed, and its domain has no DMARC record: it has questions of its own."""
    del zones.records["_dmarc.naxtrade.example", "TXT"]
    flood(strict, 60)
    strict.person("", TARO).forgets()
    assert said(sends(strict, TARO, FORM)) == "challenged sender-not-proven"
    question = strict.person("", TARO).gets("challenge")
    assert said(replies(strict, strict.person("", TARO), question, "確認")) == "carried_out confirmed"


def new_form() -> str:
    contact = (
        f"\n【申込担当者】\n氏名：新任　次郎\n氏名（フリガナ）：シンニン　ジロウ\n電話番号：03-0123-4567\n"
        f"E-mailアドレス：{NEW}\nE-mailアドレス（確認用）：{NEW}\n"
    )
    return FORM.replace("\n【申込内容】", f"{contact}\n【申込内容】")


def test_fifty_changes_of_one_person_in_a_day(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """Applied for and withdrawn in turn: the rest waits for the next day, and its sender is told once."""
    limit = desk.context.settings.changes_per_day
    outcomes = []
    for number in range(25):
        outcomes.append(said(taro.sends(f"{FORM}{number}\n")))
        open_ones = application_store.listing(state=State.RECEIVED)
        text = f"取下げ\n{open_ones[-1].receipt}\n" if open_ones else "取下げ\n2600001C\n"
        outcomes.append(said(taro.sends(text, f"取下げ {number}")))
    assert outcomes.count("carried_out submitted") + outcomes.count("carried_out withdrawn") == limit
    assert outcomes[limit:] == ["waiting too-many-changes"] * (50 - limit)
    kinds = [got.kind for got in taro.mails]
    assert kinds.count("received") + kinds.count("withdrawn") == limit and kinds.count("answer") == 1
    told = next(got for got in taro.mails if got.kind == "answer")
    assert "翌日に順に処理いたします" in told.text.replace("\n", "")
    desk.person("", "operator@desk.example").gets("alert")
    assert inbox.counts()["waiting"] == 50 - limit
    assert inbox.claim(desk.store, desk.clock.now()) is None
    ichiro.forgets()
    taro.forgets()
    desk.passes(days=1)
    while (item := inbox.claim(desk.store, desk.clock.now())) is not None:
        reception.handle(item, desk.clock.now(), desk.context)
    assert inbox.counts()["waiting"] == 0


def test_others_and_answers_to_the_desk_do_not_wait(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    """A 確認依頼 has a deadline; and a reviewer's decisions are no changes of an applicant."""
    config = desk.config.model_copy(update={"desk": desk.config.desk.model_copy(update={"changes_per_day": 1})})
    desk.context = make_context(config, desk.store)
    assert said(taro.sends(FORM)) == "carried_out submitted"
    assert said(taro.sends(FORM.replace("A0A", "A0B"))) == "waiting too-many-changes"
    assert said(ichiro.replies(ichiro.gets("review-request"), "確認依頼\n理由は。\n")) == "carried_out asked"
    asked = next(got for got in taro.mails if got.kind == "confirmation-request")
    assert said(taro.replies(asked, "修正\n備考：回答\n")) == "carried_out corrected"
    assert said(taro.replies(asked, "状況\n")) == "answered status"
    assert said(hanako.sends(FORM.replace("A0A", "A01"))) == "carried_out submitted"
    assert len(outbox.listing()) > 0
