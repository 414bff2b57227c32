"""記載例, スケジュール, and how a registered address or a forgotten 事業所パスワード is changed: by a person, by no mail."""

from collections.abc import Callable
from datetime import date

import pytest

from mailbot.model.contract import EXAMPLE_OFFICE, EXAMPLE_USER_CODE
from mailbot.model.lifecycle import State
from mailbot.model.people import Language
from mailbot.model.start_days import ScheduleDay
from mailbot.procedures import load_procedures
from mailbot.records.applications import application_store
from mailbot.records.register import offices
from mailbot.records.register.schedule import replace_table
from tests.testkit.contract_forms import flat
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, gmail, outlook

TITLES = ("通関士IDの追加", "メールボックスの追加・廃止", "パスワード初期化", "利用者IDの廃止")
DAYS = (
    ScheduleDay(date(2026, 12, 1), date(2026, 11, 19)),  # its deadline was yesterday
    ScheduleDay(date(2026, 12, 3), date(2026, 11, 20)),
    ScheduleDay(date(2026, 12, 8), date(2026, 11, 25)),
)

PROCEDURES = load_procedures()


@pytest.fixture
def bob(desk: DeskUnderTest) -> Person:
    return desk.person("Bob Broker", "bob@skyforwarding.example")


def answered(person: Person, text: str, subject: str = "お願い") -> tuple[str, ReceivedNotice]:
    outcome = person.sends(text, subject)
    return outcome.reason, person.gets("answer")


@pytest.mark.parametrize(
    ("subject", "text", "titles"),
    [
        ("お願い", "記載例", TITLES),
        ("記載例", "", TITLES),
        ("Re: お願い", "お世話になっております。\n記載例を送ってください。", TITLES),
        ("お願い", "記載例：通関士IDの追加", TITLES[:1]),
        ("パスワード初期化の記載例", "よろしくお願いいたします。", TITLES[2:3]),
        ("お願い", "利用者IDの廃止の記載例をください", TITLES[3:]),
        ("お願い", "メールボックスの追加・廃止の申込みをします。記入例はありますか。", TITLES[1:2]),
    ],
)
def test_examples(taro: Person, subject: str, text: str, titles: tuple[str, ...]) -> None:
    reason, got = answered(taro, text, subject)
    assert reason == "example"
    assert tuple(title for title in TITLES if f"手続：{title}" in got.text) == titles
    assert got.text.count(f"事業所コード：{EXAMPLE_OFFICE}") == len(titles)


def test_examples_in_english(bob: Person) -> None:
    reason, got = answered(bob, "example", "example")
    assert reason == "example" and got.text.count(f"Office code: {EXAMPLE_OFFICE}") == 4


def pasted(got: ReceivedNotice) -> str:
    return got.text


def pasted_forms(got: ReceivedNotice) -> str:
    """The forms alone, as somebody copies them into a new mail."""
    parts = got.text.split("─" * 35)
    return "\n".join(part for part in parts if "手続：" in part)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("quote", [gmail, outlook, pasted, pasted_forms])
def test_an_example_that_comes_back_unchanged_is_no_application(
    desk: DeskUnderTest, taro: Person, title: str, quote: Callable[[ReceivedNotice], str]
) -> None:
    _, got = answered(taro, f"記載例：{title}")
    taro.replies(got, "", quote)
    taro.sends(quote(got), f"{title}の申込")
    assert all(one.state is State.DRAFT for one in application_store.listing())
    assert "received" not in [mail.kind for mail in taro.mails]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["broker_id_addition", "mailbox_change", "password_reset", "user_id_abolition"])
def test_an_example_with_the_codes_of_the_office_is_an_application(
    desk: DeskUnderTest, taro: Person, name: str, language: Language
) -> None:
    """Every label and every value of an example is read as what it stands for."""
    words = PROCEDURES[name].words / f"example.{language.value}.j2"
    text = words.read_text(encoding="utf-8").partition("#}\n")[2].replace("{{ day | day(lang) }}", "2026/12/10")
    for example, own in (("00000001", "NAC00101"), (EXAMPLE_OFFICE, "NAC001"), (EXAMPLE_USER_CODE, "1ANAC")):
        text = text.replace(example, own)
    outcome = taro.sends(text)
    assert outcome.reason == "submitted", taro.gets("invalid-input").text
    assert outcome.application is not None and outcome.application.procedure == name
    assert not outcome.application.revision.filled.other_words


