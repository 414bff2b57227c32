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
    assert "まだ提出されていません" in flat(saved) and "「取下げ」とだけ書いた行" in flat(saved)


def test_it_is_listed_with_what_is_missing(taro: Person, saved: ReceivedNotice) -> None:
    taro.sends("状況", "状況")
    listed = flat(taro.gets("answer"))
    assert "一時保存（未提出）" in listed
    missing = listed.partition("提出までにご記入いただく項目")[2].partition("――")[0].partition("──")[0]
    assert "利用者ID / メールボックスID" in missing and "パスワード初期化の希望理由" in re.sub("[｜ ]", "", missing)
    assert "備考" not in missing and "氏名" not in missing


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
