"""Who may do what with `auth.require = "dmarc"`: real signatures, a private DNS, and challenges (threats, B and D)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from mailbot.clock import TOKYO
from mailbot.desk import reception
from mailbot.desk.incoming import prepare
from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.queues import inbox
from mailbot.records.register import offices
from mailbot.runners import nameservers
from mailbot.runners.authentication import authenticate_one
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.mail_domains import Zones, signed, written, zones_of
from tests.testkit.records import receive
from tests.testkit.strict_desk import HANAKO, ICHIRO, TARO, people_of, replies, said, sends, strict_desk

DOMAINS = {
    "naxtrade.example": "v=DMARC1; p=none",
    "desk.example": "v=DMARC1; p=reject",
    "new.co.jp": "v=DMARC1; p=reject",
}


@pytest.fixture
def zones() -> Zones:
    return zones_of(DOMAINS)


@pytest.fixture
def strict(tmp_path: Path, zones: Zones) -> Iterator[DeskUnderTest]:
    with strict_desk(tmp_path, zones) as desk:
        yield desk


@pytest.fixture
def people(strict: DeskUnderTest) -> Mapping[str, Person]:
    return people_of(strict)


def test_proven_mail_is_carried_out(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    assert said(sends(strict, TARO, FORM)) == "carried_out submitted"
    request = people[ICHIRO].gets("review-request")
    assert said(replies(strict, people[ICHIRO], request, "承認")) == "carried_out approved"
    assert strict.application("2600001C").state is State.COMPLETED


def test_a_registered_sender_who_is_not_proven_is_asked_back_and_confirms(
    strict: DeskUnderTest, people: Mapping[str, Person]
) -> None:
    """T-69: the question quotes nothing of what a stranger may have written."""
    assert said(sends(strict, TARO, FORM, sign="")) == "challenged sender-not-proven"
    people[HANAKO].gets_nothing()
    question = people[TARO].gets("challenge")
    assert "失念" not in question.text
    for said_of_it in ("#1", "パスワード初期化", "2026年11月20日（金） 10:00", "2026年11月24日（火）"):
        assert said_of_it in question.text
    assert question.message["Auto-Submitted"] == "auto-replied"
    assert said(replies(strict, people[TARO], question, "確認", sign="")) == "carried_out confirmed"
    assert people[TARO].gets("received").receipt == "2600001C"
    people[HANAKO].gets("received")
    first = inbox.get(strict.store, 1)
    assert first is not None and first.evidence.confirmed
    assert inbox.counts() == {"waiting": 0, "carried_out": 2}


def test_a_challenge_is_used_once(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    """T-46."""
    sends(strict, TARO, FORM, sign="")
    question = people[TARO].gets("challenge")
    replies(strict, people[TARO], question, "確認", sign="")
    people[TARO].forgets()
    assert said(replies(strict, people[TARO], question, "確認", sign="")) == "answered challenge-expired"
    assert len(strict.application("2600001C").steps) == 1


@pytest.mark.parametrize("asked_at", [(2026, 11, 20, 10), (2026, 11, 20, 21), (2026, 11, 21, 8), (2026, 11, 22, 23)])
@pytest.mark.parametrize(
    ("second", "outcome"), [(0, "carried_out confirmed"), (1, "answered challenge-expired")], ids=["last", "late"]
)
def test_a_challenge_lives_until_the_end_of_the_next_business_day(
    strict: DeskUnderTest,
    people: Mapping[str, Person],
    asked_at: tuple[int, int, int, int],
    second: int,
    outcome: str,
) -> None:
    """Asked on Friday morning or evening, or at the weekend before the holiday of Monday: until Tuesday midnight."""
    strict.clock.set(datetime(*asked_at, tzinfo=TOKYO))
    sends(strict, TARO, FORM, sign="")
    question = people[TARO].gets("challenge")
    assert "2026年11月24日（火）" in question.text
    strict.clock.set(datetime(2026, 11, 24, 23, 59, 59, tzinfo=TOKYO) + timedelta(seconds=second))
    assert said(replies(strict, people[TARO], question, "確認", sign="")) == outcome


def test_a_challenge_repeats_nothing_that_its_sender_chose(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    """No subject, no display name, no procedure in words of their own; and no link that leaves the mail."""
    text = FORM.replace("手続：パスワード初期化", "手続：仮パスワード発行")
    sends(strict, f"緊急の窓口 <{TARO}>", text, sign="", subject="至急 https://evil.example")
    question = people[TARO].gets("challenge")
    for chosen in ("至急", "evil", "緊急の窓口", "仮パスワード発行", "http"):
        assert chosen not in question.text and chosen not in question.html and chosen not in question.subject
    assert "パスワード初期化" in question.text


@pytest.mark.parametrize(
    "text", ["これは何ですか", "確認しません", "確認\n拒否", "確\u200b認", "確認してよいですか", ""]
)
def test_other_words_confirm_nothing(strict: DeskUnderTest, people: Mapping[str, Person], text: str) -> None:
    sends(strict, TARO, FORM, sign="")
    question = people[TARO].gets("challenge")
    assert said(replies(strict, people[TARO], question, text, sign="")) == "answered challenge-unclear"
    people[TARO].forgets()
    assert said(replies(strict, people[TARO], question, "確認", sign="")) == "carried_out confirmed"


def test_whoever_did_not_write_it_says_so(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    sends(strict, TARO, FORM, sign="evil.co.jp")
    question = people[TARO].gets("challenge")
    assert said(replies(strict, people[TARO], question, "拒否")) == "carried_out challenge-denied"
    people[TARO].gets("answer")
    strict.person("", "operator@desk.example").gets("alert")
    assert said(replies(strict, people[TARO], question, "確認")) == "answered challenge-expired"


def test_a_challenge_in_another_persons_hand(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    """T-47: forwarded or quoted, it helps nobody else."""
    sends(strict, TARO, FORM, sign="")
    question = people[TARO].gets("challenge")
    eve = strict.person("eve", "eve@new.co.jp")
    assert said(replies(strict, eve, question, "確認")) == "quarantined token-of-another-person"
    assert said(replies(strict, people[HANAKO], question, "確認")) == "quarantined token-of-another-person"
    people[HANAKO].gets_nothing()


def test_an_automatic_answer_to_a_challenge_is_none(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    sends(strict, TARO, FORM, sign="")
    question = people[TARO].gets("challenge")
    outcome = sends(strict, TARO, "確認\n", to=question.reply_to, Auto_Submitted="auto-replied")
    assert said(outcome) == "quarantined auto-submitted"


def test_at_most_a_few_questions_a_day(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    """T-66: who forges Taro's address can trouble him three times a day."""
    for number in range(50):
        sends(strict, TARO, f"{FORM}\n備考：{number}", sign="")
    assert len(people[TARO].mails) == 3
    assert strict.last is not None and said(strict.last) == "quarantined too-many-challenges"


