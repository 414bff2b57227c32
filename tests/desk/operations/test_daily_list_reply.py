"""An operator answers the daily list line by line: each line is done once, done before by somebody, or asked about."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.desk.inquiries import stand_in
from mailbot.desk.operations.quarantine import Operator, discard
from mailbot.model.inquiry import Audience, InquiryState
from mailbot.model.notice import Addressee
from mailbot.model.people import Role
from mailbot.model.queued_mail import DeliveryResult, Disposition, OutboxState
from mailbot.notices.contents.inquiries import InquiryNotice
from mailbot.records.inquiries import inquiries
from mailbot.records.maintenance import consistency
from mailbot.records.queues import inbox, outbox, quarantined
from mailbot.records.register import offices
from mailbot.runners.worker import Worker
from tests.testkit.contract_forms import at
from tests.testkit.desk import FORM as INCOMPLETE
from tests.testkit.desk import DeskUnderTest, Person, ReceivedNotice, gmail, outlook
from tests.testkit.mail_domains import zones_of
from tests.testkit.records import audited, record_result
from tests.testkit.strict_desk import mail, said, sends, strict_desk

GORO = "goro@naxtrade.example"
FORM = f"氏名：通関　五郎\n氏名（フリガナ）：ツウカン　ゴロウ\n電話番号：03-0123-4567\n{INCOMPLETE}"


def flat(got: ReceivedNotice) -> str:
    return "".join(got.text.split())


@pytest.fixture
def goro(desk: DeskUnderTest) -> Person:
    return desk.person("通関 五郎", GORO)


@pytest.fixture
def operator(desk: DeskUnderTest) -> Person:
    return desk.person("運用 者", "operator@desk.example")


def two_operators(desk: DeskUnderTest) -> tuple[Person, Person]:
    object.__setattr__(desk.context.settings, "operators", ("operator@desk.example", "second@desk.example"))
    return desk.person("運用 者", "operator@desk.example"), desk.person("", "second@desk.example")


def works(desk: DeskUnderTest) -> None:
    """What was released is handled."""
    while Worker(desk.context, desk.clock, handled=lambda: None).handle_one():
        pass
    desk.deliver()


def fails(desk: DeskUnderTest, number: int) -> None:
    record_result(desk.store, number, DeliveryResult(False, permanent=True, code=550), desk.clock.now(), None)


def full_list(desk: DeskUnderTest, taro: Person, goro: Person, *operators: Person) -> list[ReceivedNotice]:
    """The list of the next morning: newcomer #1, quarantined mail #2, inquiry #3, and the failed notice to taro."""
    goro.sends(FORM)
    taro.sends("休暇をいただいております。", "自動応答: 休暇")
    taro.sends("費用はいくらですか。", "お問い合わせ")
    number = next(item.id for item in outbox.listing() if item.mail.recipient == taro.address)
    fails(desk, number)
    for person in desk.people.values():
        person.forgets()
    at(desk, 2026, 11, 24, 9)
    return [one.gets("alert") for one in operators]


def listed_to_one(desk: DeskUnderTest) -> ReceivedNotice:
    """`full_list` to the only operator."""
    taro, goro = desk.person("通関 太郎", "taro@naxtrade.example"), desk.person("通関 五郎", GORO)
    (listed,) = full_list(desk, taro, goro, desk.person("運用 者", "operator@desk.example"))
    return listed


def lines_of(desk: DeskUnderTest) -> tuple[ReceivedNotice, str]:
    """The confirmation to the operator, and its text without line breaks."""
    got = desk.person("", "operator@desk.example").gets("answer")
    return got, flat(got)


def failed_number(desk: DeskUnderTest) -> int:
    return outbox.listing(OutboxState.FAILED)[0].id


