"""利用者IDの廃止, 通関士IDの追加 and メールボックスの追加・廃止, from the mail to the changed contract (S2, S3, S4)."""

from datetime import date

import pytest

from mailbot.model.lifecycle import Event, State
from mailbot.records.register import offices
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX, approve, flat, on
from tests.testkit.desk import DeskUnderTest, Person, no_quote


def test_abolition(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    taro.sends(ABOLITION, "利用者IDの廃止の申込")
    received = taro.gets("received")
    hanako.gets("received")
    receipt = received.receipt
    assert receipt == "2600001A"
    assert "1ANACA0A（net）" in received.text
    approve(desk, ichiro)
    completed = taro.gets("completed")
    hanako.gets("completed")
    assert (
        "利用開始日（適用日）：2026年12月10日（木）" in completed.text
    )  # a Thursday, more than five business days away
    assert "ご希望の日と異なります" not in completed.text
    application = desk.application(receipt)
    assert (application.state, application.start_date) == (State.COMPLETED, date(2026, 12, 10))
    assert application.view_period is None  # nothing is issued
    assert [p.get_filename() for p in completed.message.iter_attachments()] == [
        f"申込書_{receipt}.pdf",
        f"予定_{receipt}.ics",
    ]
    office = offices.office("NAC001")
    assert office is not None and office.user_id("1ANACA0A").end is None  # type: ignore[union-attr]
    ichiro.forgets()

    on(desk, date(2026, 12, 9))
    taro.gets_nothing()
    on(desk, date(2026, 12, 10))
    started = taro.gets("in-effect")
    hanako.gets("in-effect")
    assert [p.get_filename() for p in started.message.iter_attachments()] == [f"承認通知_{receipt}.pdf"]
    office = offices.office("NAC001")
    assert office is not None
    assert [i.full for i in office.user_ids() if not i.in_use(date(2026, 12, 10))] == ["1ANACA0A", "1ANACA0B"]
    on(desk, date(2026, 12, 14))
    taro.gets_nothing()
    assert [s.event for s in desk.application(receipt).steps] == [Event.SUBMIT, Event.APPROVE, Event.START]


def test_the_start_day_is_caught_up_after_a_week_off(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    taro.sends(ABOLITION)
    approve(desk, ichiro)
    for person in (taro, hanako, ichiro):
        person.forgets()
    desk.passes(days=40)
    desk.run_due_tasks()
    taro.gets("in-effect")
    desk.run_due_tasks()
    taro.gets_nothing()
    office = offices.office("NAC001")
    assert office is not None and office.user_id("1ANACA0A").end == date(2026, 12, 10)  # type: ignore[union-attr]


def test_another_day_than_the_wish_is_said_prominently(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(ABOLITION.replace("20261210", "20261124"))
    received = taro.gets("received")
    assert "利用開始日の見込みは、2026年12月1日（火）です。" in flat(received)
    review = ichiro.mails[-1]
    assert "2026年12月1日（火）" in flat(review)
    approve(desk, ichiro)
    completed = taro.gets("completed")
    assert "※利用開始日は、ご希望の日と異なります。" in completed.text
    assert "利用開始日（適用日）：2026年12月1日（火）" in completed.text


WHOLE_CODE = """\
手続：利用者IDの廃止
事業所コード：NAC001
廃止する利用者ID：1BNACB0A
利用者コードの廃止：[x]
利用開始希望日：20261210
変更する理由：業務の終了
"""


def test_a_whole_code_disappears(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(WHOLE_CODE)
    assert desk.application(taro.gets("received").receipt).revision.filled.codes("user_codes") == ("1BNAC",)
    approve(desk, ichiro)
    taro.forgets()
    on(desk, date(2026, 12, 10))
    taro.gets("in-effect")
    office = offices.office("NAC001")
    assert office is not None and office.user_code("1BNAC") is None


def test_a_code_with_one_id_left_out(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(ABOLITION.replace("利用開始", "利用者コードの廃止：1ANAC\n利用開始"))
    problem = taro.gets("invalid-input")
    assert "次の利用者IDが書かれていません：1ANACA01、1ANACA02、1ANACA03" in flat(problem)


SHARED = """\
手続：利用者IDの廃止
事業所コード：{office}
廃止する利用者ID：{ids}
利用者コードの廃止：1ANAC
利用開始希望日：20261210
変更する理由：業務の終了
"""


def test_a_shared_code_waits_for_the_other_office(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    shiro = desk.person("築港 四郎", "shiro@naxtrade.example")
    taro.sends(SHARED.format(office="NAC001", ids="1ANACA0A 1ANACA0B 1ANACA01 1ANACA02 1ANACA03"))
    received = taro.gets("received")
    assert "次の事業所からもお申込みが必要です：NAC002" in flat(received)
    request = ichiro.gets("review-request")
    assert "NAC002" in request.text
    first = desk.application(received.receipt)
    assert [(s.event, s.words) for s in first.steps] == [(Event.SUBMIT, ""), (Event.WAIT, "NAC002")]
    ichiro.replies(request, "承認\n")
    assert "NAC002" in ichiro.gets("answer").text
    assert desk.application(received.receipt).state is State.RECEIVED

    shiro.sends(SHARED.format(office="NAC002", ids="1ANACD0A"))
    second = shiro.gets("received").receipt
    asked = {m.receipt: m for m in ichiro.mails}
    assert set(asked) == {received.receipt, second}  # the first one is asked about again
    ichiro.forgets()
    for got in asked.values():
        ichiro.replies(got, "承認\n")
    assert desk.application(received.receipt).state is State.COMPLETED
    assert desk.application(second).state is State.COMPLETED
    on(desk, date(2026, 12, 10))
    for code in ("NAC001", "NAC002"):
        office = offices.office(code)
        assert office is not None and office.user_code("1ANAC") is None


def test_an_id_that_is_already_being_abolished(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(ABOLITION)
    receipt = taro.gets("received").receipt
    taro.sends(ABOLITION.replace("1ANACA0A ", ""))
    assert f"廃止のお申込み（申込受付番号 {receipt}）" in flat(taro.gets("invalid-input"))
    approve(desk, ichiro)
    taro.forgets()
    taro.sends(ABOLITION.replace("1ANACA0A ", ""))  # approved, but not in effect yet
    assert receipt in flat(taro.gets("invalid-input"))


def test_adding_ordinary_ids(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(
        "手続：識別番号（追加・削除）\n事業所コード：NAC001\n追加する利用者コード：1CNAC\n追加数（インタ）：2\n"
        "利用開始希望日：20261210\n変更する理由：増員\n"
    )
    received = taro.gets("received")
    approve(desk, ichiro)
    completed = taro.gets("completed")
    application = desk.application(received.receipt)
    assert [line.code for line in application.contract if line.changed] == ["1CNACA22", "1CNACA23"]
    on(desk, date(2026, 12, 10))
    for notice in (received, completed, taro.gets("in-effect")):  # nothing says that anything is abolished
        assert "利用者ID（識別番号）の追加の申込" in notice.subject
        assert "廃止" not in notice.subject
        assert "廃止となる" not in notice.text and "廃止となった" not in notice.text
    office = offices.office("NAC001")
    assert office is not None and office.user_id("1CNACA22").method == "インタ"  # type: ignore[union-attr]


def test_broker_ids(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    taro.sends(BROKER, "通関士IDの追加の申込")
    received = taro.gets("received")
    receipt = received.receipt
    assert receipt == "2600001B"
    assert "（新規）" not in received.text or "新規" in received.text
    approve(desk, ichiro)
    completed = taro.gets("completed")
    application = desk.application(receipt)
    new = [line.code for line in application.contract if line.changed]
    assert new == ["1ANACA2A", "1ANACA22"]  # a letter for net, a digit for インタ, none used before
    assert application.view_period is not None
    assert (application.view_period.first, application.view_period.last) == (date(2026, 11, 20), date(2026, 12, 14))
    secrets = desk.context.vault.open(application.id, date(2026, 12, 14))
    assert [secret.user_id for secret in secrets] == new
    assert not any(secret.password in completed.text + completed.html for secret in secrets)
    assert "UTB" in completed.text
    taro.forgets()
    hanako.forgets()
    on(desk, date(2026, 12, 10))
    taro.gets("in-effect")
    office = offices.office("NAC001")
    assert office is not None and office.user_id("1ANACA2A").start == date(2026, 12, 10)  # type: ignore[union-attr]
    on(desk, date(2026, 12, 11))
    taro.gets("view-ending")  # Friday: the last business day before the last one
    on(desk, date(2026, 12, 15))
    taro.gets_nothing()
    assert desk.context.vault.open(application.id, date(2026, 12, 15)) == []


def test_mailboxes(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(MAILBOX.replace("（EDIFACT）：0", "（EDIFACT）：1"))
    receipt = taro.gets("received").receipt
    approve(desk, ichiro)
    taro.forgets()
    application = desk.application(receipt)
    assert [line.code for line in application.contract] == ["NAC00101", "NAC00102", "NAC00103"]
    assert [s.user_id for s in desk.context.vault.open(application.id, date(2026, 11, 20))] == ["NAC00102", "NAC00103"]
    on(desk, date(2026, 12, 10))
    office = offices.office("NAC001")
    assert office is not None
    assert [(m.id, m.kind) for m in office.mailboxes] == [
        ("NAC00101", "SMTP/POP3"),
        ("NAC00102", "SMTP/POP3"),
        ("NAC00103", "EDIFACT"),
    ]


def test_a_number_is_never_given_twice(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """Two approvals before the first start day, and an abolished mailbox in between."""
    taro.sends(MAILBOX)
    approve(desk, ichiro)
    taro.sends(MAILBOX.replace("：1\n", "：0\n", 1).replace("メールボックスID：", "メールボックスID：NAC00101"))
    approve(desk, ichiro)
    taro.sends(MAILBOX)
    receipt = taro.mails[-1].receipt
    approve(desk, ichiro)
    assert [line.code for line in desk.application(receipt).contract if line.changed] == ["NAC00103"]
    on(desk, date(2026, 12, 10))
    office = offices.office("NAC001")
    assert office is not None and [m.id for m in office.mailboxes] == ["NAC00102", "NAC00103"]


BAD = {
    "zero mailboxes": (MAILBOX.replace("（SMTP/POP3）：1", "（SMTP/POP3）：0"), "いずれか一つ以上"),
    "99 mailboxes": (MAILBOX.replace("（SMTP/POP3）：1", "（SMTP/POP3）：99"), "あと98個しか"),
    "not a number": (MAILBOX.replace("（SMTP/POP3）：1", "（SMTP/POP3）：たくさん"), "0以上の整数"),
    "foreign mailbox": (MAILBOX.replace("ID：\n", "ID：NAC00199\n"), "この事業所に登録がありません"),
    "look-alike mailbox": (MAILBOX.replace("ID：\n", "ID：NACOO101\n"), "NAC00101ではありませんか"),
    "unknown method": (BROKER.replace("（net）", "（ねっと２）"), "処理方式として読み取れませんでした"),
    "nothing ticked": (
        MAILBOX.replace("：1\n", "：0\n", 1).replace(
            "メールボックスID：\n", "メールボックスID：\n[ ] NAC00101（SMTP/POP3）\n"
        ),
        "追加または廃止の内容が書かれていません",
    ),
    "badge too long": (BROKER.replace("12-7896", "123456-789012"), "通関士証票番号が長すぎます"),
    "too many badges": (BROKER.replace("12-7896", "035、12345、12-97"), "より多く書かれています"),
    "not a brokerage": (BROKER.replace("１ＡＮＡＣ", "1CNAC"), "業種が「通関業」"),
    "no count": (BROKER.replace("追加数（net）：1\n追加数（インタ）：1\n", ""), "必須の項目です"),
    "past date": (BROKER.replace("2026年12月10日", "20260101"), "過ぎた日付"),
    "nothing": (ABOLITION.replace("1ANACA0A 1ANACA0B", ""), "いずれか一つ以上"),
    "no code for additions": (ABOLITION + "追加数（net）：1\n", "どの利用者コードに"),
    "too many": (BROKER.replace("（net）：1", "（net）：500"), "99までです"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str, desk: DeskUnderTest, taro: Person) -> None:
    form, expected = BAD[name]
    outcome = taro.sends(form)
    answer = taro.gets("invalid-input")
    assert expected in flat(answer)
    assert outcome.application is not None and outcome.application.state is State.DRAFT
    fixed = {"zero mailboxes": "メールボックス数（EDIFACT）：1"}.get(name)
    if fixed:
        taro.replies(answer, fixed, no_quote)
        taro.gets("received")


def test_a_correction_of_one_count_leaves_the_other(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(BROKER)
    taro.replies(taro.gets("received"), "修正\n追加数（net）：3\n", no_quote)
    filled = desk.application(taro.gets("received").receipt).revision.filled
    assert filled.counts("added") == {"net": 3, "インタ": 1}


def test_a_withdrawal_frees_what_was_claimed(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(ABOLITION)
    taro.replies(taro.gets("received"), "取下げ\n")
    taro.gets("withdrawn")
    taro.sends(ABOLITION)
    taro.gets("received")


def test_a_reason_higher_than_a_page_stops_no_approval(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """Short lines, still under 240 characters: the row of the 申込書 runs over pages."""
    taro.sends(ABOLITION.replace("担当者の退職に伴い、使用しなくなったため", "\n".join("理由" for _ in range(70))))
    receipt = taro.gets("received").receipt
    approve(desk, ichiro)
    assert desk.application(receipt).state is State.COMPLETED
    assert [p.get_filename() for p in taro.gets("completed").message.iter_attachments()] == [
        f"申込書_{receipt}.pdf",
        f"予定_{receipt}.ics",
    ]
