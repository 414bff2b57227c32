"""A colleague who is not registered (担当者交代): never answered, in the operators' daily list, registered in one step."""

from dataclasses import replace
from email.header import make_header
from pathlib import Path

import pytest

from mailbot.desk.operations import daily_list_items
from mailbot.desk.operations.quarantine import Handled, Operator, register_and_release, release
from mailbot.model.evidence import Evidence, Result
from mailbot.model.people import Role
from mailbot.model.queued_mail import Disposition
from mailbot.records.log import mail_log
from mailbot.records.maintenance import consistency, raw_mail_retention
from mailbot.records.queues import inbox
from mailbot.records.register import offices
from mailbot.records.schema.queue_tables import InboxRow
from mailbot.register_files.register_file import read_register, write_register
from mailbot.runners.worker import Worker
from tests.testkit.contract_forms import at, flat
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import audited

GORO = "goro@naxtrade.example"
CONTACT = "氏名：通関　五郎\n氏名（フリガナ）：ツウカン　ゴロウ\n電話番号：03-0123-4567\n"


@pytest.fixture
def goro(desk: DeskUnderTest) -> Person:
    return desk.person("通関 五郎", GORO)


@pytest.fixture
def operator(desk: DeskUnderTest) -> Person:
    return desk.person("", "operator@desk.example")


def registers(desk: DeskUnderTest, number: int = 1, office: str = "NAC001") -> Handled:
    done = register_and_release(number, office, Operator("ops", desk.clock.now()), desk.context)
    while Worker(desk.context, desk.clock, handled=lambda: None).handle_one():
        pass
    desk.deliver()
    return done


def contacts(office: str = "NAC001") -> list[str]:
    found = offices.office(office)
    assert found is not None
    return [one.email for one in found.contacts]


@pytest.mark.parametrize(
    ("text", "subject", "reason"),
    [
        (FORM, "申込", "newcomer"),
        ("担当者が代わりました。よろしくお願いいたします。", "担当者交代のご連絡（NAC001）", "newcomer"),
        ("事業所コード：ＮＡＣ００１\n新任の通関五郎です。", "ご挨拶", "newcomer"),
        ("nac001の通関五郎です。状況を教えてください。", "状況", "newcomer"),
        ("様式：パスワード初期化", "nac001", "newcomer"),
        ("取下げ", "Re: [2600001C] NAC001", "newcomer"),
        ("担当者が代わりました。", "担当者交代のご連絡（XYZ999）", "sender-not-registered"),
        ("NAC0011 ANAC001 NAC-001 の五郎です。", "担当者交代", "sender-not-registered"),
        (f"{'よろしくお願いいたします。' * 90}NAC001", "ご挨拶", "sender-not-registered"),
        (" ".join(f"X{i:04d}" for i in range(30)) + " NAC001", "ご挨拶", "sender-not-registered"),
    ],
)
def test_who_names_an_office_is_not_answered(
    desk: DeskUnderTest, goro: Person, operator: Person, text: str, subject: str, reason: str
) -> None:
    outcome = goro.sends(text, subject)
    assert (outcome.disposition, outcome.reason) == (Disposition.QUARANTINED, reason)
    goro.gets_nothing()
    if reason == "newcomer":
        operator.gets("alert")
    assert desk.silent()
    assert [row.office for row in mail_log.listing(9) if row.direction == "in"] == [
        "NAC001" if reason == "newcomer" else ""
    ]


def test_the_operators_have_one_list_a_day(desk: DeskUnderTest, goro: Person, operator: Person) -> None:
    goro.sends("担当者が代わりました。", "NAC001 担当者交代")
    goro.sends(FORM)
    desk.person("", "hana@other.example").sends(FORM.replace("NAC001", "NAC002"))
    desk.person("", "eve@evil.example").sends("x")
    operator.gets("alert", "alert")  # at once, about each of the two
    at(desk, 2026, 11, 20, 10)
    listed = flat(operator.gets("alert"))
    assert "#2" in listed and "NAC001" in listed and "通関 五郎" in listed and GORO in listed  # the latest mail of each
    assert "#1" not in listed and "#3" in listed and "NAC002" in listed and "eve@" not in listed
    at(desk, 2026, 11, 20, 18)
    operator.gets_nothing()
    release(3, Operator("ops", desk.clock.now()), desk.context)
    at(desk, 2026, 11, 24, 9)
    again = flat(operator.gets("alert"))
    assert GORO in again and "#3" not in again
    goro.gets_nothing()


def test_registered_and_released_in_one_step(desk: DeskUnderTest, goro: Person, hanako: Person) -> None:
    goro.sends(f"{CONTACT}{FORM}")
    assert registers(desk, office="ｎａｃ００１") == Handled(1, registered=f"{GORO} as 申込担当者 of NAC001")
    goro.gets("received")
    hanako.gets("received")
    (place,) = offices.registrations(GORO)
    assert (place.role, place.contact.name, place.contact.kana) == (Role.CONTACT, "通関　五郎", "ツウカン　ゴロウ")
    assert [row[1:] for row in audited()] == [
        ("ops", f"released mail #1, quarantined (newcomer): registered {GORO} as 申込担当者 of NAC001")
    ]
    with desk.store.reading():
        assert consistency.check_consistency(desk.store).faults == ()
    assert registers(desk).problem.startswith(
        "it is not quarantined, but carried_out (submitted); ops released it already"
    )
    assert contacts().count(GORO) == 1