def test_everything_in_one_reply(desk: DeskUnderTest, taro: Person, goro: Person, operator: Person) -> None:
    (listed,) = full_list(desk, taro, goro, operator)
    number = failed_number(desk)
    for item in ("#1", "#2", "#3", f"n{number}", GORO, "費用はいくらですか", "件名が自動応答のものです"):
        assert item in flat(listed)
    words = (
        f"お疲れさまです。\n#1 登録して処理\n＃２　破棄　不在の通知\n3 済\nn{number} 再送\nよろしくお願いいたします。"
    )
    outcome = operator.replies(listed, words)
    assert said(outcome) == "carried_out list-carried-out"
    assert outcome.detail == f"#1 register; #2 discard; #3 close; n{number} resend"
    _, text = lines_of(desk)
    for line in (
        "お疲れさまです",
        f"申込担当者として登録し、メールを受け付けました（{GORO}）",
        "#2を破棄",
        "#3を返信せず",
    ):
        assert line in text
    works(desk)
    goro.gets("received")
    assert offices.registrations(GORO)[0].office.code == "NAC001"
    with desk.store.reading():
        assert quarantined.state_of(2) == "discarded (discarded-by-operator)"
        (inquiry,) = inquiries.listing()
        assert (inquiry.state, inquiry.answered_by) == (InquiryState.CLOSED, "operator@desk.example")
        assert [row[1] for row in audited()] == ["operator@desk.example"] * 4
        assert consistency.check_consistency(desk.store).faults == ()
    assert not outbox.listing(OutboxState.FAILED)


def test_two_operators_answer(desk: DeskUnderTest, taro: Person, goro: Person) -> None:
    """The second is told who was first, line by line; the same answer again changes nothing."""
    operator, second = two_operators(desk)
    first_list, second_list = full_list(desk, taro, goro, operator, second)
    number = failed_number(desk)
    words = f"#1 登録して処理\n#2 処理\n#3 済\nn{number} 再送"
    desk.passes(minutes=5)
    operator.replies(first_list, words)
    operator.gets("answer")
    works(desk)
    outcome = second.replies(second_list, words)
    assert outcome.detail == f"#1 done_before; #2 done_before; #3 done_before; n{number} done_before"
    text = flat(second.gets("alert", "answer"))
    assert text.count("すでに済んでいます（operator@desk.example") == 4
    assert len(offices.registrations(GORO)) == 1
    assert len(audited()) == 4


ASKED = {
    "nothing but a quote": ("", "新しく書かれた行がありません"),
    "a number that is not listed": ("#9 破棄", "一覧にありません"),
    "no number": ("全部破棄してください", "番号がない"),
    "an action for something else": ("#3 破棄", "行えない操作"),
    "two answers": ("#2 破棄\n#2 処理", "異なる内容"),
    "a condition": ("#1 登録して処理 ただし電話確認後", "読み取れません"),
    "nothing is decided yet": ("まだ確認中です。\n#1 登録して処理", "まだ決まっていない"),
    "another office": ("#1 登録して処理 NAC002", "事業所コードと異なります（NAC001）"),
    "not registered": ("#1 処理", "まだ登録のない方"),
    "an application": ("2600001C 承認", "審査担当者が行います"),
    "an unheard-of verb": ("#2 よきに計らえ", "読み取れません"),
    "below a divider": ("\n-----Original Message-----\n#2 破棄", "新しく書かれた行がありません"),
}