def test_a_domain_that_asks_to_refuse_forgeries_is_heard(
    strict: DeskUnderTest, people: Mapping[str, Person], zones: Zones
) -> None:
    """T-17."""
    zones.records["_dmarc.naxtrade.example", "TXT"] = ["v=DMARC1; p=reject"]
    assert said(sends(strict, TARO, FORM, sign="new.co.jp")) == "quarantined dmarc-fail"
    people[TARO].gets_nothing()


def test_a_correction_by_reply_address_needs_no_proof_but_a_decision_does(
    strict: DeskUnderTest, people: Mapping[str, Person]
) -> None:
    sends(strict, TARO, FORM)
    received, request = people[TARO].gets("received"), people[ICHIRO].gets("review-request")
    outcome = replies(strict, people[TARO], received, "修正\n備考：至急お願いします", sign="")
    assert said(outcome) == "carried_out corrected"
    request = people[ICHIRO].gets("review-request")
    assert said(replies(strict, people[ICHIRO], request, "承認", sign="new.co.jp")) == "quarantined dmarc-fail"
    assert strict.application("2600001C").state is State.RECEIVED


def test_a_reviewer_whose_domain_does_not_sign_is_asked_back(
    strict: DeskUnderTest, people: Mapping[str, Person], zones: Zones
) -> None:
    zones.records["_dmarc.desk.example", "TXT"] = ["v=DMARC1; p=none"]
    sends(strict, TARO, FORM)
    request = people[ICHIRO].gets("review-request")
    assert said(replies(strict, people[ICHIRO], request, "承認", sign="")) == "challenged sender-not-proven"
    assert strict.application("2600001C").state is State.RECEIVED
    question = people[ICHIRO].gets("challenge")
    assert said(replies(strict, people[ICHIRO], question, "確認", sign="")) == "carried_out confirmed"
    assert strict.application("2600001C").state is State.COMPLETED