def test_a_form_below_such_a_word_is_an_application(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """Somebody leaves the heading above what is filled in."""
    assert taro.sends(f"記載例\n\n{FORM}").reason == "submitted"
    taro.gets("received")


@pytest.mark.parametrize(
    "text",
    [
        "スケジュール",
        "スケジュール表をください",
        "次の利用開始日はいつですか",
        "Schedule",
        "利用開始日の一覧を教えてください。",
    ],
)
def test_the_schedule_begins_with_the_next_day(desk: DeskUnderTest, taro: Person, text: str) -> None:
    with desk.store.transaction():
        replace_table(DAYS)
    reason, got = answered(taro, text)
    assert reason == "schedule" and got.subject == "【スケジュール】次の利用開始日は2026年12月3日（木）です"
    lines = [line for line in got.text.split("\n") if "：締切" in line]
    assert lines == ["12月3日（木）：締切 11月20日（金）", "12月8日（火）：締切 11月25日（水）"]
    assert "パスワード初期化" not in got.text and "通関士IDの追加" in got.text


def test_the_first_day_is_the_one_that_an_approval_of_today_confirms(desk: DeskUnderTest, bob: Person) -> None:
    with desk.store.transaction():
        replace_table(DAYS)
    assert "Thursday, 3 December 2026" in answered(bob, "schedule")[1].subject
    desk.passes(days=1)
    assert "Tuesday, 8 December 2026" in answered(bob, "When is the next start date?")[1].subject


def test_without_a_schedule_it_is_said_plainly(desk: DeskUnderTest, taro: Person) -> None:
    _, got = answered(taro, "スケジュール")
    assert "登録されていません" in got.subject
    assert "最も早い利用開始日は2026年12月1日（火）です" in flat(got)
    with desk.store.transaction():
        replace_table(DAYS[:1])  # over
    assert "登録されていません" in answered(taro, "スケジュール")[1].subject


def test_a_long_schedule_is_cut(desk: DeskUnderTest, taro: Person) -> None:
    with desk.store.transaction():
        replace_table(ScheduleDay(date(2027, 1, day), date(2026, 12, day)) for day in range(1, 24))
    assert "このあとの3日は省略しています" in answered(taro, "スケジュール")[1].text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("メールアドレスを変更したい", "registration"),
        ("電話番号の変更方法を教えてください。", "registration"),
        ("登録変更", "registration"),
        ("How can I change my e-mail address?", "registration"),
        ("事業所パスワードを忘れました", "office-password"),
        ("事業所パスワードが分かりません。", "office-password"),
        ("I forgot the office password.", "office-password"),
    ],
)
def test_whom_to_ask_and_what_is_needed(taro: Person, text: str, reason: str) -> None:
    said, got = answered(taro, text)
    assert said == reason
    assert "ご登録の電話番号で管理責任者様に確認してから" in flat(got)
    assert "事業所コード" in got.text and "このメールへの返信" in flat(got)


def test_help_lists_them_all(taro: Person) -> None:
    _, got = answered(taro, "使い方")
    for word in ("「記載例」", "「スケジュール」", "「登録変更」", "「事業所パスワード」"):
        assert word in got.text


CHANGES = (
    "登録変更\n新しいメールアドレスは new@evil.example です。",
    "事業所パスワード\nabcd1234 に変更してください。",
    "メールアドレスを new@evil.example に変更してください。",
    "電話番号を変更したいです。新しい番号は03-1234-5678です。",
    "事業所コード：NAC001\n氏名：通関 太郎\n新しいE-mailアドレス：new@evil.example\n電話番号：0312345678",
    "事業所パスワード：abcd1234",
)


@pytest.mark.parametrize("text", CHANGES)
@pytest.mark.parametrize("in_reply", [False, True])
def test_no_mail_changes_an_address_or_a_password(desk: DeskUnderTest, taro: Person, text: str, in_reply: bool) -> None:
    """T-60: what it says to change to reaches a person, who makes the change."""
    before = offices.load_register()
    _, got = answered(taro, "登録変更")
    outcome = taro.replies(got, text) if in_reply else taro.sends(text, "変更のお願い")
    assert outcome.reason == "passed-on"
    operator = desk.person("", "operator@desk.example").gets("inquiry")
    assert text.rsplit("\n", maxsplit=1)[-1] in operator.text.replace("\n｜ ", "")
    assert offices.load_register() == before and application_store.listing() == []
    assert "new@evil.example" not in desk.people


@pytest.mark.parametrize("word", ["記載例", "スケジュール", "登録変更", "事業所パスワード"])
def test_a_stranger_gets_none_of_it(desk: DeskUnderTest, word: str) -> None:
    eve = desk.person("Eve", "eve@evil.example")
    assert eve.sends(word, word).reason == "sender-not-registered"
    assert desk.silent()


def test_words_beside_a_concern_reach_people(desk: DeskUnderTest, taro: Person) -> None:
    outcome = taro.sends("事業所パスワードが漏えいしたかもしれません。事業所パスワードを変更したいです。")
    assert outcome.reason == "concern"