@pytest.mark.parametrize(("words", "says"), ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("quote", [gmail, outlook])
def test_what_is_asked_back(desk: DeskUnderTest, operator: Person, words: str, says: str, quote: object) -> None:
    listed = desk.after(listed_to_one)
    outcome = operator.replies(listed, words, quote)  # type: ignore[arg-type]
    assert said(outcome) == "answered list-not-understood"
    answer, text = lines_of(desk)
    assert says in text
    for line in filter(None, words.split("\n-----", maxsplit=1)[0].split("\n")):
        assert "".join(line.split()) in text
    assert audited() == []
    # The answer can be answered.
    assert operator.replies(answer, "#2 破棄", quote).detail == "#2 discard"  # type: ignore[arg-type]


def test_a_colleague_who_was_registered_meanwhile_is_released(
    desk: DeskUnderTest, taro: Person, goro: Person, operator: Person
) -> None:
    (listed,) = full_list(desk, taro, goro, operator)
    with desk.store.transaction():
        offices.add_contact("NAC001", offices.registrations(taro.address)[0].contact.__class__(name="五郎", email=GORO))
    assert operator.replies(listed, "#1 処理").detail == "#1 release"
    works(desk)
    goro.gets("received")


def test_a_released_mail_of_somebody_who_has_left(desk: DeskUnderTest, taro: Person, operator: Person) -> None:
    """Its sender is no longer registered: it is quarantined again, not handled, and not listed any more."""
    taro.sends("休暇をいただいております。", "自動応答: 休暇")
    operator.forgets()
    at(desk, 2026, 11, 20, 11)
    listed = operator.gets("alert")
    office = offices.office("NAC001")
    assert office is not None
    with desk.store.transaction():
        offices.replace_register(_without(taro.address))
    assert operator.replies(listed, "#1 処理").detail == "#1 release"
    operator.gets("answer")
    works(desk)
    with desk.store.reading():
        assert quarantined.state_of(1).startswith("quarantined (")
    taro.gets_nothing()
    at(desk, 2026, 11, 24, 9)
    operator.gets_nothing()


def _without(address: str):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    from mailbot.model.register import Register

    found = [offices.office(code) for code in ("NAC001", "NAC002")]
    kept = [replace(one, contacts=tuple(c for c in one.contacts if c.email != address)) for one in found if one]
    return Register(tuple(kept), tuple(offices.all_reviewers()))


def test_who_may_answer(desk: DeskUnderTest, taro: Person, goro: Person) -> None:
    operator, second = two_operators(desk)
    listed, _ = full_list(desk, taro, goro, operator, second)
    for person in (taro, goro, second):  # the list was sent to the operator alone
        assert said(person.replies(listed, "#2 破棄")) == "quarantined token-of-another-person"
    assert said(operator.replies(listed, "#2 破棄", keep_tag=False)) != "carried_out list-carried-out"
    object.__setattr__(desk.context.settings, "operators", ("second@desk.example",))
    assert said(operator.replies(listed, "#2 破棄")) == "quarantined not-an-operator"
    assert audited() == []


def test_an_expired_list(desk: DeskUnderTest, taro: Person, goro: Person, operator: Person) -> None:
    (listed,) = full_list(desk, taro, goro, operator)
    desk.passes(days=desk.context.settings.reply_token_days + 1)
    assert said(operator.replies(listed, "#2 破棄")) == "answered list-expired"
    assert "最新の一覧" in flat(operator.gets("answer"))
    assert audited() == []


def test_the_people_of_desk_inquiries_close_inquiries_alone(
    desk: DeskUnderTest, taro: Person, goro: Person, operator: Person
) -> None:
    helper = desk.person("", "helper@desk.example")
    object.__setattr__(desk.context.settings, "inquiries", ("helper@desk.example",))
    (listed,) = full_list(desk, taro, goro, helper)
    assert "#2" not in flat(listed)
    assert helper.replies(listed, "#3 済\n#2 破棄").detail == "#3 close"
    assert "一覧にありません" in flat(helper.gets("answer"))
    del operator


def test_a_concern_is_not_closed_from_the_list(desk: DeskUnderTest, taro: Person, operator: Person) -> None:
    taro.sends("申込をした心当たりがありません。", "ご連絡")
    operator.forgets()
    at(desk, 2026, 11, 24, 9)
    listed = operator.gets("alert")
    assert said(operator.replies(listed, "#1 済")) == "answered list-not-understood"
    assert "至急のご連絡は、一覧からは終えられません" in flat(operator.gets("answer"))


def test_a_concern_that_is_sent_again_says_what_is_in_force(
    desk: DeskUnderTest, taro: Person, operator: Person
) -> None:
    taro.sends("申込をした心当たりがありません。", "ご連絡")
    operator.forgets()
    at(desk, 2026, 11, 24, 9)
    assert operator.replies(operator.gets("alert"), "#1 送付").detail == "#1 send"
    with desk.store.reading():
        assert audited()[-1][1:] == ("operator@desk.example", "inquiry 1 passed on to operator@desk.example")
    again = flat(operator.gets("answer", "inquiry"))
    assert "一時停止しました" in again and "ご本人かどうか" not in again
    with desk.store.reading():
        inquiry = inquiries.get(1)
        assert inquiry is not None
        not_proven = replace(inquiry, audience=Audience.DESK)
        (notice,) = stand_in.to_others(not_proven, [Addressee(Role.OPERATOR, operator.address)], desk.context)
    assert isinstance(notice.content, InquiryNotice) and not notice.content.measures.proven


def test_a_thank_you_is_recorded(desk: DeskUnderTest, taro: Person, goro: Person, operator: Person) -> None:
    (listed,) = full_list(desk, taro, goro, operator)
    assert said(operator.replies(listed, "ありがとうございます。")) == "recorded courtesy"
    operator.gets_nothing()


def test_the_notice_at_once_is_answered_in_the_same_way(
    desk: DeskUnderTest, goro: Person, operator: Person, taro: Person
) -> None:
    goro.sends(FORM)
    at_once = operator.gets("alert")
    assert "NAC001" in at_once.subject and GORO in flat(at_once)
    goro.sends("もう一度お送りします。", "NAC001")  # once a day for each author
    operator.gets_nothing()
    assert operator.replies(at_once, "#1 登録して処理").detail == "#1 register"
    works(desk)
    goro.gets("received")
    taro.gets_nothing()


def test_the_notices_at_once_have_a_bound(desk: DeskUnderTest, operator: Person) -> None:
    for number in range(30):
        desk.person("", f"stranger{number}@evil.example").sends("担当者になりました。", "NAC001")
    assert len(operator.mails) == 5
    operator.forgets()
    at(desk, 2026, 11, 24, 9)
    assert flat(operator.gets("alert")).count("@evil.example") == 30  # none is lost


def test_alerts_of_other_kinds_do_not_hide_a_newcomer(
    desk: DeskUnderTest, taro: Person, goro: Person, operator: Person
) -> None:
    taro.sends(INCOMPLETE)
    received = taro.gets("received")
    for number in range(3):
        desk.person("", f"stranger{number}@evil.example").replies(received, "取下げ")
    operator.gets("alert", "alert", "alert")
    goro.sends(FORM)
    assert GORO in flat(operator.gets("alert"))


def test_a_weakly_proven_operator_or_newcomer(tmp_path: Path) -> None:
    """A reply that anybody may have sent is asked about first; an author whom nobody vouches for is not registered."""
    zones = zones_of({"naxtrade.example": "v=DMARC1; p=none", "desk.example": "v=DMARC1; p=none"})
    with strict_desk(tmp_path, zones) as desk:
        operator = desk.person("", "operator@desk.example")
        desk.receives(mail(desk, GORO, FORM), GORO)
        sends(desk, "shinnin@naxtrade.example", "担当になりました。", subject="NAC001")
        operator.forgets()
        at(desk, 2026, 11, 24, 9)
        listed = operator.gets("alert")
        assert "ご返信では登録できません" in flat(listed)
        to = listed.reply_to
        assert said(sends(desk, operator.address, "#2 破棄", sign="", to=to)) == "challenged sender-not-proven"
        assert audited() == []
        question = operator.gets("challenge")
        confirmed = sends(desk, operator.address, "確認", sign="", to=question.reply_to)
        assert said(confirmed) == "carried_out confirmed"
        assert "#2を破棄しました" in flat(operator.gets("answer"))
        outcome = sends(desk, operator.address, "#1 登録して処理", to=to)
        assert outcome.detail == "#1 not_proven"
        assert offices.registrations(GORO) == []


def test_a_command_was_first(desk: DeskUnderTest, taro: Person, goro: Person, operator: Person) -> None:
    (listed,) = full_list(desk, taro, goro, operator)
    discard(2, "test", Operator("ops", desk.clock.now()), desk.context)
    outcome = operator.replies(listed, "#2 処理")
    assert (outcome.disposition, outcome.detail) == (Disposition.ANSWERED, "#2 done_before")
    assert "（ops、" in lines_of(desk)[1]
    assert inbox.counts()["waiting"] == 0