def test_looking_up_needs_proof_and_help_does_not(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    assert said(sends(strict, TARO, "契約内容\n", sign="")) == "challenged sender-not-proven"
    assert said(sends(strict, TARO, "ヘルプ\n", sign="")) == "answered help"
    assert said(sends(strict, TARO, "契約内容\n")) == "answered contract"


NEW = "newcomer@new.co.jp"
CONTACT = f"""
【申込担当者】
氏名：新任　次郎
氏名（フリガナ）：シンニン　ジロウ
電話番号：03-0123-4567
E-mailアドレス：{NEW}
E-mailアドレス（確認用）：{NEW}
"""
NEW_FORM = FORM.replace("\n【申込内容】", f"{CONTACT}\n【申込内容】")


def test_a_newcomer_is_confirmed_by_the_administrator(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    newcomer = strict.person("新任 次郎", NEW)
    assert said(sends(strict, NEW, NEW_FORM)) == "challenged new-contact"
    newcomer.gets_nothing()
    question = people[HANAKO].gets("challenge")
    assert NEW in question.text and "新任" not in question.text
    assert said(replies(strict, people[HANAKO], question, "確認", sign="")) == "carried_out confirmed"
    newcomer.gets("received")
    people[HANAKO].gets("received")
    office = offices.office("NAC001")
    assert office is not None and [c.kana for c in office.contacts if c.email == NEW] == ["シンニン　ジロウ"]
    assert said(sends(strict, NEW, "ヘルプ\n")) == "answered help"


@pytest.mark.parametrize(
    ("sign", "text", "expected"),
    [
        ("", NEW_FORM, "quarantined dmarc-fail"),
        (None, NEW_FORM.replace("NAC001", "XXX999"), "quarantined sender-not-registered"),
        (None, "パスワードを初期化してください。\n", "answered no-form"),
    ],
)
def test_a_newcomer_who_proves_nothing_or_names_no_office(
    strict: DeskUnderTest, people: Mapping[str, Person], sign: str | None, text: str, expected: str
) -> None:
    assert said(sends(strict, NEW, text, sign=sign)) == expected
    people[HANAKO].gets_nothing()


@pytest.mark.parametrize(
    ("answer", "said_of_it", "readings"),
    [
        ("確認", "carried_out confirmed", 2),
        ("拒否", "carried_out challenge-denied", 1),
        ("どういうことですか", "answered challenge-unclear", 1),
    ],
)
def test_the_mail_in_question_is_read_once_it_is_confirmed(
    strict: DeskUnderTest,
    people: Mapping[str, Person],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    said_of_it: str,
    readings: int,
) -> None:
    sends(strict, NEW, NEW_FORM)
    question = people[HANAKO].gets("challenge")
    read: list[int] = []
    real = prepare.read_mail

    def read_mail(item, *args, **kwargs):  # type: ignore[no-untyped-def]
        read.append(item.id)
        return real(item, *args, **kwargs)

    monkeypatch.setattr(prepare, "read_mail", read_mail)
    assert said(replies(strict, people[HANAKO], question, answer, sign="")) == said_of_it
    assert len(read) == readings


def form_of(author: str) -> str:
    return NEW_FORM.replace(NEW, author)


@pytest.mark.parametrize(
    ("strangers", "number"),
    [(["stranger@evil.co.jp"], 12), ([f"{n}@evil.co.jp" for n in range(12)], 1), (["x@new.co.jp"] * 2, 6)],
    ids=["one address", "many addresses", "two domains"],
)
def test_strangers_use_up_no_question_about_a_colleague(
    strict: DeskUnderTest, people: Mapping[str, Person], zones: Zones, strangers: list[str], number: int
) -> None:
    """T-66: newcomers of the office's own domain are counted apart from those of any other."""
    zones.publishes("evil.co.jp")
    for count in range(number):
        for stranger in strangers:
            sends(strict, stranger, f"{form_of(stranger)}\n備考：{count}")
    assert len(people[HANAKO].mails) == 3
    assert strict.last is not None and said(strict.last) == "quarantined newcomer"  # in the operators' daily list
    people[HANAKO].forgets()
    colleague = "shinnin@naxtrade.example"
    assert said(sends(strict, colleague, form_of(colleague))) == "challenged new-contact"
    assert colleague in people[HANAKO].gets("challenge").text


def test_questions_about_colleagues_are_bounded_too(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    """T-66: and use up none about strangers, nor one about the 管理責任者's own mail."""
    for number in range(8):
        author = f"{number}@naxtrade.example"
        sends(strict, author, form_of(author))
    assert len(people[HANAKO].mails) == 3
    people[HANAKO].forgets()
    assert said(sends(strict, NEW, NEW_FORM)) == "challenged new-contact"
    assert said(sends(strict, HANAKO, FORM, sign="")) == "challenged sender-not-proven"


def test_an_administrator_refuses_a_newcomer(strict: DeskUnderTest, people: Mapping[str, Person]) -> None:
    sends(strict, NEW, NEW_FORM)
    question = people[HANAKO].gets("challenge")
    assert said(replies(strict, people[HANAKO], question, "拒否")) == "carried_out challenge-denied"
    assert not offices.registrations(NEW)


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Used before `strict`: name servers are given up on after half a second."""
    monkeypatch.setattr(nameservers, "QUERY_SECONDS", 0.5)


def test_name_servers_that_do_not_answer_put_a_mail_off(
    short_timeout: None, strict: DeskUnderTest, people: Mapping[str, Person], zones: Zones
) -> None:
    """Neither believed nor challenged: it is tried again, and after an hour the sender is asked."""
    zones.away.add("naxtrade.example")
    raw = signed(written(FORM, TARO, date=format_datetime(strict.clock.now())), "naxtrade.example")
    arrival = Arrival(Envelope(TARO, ("desk@desk.example",)), raw, inbox.Evidence(), strict.clock.now())
    receive(strict.store, [arrival], authenticate=True)
    assert inbox.claim(strict.store, strict.clock.now()) is None
    (item,) = inbox.unauthenticated(strict.store, strict.clock.now(), 10, ())
    authenticate_one(item, strict.clock, strict.context)
    assert inbox.unauthenticated(strict.store, strict.clock.now(), 10, ()) == []
    strict.clock.advance(timedelta(minutes=61))
    (item,) = inbox.unauthenticated(strict.store, strict.clock.now(), 10, ())
    authenticate_one(item, strict.clock, strict.context)
    again = inbox.claim(strict.store, strict.clock.now())
    assert again is not None and again.attempts == 1
    assert said(reception.handle(again, strict.clock.now(), strict.context)) == "challenged sender-not-proven"