def test_a_second_mail_of_the_same_person_is_released_alone(desk: DeskUnderTest, goro: Person) -> None:
    goro.sends("NAC001の五郎です。いつ頃終わりますか。", "ご質問")
    goro.sends(f"{CONTACT}{FORM}")
    assert registers(desk, 2).registered
    assert registers(desk, 1) == Handled(1)
    assert contacts().count(GORO) == 1
    goro.gets("received", "answer")


def test_what_is_refused_changes_nothing(desk: DeskUnderTest, goro: Person) -> None:
    goro.sends(FORM)
    before = contacts()
    assert registers(desk, office="XYZ999").problem == "there is no office XYZ999 in the register"
    assert registers(desk, 9).problem == "there is no such mail"
    with desk.store.transaction():
        offices.add_contact("NAC002", replace(offices.registrations("taro@naxtrade.example")[0].contact, email=GORO))
    assert "belongs to NAC002" in registers(desk).problem
    with desk.store.transaction():
        evidence = Evidence(dmarc=Result.FAIL, policy="quarantine")
        inbox.update_evidence(1, evidence)
    assert "fails DMARC" in registers(desk).problem
    assert contacts() == before and audited() == []
    assert [row.reason for row in mail_log.listing(100) if row.direction == "in"] == ["newcomer"]


def test_a_reviewer_is_not_registered(desk: DeskUnderTest, ichiro: Person) -> None:
    ichiro.sends("NAC001の件", "休暇", Auto_Submitted="auto-replied")
    assert registers(desk).problem == "ichiro@desk.example is a reviewer"


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        (b"To: desk@desk.example\r\n", "its author is not usable (no-from)"),
        (b"From: a@b.example\r\nFrom: c@d.example\r\n", "its author is not usable (two-from-headers)"),
    ],
)
def test_a_mail_without_a_usable_author(desk: DeskUnderTest, head: bytes, problem: str) -> None:
    desk.receives(head + b"\r\n" + FORM.encode(), GORO)
    assert registers(desk).problem == problem


def test_an_address_that_no_register_file_may_hold(desk: DeskUnderTest, tmp_path: Path) -> None:
    """T-60: with it the exported register could not be imported again, for any office."""
    desk.receives(b"From: goro@naxtrade\r\nTo: desk@desk.example\r\n\r\n" + FORM.encode(), "goro@naxtrade")
    assert "the register takes no address like goro@naxtrade" in registers(desk).problem
    assert "goro@naxtrade" not in contacts()


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("\u202e郎五\u202c\u200b 通関", "郎五 通関"),
        ("五郎\u2028【承認】\u0085x", "五郎 【承認】 x"),
        ("五" * 200, "五" * 60),
        ("\u200b", "goro"),
    ],
)
def test_a_name_made_to_mislead(desk: DeskUnderTest, tmp_path: Path, name: str, registered: str) -> None:
    """T-28: the register gets one line of visible characters, and its file can be imported again."""
    words = " ".join(make_header([(name[i : i + 10], "utf-8")]).encode() for i in range(0, len(name), 10))
    head = f"From: {words} <{GORO}>\r\nTo: desk@desk.example\r\n\r\n"
    desk.receives(head.encode() + FORM.encode(), GORO)
    assert not registers(desk).problem
    office = offices.office("NAC001")
    assert office is not None and office.contacts[-1].name == registered
    write_register(offices.load_register(), tmp_path / "register.csv")
    assert read_register(tmp_path / "register.csv") == offices.load_register()


def test_the_list_has_bounds(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest of those who are proven come before the others; a large mail is not read for the name of its author."""
    for number in range(6):
        sender = desk.person(f"通関 {number}", f"a{number}@naxtrade.example")
        sender.sends(FORM + "あ" * 1_000 * (number == 1), "申込")
    with desk.store.transaction():
        InboxRow.update(evidence={"peer": "", "dmarc": "pass"}).where(InboxRow.id <= 3).execute()
    monkeypatch.setattr(daily_list_items, "MOST_READ", 2)
    monkeypatch.setattr(daily_list_items, "LARGEST_READ", 2_500)
    listed = daily_list_items.newcomers(desk.context, 3)
    assert [(one.number, one.name) for one in listed] == [(3, "通関 2"), (2, ""), (6, "通関 5")]
    desk.person("", "operator@desk.example").forgets()


def test_a_mail_whose_content_was_deleted(desk: DeskUnderTest, goro: Person) -> None:
    goro.sends(FORM)
    desk.person("", "operator@desk.example").gets("alert")
    desk.passes(days=400)
    raw_mail_retention.delete_raw_mail(desk.store, desk.clock.now(), 30)
    assert "was deleted by age" in registers(desk).problem
    at(desk, 2027, 12, 27, 10)
    assert GORO in flat(desk.person("", "operator@desk.example").gets("alert"))
