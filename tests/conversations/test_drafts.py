"""A draft (一時保存): it has words of its own, is listed with what is missing, and can be dropped."""

import re

import pytest

from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from tests.testkit.contract_forms import flat
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice

HALF = "一時保存\n手続：パスワード初期化\n事業所コード：NAC001\n利用者コード：1ANAC\n"


@pytest.fixture
def saved(taro: Person, hanako: Person) -> ReceivedNotice:
    taro.sends(HALF, "申込")
    hanako.gets_nothing()
    return taro.gets("saved")


def state() -> State:
    (draft,) = application_store.listing()
    return draft.state


def test_it_has_words_of_its_own(taro: Person, saved: ReceivedNotice) -> None:
    assert saved.subject.startswith("【一時保存】") and "入力不備" not in saved.text
    assert "まだ提出されていません" in flat(saved) and "「取下げ」とだけ書いて" in flat(saved)


def test_it_is_listed_with_what_is_missing(taro: Person, saved: ReceivedNotice) -> None:
    taro.sends("状況", "状況")
    listed = flat(taro.gets("answer"))
    assert "一時保存（未提出）" in listed
    missing = listed.partition("提出までにご記入")[2].partition("──")[0]
    assert "利用者ID" in missing and "パスワード初期化の希望理由" in re.sub("[｜ ]", "", missing)
    assert "備考" not in missing and "氏名" not in missing


REGISTER_SAYS = {
    "an unknown ID": ("識別番号：Z9Z", "Z9Z"),
    "an unknown code": ("利用者コード：9ZZZZ\n識別番号：A0A", "9ZZZZ"),
    "an unreadable choice": ("識別番号：A0A\nNACCS反映タイミング：そのうち", "そのうち"),
    "another office": ("事業所コード：NAC002\n識別番号：A0A", "NAC002"),
}


@pytest.mark.parametrize(("lines", "read"), REGISTER_SAYS.values(), ids=REGISTER_SAYS)
def test_it_is_listed_with_what_the_register_says(taro: Person, lines: str, read: str) -> None:
    """The same sentences as in the answer to the form, were it submitted."""
    fields = ("事業所コード", "利用者コード")
    kept = [
        one for one in HALF.splitlines() if one.partition("：")[0] not in lines or one.partition("：")[0] not in fields
    ]
    taro.sends("\n".join([*kept, lines, "パスワード初期化の希望理由：失念"]), "申込")
    saved = taro.gets("saved")
    taro.sends("状況", "状況")
    listed = flat(taro.gets("answer"))
    sentence = flat(saved).partition(read)[2].partition("。")[0][-12:]
    assert read in listed and sentence and sentence in listed
    taro.replies(saved, "備考：なし")
    assert sentence in flat(taro.gets("invalid-input"))


def test_a_colleague_sees_it_and_a_stranger_does_not(desk: DeskUnderTest, taro: Person, hanako: Person) -> None:
    taro.sends(f"{HALF}識別番号：Z9Z\n", "申込")
    taro.forgets()
    hanako.sends("状況", "状況")
    assert "Z9Z" in flat(hanako.gets("answer"))
    other = desk.person("", "jiro@other.example")
    other.sends("状況", "状況")
    assert not [got for got in other.mails if "Z9Z" in got.text]


def test_what_is_submitted_lacks_nothing(taro: Person, saved: ReceivedNotice) -> None:
    assert taro.replies(saved, FORM).reason == "submitted"
    taro.gets("received")
    taro.sends("状況", "状況")
    assert "提出までに" not in flat(taro.gets("answer"))


@pytest.mark.parametrize("kind", ["saved", "invalid-input"])
def test_it_can_be_dropped(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, kind: str) -> None:
    taro.sends(HALF if kind == "saved" else HALF.removeprefix("一時保存\n"), "申込")
    notice = taro.gets(kind)
    hanako.forgets()
    assert taro.replies(notice, "取下げ").reason == "withdrawn"
    told = taro.gets("withdrawn")
    assert "破棄しました" in flat(told) and "審査" not in told.subject
    hanako.gets_nothing()
    ichiro.gets_nothing()
    assert state() is State.WITHDRAWN
    assert taro.replies(notice, "取下げ").reason == "not-possible"
    assert taro.replies(notice, FORM).reason != "submitted"
    assert state() is State.WITHDRAWN
    taro.forgets()
    assert taro.sends(FORM).reason == "submitted"


def test_nobody_of_another_office_drops_it(desk: DeskUnderTest, saved: ReceivedNotice) -> None:
    stranger = desk.person("", "eve@evil.example")
    assert stranger.replies(saved, "取下げ").reason == "token-of-another-person"
    assert state() is State.DRAFT
